"""What a note says, as lines of spans that fit, and the styles that spans are drawn in."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.style import Style

from agent_tui.glyphs import drawn
from agent_tui.markup import Look, Piece, Span, pieces
from agent_tui.widgets.cells import chop, width, wrap
from agent_tui.widgets.paint import Line, Palette

LEAST = 8  # cells that text keeps beside the marks of lists
EDGE = "│ "  # before code of several lines
TICK = "`"  # around code where no ground tells it


class NoteLine(NamedTuple):
    spans: Sequence[Span]
    block: bool = False  # of code, whose ground goes to the end of the line


def note_lines(text: str, cells: int, *, ticks: bool) -> list[NoteLine]:
    """`text` in lines of no more than `cells`. `ticks`: code in a line keeps its marks."""
    return [line for piece in pieces(text) for line in _fitted(piece, cells, ticks)]


def by_ground(palette: Palette) -> bool:
    """Whether code can be told by its ground."""
    colors = palette.theme.colors
    return colors["panel"] != colors["note_ground"]


def put(line: Line, said: NoteLine, palette: Palette) -> Line:
    """Draw a line of a note."""
    for span in said.spans:
        line.put(span.text, style=_style(span.look, palette))
    return line.put(" " * line.room, style=_style(Look.CODE, palette)) if said.block else line


def _style(look: Look, palette: Palette) -> Style:
    """Where notes are in italics by themselves, what stands out in them is upright."""
    if look == Look.PLAIN:
        return palette.style("note", "note_ground")
    if Look.CODE in look:
        style = palette.style("text", "panel")
    else:
        style = palette.style("accent" if Look.LINK in look else "note", "note_ground")
    more = Style(
        bold=True if Look.BOLD in look else None,
        italic=not style.italic if Look.ITALIC in look else None,
        underline=True if Look.LINK in look else None,
    )
    return style + more


def _fitted(piece: Piece, cells: int, ticks: bool) -> Iterator[NoteLine]:
    lead = piece.lead if width(piece.lead) + LEAST <= cells else ""
    if piece.block:
        yield from _block(piece, lead, cells)
        return
    spans = [
        Span(f"{TICK}{one.text}{TICK}", one.look) if ticks and Look.CODE in one.look else one for one in piece.spans
    ]
    text = "".join(one.text for one in spans)
    at = 0
    for index, line in enumerate(wrap(text, cells - width(lead))):
        at = text.index(line, at)
        yield NoteLine([*_led(lead, index == 0), *_between(spans, at, at + len(line))])
        at += len(line)


def _block(piece: Piece, lead: str, cells: int) -> Iterator[NoteLine]:
    edge = drawn(EDGE)
    text = "".join(one.text for one in piece.spans)
    for index, line in enumerate(chop(text, max(cells - width(lead) - len(edge), 2))):
        yield NoteLine([*_led(lead, index == 0), Span(edge + line, Look.CODE)], block=True)


def _led(lead: str, first: bool) -> list[Span]:
    """The marks of lists before a line, blank before those that it is continued in."""
    return [Span(drawn(lead) if first else " " * width(lead))] if lead else []


def _between(spans: Sequence[Span], begin: int, end: int) -> list[Span]:
    """The spans of a part of their text."""
    found, at = [], 0
    for text, look in spans:
        part = text[max(begin - at, 0) : max(end - at, 0)]
        if part:
            found.append(Span(part, look))
        at += len(text)
    return found
