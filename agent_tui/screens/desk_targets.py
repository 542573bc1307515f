"""What can be gone to on the desk by a letter: rows, trays, panes, messages, addresses."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from textual.geometry import Offset

from agent_tui import links
from agent_tui.actions import TRAY
from agent_tui.screens.jump import JumpScreen, Target

if TYPE_CHECKING:
    from agent_tui.screens.desk import DeskScreen


class Targets:
    def __init__(self, screen: "DeskScreen") -> None:
        self.screen = screen

    def begin(self) -> None:
        """Letters over all that is in view: where the keyboard is comes first, so that it gets the nearest keys."""
        self.screen.app.push_screen(JumpScreen(self.screen.cockpit, self.all))

    def all(self) -> list[Target]:
        if self.screen.places()[0] == TRAY:
            return [*self._rows(), *self._trays(), *self._panes(), *self._links()]
        return [*self._messages(), *self._links(), *self._panes(), *self._trays(), *self._rows()]

    def _rows(self) -> Iterator[Target]:
        tray = self.screen.list
        if tray.is_on_screen:
            for row, y in tray.in_view():
                at = tray.region.offset + Offset(0, y)
                yield Target(f"row {row.id}", at, partial(self._to_row, row.id))

    def _to_row(self, conversation: int) -> None:
        self.screen.to_trays()
        self.screen.list.choose(conversation)

    def _trays(self) -> Iterator[Target]:
        tabs = self.screen.tabs
        if tabs.is_on_screen:
            for name, start, _end in tabs.spans():
                at = tabs.region.offset + Offset(max(start - 2, 0), 0)
                yield Target(f"tray {name}", at, partial(self._to_tray, name))

    def _to_tray(self, tray: str) -> None:
        self.screen.to_trays()
        self.screen.show_tray(tray)

    def _panes(self) -> Iterator[Target]:
        screen, conversation = self.screen, self.screen.conversation
        if screen.shown is None:
            return
        if conversation.header.is_on_screen:
            yield Target("read", conversation.header.region.offset, screen.modes.read)
        if conversation.prompt.is_on_screen:
            yield Target("write", conversation.prompt.region.offset, screen.modes.write)

    def _messages(self) -> Iterator[Target]:
        thread = self.screen.conversation.thread
        if thread.is_on_screen:
            first = {anchor: y for anchor, y, _text in reversed(list(thread.in_view()))}
            for anchor, y in sorted(first.items(), key=lambda pair: pair[1]):
                at = thread.region.offset + Offset(0, y)
                yield Target(f"message {anchor}", at, partial(self._to_message, anchor))

    def _to_message(self, anchor: str) -> None:
        self.screen.selecting.begin(anchor)

    def _links(self) -> Iterator[Target]:
        """An address that is broken over several lines is gone to by its first one."""
        thread = self.screen.conversation.thread
        if not thread.is_on_screen:
            return
        for anchor, y, text in thread.in_view():
            whole = links.found([thread.said(anchor)])
            for part in links.found([text]):
                address = next((one for one in whole if one.startswith(part)), None)
                if address is not None:
                    at = thread.region.offset + Offset(max(text.index(part) - 1, 0), y)
                    yield Target(f"link {anchor} {address}", at, partial(self.screen.outside.chosen, address))
