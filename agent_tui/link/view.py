"""What the person looks at beside the trays that are always watched: any tray, filtered and in any order.

What fits of the rows that are known here is shown at once, marked as partly known; the hub's answer takes its place.
One question at a time is on its way: what is typed meanwhile is asked for when the answer has come, so that a slow line
carries one question a round trip, however fast somebody types.
"""

from collections.abc import Callable, Iterable

from agent_tui.link.matching import Here, in_tray
from agent_tui.link.model import VIEW, Look, Tray
from agent_tui.link.ordered import Ordered
from agent_tui.link.windows import MOST, PAGE, Answer, Window, Windows
from hub.protocol import frames
from hub.protocol.filter_fields import Names
from hub.protocol.filter_text import BadFilter, read
from hub.protocol.filter_tree import All, Node, deepened
from hub.protocol.trays import DEFAULT_SORT
from hub.protocol.views import Row


class View:
    """`ask` asks for a window; `here` says who looks and when, `names` what filters can name."""

    def __init__(
        self,
        windows: Windows,
        ask: Callable[[Window], None],
        close: Callable[[Window], None],
        here: Callable[[], Here],
        names: Callable[[], Names],
        words: dict[int, str],
    ) -> None:
        self.tray = Tray(VIEW)
        self.window: Window | None = None
        self._windows = windows
        self._ask, self._close, self._here, self._names = ask, close, here, names
        self._words = words
        self._ordered = Ordered(DEFAULT_SORT, words)
        self._node: Node | None = None
        self._wanted: Look | None = None  # what is to be shown, where that is not what was asked for last

    def show(self, look: Look | None, known: Iterable[Row]) -> None:
        """Show another look from now on, of the rows that are known those that fit; None: nothing any more."""
        if self.window is not None and look is None:
            self._close(self.window)
            self.window = None
        self._wanted = look
        self._ordered = Ordered(look.sort if look is not None else DEFAULT_SORT, self._words)
        tray = self.tray
        tray.rows, tray.partly, tray.refused, tray.more = self._ordered.rows, look is not None, None, False
        tray.loaded = look is not None
        if look is None:
            self._ordered.fill(())
            tray.count = 0
            return
        self._node = self._read(look)
        here = self._here()
        self._ordered.fill(row for row in known if self._may_stand(row, here))
        tray.count = len(tray.rows)
        if self.window is None:
            self.window = self._windows.open(look=look)
        if not self.window.waiting:
            self.ask()

    def _read(self, look: Look) -> Node | None:
        """None where only the hub knows what it means."""
        try:
            if not look.filter:
                return All(())
            names = self._names()
            return deepened(read(look.filter, names), names.below)
        except BadFilter:
            return None

    def _may_stand(self, row: Row, here: Here) -> bool:
        return self._wanted is not None and self._node is not None and in_tray(self._wanted.of, self._node, row, here)

    def ask(self) -> None:
        """Ask the hub for what is to be shown now."""
        if self.window is None or self._wanted is None:
            return
        if self.window.look != self._wanted:
            self.window.look, self.window.count = self._wanted, PAGE
            self.window.confirmed = False
        self._ask(self.window)

    @property
    def held(self) -> frames.Held:
        """What of the answer is known already."""
        return [(row.id, row.rev) for row in self.tray.rows[: self.window.count if self.window else 0]]

    def take(self, answer: Answer, rows: dict[int, Row]) -> set[int]:
        """Take the hub's answer; returns what of it is not known here. One that is out of date is asked for anew."""
        window, tray = self.window, self.tray
        assert window is not None
        if window.look != self._wanted:
            self.ask()
            return set()
        listed = set(answer.order)
        inside = listed & rows.keys()
        self._ordered.fill(rows[conversation] for conversation in inside)
        tray.more, tray.partly, tray.refused = answer.more, False, None
        tray.count = len(listed) if answer.count is None else answer.count
        if window.late_count[0] > answer.seq:
            tray.count = window.late_count[1]
        for conversation, (seq, is_inside) in window.late.items():
            if seq > answer.seq and conversation in rows:
                self.place(rows[conversation], inside=is_inside)
        window.late.clear()
        return listed - inside

    def refused(self, detail: dict[str, object]) -> None:
        """The hub does not show it: what was there stays, and why is told."""
        window = self.window
        if window is None:
            return
        window.waiting = False
        if window.look != self._wanted:
            self.ask()
        else:
            self.tray.refused = detail

    def follow(self, row: Row, ws: list[int], seq: int) -> bool:
        """A row has changed; whether the view has."""
        window = self.window
        if window is None:
            return False
        inside = window.w in ws
        if window.waiting:
            window.late[row.id] = (seq, inside)
        if self.tray.partly:
            return self.place(row, inside=self._may_stand(row, self._here()))
        return window.confirmed and seq > window.seq and self.place(row, inside=inside)

    def place(self, row: Row, *, inside: bool) -> bool:
        """Put the row where it stands now, or take it out; whether that changed anything."""
        was = row.id in self._ordered
        there = inside and self._ordered.put(row, more=self.tray.more)
        if not there:
            self._ordered.take(row.id)
        if len(self.tray.rows) > MOST:
            self._ordered.take(self.tray.rows[-1].id)
            self.tray.more = True
        return was or there

    def replace(self, row: Row) -> bool:
        """A newer version of a row is known; whether it stands here."""
        return row.id in self._ordered and self.place(row, inside=True)

    def void(self) -> None:
        """Forget what the hub has said."""
        self._ordered.fill(())
        self.tray.count, self.tray.more, self.tray.partly = 0, False, self.window is not None
