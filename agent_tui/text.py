"""Makes other people's text harmless before the console keeps or shows it.

A terminal takes bytes as orders, and Textual passes them on: a customer's name may hold an escape sequence that writes
the agent's clipboard, a mark that turns the line around, or sixty accents that run over the lines above. All text from
outside therefore passes `body` or `line` where it enters the mirror, and nothing downstream needs to think of it again.

Promised, for every string, lone surrogates included: no character of the result is a control except the line feed of
`body`; none is invisible or changes the direction of others; no more than `MARKS` marks stand on one letter, and none
on what precedes the text on the screen. Both functions change nothing in what they have made.

The person's own words, a draft that they go on writing, pass `own`: it takes out what acts, and leaves the joiners and
selectors that their emoji and their script need, because what is sent must be what was typed.

What would act or can't be known is shown as U+FFFD, so that the agent sees that something was there. What only hides
(zero-width characters, joiners, direction marks, variation selectors, tags) is dropped: an emoji made with joiners
falls apart into its parts, whose width every terminal agrees on, and Persian or Indic text stays readable.
"""

import unicodedata
from collections.abc import Callable
from typing import TypeVar

import msgspec

MARKS = 4
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_CARRIER = "\N{DOTTED CIRCLE}"
_TAB = " " * 4
_BREAKS = frozenset("\n\r\v\f\x85\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}")
_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and signs that show nothing, used for empty names
_HIDDEN = frozenset(
    map(
        chr,
        [0x034F, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180F, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)],
    )
)
_CACHED = 4096  # code points remembered; a text that runs through all of Unicode must not fill the memory
_MULTILINE = frozenset({"b", "body", "comment", "values", "default"})  # the fields of views that hold more than a line

S = TypeVar("S", bound=msgspec.Struct)


def _safe(char: str) -> str:
    """What is shown for a character."""
    if char in _BREAKS:
        return "\n"
    if char == "\t":
        return _TAB
    category = unicodedata.category(char)
    if category == "Zs" or char in _BLANKS:
        return " "
    if category == "Cf" or char in _HIDDEN:
        return ""
    return REPLACEMENT if category.startswith("C") else char


class _Table(dict[int, str]):
    """What `str.translate` looks a code point up in; filled as they come. `kept` stay as they are."""

    def __init__(self, kept: str = "") -> None:
        super().__init__((ord(char), char) for char in kept)

    def __missing__(self, code: int) -> str:
        safe = _safe(chr(code))
        if len(self) < _CACHED:
            self[code] = safe
        return safe


_TABLE = _Table()
_OWN_TABLE = _Table("\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}\N{VARIATION SELECTOR-15}\N{VARIATION SELECTOR-16}")


def body(text: str) -> str:
    """Text of several lines, made harmless. Every kind of line break becomes a line feed, a tab four spaces."""
    return _harmless(text, _TABLE)


def own(text: str) -> str:
    """What the person at this console typed or pasted, made harmless to the terminal and to whom it is sent."""
    return _harmless(text, _OWN_TABLE)


def line(text: str) -> str:
    """Text of one line, made harmless: a name, a code, a header. White space is one blank, none at the ends."""
    return body(" ".join(body(text).split()))  # again: a mark may have stood on the blank that is gone


def _harmless(text: str, table: _Table) -> str:
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\r\n", "\n").translate(table)
    return _thin(text) if max(text, default="") >= "\u0300" else text


def _thin(text: str) -> str:
    """Cut stacks of combining marks, and give one that stands on nothing something to stand on."""
    kept: list[str] = []
    marks: int | None = None  # on the current letter; None: there is none yet in this line
    for char in text:
        if char < "\u0300" or not unicodedata.category(char).startswith("M"):
            marks = None if char == "\n" else 0
        elif marks is None:
            kept.append(_CARRIER)
            marks = 1
        elif marks == MARKS:
            continue
        else:
            marks += 1
        kept.append(char)
    return "".join(kept)


def detail(values: dict[str, int | str | None]) -> dict[str, int | str | None]:
    """The details of an answer, made harmless."""
    return {line(name): line(value) if isinstance(value, str) else value for name, value in values.items()}


def scrub(view: S) -> S:
    """Make every string of a view harmless, in place and however deep it lies; returns the view."""
    for name in view.__struct_fields__:
        value = getattr(view, name)
        if value.__class__ is str:
            safe = body(value) if name in _MULTILINE else line(value)
            if safe != value:
                setattr(view, name, safe)
        elif isinstance(value, msgspec.Struct):
            scrub(value)
        elif value and isinstance(value, list | dict):
            setattr(view, name, _scrubbed(value, body if name in _MULTILINE else line))
    return view


def _scrubbed(value: object, safe: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return safe(value)
    if isinstance(value, msgspec.Struct):
        return scrub(value)
    if isinstance(value, list):
        return [_scrubbed(item, safe) for item in value]
    if isinstance(value, dict):
        return {line(key) if isinstance(key, str) else key: _scrubbed(item, safe) for key, item in value.items()}
    return value
