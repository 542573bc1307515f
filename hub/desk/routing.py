"""Dispatch: who gets what waits.

Promised: it runs inside the writer's transaction, after every command that could change its answer, so two hubs never
hand out the same conversation and no agent is pushed beyond the queue's capacity. Eligible is a member of the queue who
is online, within reach, active, and has fewer conversations in hand than the capacity. Among them, in this order:
whoever has not just given it back, the contact's own agent, primary members before support, the lower load, whoever was
chosen longest ago. Conversations go out by the time that they have waited. The event records why: the rule and each
candidate's load at that moment.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from hub.desk.registry import Context
from hub.desk.tables import agent, contact, conversation, member, queue
from hub.desk.transitions import WORKING, move
from hub.protocol.states import State, transitions

_FREE = sa.and_(agent.c.active.is_(True), agent.c.reachable.is_(True), agent.c.status == "online")


@dataclass(slots=True)
class Candidate:
    agent_id: int
    support: bool
    load: int
    assigned_at: int

    def order(self, own_agent: int | None, left: int | None) -> tuple[bool, bool, bool, int, int, int]:
        """`left` is the agent from whom the conversation has just gone back to the queue."""
        mine = self.agent_id
        return (mine == left, mine != own_agent, self.support, self.load, self.assigned_at, mine)


def is_there(context: Context, agent_id: int) -> bool:
    """Whether an agent takes work now."""
    return context.conn.execute(sa.select(agent.c.id).where(agent.c.id == agent_id, _FREE)).first() is not None


def dispatch(context: Context, queue_id: int) -> None:
    """Hand out what waits in a queue, as far as anybody has room."""
    found = context.conn.execute(sa.select(queue.c.capacity).where(queue.c.id == queue_id)).first()
    if found is None:
        return
    candidates = [c for c in _candidates(context, queue_id) if c.load < found.capacity]
    slots = sum(found.capacity - c.load for c in candidates)
    if not slots:
        return
    for row, own_agent in _waiting(context, queue_id, slots):
        room = [c for c in candidates if c.load < found.capacity]
        if not room:
            return
        best = min(room, key=lambda c: c.order(own_agent, context.left.get(row.id)))
        _hand(context, row, best, room, own_agent)


def _candidates(context: Context, queue_id: int) -> list[Candidate]:
    load = (
        sa.select(conversation.c.owner_id, sa.func.count().label("load"))
        .where(conversation.c.state.in_(WORKING), conversation.c.owner_id.is_not(None))
        .group_by(conversation.c.owner_id)
        .subquery()
    )
    rows = context.conn.execute(
        sa.select(agent.c.id, member.c.support, sa.func.coalesce(load.c.load, 0), agent.c.assigned_at)
        .join(member, member.c.agent_id == agent.c.id)
        .outerjoin(load, load.c.owner_id == agent.c.id)
        .where(member.c.queue_id == queue_id, _FREE)
    )
    return [Candidate(*row) for row in rows]


def _waiting(context: Context, queue_id: int, limit: int) -> list[tuple[Any, int | None]]:
    rows = context.conn.execute(
        sa.select(conversation, contact.c.agent_id.label("own_agent"))
        .join(contact, contact.c.id == conversation.c.contact_id)
        .where(conversation.c.state == State.WAITING.value, conversation.c.queue_id == queue_id)
        .order_by(conversation.c.waiting_since, conversation.c.id)
        .limit(limit)
    ).all()
    return [(row, row.own_agent) for row in rows]


def _hand(context: Context, row: Any, best: Candidate, room: list[Candidate], own_agent: int | None) -> None:
    (step,) = transitions(State.WAITING, "dispatch")
    why = {
        "rule": "own" if best.agent_id == own_agent else "support" if best.support else "primary",
        "loads": {str(c.agent_id): c.load for c in room},
    }
    move(context, row, step, named=best.agent_id, extra=why)
    best.load += 1
    best.assigned_at = context.now
    context.conn.execute(sa.update(agent).where(agent.c.id == best.agent_id).values(assigned_at=context.now))
