"""What is offered while one writes: the desk's shortcuts after a slash, emoji after a colon."""

from collections.abc import Iterable

import msgspec

from agent_tui import emoji, shortcuts
from hub.protocol.views import Shortcut


class Suggestion(msgspec.Struct, frozen=True):
    """`name` and `about` are shown; `text` is what is put in, with values to be filled in, for the last `typed`
    characters before the cursor."""

    name: str
    about: str
    text: str
    typed: int


def typed(before: str) -> int:
    """How many characters before the cursor something is offered for; 0 where nothing can be."""
    code = shortcuts.typed(before)
    name = emoji.typed(before) if code is None else None
    found = code if code is not None else name
    return 0 if found is None else len(found) + 1


def suggest(before: str, known: Iterable[Shortcut]) -> list[Suggestion]:
    """What fits the end of the text before the cursor, the best first; `known` are the desk's shortcuts."""
    code, name, count = shortcuts.typed(before), emoji.typed(before), typed(before)
    if code is not None:
        return [Suggestion(f"/{one.code}", one.body, one.body, count) for one in shortcuts.find(known, code)]
    if name is not None:
        return [Suggestion(one, about, one, count) for one, about in emoji.find(name)]
    return []
