"""Below a list: what is marked, in sentences."""

from collections.abc import Sequence

from agent_tui.glyphs import drawn, spelled
from agent_tui.widgets.cells import wrap
from agent_tui.widgets.paint import Line
from agent_tui.widgets.painted import Painted

LINES = 5


class Explained(Painted):
    DEFAULT_CSS = f"""
    Explained {{ height: {LINES + 1}; }}
    """
    said: Sequence[str] = ()

    def say(self, said: Sequence[str]) -> None:
        self.said = said
        self.refresh()

    def paint(self, y: int) -> Line:
        if y == 0:
            return self.line().put(drawn("─") * self.size.width, "line")
        lines = [part for words in self.said for part in wrap(words, max(self.size.width - 4, 10))]
        line = self.line().put("  ")
        if y > len(lines):
            return line
        more = y == self.size.height - 1 and len(lines) > y
        return line.put(lines[y - 1], "text").put(spelled(" …") if more else "", "quiet")
