"""The base of the console's own fixed widgets: painted line by line, by role."""

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from agent_tui.link.model import Desk
from agent_tui.widgets.paint import Line, Palette


class Painted(Widget):
    """A widget of a few lines. `paint` gives line `y`; nothing is parsed, nothing is measured."""

    desk: Desk

    def __init__(
        self, desk: Desk | None, palette: Palette, *, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        if desk is not None:
            self.desk = desk
        self.palette = palette
        self._shown: dict[int, Strip] = {}

    def line(self, ground: str = "ground") -> Line:
        return Line(self.size.width, self.palette, ground)

    def paint(self, y: int) -> Line:
        raise NotImplementedError

    def update(self) -> None:
        """Something may look different now: only lines that do are painted again."""
        for y in range(self.size.height):
            if self.paint(y).strip() != self._shown.get(y):
                self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        strip = self._shown[y] = self.paint(y).strip()
        return strip
