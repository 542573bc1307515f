"""What text looks like (a pen), and the shortest way from one look to another."""

from functools import lru_cache
from typing import NamedTuple


class Pen(NamedTuple):
    """Colours as SGR parameters ("38;2;1;2;3", "92"), empty where they are the terminal's own; marks as SGR codes."""

    fg: str = ""
    bg: str = ""
    marks: frozenset[int] = frozenset()


PLAIN = Pen()
MARKS = frozenset({1, 2, 3, 4, 5, 6, 7, 8, 9, 21, 51, 52, 53})
OFF = {22: {1, 2}, 23: {3}, 24: {4, 21}, 25: {5, 6}, 27: {7}, 28: {8}, 29: {9}, 54: {51, 52}, 55: {53}}
OFF_OF = {mark: (code, marks) for code, marks in OFF.items() for mark in marks}
SEEN_ON_BLANKS = frozenset({4, 7, 9, 21, 51, 52, 53})  # the others do nothing to a space


@lru_cache(maxsize=8192)
def after(pen: Pen, parameters: str) -> Pen:
    """The pen after `CSI parameters m`. What is unknown changes nothing."""
    fg, bg, marks = pen
    codes = parameters.split(";")
    at = 0
    while at < len(codes):
        code = int(codes[at] or 0)
        at += 1
        if code == 0:
            fg, bg, marks = PLAIN
        elif code in MARKS:
            marks |= {code}
        elif code in OFF:
            marks -= OFF[code]
        elif code in (38, 48, 58):
            kind = codes[at] if at < len(codes) else ""
            end = at + {"5": 2, "2": 4}.get(kind, 1)
            if end > len(codes) or "" in codes[at:end]:
                break
            color = ";".join(codes[at - 1 : end])
            fg, bg = (color, bg) if code == 38 else (fg, color) if code == 48 else (fg, bg)
            at = end
        elif 30 <= code <= 37 or 90 <= code <= 97 or code == 39:
            fg = "" if code == 39 else str(code)
        elif 40 <= code <= 47 or 100 <= code <= 107 or code == 49:
            bg = "" if code == 49 else str(code)
    return Pen(fg, bg, marks)


@lru_cache(maxsize=8192)
def on_blank(pen: Pen) -> Pen:
    """As much of a pen as can be seen of it on a space."""
    marks = pen.marks & SEEN_ON_BLANKS
    return Pen(pen.fg if marks else "", pen.bg, marks)


@lru_cache(maxsize=8192)
def for_blank(pen: Pen | None, blank: Pen) -> Pen:
    """The pen nearest to `pen` that paints a space like `blank`."""
    if pen is None or blank.marks:
        return blank
    return Pen(pen.fg, blank.bg, pen.marks - SEEN_ON_BLANKS)


@lru_cache(maxsize=8192)
def change(before: Pen | None, pen: Pen) -> str:
    """The shortest sequence from one pen (None: any) to another."""
    if before == pen:
        return ""
    new = [str(mark) for mark in sorted(pen.marks)] + [color for color in (pen.fg, pen.bg) if color]
    whole = f"\x1b[{';'.join(['0', *new])}m" if new else "\x1b[m"
    if before is None:
        return whole
    steps: list[str] = []
    marks = before.marks
    for mark in sorted(before.marks - pen.marks):
        if mark in marks:
            code, gone = OFF_OF[mark]
            steps.append(str(code))
            marks -= gone
    steps += [str(mark) for mark in sorted(pen.marks - marks)]
    if before.fg != pen.fg:
        steps.append(pen.fg or "39")
    if before.bg != pen.bg:
        steps.append(pen.bg or "49")
    delta = f"\x1b[{';'.join(steps)}m"
    return delta if len(delta) < len(whole) else whole
