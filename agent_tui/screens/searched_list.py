"""A list with a line over it, in which words are typed to look for."""

from textual.app import ComposeResult
from textual.widgets import Input

from agent_tui.actions import SEARCH, TABLE
from agent_tui.screens.fields import Field
from agent_tui.screens.keyed import Cockpit
from agent_tui.screens.list_screen import ListScreen, T
from agent_tui.widgets.item_rows import ItemRows, ListTitle


class SearchedList(ListScreen[T]):
    """A subclass says in `look` what is done with what is typed; `sought` stands in the line while nothing is."""

    DEFAULT_CSS = """
    SearchedList Field { border: none; height: 1; padding: 0; margin: 0 2; background: $b-panel; color: $b-text; }
    SearchedList Field:focus { border: none; background: $b-tint; }
    SearchedList Field > .input--cursor { background: $b-text; color: $b-ground; text-style: none; }
    SearchedList Field:ansi > .input--cursor { text-style: reverse; }
    SearchedList Field > .input--placeholder { color: $b-quiet; }
    SearchedList ItemRows { margin-top: 1; width: 100%; }
    """

    def __init__(self, cockpit: Cockpit, title: ListTitle, rows: ItemRows[T], sought: str) -> None:
        super().__init__(cockpit, title, rows)
        self.field = Field(sought=sought)
        self.handlers = {
            **self.handlers,
            "search": self.write,
            "search.look": self.look,
            "search.results": self.to_results,
        }

    def compose(self) -> ComposeResult:
        yield self.title_line
        yield self.field
        yield self.list
        yield self.notice
        yield self.footer

    def places(self) -> tuple[str, ...]:
        return (SEARCH, "global") if self.focused is self.field else (TABLE, "global")

    def offered(self) -> tuple[str, ...]:
        if self.focused is self.field:
            return ("search.look", "search.results", "list.close")
        return ("list.choose", "search", "list.down", "list.close")

    def write(self) -> None:
        self.field.focus()

    def to_results(self) -> None:
        if self.list.rows:
            self.list.focus()

    def on_descendant_focus(self) -> None:
        self.refresh_footer()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.look()

    def look(self) -> None:
        raise NotImplementedError
