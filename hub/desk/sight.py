"""What a principal may see: one declaration, used for lists, events and single look-ups alike.

An agent sees what is with them, also after its end, what is their teams', what waits in their queues, and until they
leave it what they were invited to or mentioned in. Whoever holds `conversation.see` more widely sees more. Everybody
else sees nothing of a conversation here; "with X" without text comes with search and matches (`hub.desk.finding`).
Nobody sees what was erased.

Besides, who sees not all may read what they handed on by a transfer, up to there: see `hub.desk.handed_on`.
"""

from typing import NamedTuple

from hub.desk.filters import AllOf, AnyOf, Filter, Has, Is, IsNot, is_state
from hub.desk.involvement import SEES
from hub.desk.principal import Principal, Scope
from hub.protocol.states import ERASED, State

NOT_ERASED = IsNot("kind", ERASED)
WAITING = is_state((State.WAITING,))


class Sight(NamedTuple):
    """What somebody sees: `whole`, as it is; and of the rest what the agent `upto` (they) handed on, up to there."""

    whole: Filter
    upto: int | None


def sight_of(who: Principal) -> Sight:
    see = who.scope("conversation.see")
    bounded = who.kind == "agent" and see is not None and see <= Scope.QUEUE
    return Sight(sight(who), who.id if bounded else None)


def sight(who: Principal) -> Filter:
    """What is seen as a whole."""
    parts: list[Filter] = []
    see = who.scope("conversation.see")
    if see is not None:
        parts.append(_reach(who, see, Has(who.id, SEES)))
    waiting = who.scope("conversation.see_waiting")
    if waiting is not None and waiting != see:
        parts.append(AllOf((WAITING, _reach(who, waiting))))
    seen = parts[0] if len(parts) == 1 else AnyOf(tuple(parts))
    return AllOf((NOT_ERASED, seen))


def _reach(who: Principal, scope: Scope, *also: Filter) -> Filter:
    if scope > Scope.QUEUE:
        return AllOf(())
    parts: list[Filter] = [Is("owner_id", (who.id,))]
    if who.teams:
        parts.append(Is("team_id", tuple(sorted(who.teams))))
    if scope == Scope.QUEUE and who.queues:
        parts.append(Is("queue_id", tuple(sorted(who.queues))))
    parts += also
    return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))


class Near(NamedTuple):
    """Where a conversation stands, if it is one that the principal may see: with them or involving them, waiting in
    one of these queues (None: in any), or one of these teams'."""

    owner: int
    queues: frozenset[int] | None
    teams: frozenset[int]


def near(who: Principal) -> Near | None:
    """What `sight(who)` lies within, for finding candidates quickly; None where it may be anything."""
    see, waiting = who.scope("conversation.see"), who.scope("conversation.see_waiting")
    if see is not None and see > Scope.OWN:
        return None
    if waiting is None or waiting == Scope.OWN:
        return Near(who.id, frozenset(), who.teams)
    return Near(who.id, who.queues if waiting == Scope.QUEUE else None, who.teams)
