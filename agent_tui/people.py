"""Colleagues by a part of their name, as they are typed after an `@` in a private note."""

import re
from collections.abc import Collection

from agent_tui.shortcuts import fold
from hub.protocol.views import Agent

_AT = re.compile(r"(?:^|[^\w])@([\w.-]{0,32})$")
MOST = 8  # that are offered at a time


def typed(before: str) -> str | None:
    """What stands behind an `@` at the end of a text; None where there is none that a name may follow."""
    found = _AT.search(before)
    return None if found is None else found[1]


def find(people: Collection[Agent], part: str) -> list[Agent]:
    """Who works here and has a login or a word of their name that begins so; by name."""
    wanted = fold(part)
    found = [
        one
        for one in people
        if one.active and any(word.startswith(wanted) for word in (fold(one.login), *fold(one.name).split()))
    ]
    return sorted(found, key=lambda one: fold(one.name))[:MOST]
