"""A terminal in memory: pyte's, with what it lacks, and told as a person sees it."""

from typing import Any, NamedTuple

import pyte
from wcwidth import wcwidth


class Seen(NamedTuple):
    """A cell by what can be seen of it: a blank has no colour of its own unless something is drawn on it."""

    text: str
    fg: str
    bg: str
    marks: tuple[bool, ...]


class Char(NamedTuple):
    """A cell as pyte keeps it, and whether it is dim."""

    data: str
    fg: str = "default"
    bg: str = "default"
    bold: bool = False
    italics: bool = False
    underscore: bool = False
    strikethrough: bool = False
    reverse: bool = False
    blink: bool = False
    dim: bool = False


class Screen(pyte.Screen):
    """Knows REP and dim, and treats half-covered wide characters as terminals do."""

    _last = " "
    cursor: Any

    @property
    def default_char(self) -> Any:
        return Char(" ")

    def reset(self) -> None:
        super().reset()
        self.cursor.attrs = self.default_char

    def draw(self, data: str) -> None:
        for char in data:
            width = wcwidth(char)
            if width > 0:
                line, x = self.buffer[self.cursor.y], self.cursor.x
                self._part(line, x)
                self._part(line, x + width)
                self._last = char
            super().draw(char)

    def _part(self, line: Any, x: int) -> None:
        if 0 < x < self.columns and line[x].data == "":
            line[x] = line[x]._replace(data=" ")
            line[x - 1] = line[x - 1]._replace(data=" ")

    def erase_characters(self, count: int | None = None) -> None:
        self._part(self.buffer[self.cursor.y], self.cursor.x)
        self._part(self.buffer[self.cursor.y], self.cursor.x + (count or 1))
        super().erase_characters(count)

    def erase_in_display(self, how: int = 0, *args: Any, **kwargs: Any) -> None:
        super().erase_in_display(how, *args, **kwargs)
        if how == 2:  # pyte leaves out cells that were never written
            for y in range(self.lines):
                for x in range(self.columns):
                    self.buffer[y][x] = self.cursor.attrs

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        self._part(self.buffer[self.cursor.y], self.cursor.x)
        super().erase_in_line(how, private)

    def repeat(self, count: int = 1) -> None:
        self.draw(self._last * (count or 1))

    def select_graphic_rendition(self, *attrs: int, **_: object) -> None:
        dim = self.cursor.attrs.dim
        rest = list(attrs)
        while rest:
            one = rest.pop(0)
            if one in (38, 48):  # a colour follows, by number or by its three parts
                del rest[: 2 if rest[:1] == [5] else 4]
            dim = one == 2 or (dim and one not in (0, 22))
        super().select_graphic_rendition(*attrs)
        self.cursor.attrs = self.cursor.attrs._replace(dim=dim and bool(attrs))

    def cell(self, x: int, y: int) -> Seen:
        char: Char = self.buffer[y][x]
        drawn = (char.underscore, char.strikethrough, char.reverse)
        if char.data == " ":
            return Seen(" ", char.fg if any(drawn) else "", char.bg, drawn)
        return Seen(char.data, char.fg, char.bg, (*drawn, char.bold, char.italics, char.blink, char.dim))

    @property
    def where(self) -> tuple[int, int, bool]:
        """The cursor's column and line, and whether it is hidden."""
        return min(self.cursor.x, self.columns - 1), self.cursor.y, self.cursor.hidden


class Stream(pyte.ByteStream):
    csi = pyte.ByteStream.csi | {"b": "repeat"}
    events = pyte.ByteStream.events | {"repeat"}


class Emulator:
    """Feed it bytes; look at `screen`."""

    def __init__(self, width: int, height: int) -> None:
        self.screen = Screen(width, height)
        self._stream = Stream(self.screen)

    def feed(self, data: bytes | str) -> None:
        data = data.encode() if isinstance(data, str) else data
        for private in (b"\x1b[>25u", b"\x1b[<u", b"\x1b[?2026$p", b"\x1b[?2048$p", b"\x1b[>1s"):
            data = data.replace(private, b"")  # pyte would take their ends for text
        self._stream.feed(data)


def differences(one: Screen, other: Screen) -> list[str]:
    """Where two screens don't look the same, in words."""
    assert (one.columns, one.lines) == (other.columns, other.lines)
    found = []
    for y in range(one.lines):
        left, right = one.buffer[y], other.buffer[y]
        for x in range(one.columns):
            if left[x] != right[x] and (a := one.cell(x, y)) != (b := other.cell(x, y)):
                found.append(f"({x}, {y}): {a} / {b}")
    return found
