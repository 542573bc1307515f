"""A question in passing: one line above the footer that takes no key from whoever types, and waits for its own keys."""

from collections.abc import Callable, Sequence

from agent_tui.link.model import Desk
from agent_tui.widgets.paint import Line, Palette
from agent_tui.widgets.painted import Painted


class Asking(Painted):
    """`keys` tells the keys that answer, with what they mean, the most useful first."""

    DEFAULT_CSS = """
    Asking { height: 1; dock: bottom; background: $b-tint; margin-bottom: 1; }
    """

    def __init__(
        self, desk: Desk, palette: Palette, words: str, short: str, keys: Callable[[], Sequence[tuple[str, str]]]
    ) -> None:
        super().__init__(desk, palette)
        self.words, self.short, self.keys = words, short, keys

    def paint(self, y: int) -> Line:
        line = self.line("tint").put(" ").put("? ", "accent", bold=True)
        for index, (key, label) in enumerate(reversed(self.keys())):
            line.right("   " if index else " ").right(label, "text").right(f"{key} ", "accent", bold=True)
        return line.put(self.words if len(self.words) < line.room else self.short, "strong").put(" ")
