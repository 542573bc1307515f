"""What stands in a cell: text split as Textual measures it, and whether every terminal would measure it alike.

Terminals agree on how wide letters, frames and ideographs are; on emoji, joined sequences and combining marks they do
not. Such a glyph is *doubtful*: after it the cursor is placed by column, so that nothing behind it can shift.
"""

import unicodedata
from functools import lru_cache

from rich.cells import split_graphemes

REORDERING = [0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
UNSEEN = [0x200B, 0x2028, 0x2029, *range(0x2060, 0x2066), *range(0x206A, 0x2070), 0xFEFF]
FLAGS = frozenset(map(chr, range(0x1F1E6, 0x1F200)))  # letters of which two make a flag
HARMFUL = dict.fromkeys(REORDERING + UNSEEN)

# pairs: the first and the last of a range
_NARROW = (
    " ~\xa0\xac\xae\u02ff\u0370\u0377\u037a\u0482\u048a\u052f\u1e00\u1fff\u2010\u2027\u2030\u203b\u203d\u2048"
    "\u204a\u205e\u2070\u209c\u20a0\u20bf\u2190\u2193\u219a\u21a8\u21ab\u2319\u231c\u2327\u232b\u23ce\u23d0\u23e8"
    "\u2400\u2426\u2500\u25a9\u25ac\u25b5\u25b7\u25bf\u25c1\u25fa\u2605\u2606\u2713\u2713\u2715\u2715\u2717\u2718"
    "\u2800\u28ff"
)
_WIDE = "\u3001\u3029\u3041\u3096\u309b\u30ff\u3105\u312d\u3131\u318e\u3400\u4db5\u4e00\u9fcc\uac00\ud7a3\uff01\uff60"


@lru_cache(maxsize=4096)
def split(text: str) -> tuple[tuple[str, int], ...]:
    """The glyphs of a text, without what reorders or hides text, and how many cells Textual gives each: 0, 1 or 2."""
    text = text.translate(HARMFUL)
    found: list[tuple[str, int]] = []
    for start, end, width in split_graphemes(text)[0]:
        glyph = text[start:end]
        if found and glyph in FLAGS and found[-1][0] in FLAGS:
            found[-1] = (found[-1][0] + glyph, found[-1][1] + width)
        else:
            found.append((glyph, width))
    return tuple(found)


@lru_cache(maxsize=4096)
def doubtful(glyph: str, width: int, wide_locale: bool) -> bool:
    """Whether terminals may disagree with Textual's width. `wide_locale`: ambiguous characters may be wide here."""
    known = _NARROW if width == 1 else _WIDE
    if len(glyph) != 1 or not any(low <= glyph <= high for low, high in zip(known[::2], known[1::2], strict=True)):
        return True
    return wide_locale and width == 1 and unicodedata.east_asian_width(glyph) == "A"


@lru_cache(maxsize=4096)
def reach(glyph: str) -> int:
    """The most cells that any terminal would take for a doubtful glyph: two for each of its characters."""
    return 2 * len(glyph)
