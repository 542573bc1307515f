"""A list of things one can mark, one a line, and the title over it. The mark stays with its thing when others come."""

from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

from textual import events
from textual.geometry import Offset, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from agent_tui.glyphs import drawn
from agent_tui.link.model import Desk
from agent_tui.widgets.cells import wrap
from agent_tui.widgets.paint import Line, Palette
from agent_tui.widgets.painted import Painted
from agent_tui.widgets.standing import at_text, first_text


class Item(Protocol):
    @property
    def id(self) -> int: ...


T = TypeVar("T", bound=Item)


class ListTitle(Painted):
    """What is listed, and a word about it."""

    DEFAULT_CSS = """
    ListTitle { height: 3; }
    """

    def __init__(self, desk: Desk, palette: Palette, title: str, about: str = "") -> None:
        super().__init__(desk, palette)
        self._title, self.about = title, about

    def paint(self, y: int) -> Line:
        line = self.line()
        if y == 1:
            return line.put("  ").put(self._title, "strong", bold=True).put("  ").put(self.about, "quiet")
        return line.put(drawn("─") * self.size.width, "line") if y == 2 else line


class ItemRows(ScrollView, Generic[T], can_focus=True):
    """`paint` of a subclass writes a row; `empty` stands where there is none, in as many lines as it takes."""

    DEFAULT_CSS = """
    ItemRows { height: 1fr; background: $b-ground; scrollbar-size-vertical: 0; scrollbar-size-horizontal: 0; }
    """

    class Opened(Message):
        """The marked one was clicked."""

    def __init__(self, desk: Desk, palette: Palette, empty: str) -> None:
        super().__init__()
        self.desk, self.palette, self.empty = desk, palette, empty
        self.rows: Sequence[T] = ()
        self.chosen: int | None = None

    def paint(self, line: Line, one: T, *, chosen: bool) -> Line:
        raise NotImplementedError

    @property
    def marked(self) -> T | None:
        return next((one for one in self.rows if one.id == self.chosen), None)

    def show(self, rows: Sequence[T]) -> None:
        place = self._index
        self.rows = rows
        if self.marked is None and rows:
            self.chosen = rows[min(place, len(rows) - 1)].id
        self.virtual_size = Size(self.size.width, len(rows))
        self.refresh()

    @property
    def _index(self) -> int:
        return next((index for index, one in enumerate(self.rows) if one.id == self.chosen), 0)

    def move(self, by: int) -> None:
        self.move_to(self._index + by)

    def move_to(self, index: int) -> None:
        if self.rows:
            index = min(max(index, 0), len(self.rows) - 1)
            self.chosen = self.rows[index].id
            top = self.scroll_offset.y
            if self.size.height and not top <= index < top + self.size.height:  # once it is laid out
                self.scroll_to(y=index if index < top else index - self.size.height + 1, animate=False, force=True)
            self.refresh()

    def in_view(self) -> list[tuple[int, T, Offset]]:
        """Each row in view: its index, what it is about, and its place on the screen."""
        top, at = self.scroll_offset.y, self.region.offset
        seen = list(enumerate(self.rows))[top : top + self.size.height]
        return [(index, one, at + Offset(0, index - top)) for index, one in seen]

    @property
    def caret(self) -> Offset | None:
        if self.marked is None:
            return first_text(self)
        y = self._index - self.scroll_offset.y
        return at_text(self, y, self.render_line(y))

    def render_line(self, y: int) -> Strip:
        line, index = Line(self.size.width, self.palette), y + self.scroll_offset.y
        if not self.rows:
            lines = wrap(self.empty, max(self.size.width - 4, 10))
            return (line.put("  ").put(lines[y - 1], "quiet") if 0 < y <= len(lines) else line).strip()
        if index >= len(self.rows):
            return line.strip()
        one = self.rows[index]
        chosen = one.id == self.chosen
        if chosen:
            line = Line(self.size.width, self.palette, "tint")
        line.put(drawn("▌ ") if chosen else "  ", "accent")
        return self.paint(line, one, chosen=chosen).strip()

    def on_resize(self, event: events.Resize) -> None:
        self.show(self.rows)
        self.move(0)  # into view

    def on_click(self, event: events.Click) -> None:
        index = event.y + self.scroll_offset.y
        if index < len(self.rows):
            again = self.rows[index].id == self.chosen
            self.chosen = self.rows[index].id
            self.refresh()
            if again:
                self.post_message(self.Opened())
