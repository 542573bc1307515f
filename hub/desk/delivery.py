"""How far outgoing messages have come: what channels report, and sending a failed one again."""

from typing import Any

import sqlalchemy as sa

from hub.desk.messages import check_window
from hub.desk.recall import first_state
from hub.desk.registry import Context, Result, handle
from hub.desk.tables import conversation, message
from hub.desk.transitions import Conversation, load
from hub.protocol import commands
from hub.protocol.errors import Code, Refused
from hub.protocol.states import Delivery

# a report never takes a message back: an older one that comes late changes nothing
RANK = {
    Delivery.QUEUED: 0,
    Delivery.UNCERTAIN: 1,
    Delivery.SENT: 2,
    Delivery.FAILED: 3,  # services report it after they had taken the message
    Delivery.DELIVERED: 4,
    Delivery.READ: 5,
    Delivery.HELD: 6,  # nobody outside has them, so nobody can report on them
    Delivery.RECALLED: 6,
}
BEHIND = {"delivered": ("uncertain", "sent"), "read": ("uncertain", "sent", "delivered")}
Found = tuple[sa.Row[Any], Conversation]


def _load_message(context: Context, message_id: int) -> Found:
    line = context.conn.execute(sa.select(message).where(message.c.id == message_id)).first()
    if line is None or line.direction != "out":
        raise Refused(Code.NOT_FOUND, field="message", what="message", id=message_id)
    row = load(context, line.conversation_id)
    if context.who.kind == "channel" and row.channel_id != context.who.id:
        raise Refused(Code.NOT_FOUND, field="message", what="message", id=message_id)
    return line, row


def check_report(context: Context, args: commands.Report) -> Found:
    return _load_message(context, args.message)


def do_report(context: Context, args: commands.Report, found: Found) -> Result:
    line, row = found
    if RANK[args.state] > RANK[Delivery(line.state)]:
        _set(context, row.id, [line.id], args.state, error=args.error if args.state is Delivery.FAILED else "")
    return {"message": line.id}


handle("message.delivery", check_report, do_report)


def check_seen(context: Context, args: commands.Seen) -> Conversation:
    row = load(context, args.conversation)
    if context.who.kind == "channel" and row.channel_id != context.who.id:
        raise Refused(Code.NOT_FOUND, what="conversation", id=args.conversation)
    return row


def do_seen(context: Context, args: commands.Seen, row: Conversation) -> Result:
    """Seeing one message means having seen those before it."""
    behind = list(
        context.conn.scalars(
            sa.select(message.c.id)
            .where(
                message.c.conversation_id == row.id,
                message.c.id <= args.message,
                message.c.direction == "out",
                message.c.state.in_(BEHIND[args.state]),
            )
            .order_by(message.c.id)
        )
    )
    if behind:
        _set(context, row.id, behind, Delivery(args.state))
    return {"conversation": row.id}


handle("message.seen", check_seen, do_seen)


def check_retry(context: Context, args: commands.Retry) -> Found:
    line, row = _load_message(context, args.message)
    if line.state not in (Delivery.FAILED, Delivery.UNCERTAIN):
        raise Refused(Code.NOT_RETRYABLE, field="message", state=line.state)
    if row.owner_id != context.who.id and line.author_id != context.who.id:
        raise Refused(Code.NOT_OWNER, owner=row.owner_id)
    check_window(context, row)
    return line, row


def do_retry(context: Context, args: commands.Retry, found: Found) -> Result:
    line, row = found
    _set(context, row.id, [line.id], first_state(context, row.channel_id))
    return {"message": line.id}


handle("message.retry", check_retry, do_retry)


def _set(context: Context, conversation_id: int, ids: list[int], state: Delivery, *, error: str = "") -> None:
    rev = context.record("message.delivery", conversation_id, ms=ids, state=state.value)
    context.conn.execute(
        sa.update(message).where(message.c.id.in_(ids)).values(rev=rev, state=state.value, error=error)
    )
    context.conn.execute(sa.update(conversation).where(conversation.c.id == conversation_id).values(rev=rev))
