"""Painting lines of cells by role: what all the console's own widgets draw with.

Text goes in as data and comes out as data: nothing here reads markup, links or escapes, and `harmless` keeps control
characters from ever reaching a strip, whatever came in.
"""

import colorsys
from functools import lru_cache

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from agent_tui.text import body
from agent_tui.theme import ThemeFile, contrast
from agent_tui.widgets.cells import cut, width

ANSI_HUES = ((20, "red"), (75, "yellow"), (165, "green"), (210, "cyan"), (260, "blue"), (345, "magenta"), (360, "red"))


INKS = ("#0f1115", "#ffffff")  # letters on a colour that is not the theme's
_PLAIN: frozenset[str] = frozenset()


def harmless(text: str) -> str:
    """`text` on one line. What the mirror gives is harmless already; this is the second wall, before the terminal."""
    return text if text.isascii() and text.isprintable() else body(text).replace("\n", " ")


class Palette:
    """Styles by role, for one theme."""

    def __init__(self, theme: ThemeFile, *, blinks: bool = True) -> None:
        """`blinks`: what calls blinks, by the terminal's own doing, which costs no bytes; else it only stands out."""
        self.blinks = blinks
        self.wear(theme)

    def wear(self, theme: ThemeFile) -> None:
        """Paint in another theme from now on; what is already painted is not repainted."""
        self.theme = theme
        self._style = lru_cache(512)(self._make)
        self._chip = lru_cache(64)(self._make_chip)

    @property
    def flat(self) -> bool:
        """Whether all grounds are one, so that what lies over another thing needs a line to be told by."""
        return self.theme.colors["panel"] == self.theme.colors["ground"]

    def style(self, role: str = "text", ground: str = "ground", *, bold: bool = False, reverse: bool = False) -> Style:
        return self._style(role, ground, bold, reverse)

    def calling(self, role: str, ground: str) -> Style:
        """The style of what is to be seen from the corner of one's eye."""
        style = self.style(role, ground, bold=True)
        return style + Style(blink=True) if self.blinks else style

    def _make(self, role: str, ground: str, bold: bool, reverse: bool) -> Style:
        colors, styles = self.theme.colors, self.theme.styles
        laid = styles.get(role, _PLAIN) | styles.get(ground, _PLAIN)
        return Style(
            color=_color(colors[role]),
            bgcolor=_color(colors[ground]),
            bold=bold or "bold" in laid,
            dim="dim" in laid,
            italic="italic" in laid,
            underline="underline" in laid,
            reverse=reverse != ("reverse" in laid),
        )

    def chip(self, color: str) -> Style:
        """Letters on a channel's or a tag's own colour, given as #rrggbb: the theme's light or dark ones."""
        return self._chip(color)

    def _make_chip(self, color: str) -> Style:
        if self.theme.colorless:
            return Style(color=_color("default"), bgcolor=_color("default"), bold=True, reverse=True)
        if self.theme.ansi:
            return Style(color=_color(nearest_ansi(color)), bold=True, reverse=True)
        ink = max(INKS, key=lambda ink: contrast(ink, color))
        floor = min(self.theme.contrast, 14)  # more would leave nothing of the colour
        while contrast(ink, color) < floor:
            color = _away(color, ink)
        return Style(color=_color(ink), bgcolor=_color(color), bold=True)


def _away(color: str, ink: str) -> str:
    """`color` a step further from `ink`: lighter below dark letters, darker below light ones."""
    end = 255 if ink == INKS[0] else 0
    parts = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(part + (end - part) * 0.1):02x}" for part in parts)


def nearest_ansi(color: str) -> str:
    """The terminal's own colour that a person would call #rrggbb by; the plain one for a grey."""
    red, green, blue = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    hue, _, saturation = colorsys.rgb_to_hls(red, green, blue)
    return "default" if saturation < 0.15 else next(name for upto, name in ANSI_HUES if hue * 360 <= upto)


@lru_cache(256)
def _color(name: str) -> Color:
    return Color.parse(name)


class Line:
    """One line in the making: what is put goes left to right, what is put `right` right to left; the left gives way."""

    def __init__(self, cells: int, palette: Palette, ground: str = "ground") -> None:
        self._cells, self._palette, self._ground = cells, palette, ground
        self._left: list[Segment] = []
        self._right: list[Segment] = []
        self._used = self._kept = 0

    @property
    def room(self) -> int:
        """Cells that are still free."""
        return max(self._cells - self._used - self._kept, 0)

    def put(
        self, text: str, role: str = "text", *, bold: bool = False, ground: str = "", style: Style | None = None
    ) -> "Line":
        text = cut(harmless(text), self.room)
        if text:
            self._left.append(Segment(text, style or self._palette.style(role, ground or self._ground, bold=bold)))
            self._used += width(text)
        return self

    def to(self, column: int) -> "Line":
        """Move the pen to a column, to the right only."""
        return self.put(" " * (column - self._used)) if column > self._used else self

    def right(
        self, text: str, role: str = "text", *, bold: bool = False, ground: str = "", style: Style | None = None
    ) -> "Line":
        """Put at the right end, before what was put there already; left out where there is no room for all of it."""
        text = harmless(text)
        if 0 < width(text) <= self.room:
            self._right.insert(0, Segment(text, style or self._palette.style(role, ground or self._ground, bold=bold)))
            self._kept += width(text)
        return self

    def strip(self) -> Strip:
        gap = Segment(" " * self.room, self._palette.style("text", self._ground))
        return Strip([*self._left, gap, *self._right], self._cells)
