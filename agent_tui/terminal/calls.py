"""What a terminal is called to do beside showing paint: ring, show a notification on the desktop, bear a title.

What is said in them came from others perhaps: it is made one bounded line without a control in it, here, whoever calls.
"""

import re
from collections.abc import Mapping
from typing import Literal

How = Literal["osc9", "osc777"]
LONGEST = 200  # characters of a notification or a title
BELL = "\x07"
_ACTING = re.compile(r"[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]+")
_WITH_TITLES = ("rxvt", "foot", "ghostty", "konsole", "contour", "vte")  # they know OSC 777, which has a title apart
_WITHOUT = ("linux", "vt", "dumb", "cons", "screen")  # they have no desktop; GNU screen keeps it from them


def plain(words: str) -> str:
    """`words` as one line that no terminal can take for anything else."""
    return " ".join(_ACTING.sub(" ", words).split())[:LONGEST]


def title(words: str) -> str:
    return f"\x1b]2;{plain(words)}\x07"


def desktop(heading: str, words: str, how: How, *, tmux: bool = False) -> str:
    """A notification on the desktop. A heading goes first also where there is no place for one: a text that begins
    with a number and a semicolon would mean something else. Within tmux it is handed on to the terminal outside."""
    heading, words = plain(heading).replace(";", ","), plain(words)
    if how == "osc777":
        order = f"\x1b]777;notify;{heading};{words.replace(';', ',')}\x07"
    else:
        order = f"\x1b]9;{heading}: {words}\x07"
    return "\x1bPtmux;" + order.replace("\x1b", "\x1b\x1b") + "\x1b\\" if tmux else order


def in_tmux(environ: Mapping[str, str]) -> bool:
    return bool(environ.get("TMUX"))


def known(environ: Mapping[str, str]) -> How | None:
    """Which notification this terminal is likely to show, by its names; None where it can show none. Within tmux its
    own name is not known: it is asked in the way that most know."""
    if in_tmux(environ):
        return "osc9"
    term = environ.get("TERM", "").lower()
    if term.startswith(_WITHOUT):
        return None
    names = " ".join((term, environ.get("TERM_PROGRAM", "").lower()))
    told = "VTE_VERSION" in environ or "KONSOLE_VERSION" in environ
    return "osc777" if told or any(name in names for name in _WITH_TITLES) else "osc9"


def bears_title(environ: Mapping[str, str]) -> bool:
    return not environ.get("TERM", "").lower().startswith(("linux", "vt", "dumb", "cons"))
