"""A screen that is a list of things, a title over it, and what can be done with the marked one."""

from functools import partial
from typing import Generic, TypeVar

from textual.app import ComposeResult

from agent_tui.screens.jump import JumpScreen, Target
from agent_tui.screens.keyed import Cockpit, KeyedScreen
from agent_tui.widgets.item_rows import Item, ItemRows, ListTitle

T = TypeVar("T", bound=Item)


class ListScreen(KeyedScreen, Generic[T]):
    """A subclass adds its handlers to those of the list."""

    def __init__(self, cockpit: Cockpit, title: ListTitle, rows: ItemRows[T]) -> None:
        super().__init__(cockpit)
        self.title_line, self.list = title, rows
        self.handlers = {
            "list.down": lambda: rows.move(1),
            "list.up": lambda: rows.move(-1),
            "list.page_down": lambda: rows.move(rows.size.height - 1),
            "list.page_up": lambda: rows.move(1 - rows.size.height),
            "list.close": self.leave,
            "jump": lambda: self.app.push_screen(JumpScreen(self.cockpit, self._targets)),
        }

    def compose(self) -> ComposeResult:
        yield self.title_line
        yield self.list
        yield self.notice
        yield self.footer

    def on_mount(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Put the keyboard where one begins."""
        self.list.focus()

    def leave(self) -> None:
        self.dismiss()

    def _targets(self) -> list[Target]:
        seen = self.list.in_view()
        return [Target(str(one.id), at, partial(self.list.move_to, index)) for index, one, at in seen]

    def on_click(self) -> None:
        self.refresh_footer()
