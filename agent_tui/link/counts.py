"""Trays that are only counted: the hub keeps the number up, and no row travels for it."""

from collections.abc import Callable, Collection

from agent_tui.link.model import Look
from agent_tui.link.windows import Answer, Window, Windows

MOST = 24  # at a time: a connection has a bounded number of windows


class Counts:
    def __init__(self, windows: Windows, ask: Callable[[Window], None], close: Callable[[Window], None]) -> None:
        self._windows, self._ask, self._close = windows, ask, close
        self.answered = False  # this hub counts: an older one would not understand
        self._watched: dict[Look, Window] = {}
        self._counts: dict[Look, int] = {}  # also of what was watched before: the last that is known

    def watch(self, looks: Collection[Look]) -> None:
        """Have these counted, the first MOST of them, and no others."""
        wanted = dict.fromkeys(looks)
        for look in [look for look in self._watched if look not in wanted]:
            self._close(self._watched.pop(look))
        for look in list(wanted)[:MOST]:
            if look not in self._watched:
                self._watched[look] = self._windows.open(look=look, count=0)
                if self.answered:
                    self._ask(self._watched[look])

    def known(self, look: Look) -> int | None:
        return self._counts.get(look)

    def ask_all(self) -> None:
        for window in self._watched.values() if self.answered else ():
            self._ask(window)

    def take(self, window: Window, answer: Answer) -> bool:
        """Take the hub's answer; whether the number is another now."""
        count = answer.count or 0
        if window.late_count[0] > answer.seq:
            count = window.late_count[1]
        return self.put(window, count)

    def put(self, window: Window, count: int) -> bool:
        look = window.look
        if look is None or self._watched.get(look) is not window:
            return False
        before, self._counts[look] = self._counts.get(look), count
        return before != count

    def void(self) -> None:
        self._counts.clear()
