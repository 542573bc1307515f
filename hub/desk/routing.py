"""Dispatch: who gets what waits.

Promised: it runs inside the writer's transaction, after every command that could change its answer, so two hubs never
hand out the same conversation and no agent is pushed beyond a capacity, the queue's or their own. Eligible is a member
of the queue who is online, within reach, active, takes what is pushed, and has fewer conversations in hand than that;
of a team's conversation, a member of the team. Among them, in this order: whoever has not given it up last, the
contact's own agent, primary members before support, the lower load in proportion, whoever was chosen longest ago.
Conversations go out by their priority and then by the time that they have waited, over all the queues that are handed
out at once. Where the queue gives the contact's own agent a while, nobody else is given one in it, as long as they are
there. A queue that offers hands out nothing: whoever accepts first has it. The event records why: the rule, and each
candidate's load.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from heapq import merge
from typing import Any

import sqlalchemy as sa

from hub.desk.registry import Context, Result, handle
from hub.desk.tables import agent, contact, conversation, member, queue, team_member
from hub.desk.transitions import WORKING, load, move
from hub.protocol.errors import Code, Refused
from hub.protocol.handing import Dispatch
from hub.protocol.states import State, transitions

_THERE = sa.and_(agent.c.active.is_(True), agent.c.reachable.is_(True), agent.c.status == "online")
_PUSHED = sa.and_(_THERE, agent.c.intake == "push")
_c = conversation.c


@dataclass(slots=True)
class Hand:
    """An agent whom something could be given, in whichever queue."""

    agent_id: int
    load: int
    assigned_at: int


@dataclass(slots=True)
class Candidate:
    """The same in one queue."""

    hand: Hand
    support: bool
    capacity: int

    @property
    def has_room(self) -> bool:
        return self.hand.load < self.capacity

    def order(self, own_agent: int | None, left: int | None) -> tuple[bool, bool, bool, float, int, int]:
        """`left` is the agent who gave the conversation up last. Only for one who has room."""
        mine = self.hand.agent_id
        ratio = self.hand.load / self.capacity
        return (mine == left, mine != own_agent, self.support, ratio, self.hand.assigned_at, mine)


_held = (
    sa.select(_c.owner_id, sa.func.count().label("load"))
    .where(_c.state.in_(WORKING), _c.owner_id.is_not(None))
    .group_by(_c.owner_id)
    .subquery()
)
_hands = (
    sa.select(
        member.c.queue_id,
        member.c.support,
        queue.c.capacity.label("most"),
        agent.c.id,
        agent.c.capacity,
        agent.c.assigned_at,
        sa.func.coalesce(_held.c.load, 0).label("load"),
    )
    .join(queue, queue.c.id == member.c.queue_id)
    .join(agent, agent.c.id == member.c.agent_id)
    .outerjoin(_held, _held.c.owner_id == agent.c.id)
    .where(member.c.queue_id.in_(sa.bindparam("queues", expanding=True)), queue.c.handout == "push", _PUSHED)
)  # made once: it is asked after nearly every command


def is_there(context: Context, agent_id: int) -> bool:
    """Whether an agent can be given work now."""
    return context.conn.execute(sa.select(agent.c.id).where(agent.c.id == agent_id, _THERE)).first() is not None


def load_of(context: Context, agent_id: int) -> int:
    """How many conversations an agent has in hand."""
    mine = sa.select(sa.func.count()).where(_c.owner_id == agent_id, _c.state.in_(WORKING))
    return context.conn.scalar(mine) or 0


def capacity_in(context: Context, agent_id: int, queue_id: int) -> int:
    """How many that agent may have to be given one more in that queue."""
    both = sa.select(queue.c.capacity, agent.c.capacity).select_from(sa.join(queue, agent, agent.c.id == agent_id))
    queues, own = context.conn.execute(both.where(queue.c.id == queue_id)).one()
    return int(queues if own is None else min(queues, own))


def beyond(context: Context, agent_id: int | None, queue_id: int) -> dict[str, Any] | None:
    """What to put on record of an agent who is given one by hand and has as many as may be; None if there is room."""
    if agent_id is None:
        return None
    held, most = load_of(context, agent_id), capacity_in(context, agent_id, queue_id)
    return {"over": {"load": held, "capacity": most}} if held >= most else None


def dispatch(context: Context, queue_ids: Iterable[int]) -> None:
    """Hand out what waits in these queues, as far as anybody has room."""
    candidates = _candidates(context, sorted(queue_ids))
    teams = _teams(context) if candidates else {}
    while candidates and _round(context, candidates, teams):
        pass


def _round(context: Context, candidates: dict[int, list[Candidate]], teams: dict[int, set[int]]) -> bool:
    """Whether there may be more to hand out: something was passed over, and something handed out."""
    handed = passed = 0
    waiting = [_waiting(context, queue_id, of) for queue_id, of in candidates.items()]
    for row in merge(*waiting, key=lambda row: (row.priority, row.waiting_since, row.id)):
        room = [c for c in candidates[row.queue_id] if c.has_room]
        own = _own(context, row, candidates[row.queue_id])
        if row.team_id is not None:
            room = [c for c in room if c.hand.agent_id in teams.get(row.team_id, ())]
        if own is not None:
            room = [c for c in room if c.hand.agent_id == own]
        if room:
            _hand(context, row, min(room, key=lambda c: c.order(row.own_agent, row.left_id)), room)
            handed += 1
        else:
            passed += 1
    return bool(handed and passed)


def _candidates(context: Context, queue_ids: list[int]) -> dict[int, list[Candidate]]:
    """Of each queue that pushes and in which somebody has room."""
    hands: dict[int, Hand] = {}
    found: dict[int, list[Candidate]] = {}
    for row in context.conn.execute(_hands, {"queues": queue_ids}):
        hand = hands.setdefault(row.id, Hand(row.id, row.load, row.assigned_at))
        most = row.most if row.capacity is None else min(row.most, row.capacity)
        found.setdefault(row.queue_id, []).append(Candidate(hand, bool(row.support), most))
    return {queue_id: of for queue_id, of in found.items() if any(c.has_room for c in of)}


def _teams(context: Context) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for row in context.conn.execute(sa.select(team_member)):
        found.setdefault(row.team_id, set()).add(row.agent_id)
    return found


def _waiting(context: Context, queue_id: int, candidates: list[Candidate]) -> list[Any]:
    """What waits in a queue, as much as could be handed out, in its order; without what is kept for its contact's own
    agent, who is there and has no room."""
    slots = sum(max(0, c.capacity - c.hand.load) for c in candidates)
    full = [c.hand.agent_id for c in candidates if not c.has_room]
    own = contact.c.agent_id
    free = sa.or_(_c.own_until.is_(None), _c.own_until <= context.now, own.is_(None), own.not_in(full))
    return list(
        context.conn.execute(
            sa.select(conversation, contact.c.agent_id.label("own_agent"))
            .join(contact, contact.c.id == _c.contact_id)
            .where(_c.state == sa.literal_column(f"'{State.WAITING.value}'"), _c.queue_id == queue_id, free)
            .order_by(_c.priority, _c.waiting_since, _c.id)
            .limit(slots)
        )
    )


def _own(context: Context, row: Any, candidates: list[Candidate]) -> int | None:
    """The contact's own agent, as long as it is for them alone."""
    if row.own_until is None or row.own_until <= context.now:
        return None
    return next((row.own_agent for c in candidates if c.hand.agent_id == row.own_agent), None)


def _hand(context: Context, row: Any, best: Candidate, room: list[Candidate]) -> None:
    (step,) = transitions(State.WAITING, "dispatch")
    hand = best.hand
    why = {
        "rule": "own" if hand.agent_id == row.own_agent else "support" if best.support else "primary",
        "loads": {str(c.hand.agent_id): c.hand.load for c in room},
    }
    move(context, row, step, named=hand.agent_id, extra=why)
    hand.load += 1
    hand.assigned_at = context.now
    context.conn.execute(sa.update(agent).where(agent.c.id == hand.agent_id).values(assigned_at=context.now))


def check_dispatch(context: Context, args: Dispatch) -> Any:
    row = load(context, args.conversation)
    if row.state != State.WAITING:
        raise Refused(Code.WRONG_STATE, state=row.state)
    return row


def do_dispatch(context: Context, args: Dispatch, row: Any) -> Result:
    context.dispatch.add(row.queue_id)
    return {"conversation": row.id}


handle("conversation.dispatch", check_dispatch, do_dispatch)
