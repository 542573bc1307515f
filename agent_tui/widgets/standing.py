"""Where the terminal's own cursor stands in what is drawn line by line: at the first thing to read there."""

from textual.geometry import Offset
from textual.strip import Strip
from textual.widget import Widget

from agent_tui.glyphs import drawn

BAR = "▌"  # before what is chosen
SIDE = "│"  # of a window's frame


def at_text(widget: Widget, y: int, strip: Strip) -> Offset | None:
    """The place on the screen of the first cell of `strip`, line `y` of a widget, that is neither blank nor the bar of
    what is chosen nor a frame's side; its second cell where there is none. None where the line is out of view."""
    region = widget.content_region
    if not 0 <= y < region.height:
        return None
    text = strip.text
    start = 1 if text[:1] == drawn(SIDE) else 0
    bars = {" ", BAR, drawn(BAR)} if text[start:].lstrip()[:1] == drawn(BAR) else {" "}
    blank = next((index for index, letter in enumerate(text) if index >= start and letter not in bars), 1)
    return Offset(region.x + min(blank, max(region.width - 1, 0)), region.y + y)


def first_text(widget: Widget) -> Offset | None:
    """The first line of a widget that says something."""
    strips = ((y, widget.render_line(y)) for y in range(widget.content_region.height))
    return next((at_text(widget, y, strip) for y, strip in strips if strip.text.strip()), None)
