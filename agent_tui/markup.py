"""The light markup of agents' notes: bold, italics, lists, code and addresses, read into pieces that a thread draws.

A note is kept, sent and searched as it was typed; only a thread shows it so, and only notes, never what a customer
wrote. Read is a small part of CommonMark, by its own parser. What it leaves out stays as typed: headings, quotes,
tables, HTML, entities, escapes, pictures. An asterisk within a word is one, so that `2*3*4` stays a sum.

Promised, for every string: nothing is hidden but the marks themselves. All letters and digits are shown, in their
order, and an address that words stand for is shown behind them; a note that would not come out so is shown as typed.
"""

import enum
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from agent_tui.i18n import N_

HINT = re.compile(r"[*_`]|\]\(|://|^ *(?:[-+]|\d+[.)])(?: |$)", re.MULTILINE)  # without any, nothing is to be read
DEEPEST = 8  # lists within one another; a note with more is shown as typed
TYPED = (  # what a person can type, and what it makes
    ("**…**", N_("bold")),
    ("*…*  _…_", N_("italics")),
    ("- …  1. …", N_("a list, each point on a line of its own; two blanks before it put it below another")),
    ("`…`", N_("code, as typed; for several lines, three of these marks on the line before and on the one after")),
    ("[…](https://…)", N_("words for an address, which stands behind them")),
)
_SEEN = re.compile(r"[^\W_]+")
_NESTED = re.compile(rf"^ *(?:(?:[-+*]|\d+[.)]) +){{{DEEPEST},}}", re.MULTILINE)


class Look(enum.Flag):
    PLAIN = 0
    BOLD = enum.auto()
    ITALIC = enum.auto()
    CODE = enum.auto()
    LINK = enum.auto()


class Span(NamedTuple):
    text: str
    look: Look = Look.PLAIN


class Piece(NamedTuple):
    """A line as it was typed. `lead` stands before it and is blank where it wraps; of code `block` is true, and its
    blanks count."""

    spans: Sequence[Span]
    lead: str = ""
    block: bool = False


@lru_cache(2048)
def pieces(text: str) -> tuple[Piece, ...]:
    """What a note says, a piece for each line of it: none holds a line break."""
    plain = tuple(Piece([Span(line)]) for line in text.split("\n"))
    if not HINT.search(text) or _NESTED.search(text):
        return plain
    from agent_tui.commonmark import read_note  # with the first note that needs it: no console opens with one

    read = tuple(read_note(text))
    shown = "".join(part for piece in read for part in (piece.lead, *(span.text for span in piece.spans)))
    return read if _letters(shown) == _letters(text) else plain


def in_a_line(text: str) -> str:
    """The same without its marks, as one line: what a list shows of it."""
    if not HINT.search(text):
        return text
    return " ".join(piece.lead + "".join(span.text for span in piece.spans) for piece in pieces(text)).strip()


def _letters(text: str) -> str:
    return "".join(_SEEN.findall(text))
