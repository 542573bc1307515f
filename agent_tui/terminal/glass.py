"""The glass: what the terminal shows, and what to write so that it shows a page.

What differs is written in strokes, each in one look; few of them in the order that changes place and look least. Three
things are shorter than text and used where they are: erasing to the end of a line, erasing a stretch of blanks, and
repeating a character. To the next stroke the cursor jumps, or writes again what stands between, whichever is shorter.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from agent_tui.terminal import glyphs
from agent_tui.terminal.abilities import Abilities
from agent_tui.terminal.page import Cell, Page, Row
from agent_tui.terminal.pen import PLAIN, Pen, change, for_blank
from agent_tui.terminal.place import Place

ERASE, REPEAT = 10, 8  # cells from which on it is shorter
GAP = 12  # cells that may be written over again rather than jumped
SORTED = 48  # strokes up to which the nearest in place and look is drawn next; more go line by line or look by look
NEAR, FAR = 4, 7  # bytes of a jump in a line and of one to another, about


class Stroke(NamedTuple):
    """Columns of a line that are written with one pen; `blank`: there is nothing but blanks in it."""

    y: int
    start: int
    end: int
    pen: Pen
    blank: bool


def _look(stroke: Stroke) -> tuple[str, bool, list[int], str]:
    """Sorts strokes by look, those together whose looks have most in common. Any pen of its ground can draw blanks."""
    fg, bg, marks = stroke.pen
    return (bg, stroke.blank, sorted(marks), fg)


class Glass:
    def __init__(self, abilities: Abilities) -> None:
        self.abilities = abilities
        self.rows: list[Row] = []
        self.place = Place()
        self.pen: Pen | None = None
        self._out: list[str] = []

    def forget(self, width: int, height: int) -> None:
        """Believe nothing: whatever is painted is written."""
        self.rows = [[None] * width for _ in range(height)]
        self.place.lose()
        self.pen = None

    def rest(self) -> str:
        """What takes the pen off the terminal, before others write to it."""
        left = change(self.pen, PLAIN)
        self.pen = PLAIN
        return left

    def clear(self, page: Page) -> str:
        """Blank everything, in the colour that most of the page's blanks have."""
        blanks = Counter(cell for row in page.rows for cell in row if self._erasable(cell))
        found = blanks.most_common(1)
        blank: Cell = found[0][0] or (" ", PLAIN) if found else (" ", PLAIN)
        # line by line: not every terminal that tints what is erased in a line does so for the whole screen
        written = change(self.pen, blank[1]) + "".join(f"\x1b[{y}H\x1b[K" for y in range(1, page.height + 1))
        self.place.lose()
        self.pen = blank[1]
        self.rows = [[blank] * page.width for _ in range(page.height)]
        return written

    def bring(self, page: Page, lines: Sequence[int]) -> str:
        """What to write so that these lines of the page are shown."""
        self._out = []
        chains: list[list[Stroke]] = []
        for y in lines:
            if page.rows[y] != self.rows[y]:
                chains += self._strokes(y, page.rows[y], self.rows[y])
        if len(chains) > SORTED:
            by_look = sorted(chains, key=lambda chain: _look(chain[0]))
            chains = min(chains, by_look, key=self._length)
        while chains:
            next_one = min(range(len(chains)), key=lambda n: self._cost(chains[n][0])) if len(chains) <= SORTED else 0
            for stroke in chains.pop(next_one):
                self._draw(stroke, page.rows[stroke.y], self.rows[stroke.y])
        return "".join(self._out)

    # -- what differs ----------------------------------------------------------------------------------------------

    def _strokes(self, y: int, wanted: Row, shown: Row) -> list[list[Stroke]]:
        """Stretches in one look each; those of a line with a doubtful glyph in a chain, because they may overlap."""
        changed = self._changed(wanted, shown)
        if not changed:
            return []
        tail = self._tail(wanted)
        late = [x for x in changed if x >= tail]
        last = wanted[-1]
        found: list[Stroke] = []
        for x in changed[: -len(late)] if len(late) > 3 else changed:
            cell = wanted[x]
            assert cell is not None
            before = found[-1] if found else None
            if before is not None and before.end == x and (pen := self._together(before, cell)) is not None:
                found[-1] = Stroke(y, before.start, x + 1, pen, before.blank and cell[0] == " ")
            else:
                found.append(Stroke(y, x, x + 1, cell[1], cell[0] == " "))
        if len(late) > 3 and last is not None:
            found.append(Stroke(y, late[0], len(wanted), last[1], True))
        if any(self._reach(line, x) for line in (wanted, shown) for x in changed):
            return [found]
        return [[stroke] for stroke in found]

    @staticmethod
    def _together(before: Stroke, cell: Cell) -> Pen | None:
        """The pen for a stroke and the cell behind it, where there is one for both."""
        if cell[0] == " ":
            return before.pen if for_blank(before.pen, cell[1]) == before.pen else None
        if before.blank:
            return cell[1] if for_blank(cell[1], before.pen) == cell[1] else None
        return before.pen if cell[1] == before.pen else None

    def _changed(self, wanted: Row, shown: Row) -> list[int]:
        """The columns to write, ascending: what differs, and what a glyph of doubtful width may have covered."""
        found: list[int] = []
        covered = 0
        for x, cell in enumerate(wanted):
            if cell is None or (cell == shown[x] and x >= covered):
                continue
            if cell[0] == "" and (not found or found[-1] != x - 1):
                if x == 0:
                    continue
                found.append(x - 1)
            found.append(x)
            for line in (wanted, shown):
                covered = max(covered, x + self._reach(line, x))
        return found

    def _reach(self, line: Row, x: int) -> int:
        """The cells that the glyph at a column may take, where that is doubtful; otherwise 0."""
        cell = line[x]
        if cell is None or cell[0] == "" or cell[0].isascii() or not self._doubtful(cell, self._width(line, x)):
            return 0
        return glyphs.reach(cell[0])

    def _doubtful(self, cell: Cell, width: int) -> bool:
        return not (width == 1 and cell[0].isascii()) and glyphs.doubtful(cell[0], width, self.abilities.wide_locale)

    @staticmethod
    def _width(line: Row, x: int) -> int:
        right = line[x + 1] if x + 1 < len(line) else None
        return 2 if right is not None and right[0] == "" else 1

    def _erasable(self, cell: Cell | None) -> bool:
        """Whether erasing leaves a cell like this one."""
        return cell is not None and cell[0] == " " and not cell[1].marks and (self.abilities.tints or not cell[1].bg)

    def _tail(self, wanted: Row) -> int:
        """Where the blanks begin that reach to the end of the line, all alike."""
        last, start = wanted[-1], len(wanted)
        if self._erasable(last):
            while start and wanted[start - 1] == last:
                start -= 1
        return start

    # -- writing ---------------------------------------------------------------------------------------------------

    def _cost(self, stroke: Stroke) -> int:
        return len(self.place.way(stroke.start, stroke.y)) + len(change(self.pen, self._pen_of(stroke)))

    def _length(self, chains: Sequence[Sequence[Stroke]]) -> int:
        """About how many bytes it takes to go from each to the next."""
        pen, x, y, length = self.pen, -1, -1, 0
        for stroke in (chain[0] for chain in chains):
            look = for_blank(pen, stroke.pen) if stroke.blank else stroke.pen
            near = stroke.y == y and stroke.start >= x
            length += len(change(pen, look)) + (min(stroke.start - x, NEAR) if near else FAR)
            pen, x, y = look, stroke.end, y if near else stroke.y
        return length

    def _draw(self, stroke: Stroke, wanted: Row, shown: Row) -> None:
        self._bridge(stroke, wanted)
        self._go(stroke.start, stroke.y)
        to_the_end = stroke.blank and stroke.end == len(wanted) and stroke.end - stroke.start > 3
        if to_the_end and self._erasable(wanted[-1]):
            self._erase("\x1b[K", stroke.start, stroke.end, wanted, shown)
            return
        self._take(self._pen_of(stroke))
        x = stroke.start
        while x < stroke.end:
            self._go(x, stroke.y)
            x = self._cell(x, stroke.y, stroke.end - 1, wanted, shown)

    def _bridge(self, stroke: Stroke, wanted: Row) -> None:
        """Go to a stroke by writing again what stands before it, where that is shorter than jumping."""
        x, start = stroke.start, self.place.x
        if start is None or self.place.y != stroke.y or not 0 < x - start <= GAP:
            return
        again: list[str] = []
        pen = self.pen
        for at in range(start, x):
            cell = wanted[at]
            if cell is None or cell[0] == "" or self._width(wanted, at) == 2 or self._doubtful(cell, 1):
                return
            wish = for_blank(pen, cell[1]) if cell[0] == " " else cell[1]
            again += (change(pen, wish), cell[0])
            pen = wish
        written = "".join(again)
        jumped = self._cost(stroke)
        self.pen, before = pen, self.pen
        if len(written.encode()) + len(change(pen, self._pen_of(stroke))) <= jumped:
            self._out.append(written)
            self.place.x = x
        else:
            self.pen = before

    def _pen_of(self, stroke: Stroke) -> Pen:
        return for_blank(self.pen, stroke.pen) if stroke.blank else stroke.pen

    def _go(self, x: int, y: int) -> None:
        self._out.append(self.place.way(x, y))
        self.place.x, self.place.y = x, y

    def _take(self, pen: Pen) -> None:
        self._out.append(change(self.pen, pen))
        self.pen = pen

    def _cell(self, x: int, y: int, last: int, wanted: Row, shown: Row) -> int:
        """Write the glyph of a column, or all up to `last` that are alike where that is shorter; returns the next."""
        cell = wanted[x]
        assert cell is not None
        width = self._width(wanted, x)
        if self._doubtful(cell, width):
            self._doubted(x, y, width, cell)
        else:
            alike = self._alike(x, last, wanted) if width == 1 else 1
            if alike > ERASE and self._erasable(cell):
                self._erase(f"\x1b[{alike}X", x, x + alike, wanted, shown)
                return x + alike
            self._take(for_blank(self.pen, cell[1]) if cell[0] == " " else cell[1])
            self._out.append(cell[0])
            if alike > REPEAT and self.abilities.repeats and (cell[0] != " " or alike > ERASE):
                self._out.append(f"\x1b[{alike - 1}b")
                width = alike
            self.place.x = x + width
        shown[x : x + width] = wanted[x : x + width]
        if x + width >= len(wanted):
            self.place.x = None  # terminals differ in where the cursor is now
        return x + width

    def _alike(self, x: int, last: int, wanted: Row) -> int:
        cell, end = wanted[x], x + 1
        while end <= last and wanted[end] == cell:
            end += 1
        return end - x

    def _doubted(self, x: int, y: int, width: int, cell: Cell) -> None:
        """Blanks first, in case the terminal gives it less room; and no relying on where the cursor is afterwards."""
        self._take(cell[1])
        self._out.append(" " * width)
        self.place.x = x + width if x + width < len(self.rows[y]) else None
        self._go(x, y)
        self._out.append(cell[0])
        self.place.x = None

    def _erase(self, order: str, start: int, end: int, wanted: Row, shown: Row) -> None:
        cell = wanted[start]
        assert cell is not None
        self._take(for_blank(self.pen, cell[1]))
        self._out.append(order)
        shown[start:end] = wanted[start:end]
