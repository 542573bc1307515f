"""A QR code in half blocks, dark on light in every theme, for that is how phones read it."""

from rich.style import Style

from agent_tui.glyphs import only_ascii
from agent_tui.link.model import Desk
from agent_tui.widgets.paint import Line, Palette
from agent_tui.widgets.painted import Painted

BORDER = 2  # modules of light around it
BESIDE = 12  # lines that a screen needs beside the code
PAPER = Style(color="#000000", bgcolor="#ffffff")
BLOCKS = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}


class QrCode(Painted):
    """Nothing where there is no room for it, or where only ASCII is drawn: what it says stands beside it as text."""

    DEFAULT_CSS = """
    QrCode { height: 0; }
    """

    def __init__(self, desk: Desk | None, palette: Palette) -> None:
        super().__init__(desk, palette)
        self._lines: list[str] = []

    def show(self, words: str) -> None:
        import segno

        rows = [list(row) for row in segno.make(words, error="l", micro=False).matrix_iter(border=BORDER)]
        rows += [[0] * len(rows[0])] * (len(rows) % 2)
        pairs = zip(rows[::2], rows[1::2], strict=True)
        self._lines = ["".join(BLOCKS[a, b] for a, b in zip(top, low, strict=True)) for top, low in pairs]
        self.fit()

    @property
    def fits(self) -> bool:
        """Whether it is shown on a screen of this size."""
        size, across = self.screen.size, max(map(len, self._lines), default=0)
        return not only_ascii() and 0 < across <= size.width - 6 and len(self._lines) + BESIDE <= size.height

    def fit(self) -> None:
        """The screen has another size."""
        self.styles.height = len(self._lines) + 1 if self.fits else 0

    def paint(self, y: int) -> Line:
        line = self.line()
        return line.put(self._lines[y], style=PAPER) if y < len(self._lines) else line
