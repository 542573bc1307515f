"""What is offered while one writes: shortcuts after a slash, emoji after a colon, colleagues after an `@`."""

from collections.abc import Collection, Iterable

import msgspec

from agent_tui import emoji, people, shortcuts
from hub.protocol.mentions import handle_of
from hub.protocol.views import Agent, Shortcut


class Suggestion(msgspec.Struct, frozen=True):
    """`name` and `about` are shown; `text` is what is put in, with values to be filled in, for the last `typed`
    characters before the cursor."""

    name: str
    about: str
    text: str
    typed: int


def typed(before: str, *, note: bool = False) -> int:
    """How many characters before the cursor something is offered for; 0 where nothing can be."""
    code = shortcuts.typed(before)
    name = emoji.typed(before) if code is None else None
    whom = people.typed(before) if note and code is None and name is None else None
    found = next((one for one in (code, name, whom) if one is not None), None)
    return 0 if found is None else len(found) + 1


def suggest(before: str, known: Iterable[Shortcut], staff: Collection[Agent] = (), me: int = 0) -> list[Suggestion]:
    """What fits the end of the text before the cursor, the best first; `known` are the desk's shortcuts, `staff` all
    agents where a colleague of `me` may be mentioned, as in notes."""
    code, name, count = shortcuts.typed(before), emoji.typed(before), typed(before)
    if code is not None:
        return [Suggestion(f"/{one.code}", one.body, one.body, count) for one in shortcuts.find(known, code)]
    if name is not None:
        return [Suggestion(one, about, one, count) for one, about in emoji.find(name)]
    whom = people.typed(before) if staff else None
    if whom is not None:
        handles = [(one, f"@{handle_of(one, staff)}") for one in people.find(staff, whom) if one.id != me]
        return [Suggestion(handle, one.login, f"{handle} ", len(whom) + 1) for one, handle in handles]
    return []
