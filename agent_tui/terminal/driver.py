"""The driver that writes only what changed. See the package for what it is made of."""

import enum
import os
import shutil
import signal
from collections import deque
from typing import Any

from textual import events
from textual.app import App
from textual.geometry import Size
from textual.message import Message

from agent_tui.terminal import orders
from agent_tui.terminal.abilities import abilities
from agent_tui.terminal.calling import CallingDriver
from agent_tui.terminal.caret import caret
from agent_tui.terminal.glass import Glass
from agent_tui.terminal.outlet import Outlet
from agent_tui.terminal.page import Page

SMALL = 1024  # bytes that show at once anyway: no synchronised update around them


class Loss(enum.Enum):
    """Why what the terminal shows may not be what was written."""

    PERHAPS = "somebody else may have written: believe nothing, and heal by what is painted"
    SURELY = "it is another screen now, or of another size: write all of it"


class ThriftyDriver(CallingDriver):
    """`write` may be called from any thread with an order, and with paint from the app's own."""

    shows_caret = True

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._file = Outlet(self._file)  # type: ignore[arg-type, assignment]  # as much of a file as the writing thread uses
        self._owner = app
        self._given = size
        self._page = Page()
        self._glass = Glass(abilities(os.environ))
        self._losses: deque[Loss] = deque()  # signals and the input thread add to it without a lock
        self._held = False  # between the two ends of a synchronised update
        self._synchronises = False
        self._cursor_shown = False

    # -- what Textual writes ---------------------------------------------------------------------------------------

    def write(self, data: str) -> None:
        if data == orders.SYNC_START:
            self._held = self._synchronises = True
        elif data == orders.SYNC_END:
            self._held = False
            self._show()
        elif orders.is_order(data):
            self._order(data)
        else:
            self._page.take(data)
            if not self._held:
                self._show()

    def repaint(self) -> None:
        """Write everything again, whatever the terminal is believed to show."""
        self._losses.append(Loss.SURELY)
        self._show()

    def _order(self, data: str) -> None:
        if data in (orders.ENTER_SCREEN, orders.LEAVE_SCREEN):
            super().write(self._glass.rest() + data)
            self._losses.append(Loss.SURELY)
            return
        if data in (orders.SHOW_CURSOR, orders.HIDE_CURSOR):
            self._cursor_shown = data == orders.SHOW_CURSOR
        super().write(data)

    # -- what the terminal gets ------------------------------------------------------------------------------------

    def _show(self) -> None:
        page, glass = self._page, self._glass
        size = self._given or shutil.get_terminal_size()
        losses = {self._losses.popleft() for _ in range(len(self._losses))}
        if (page.width, page.height) != tuple(size):
            page.resize(*size)
            losses.add(Loss.SURELY)
        painted = ""
        if not page.painted:
            self._losses.extend(losses)
            return
        if losses:
            glass.forget(*size)
        if Loss.SURELY in losses:
            painted = glass.clear(page)
            page.touched = set(range(page.height))
        lines, page.touched = sorted(page.touched), set()
        painted += glass.bring(page, lines)
        self._send(painted)

    def _send(self, painted: str) -> None:
        """Write, with the cursor where the person works; what is long comes between marks, so that it shows at once."""
        written = painted + self._to_cursor()
        if len(written) > SMALL and self._synchronises:
            written = f"{orders.SYNC_START}{written}{orders.SYNC_END}"
        if written:
            super().write(written)

    def _to_cursor(self) -> str:
        place, page = self._glass.place, self._page
        at = caret(self._owner)
        shown = at is not None and 0 <= at.x < page.width and 0 <= at.y < page.height
        x, y = (at.x, at.y) if at is not None and shown else (page.x, page.y)
        x, y = max(min(x, page.width - 1), 0), max(min(y, page.height - 1), 0)
        way = place.way(x, y)
        place.x, place.y = x, y
        if shown != self._cursor_shown:
            way += orders.SHOW_CURSOR if shown else orders.HIDE_CURSOR
            self._cursor_shown = shown
        return way

    # -- what happens to the terminal ------------------------------------------------------------------------------

    def process_message(self, message: Message) -> None:
        if isinstance(message, events.AppFocus):
            self._losses.append(Loss.PERHAPS)
        elif isinstance(message, events.Resize) and message.size != Size(self._page.width, self._page.height):
            self._losses.append(Loss.SURELY)
        super().process_message(message)

    def start_application_mode(self) -> None:
        super().start_application_mode()
        told = signal.getsignal(signal.SIGWINCH)

        def resized(number: int, frame: Any) -> None:
            self._losses.append(Loss.SURELY)
            if callable(told):
                told(number, frame)

        signal.signal(signal.SIGWINCH, resized)
        self._show()  # back from a suspension, there is something to show

    def _sigcont_application(self, *signals: Any) -> None:
        """Going on after a stop that the app did not know of: begin anew, with one reader of the keyboard."""
        if self._auto_restart and self._key_thread is not None and self._key_thread.is_alive():
            self.suspend_application_mode()
        super()._sigcont_application(*signals)
