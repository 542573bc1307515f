"""A language that nobody speaks: every text of the console in brackets, a third longer, in letters of its own."""

import gettext
import re
import unicodedata

OPEN, CLOSE = "⟦", "⟧"
_LETTERS = {c: unicodedata.normalize("NFC", c + "\N{COMBINING DOT BELOW}") for c in "abdehiklmnorstuvwyz"}
_LETTERS |= {"c": "ċ", "f": "ḟ", "g": "ġ", "j": "ǰ", "p": "ṗ", "q": "ɋ", "x": "ẋ", "…": "‥"}
_TABLE = str.maketrans(_LETTERS | {low.upper(): made.upper() for low, made in _LETTERS.items() if low not in "jq…"})
_PLACE = re.compile(r"(\{[^{}]*\})")


def pseudo(text: str) -> str:
    """`text` as this language says it; what is put in later keeps its place."""
    said = "".join(part if _PLACE.fullmatch(part) else part.translate(_TABLE) for part in _PLACE.split(text))
    return f"{OPEN}{said}{'ẹ' * (len(text) * 3 // 10)}{CLOSE}"


class Pseudo(gettext.NullTranslations):
    def gettext(self, message: str) -> str:
        return pseudo(message)

    def ngettext(self, one: str, many: str, n: int) -> str:
        return pseudo(one if n == 1 else many)
