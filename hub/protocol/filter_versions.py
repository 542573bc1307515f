"""The version of the filter language that a kept filter is written in, and what brings an older one up to date.

A filter is kept as the text of its tree, with things by id. Whoever changes what a text means, or takes a word away,
raises `VERSION` and adds an upcaster from the version before; additions need neither.
"""

from collections.abc import Callable

VERSION = 1
UPCASTERS: dict[int, Callable[[str], str]] = {}  # version → the text in the next one


def current(version: int, text: str) -> str:
    """A kept filter's text as it is written today."""
    while version < VERSION:
        text = UPCASTERS[version](text)
        version += 1
    return text
