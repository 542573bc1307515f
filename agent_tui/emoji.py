"""Emoji by their names, chosen from a list or typed as `:name`: those that a desk uses most under everyday words, all
others under Unicode's.

Only those that are one character of two cells everywhere are offered: what a terminal may draw in one cell or three
would shift the line.
"""

import re
import unicodedata
from functools import lru_cache

from agent_tui.i18n import N_, _
from agent_tui.shortcuts import fold
from agent_tui.widgets.cells import width

COMMON: dict[str, str] = {
    "👍": N_("thumbs up, yes"),
    "🙏": N_("thanks, please"),
    "😊": N_("smile"),
    "😀": N_("laugh, happy"),
    "😂": N_("tears of joy"),
    "😉": N_("wink"),
    "😍": N_("in love"),
    "😅": N_("sweat, sorry"),
    "😢": N_("sad"),
    "😡": N_("angry"),
    "🤔": N_("thinking"),
    "🙌": N_("hooray"),
    "👏": N_("applause"),
    "👋": N_("hello, goodbye"),
    "💪": N_("strength"),
    "👀": N_("eyes, looking"),
    "🎉": N_("party, congratulations"),
    "🎁": N_("gift"),
    "🔥": N_("fire"),
    "💙": N_("blue heart"),
    "💚": N_("green heart"),
    "🌟": N_("star"),
    "✅": N_("done, tick"),
    "❌": N_("no, cross"),
    "❓": N_("question"),
    "❗": N_("attention"),
    "⏰": N_("alarm clock"),
    "📅": N_("calendar, date"),
    "📦": N_("parcel, order"),
    "🚚": N_("delivery, lorry"),
    "🏠": N_("house"),
    "📍": N_("place, address"),
    "📞": N_("telephone"),
    "📧": N_("mail"),
    "📎": N_("attachment"),
    "📷": N_("camera, photo"),
    "💳": N_("card, payment"),
    "💰": N_("money"),
    "🧾": N_("receipt, invoice"),
    "🔑": N_("key"),
    "🔧": N_("repair"),
}
TYPED = re.compile(r"(?:^|\s):([^\W\d_][\w-]+)$")  # no 10:30, no http://, no :)
LIMIT = 8
_RANGES = (range(0x1F300, 0x1F650), range(0x1F680, 0x1F700), range(0x1F900, 0x1FA00))


@lru_cache(1)
def _others() -> tuple[tuple[str, str], ...]:
    characters = (chr(code) for part in _RANGES for code in part)
    named = ((one, unicodedata.name(one, "").lower()) for one in characters if one not in COMMON and width(one) == 2)
    return tuple((one, name) for one, name in named if name and "modifier" not in name)


def catalogue() -> list[tuple[str, str]]:
    """Every emoji with its name in the person's language, or Unicode's English one; the most used first."""
    return [(one, _(name)) for one, name in COMMON.items()] + list(_others())


@lru_cache(1)
def _folded() -> tuple[tuple[str, str, str], ...]:
    """Emoji, Unicode's name, and that name as it is compared."""
    return tuple((one, name, fold(name)) for one, name in _others())


def typed(before: str) -> str | None:
    """What is typed of a name, where the text before the cursor ends in a colon that begins a word and two or more
    letters; else None."""
    match = TYPED.search(before)
    return match[1] if match else None


def find(text: str) -> list[tuple[str, str]]:
    """The emoji of which a word of a name, in the person's language or in English, begins with `text`; those first of
    which the name does, and of these the most used. Each with its name."""
    wanted = _plain(text)
    ranked: list[tuple[int, str, str]] = []
    for one, name in COMMON.items():
        ranks = [rank for rank in (_rank(fold(_(name)), wanted), _rank(fold(name), wanted)) if rank is not None]
        if ranks:
            ranked.append((min(ranks), one, _(name)))
    for one, name, folded in _folded():
        rank = _rank(folded, wanted)
        if rank is not None:
            ranked.append((rank, one, name))
    return [(one, name) for _place, one, name in sorted(ranked, key=lambda entry: entry[0])][:LIMIT]


def named(text: str) -> str | None:
    """The emoji that is called exactly `text`, a word of several with `_` or `-` between them; the most used first."""
    wanted = _plain(text)
    for one, name in COMMON.items():
        if wanted in (fold(part.strip()) for form in (_(name), name) for part in form.split(",")):
            return one
    return next((one for one, _name, folded in _folded() if folded == wanted), None)


def _plain(text: str) -> str:
    return fold(text).replace("_", " ").replace("-", " ")


def _rank(name: str, wanted: str) -> int | None:
    """How well a name fits, 0 best; None where it does not."""
    if any(part.strip().startswith(wanted) for part in name.split(",")):
        return 0
    return 1 if re.search(rf"\b{re.escape(wanted)}", name) else None
