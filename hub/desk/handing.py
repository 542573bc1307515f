"""Handing conversations on: transfers, teams and priorities, and what an agent wants to be given.

A transfer to a queue waits there and is dispatched like any other; one to an agent is assigned, and what the queue says
of assigned ones holds. Either way the leg ends with who did it and the note that says why.
"""

from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from hub.desk import references
from hub.desk.agents import change_agent
from hub.desk.company import mentioned_in, tell_mentioned
from hub.desk.messages import add_note
from hub.desk.recall import release
from hub.desk.registry import Context, Result, handle
from hub.desk.routing import beyond
from hub.desk.tables import agent, conversation, team
from hub.desk.transitions import Conversation, allowed, load, manages, move, place_of, queues_of, relations
from hub.protocol import handing, views
from hub.protocol.destinations import granted, obstacle
from hub.protocol.errors import Code, Refused
from hub.protocol.states import State, Transition, Who


class Transfer(NamedTuple):
    """What a transfer does: the conversation, the row of the table, and what is on record of a full agent."""

    row: Conversation
    step: Transition
    over: dict[str, Any] | None
    mentioned: list[int]  # by the comment


def check_transfer(context: Context, args: handing.Transfer) -> Transfer:
    row = load(context, args.conversation)
    step = allowed(context, row, "conversation.transfer", State.WAITING if args.agent is None else State.ASSIGNED)
    if args.agent is not None and (row.owner_id, row.queue_id) == (args.agent, args.queue):
        raise Refused(Code.BAD_ARGS, field="agent", why="it is with them already, in that queue")
    manager = manages(context.who, row.queue_id)
    _check_destination(context, args, free=manager)
    over = beyond(context, args.agent, args.queue)
    if over is not None and not manager and args.agent != context.who.id:
        raise Refused(Code.AGENT_FULL, field="agent", **over["over"])
    return Transfer(row, step, over, mentioned_in(context, args.comment))


def _check_destination(context: Context, args: handing.Transfer, *, free: bool) -> None:
    """`free`: not bound by what the members of a queue may transfer to."""
    conn = context.conn
    queues: dict[int, Any] = references.items(conn, "queues", {args.queue, *context.who.queues})
    if args.queue not in queues:
        raise Refused(Code.NOT_FOUND, field="queue", what="queue", id=args.queue)
    wanted: views.Queue = queues[args.queue]
    if not free and not granted(args.queue, [queues[one] for one in context.who.queues if one in queues]):
        raise Refused(Code.FORBIDDEN, field="queue", verb="conversation.manage")
    staff: dict[int, Any] = references.items(conn, "agents", {*wanted.primary, *wanted.support})
    why = obstacle(wanted, args.agent, staff)
    if why is not None:
        raise Refused(why, field="queue" if why in (Code.QUEUE_INACTIVE, Code.QUEUE_EMPTY) else "agent")


def do_transfer(context: Context, args: handing.Transfer, found: Transfer) -> Result:
    release(context, found.row)  # what was held back was the old agent's word
    said = bool(args.comment.strip())
    note = add_note(context, found.row.id, args.comment, found.mentioned) if said else None
    why = {"rule": "transfer", **(found.over or {})}
    move(
        context,
        found.row,
        found.step,
        named=args.agent,
        queue_id=args.queue,
        note=note,
        extra=why,
        transferred=True,
    )
    if note is not None:
        tell_mentioned(context, found.row.id, note, found.mentioned)
    return {"conversation": args.conversation, "queue": args.queue, "agent": args.agent}


handle("conversation.transfer", check_transfer, do_transfer)


def check_priority(context: Context, args: handing.SetPriority) -> Conversation:
    return _check_mark(context, args.conversation)


def _check_mark(context: Context, conversation_id: int) -> Conversation:
    """One that lives, for whoever has it, works in its queue, or manages."""
    row = load(context, conversation_id)
    if row.state == State.CLOSED:
        raise Refused(Code.WRONG_STATE, state=row.state)
    if not relations(context, row) & {Who.OWNER, Who.MEMBER, Who.MANAGER}:
        raise Refused(Code.FORBIDDEN, verb="conversation.manage")
    return row


def do_priority(context: Context, args: handing.SetPriority, row: Conversation) -> Result:
    rev = context.record("conversation.marked", row.id, priority=args.priority)
    mine = conversation.c.id == row.id
    context.conn.execute(sa.update(conversation).where(mine).values(rev=rev, priority=args.priority))
    return {"conversation": row.id}


handle("conversation.priority", check_priority, do_priority)


def check_team(context: Context, args: handing.SetTeam) -> Conversation:
    row = _check_mark(context, args.conversation)
    known = sa.select(team.c.id).where(team.c.id == args.team)
    if args.team is not None and context.conn.execute(known).first() is None:
        raise Refused(Code.NOT_FOUND, field="team", what="team", id=args.team)
    return row


def do_team(context: Context, args: handing.SetTeam, row: Conversation) -> Result:
    was = place_of(row)
    now = msgspec.structs.replace(was, team_id=args.team)
    rev = context.record("conversation.changed", row.id, by="conversation.team", was=was, now=now)
    mine = conversation.c.id == row.id
    context.conn.execute(sa.update(conversation).where(mine).values(rev=rev, team_id=args.team))
    if row.state == State.WAITING:
        context.dispatch.add(row.queue_id)
    return {"conversation": row.id, "team": args.team}


handle("conversation.team", check_team, do_team)


def check_intake(context: Context, args: handing.SetIntake) -> sa.Row[Any]:
    return context.conn.execute(sa.select(agent).where(agent.c.id == context.who.id)).one()


def do_intake(context: Context, args: handing.SetIntake, row: sa.Row[Any]) -> Result:
    if row.intake != args.intake:
        change_agent(context, row.id, intake=args.intake)
        if args.intake == "push":
            context.dispatch.update(queues_of(context, row.id))
    return {"agent": row.id}


handle("agent.intake", check_intake, do_intake)
