"""The windows that the console has open at the hub, and the snapshots that come for them in pages.

A window is asked for again whenever it grows, on every new connection and on `resync`. Until the answer is complete,
what is known stays on show; events that come meanwhile are remembered in `late` and applied after the snapshot where
they are newer than it.
"""

import msgspec

from agent_tui.link.model import Look
from hub.protocol import frames, views
from hub.protocol.trays import DEFAULT_SORT

PAGE = 50
MOST = 5000  # what the protocol allows in one window
KEPT = 200  # rows or messages of what nobody looks at, and of what is kept on disk


class Answer(msgspec.Struct):
    """A snapshot as far as it has come."""

    seq: int
    read: int
    count: int | None
    order: list[int] = msgspec.field(default_factory=list)
    rows: list[views.Row] = msgspec.field(default_factory=list)
    messages: list[views.Message] = msgspec.field(default_factory=list)
    forms: list[views.Submission] = msgspec.field(default_factory=list)
    plans: list[views.Plan] = msgspec.field(default_factory=list)
    more: bool = False

    def add(self, page: frames.Snap) -> None:
        self.order += page.order
        self.rows += page.rows
        self.messages += page.messages
        self.forms += page.forms
        self.plans += page.plans
        self.more = self.more or page.more
        if page.count is not None:
            self.count = page.count


class Window(msgspec.Struct):
    """A tray (`tray` is its name), a thread (`thread` is its conversation), or what a look asks for, which is only
    counted where `count` is 0."""

    w: int
    tray: str = ""
    thread: int = 0
    look: Look | None = None
    count: int = PAGE
    asked: int = 0  # the tick at which it was last asked for; 0: not on this connection
    waiting: bool = False  # asked for, and the answer is not complete
    confirmed: bool = False  # a whole answer has come on this connection
    seq: int = 0  # the journal number of the last whole answer
    blank: bool = False  # it was asked for as if nothing of it were held
    late_count: tuple[int, int] = (0, 0)  # (seq, count) of the last event that counted a tray
    late: dict[int, tuple[int, bool]] = msgspec.field(
        default_factory=dict
    )  # conversation → (seq, whether it is inside)
    answer: Answer | None = None

    def ask(self, held: frames.Held, tick: int) -> frames.Sub:
        self.asked, self.waiting, self.answer = tick, True, None
        self.late.clear()
        if (look := self.look) is not None:
            sort = "" if look.sort == DEFAULT_SORT else look.sort
            return frames.Sub(self.w, look.of, count=self.count, held=held, filter=look.filter, sort=sort)
        return frames.Sub(w=self.w, tray=self.tray, thread=self.thread, count=self.count, held=held)

    def take(self, page: frames.Snap) -> Answer | None:
        """Add a page; returns the whole answer with the last one. Pages whose first is missing are left."""
        if page.part == 0:
            self.answer = Answer(page.seq, page.read, page.count)
        if self.answer is None:
            return None
        self.answer.add(page)
        if not page.last:
            return None
        answer, self.answer = self.answer, None
        self.waiting, self.confirmed, self.seq = False, True, answer.seq
        return answer

    def lost(self) -> None:
        """The connection has ended, and the hub has forgotten the window with it."""
        self.waiting = self.confirmed = False
        self.asked = self.seq = 0
        self.late_count = (0, 0)
        self.answer = None
        self.late.clear()


class Windows:
    """All windows, by number."""

    def __init__(self) -> None:
        self._by_number: dict[int, Window] = {}
        self._next = 1
        self._tick = 0

    def open(self, *, tray: str = "", thread: int = 0, look: Look | None = None, count: int = PAGE) -> Window:
        window = Window(self._next, tray=tray, thread=thread, look=look, count=count)
        self._by_number[window.w] = window
        self._next += 1
        return window

    def close(self, window: Window) -> None:
        self._by_number.pop(window.w, None)

    def get(self, w: int) -> Window | None:
        return self._by_number.get(w)

    def tick(self) -> int:
        """The console's own order of what it asks and what it is told; rises with every call."""
        self._tick += 1
        return self._tick

    def lost(self) -> None:
        for window in self._by_number.values():
            window.lost()

    def waiting(self) -> bool:
        """Whether an answer is on its way."""
        return any(window.waiting for window in self._by_number.values())

    def trays_confirmed(self) -> bool:
        """Whether every tray on show has been confirmed by the hub on this connection."""
        return all(window.confirmed for window in self._by_number.values() if window.tray)
