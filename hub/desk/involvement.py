"""What agents have to do with a conversation that need not be theirs, as it stands in its row and its place.

A conversation's row holds it for all agents in one text, so that its place is read off the row alone; the table
`involvement` holds the same by agent, for finding the conversations of one.
"""

from collections.abc import Iterable, Mapping
from enum import IntFlag

import msgspec


class Part(IntFlag):
    GUEST = 1  # was invited: sees it, writes notes, and replies where the queue lets guests
    MENTIONED = 2  # by a note: sees it
    UNSEEN = 4  # has not read yet what mentions them
    POSTPONED = 8  # is not offered it for a while


SEES = Part.GUEST | Part.MENTIONED  # either grants sight
COLUMNS = {
    Part.GUEST: "guest",
    Part.MENTIONED: "mentioned",
    Part.UNSEEN: "unseen",
    Part.POSTPONED: "postponed",
}  # the columns of the table
Involved = tuple[tuple[int, int], ...]  # (agent, parts), by agent; nobody without any part
_decode = msgspec.json.Decoder(Involved).decode


def involved(text: str) -> Involved:
    """As a conversation's row says it; an empty text stands for nobody."""
    return _decode(text) if text else ()


def as_text(who: Involved) -> str:
    return msgspec.json.encode(who).decode() if who else ""


def part_of(who: Involved, agent_id: int) -> Part:
    return next((Part(parts) for agent, parts in who if agent == agent_id), Part(0))


def having(who: Involved, part: Part) -> list[int]:
    """The agents with any of these parts."""
    return [agent for agent, parts in who if parts & part]


def changed(who: Involved, parts: Mapping[int, Part]) -> Involved:
    """The same with these agents' parts as given."""
    now = {agent: Part(held) for agent, held in who} | dict(parts)
    return tuple((agent, int(held)) for agent, held in sorted(now.items()) if held)


def without(who: Involved, part: Part, agents: Iterable[int] | None = None) -> Involved:
    """Without a part, of these agents or of all."""
    meant = None if agents is None else set(agents)
    lost = {agent: Part(held) & ~part for agent, held in who if meant is None or agent in meant}
    return changed(who, lost)
