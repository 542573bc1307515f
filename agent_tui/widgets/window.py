"""The base of the small windows that lie over a screen."""

from agent_tui.glyphs import drawn
from agent_tui.widgets.paint import Line
from agent_tui.widgets.painted import Painted


class Window(Painted):
    """A ground of its own, or a frame where the theme has no other ground to tell it by."""

    DEFAULT_CSS = """
    Window { width: 80; max-width: 100%; background: $b-panel; }
    """

    @property
    def framed(self) -> bool:
        return self.palette.flat

    def edge(self, ends: str) -> Line:
        """The first or the last line: `ends` are its corners."""
        line = ends[0] + "─" * (self.size.width - 2) + ends[1]
        return self.line("panel").put(drawn(line) if self.framed else "", "line")

    def sided(self, ground: str = "panel") -> Line:
        """A line between the sides of the frame, or between two cells of ground."""
        side, behind = (drawn("│"), "panel") if self.framed else (" ", ground)
        return self.line(ground).put(side, "line", ground=behind).right(side, "line", ground=behind)

    def rule(self) -> Line:
        """The hairline below the title."""
        return self.sided().put(drawn("─") * (self.size.width - 2), "line")
