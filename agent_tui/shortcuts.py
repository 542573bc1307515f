"""Finding the desk's shortcuts by what is typed after a slash."""

import re
import unicodedata
from collections.abc import Iterable

from hub.protocol.views import Shortcut

TYPED = re.compile(r"(?:^|\s)/([^\s/]*)$")
LIMIT = 8


def fold(text: str) -> str:
    """Without case and accents, as search compares."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


def typed(before: str) -> str | None:
    """What is typed of a shortcut, where the text before the cursor ends in a slash that begins a word; else None."""
    match = TYPED.search(before)
    return match[1] if match else None


def find(shortcuts: Iterable[Shortcut], text: str) -> list[Shortcut]:
    """Those whose code begins with `text`, then whose code has it, then whose content has it; each by code."""
    wanted = fold(text)
    ranked: list[tuple[int, str, int, Shortcut]] = []
    for shortcut in shortcuts:
        code = fold(shortcut.code)
        if code.startswith(wanted):
            rank = 0
        elif wanted in code:
            rank = 1
        elif wanted in fold(shortcut.body):
            rank = 2
        else:
            continue
        ranked.append((rank, code, shortcut.id, shortcut))
    return [shortcut for *_, shortcut in sorted(ranked, key=lambda entry: entry[:3])][:LIMIT]
