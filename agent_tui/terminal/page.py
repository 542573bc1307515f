"""The page: what Textual wants on the screen, read from what it writes."""

import re

from agent_tui.terminal import glyphs
from agent_tui.terminal.pen import PLAIN, Pen, after, on_blank

Cell = tuple[str, Pen]  # the glyph and its look; the right half of a wide glyph has no text
Row = list[Cell | None]  # None where nothing was ever painted

_TOKENS = re.compile(
    r"\x1b\[(?P<style>[\d;]{0,200})m"
    r"|\x1b\[(?P<line>\d{0,5})(?:;(?P<column>\d{0,5}))?H"
    r"|(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
    r"|(?P<newline>\n)"
    r"|\x1b\][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"  # from here on: what is dropped
    r"|\x1b[PX^_][^\x1b\x9c]*(?:\x1b\\|\x9c)"
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|\x1b[ -/]*[0-Z\\^-~]"
    r"|[\x00-\x1f\x7f-\x9f]"
)


def blank(pen: Pen) -> Cell:
    return (" ", on_blank(pen))


class Page:
    """A grid of `width` by `height` cells. `touched` are the lines painted since they were last taken from it."""

    def __init__(self, width: int = 0, height: int = 0) -> None:
        self.width, self.height = width, height
        self.rows: list[Row] = [[None] * width for _ in range(height)]
        self.touched: set[int] = set()
        self.x = self.y = 0
        self.painted = False  # whether anything ever was
        self._pen = PLAIN

    def resize(self, width: int, height: int) -> None:
        """Keep what still has a place."""
        for row in self.rows:
            self._part(row, width)
        self.rows = [(row + [None] * width)[:width] for row in self.rows[:height]]
        self.rows += [[None] * width for _ in range(height - len(self.rows))]
        self.width, self.height = width, height
        self.touched = set(range(height))

    def take(self, data: str) -> None:
        """Paint: text, styles, places and line ends. Every other sequence and control character is dropped."""
        for token in _TOKENS.finditer(data):
            match token.lastgroup:
                case "text":
                    self._put(token["text"])
                case "style":
                    self._pen = after(self._pen, token["style"])
                case "line" | "column":  # the last group that took part
                    self.y, self.x = max(int(token["line"] or 1), 1) - 1, max(int(token["column"] or 1), 1) - 1
                case "newline":
                    self.x, self.y = 0, self.y + 1

    def _put(self, text: str) -> None:
        if not self.y < self.height:
            return
        cells = self._cells(text)
        row, start = self.rows[self.y], self.x
        end = min(start + len(cells), self.width)
        if start >= end:
            self.x = start + len(cells)
            return
        self._part(row, start)
        self._part(row, end)
        row[start:end] = cells[: end - start]
        if end < start + len(cells) and cells[end - start][0] == "":
            row[end - 1] = blank(cells[end - start][1])  # half of it would not fit
        self.touched.add(self.y)
        self.painted = True
        self.x = start + len(cells)

    def _cells(self, text: str) -> list[Cell]:
        pen = self._pen
        space, right = blank(pen), ("", pen)
        if text.isascii():
            return [space if glyph == " " else (glyph, pen) for glyph in text]
        cells: list[Cell] = []
        for glyph, width in glyphs.split(text):
            if width == 0:
                continue
            cells.append(space if glyph == " " else (glyph, pen))
            if width == 2:
                cells.append(right)
        return cells

    def _part(self, row: Row, at: int) -> None:
        """Something begins or ends at this column: a wide glyph across it is gone, and blanks are in its place."""
        if 0 < at < self.width:
            right = row[at]
            if right is not None and right[0] == "":
                row[at - 1] = row[at] = blank(right[1])
