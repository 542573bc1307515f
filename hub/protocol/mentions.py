"""`@name` in a private note: whom it means. A pure function of the text and of who works at the desk, shared by the
hub, which tells them, and the console, which shows and completes names.

A name begins after an `@` that no letter or digit stands before, so that addresses mention nobody. The longest one
that fits is meant: a login, a whole name, or a first name; case and accents don't matter. What several people go by
means nobody.
"""

from collections.abc import Iterable, Iterator

import msgspec

from hub.protocol.filter_fields import fold
from hub.protocol.views import Agent

MOST = 20  # agents whom one note may mention
_LONGEST = 80  # letters of a name


class Mention(msgspec.Struct, frozen=True):
    """An agent, and where in the text the name stands, with its `@`."""

    agent: int
    start: int
    end: int


def mentions(text: str, people: Iterable[Agent]) -> list[Mention]:
    """Those of a text, in their order; of who works here no more, nobody is meant."""
    if "@" not in text:
        return []
    names = _names([one for one in people if one.active])
    return list(_found(text, names))


def handle_of(agent: Agent, people: Iterable[Agent]) -> str:
    """What to write after the `@` for this agent: the name where it means them alone, otherwise the login."""
    names = _names([one for one in people if one.active])
    name = " ".join(agent.name.split())
    return name if names.get(fold(name)) == agent.id else agent.login


def _names(people: list[Agent]) -> dict[str, int | None]:
    """Folded names → agent; None where several go by it. Logins go before names, whole names before first ones."""
    found: dict[str, int | None] = {}
    for kind in (_login, _name, _first):
        of_kind: dict[str, int | None] = {}
        for one in people:
            if said := kind(one):
                of_kind[said] = one.id if of_kind.get(said, one.id) == one.id else None
        found = of_kind | found
    return found


def _login(agent: Agent) -> str:
    return fold(agent.login)


def _name(agent: Agent) -> str:
    return fold(" ".join(agent.name.split()))


def _first(agent: Agent) -> str:
    return _name(agent).partition(" ")[0]


def _found(text: str, names: dict[str, int | None]) -> Iterator[Mention]:
    at = text.find("@")
    while at >= 0:
        end = at + 1
        if at == 0 or not _in_a_word(text[at - 1]):
            folded, ends = _folded(text[at + 1 : at + 1 + _LONGEST])
            fits = [name for name in names if folded.startswith(name) and _is_whole(folded, len(name))]
            name = max(fits, key=len, default="")
            agent = names.get(name)
            if agent is not None:
                end = at + 1 + ends[len(name) - 1]
                yield Mention(agent, at, end)
        at = text.find("@", end)


def _folded(tail: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its letters how many of the text's own have been used up by it."""
    folded, ends = "", []
    for count, letter in enumerate(tail, 1):
        said = fold(letter)
        folded += said
        ends += [count] * len(said)
        if not said and ends:  # an accent by itself belongs to the letter before
            ends[-1] = count
    return folded, ends


def _is_whole(folded: str, length: int) -> bool:
    return length == len(folded) or not _in_a_word(folded[length])


def _in_a_word(letter: str) -> bool:
    return letter.isalnum() or letter == "_"
