"""Agents: accounts, availability and reach.

Availability is what an agent declares; reach is whether a console of theirs is connected. Dispatch needs both. An agent
out of reach for longer than the grace period loses what they had not opened yet; what they had opened stays with them.
"""

from typing import Any

import sqlalchemy as sa

from hub.desk.account_tables import link
from hub.desk.api_tokens import revoke_all
from hub.desk.registry import Context, Result, handle
from hub.desk.tables import agent, conversation, lease, session
from hub.desk.tokens import end_sessions
from hub.desk.transitions import move, queues_of
from hub.protocol import commands
from hub.protocol.errors import Code, Refused
from hub.protocol.states import State, transitions


def _agent(context: Context, agent_id: int) -> sa.Row[Any]:
    row = context.conn.execute(sa.select(agent).where(agent.c.id == agent_id)).first()
    if row is None:
        raise Refused(Code.NOT_FOUND, field="agent", what="agent", id=agent_id)
    return row


def change_agent(context: Context, agent_id: int, **values: Any) -> None:
    rev = context.record(
        "agent.changed", agent=agent_id, **{k: v for k, v in values.items() if k in ("status", "role", "intake")}
    )
    context.conn.execute(sa.update(agent).where(agent.c.id == agent_id).values(rev=rev, **values))


def check_status(context: Context, args: commands.SetStatus) -> sa.Row[Any]:
    return _agent(context, context.who.id)


def do_status(context: Context, args: commands.SetStatus, row: sa.Row[Any]) -> Result:
    if row.status != args.status:
        change_agent(context, row.id, status=args.status, status_since=context.now)
        if args.status == "online":
            context.dispatch.update(queues_of(context, row.id))
    return {"agent": row.id}


handle("agent.status", check_status, do_status)


def check_reach(context: Context, args: commands.Reach) -> sa.Row[Any]:
    return _agent(context, args.agent)


def do_reach(context: Context, args: commands.Reach, row: sa.Row[Any]) -> Result:
    """Nothing where it is so already, or where another console has come meanwhile."""
    held = context.conn.execute(
        sa.select(lease.c.id).where(lease.c.agent_id == row.id, lease.c.until > context.now).limit(1)
    ).first()
    if row.reachable == args.reachable or (held is not None and not args.reachable):
        return {"agent": row.id}
    change_agent(context, row.id, reachable=args.reachable)
    if args.reachable:
        context.dispatch.update(queues_of(context, row.id))
    else:
        _give_back(context, row.id)
    return {"agent": row.id}


def _give_back(context: Context, agent_id: int) -> None:
    """What was assigned and never opened goes back to its queue, by the same row as the reassign timer's."""
    (step,) = transitions(State.ASSIGNED, "conversation.reassign")
    for row in context.conn.execute(
        sa.select(conversation)
        .where(conversation.c.state == State.ASSIGNED.value, conversation.c.owner_id == agent_id)
        .order_by(conversation.c.id)
    ).all():
        move(context, row, step)


handle("agent.reach", check_reach, do_reach)


def check_save(context: Context, args: commands.SaveAgent) -> sa.Row[Any] | None:
    row = context.conn.execute(sa.select(agent).where(agent.c.login == args.login)).first()
    if row is None and not args.password_hash:
        raise Refused(Code.EMPTY, field="password_hash")
    return row


def do_save(context: Context, args: commands.SaveAgent, row: sa.Row[Any] | None) -> Result:
    values: dict[str, Any] = {"name": args.name, "role": args.role, "active": args.active, "sample": args.sample}
    values["capacity"] = args.capacity
    if args.password_hash:
        values["password_hash"] = args.password_hash
        context.audit(password=True)
    if row is None:
        new = context.conn.execute(
            sa.insert(agent).values(
                rev=0,
                login=args.login,
                status="online",
                status_since=context.now,
                reachable=False,
                assigned_at=0,
                **values,
            )
        )
        agent_id: int = new.inserted_primary_key[0]  # type: ignore[index]
    else:
        agent_id = row.id
    change_agent(context, agent_id, **values)
    if row is not None and (args.password_hash or not args.active):
        why = "password" if args.active else "inactive"
        end_sessions(context, session.c.agent_id == agent_id, why)
        context.conn.execute(sa.delete(link).where(link.c.agent_id == agent_id))
    if not args.active:
        revoke_all(context, agent_id)
    context.dispatch.update(queues_of(context, agent_id))  # they may have more room now
    return {"agent": agent_id}


handle("agent.save", check_save, do_save)
