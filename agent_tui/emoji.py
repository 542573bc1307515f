"""Emoji by their names: the ones that a desk uses most under everyday words, all others under Unicode's.

Only those that are one character of two cells everywhere are offered: what a terminal may draw in one cell or three
would shift the line.
"""

import unicodedata
from functools import lru_cache

from agent_tui.i18n import N_, _
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
_RANGES = (range(0x1F300, 0x1F650), range(0x1F680, 0x1F700), range(0x1F900, 0x1FA00))


@lru_cache(1)
def _others() -> tuple[tuple[str, str], ...]:
    characters = (chr(code) for part in _RANGES for code in part)
    named = ((one, unicodedata.name(one, "").lower()) for one in characters if one not in COMMON and width(one) == 2)
    return tuple((one, name) for one, name in named if name and "modifier" not in name)


def catalogue() -> list[tuple[str, str]]:
    """Every emoji with its name in the person's language, or Unicode's English one; the most used first."""
    return [(one, _(name)) for one, name in COMMON.items()] + list(_others())
