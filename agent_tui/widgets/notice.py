"""What went wrong and what to do, in a line or two above the footer; gone with the next thing that the person does."""

from textual.timer import Timer

from agent_tui.glyphs import drawn
from agent_tui.link.model import Desk
from agent_tui.widgets.cells import wrap
from agent_tui.widgets.paint import Line, Palette
from agent_tui.widgets.painted import Painted

SECONDS = 20.0
SIGNS = {"need": "✗ ", "good": "✓ "}


class Notice(Painted):
    DEFAULT_CSS = """
    Notice { height: auto; dock: bottom; display: none; background: $b-tint; margin-bottom: 1; }
    """

    def __init__(self, desk: Desk, palette: Palette, *, id: str | None = None) -> None:
        super().__init__(desk, palette, id=id)
        self.words = ""
        self._role = "need"
        self._lines: list[str] = []
        self._timer: Timer | None = None

    def say(self, words: str, role: str = "need") -> None:
        self.words, self._role = words, role
        self._lay()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(SECONDS, self.hush) if words else None

    def hush(self) -> None:
        if self.words:
            self.say("")

    def _lay(self) -> None:
        cells = max((self.size.width or self.app.size.width) - 5, 10)
        self._lines = wrap(self.words, cells) if self.words else []
        self.display = bool(self._lines)
        self.styles.height = max(len(self._lines), 1)
        self.refresh()

    def on_resize(self) -> None:
        if self.words:
            self._lay()

    def paint(self, y: int) -> Line:
        line = self.line("tint").put(" ")
        line.put(drawn(SIGNS.get(self._role, "! ")) if y == 0 else "  ", self._role, bold=True)
        return line.put(self._lines[y], "strong") if y < len(self._lines) else line
