"""Reminders and scheduled messages: what an agent has planned in a conversation, for a time.

A plan is its author's, who alone changes it and is told what became of it; who has the conversation before them sees
what waits in it. A reminder reminds whoever has the conversation when its time comes,
otherwise its author, by a private note that mentions them. A message goes out as if its author sent it then, under the
timer's id as key; if they could not, or if the conversation is with another agent than when it was planned, it comes
back: the plan stays, says why, and its text is the author's to use or to put away.
"""

from typing import Any, NamedTuple

import sqlalchemy as sa

from hub.desk import people
from hub.desk.company import may_reply, tell_mentioned
from hub.desk.messages import add_note, check_send, do_send
from hub.desk.registry import Context, Result, handle
from hub.desk.tables import conversation
from hub.desk.talk_tables import plan
from hub.desk.transitions import Conversation, load, manages, set_timer
from hub.protocol import plans
from hub.protocol.commands import Send
from hub.protocol.errors import Code, Refused
from hub.protocol.states import State

MOST = 200  # plans that an agent has at a time
AHEAD = 366 * 86_400_000  # ms that a plan can lie ahead
BELL = "⏰"  # before a reminder's text
Row = sa.Row[Any]
Found = tuple[Conversation, Row | None]  # and the plan that is changed


def check_remind(context: Context, args: plans.Remind) -> Found:
    row = _live(context, args.conversation)
    return row, _check(context, args, "reminder")


def check_schedule(context: Context, args: plans.Schedule) -> Found:
    row = _live(context, args.conversation)
    if not args.body.strip():
        raise Refused(Code.EMPTY, field="body")
    if row.owner_id != context.who.id and not manages(context.who, row.queue_id) and not may_reply(context, row):
        raise Refused(Code.NOT_OWNER, owner=row.owner_id)
    return row, _check(context, args, "message")


def _live(context: Context, conversation_id: int) -> Conversation:
    row = load(context, conversation_id)
    if row.state == State.CLOSED:
        raise Refused(Code.WRONG_STATE, state=row.state)
    return row


def _check(context: Context, args: plans.Remind | plans.Schedule, kind: str) -> Row | None:
    if not context.now < args.at <= context.now + AHEAD:
        raise Refused(Code.BAD_ARGS, field="at", why="it must lie ahead, within a year")
    if args.plan is not None:
        old = _mine(context, args.plan)
        if (old.kind, old.conversation_id) != (kind, args.conversation):
            raise Refused(Code.NOT_FOUND, field="plan", what="plan", id=args.plan)
        return old
    held = context.conn.scalar(sa.select(sa.func.count()).where(plan.c.agent_id == context.who.id)) or 0
    if held >= MOST:
        raise Refused(Code.BAD_ARGS, field="at", why=f"{MOST} are planned already: cancel some")
    return None


def _mine(context: Context, plan_id: int) -> Row:
    mine = (plan.c.id == plan_id, plan.c.agent_id == context.who.id)
    row = context.conn.execute(sa.select(plan).where(*mine)).first()
    if row is None:
        raise Refused(Code.NOT_FOUND, field="plan", what="plan", id=plan_id)
    return row


def do_remind(context: Context, args: plans.Remind, found: Found) -> Result:
    return _save(context, found, "reminder", args.at, args.text)


def do_schedule(context: Context, args: plans.Schedule, found: Found) -> Result:
    return _save(context, found, "message", args.at, args.body)


def _save(context: Context, found: Found, kind: str, due: int, body: str) -> Result:
    row, old = found
    values = {"body": body, "due": due, "why": "", "owner_id": row.owner_id, "key": context.key, "rev": 0}
    if old is None:
        new = {"conversation_id": row.id, "agent_id": context.who.id, "kind": kind, "created_at": context.now}
        made = context.conn.execute(sa.insert(plan).values(**values, **new))
        plan_id: int = made.inserted_primary_key[0]  # type: ignore[index]
    else:
        plan_id = old.id
    _change(context, plan_id, **values)
    set_timer(context, due, "plan.fire", None, 0, plan=plan_id)  # one of an earlier time finds that it is not due
    return {"plan": plan_id, "conversation": row.id}


def _change(context: Context, plan_id: int, **values: Any) -> None:
    rev = context.record("plan.changed", plan=plan_id)
    context.conn.execute(sa.update(plan).where(plan.c.id == plan_id).values(**(values | {"rev": rev})))


def forget(context: Context, plan_id: int) -> None:
    context.record("plan.deleted", plan=plan_id)
    context.conn.execute(sa.delete(plan).where(plan.c.id == plan_id))


handle("conversation.remind", check_remind, do_remind)
handle("message.schedule", check_schedule, do_schedule)


def check_cancel(context: Context, args: plans.CancelPlan) -> Row:
    return _mine(context, args.plan)


def do_cancel(context: Context, args: plans.CancelPlan, row: Row) -> Result:
    forget(context, row.id)
    return {"plan": row.id, "conversation": row.conversation_id}


handle("plan.cancel", check_cancel, do_cancel)


# -- when the time has come --------------------------------------------------------------------------------------------


class Due(NamedTuple):
    """What is due, in whose name, and why it can't be; without a row where there is nothing (any more)."""

    row: Row | None
    author: Context | None = None
    talk: Conversation | None = None
    why: str = ""


def check_fire(context: Context, args: plans.FirePlan) -> Due:
    row = context.conn.execute(sa.select(plan).where(plan.c.id == args.plan)).first()
    if row is None or row.why or row.due > context.now:
        return Due(None)
    who = people.by_agent(context.conn, row.agent_id)
    author = None if who is None else Context(context.unit, who, context.key)
    talk = context.conn.execute(sa.select(conversation).where(conversation.c.id == row.conversation_id)).one()
    if row.kind == "reminder":
        return Due(row, author, talk)
    if author is None or author.who.scope("conversation.serve") is None:
        return Due(row, author, talk, Code.FORBIDDEN.value)
    if talk.state == State.CLOSED:
        return Due(row, author, talk, Code.WRONG_STATE.value)
    if talk.owner_id != row.owner_id:
        return Due(row, author, talk, Code.NOT_OWNER.value)
    try:
        check_send(author, Send(talk.id, row.body))
    except Refused as refusal:
        return Due(row, author, talk, refusal.code.value)
    return Due(row, author, talk)


def do_fire(context: Context, args: plans.FirePlan, due: Due) -> Result:
    row, author, talk = due.row, due.author, due.talk
    if row is None or talk is None:
        return {"plan": args.plan}
    if due.why:
        _change(context, row.id, why=due.why)
        return {"plan": row.id}
    if row.kind == "reminder":
        _remind(context, row, author or context, talk)
    elif author is not None:
        do_send(author, Send(talk.id, row.body), talk)
        if author.trail is not None:  # it was sent in somebody else's conversation
            context.audit(acting=author.who.name, **author.trail)
    forget(context, row.id)
    return {"plan": row.id}


def _remind(context: Context, row: Row, author: Context, talk: Conversation) -> None:
    whom = [talk.owner_id or row.agent_id]
    message_id = add_note(author, talk.id, f"{BELL} {row.body}".strip(), whom)
    tell_mentioned(context, talk.id, message_id, whom)


handle("plan.fire", check_fire, do_fire)
