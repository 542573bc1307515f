"""What a console looks at or counts beyond the trays that it always watches, for the mirror."""

from collections.abc import Callable

from agent_tui import text
from agent_tui.link.counts import Counts
from agent_tui.link.matching import Here
from agent_tui.link.model import VIEW, Change, CountsChanged, TrayChanged
from agent_tui.link.view import View
from agent_tui.link.windows import MOST, Answer, Window, Windows
from hub.protocol import frames, views
from hub.protocol.contact_words import contact_words
from hub.protocol.filter_fields import Names


class Further:
    def __init__(
        self,
        windows: Windows,
        ask: Callable[[Window], None],
        close: Callable[[Window], None],
        here: Callable[[], Here],
        names: Callable[[], Names],
        notify: Callable[[Change], None],
    ) -> None:
        self._windows, self._notify = windows, notify
        self._words: dict[int, str] = {}  # what a name is sorted by, where it was not harmless as it came
        self.view = View(windows, ask, close, here, names, self._words)
        self.counts = Counts(windows, ask, close)

    def harmless(self, row: views.Row) -> views.Row:
        """The row as it may be shown; what its name is sorted by is that of the hub's."""
        name, num = row.name, row.num
        if text.scrub(row).name != name or row.num != num:
            if len(self._words) >= MOST:  # of rows that are long forgotten
                del self._words[next(iter(self._words))]
            self._words[row.id] = contact_words(name, num)
        else:
            self._words.pop(row.id, None)
        return row

    def snap(self, window: Window, answer: Answer, rows: dict[int, views.Row]) -> set[int]:
        """Take an answer; returns the rows of it that are not known here."""
        if window is self.view.window:
            missing = self.view.take(answer, rows)
            self._notify(TrayChanged(VIEW))
            return missing
        if self.counts.take(window, answer):
            self._notify(CountsChanged())
        return set()

    def counted(self, window: Window, count: int) -> None:
        if window is not self.view.window:
            if self.counts.put(window, count):
                self._notify(CountsChanged())
        elif not self.view.tray.partly:
            self.view.tray.count = count
            self._notify(TrayChanged(VIEW))

    def refused(self, error: frames.Error) -> bool:
        """Whether it is a window of these that the hub does not show; the view then tells why."""
        number = error.args.get("w")
        window = self._windows.get(number) if isinstance(number, int) else None
        if window is None or window.look is None:
            return False
        window.waiting = False
        if window is self.view.window:
            self.view.refused({**text.detail(error.args), "code": error.code})
            self._notify(TrayChanged(VIEW))
        return True

    def replaced(self, row: views.Row) -> None:
        """A newer version of a row is known."""
        if self.view.replace(row):
            self._notify(TrayChanged(VIEW))

    def follow(self, row: views.Row, ws: list[int], seq: int) -> None:
        """The hub told of a row, and in which windows it is."""
        if self.view.follow(row, ws, seq):
            self._notify(TrayChanged(VIEW))

    def gone(self, row: views.Row) -> None:
        """A row is out of sight."""
        self._words.pop(row.id, None)
        if self.view.place(row, inside=False):
            self._notify(TrayChanged(VIEW))

    @property
    def used(self) -> set[int]:
        """The rows that are needed."""
        late = self.view.window.late if self.view.window is not None else ()
        return {row.id for row in self.view.tray.rows}.union(late)

    def void(self) -> None:
        """Forget what the hub has said."""
        self._words.clear()
        self.view.void()
        self.counts.void()
        self._notify(TrayChanged(VIEW))
        self._notify(CountsChanged())
