"""Messages that are held back from the customer for a moment, in which their author can take them back.

A held message is durable and counts as sent for everybody at the desk; no customer's page, service or transcript gets
it. A timer releases it, after all that were sent before it in its conversation; so nothing overtakes. Whatever ends the
moment sooner (the end of the conversation, the setting turned off) releases all that the conversation holds.

A recalled one is forgotten: nobody outside has seen it, and its text is where it is being written anew, in its author's
composer. The hub keeps that there was one, without its words, and the conversation's marks are as if it had never been
sent.
"""

from typing import Any

import sqlalchemy as sa

from hub.desk import search
from hub.desk.registry import Context, Result, handle
from hub.desk.tables import channel, conversation, message
from hub.desk.talk_tables import held
from hub.desk.transitions import Conversation, set_timer, unread_after
from hub.protocol import commands
from hub.protocol.errors import Code, Refused
from hub.protocol.states import MUTED, Delivery

Row = sa.Row[Any]


def first_state(context: Context, channel_id: int) -> Delivery:
    """A page fetches its lines itself, so they are sent once durable; other services have to be handed theirs."""
    driver = context.conn.scalar(sa.select(channel.c.driver).where(channel.c.id == channel_id))
    return Delivery.SENT if driver == "web" else Delivery.QUEUED


def hold(context: Context, row: Conversation, message_id: int, *, own: bool) -> None:
    """Keep a new message back; `row` is the conversation as it was without it, `own`: it is its owner's answer."""
    context.conn.execute(
        sa.insert(held).values(
            message_id=message_id, conversation_id=row.id, own=own, owed=row.owed, answered=row.answered
        )
    )
    set_timer(context, context.now + context.recall, "message.release", None, 0, message=message_id)


def release(context: Context, row: Conversation, upto: int | None = None) -> None:
    """Let go out what the conversation holds back, in order; all of it, or up to a message."""
    which = held.c.conversation_id == row.id
    if upto is not None:
        which &= held.c.message_id <= upto
    ids = list(context.conn.scalars(sa.select(held.c.message_id).where(which).order_by(held.c.message_id)))
    if not ids:
        return
    rev = context.record("message.sent", row.id, ms=ids)
    state = first_state(context, row.channel_id).value
    context.conn.execute(sa.update(message).where(message.c.id.in_(ids)).values(rev=rev, state=state))
    context.conn.execute(sa.update(conversation).where(conversation.c.id == row.id).values(rev=rev))
    context.conn.execute(sa.delete(held).where(held.c.message_id.in_(ids)))


def check_release(context: Context, args: commands.Release) -> Row | None:
    """The conversation; None where the message is not held any more."""
    query = sa.select(conversation).join(held, held.c.conversation_id == conversation.c.id)
    return context.conn.execute(query.where(held.c.message_id == args.message)).first()


def do_release(context: Context, args: commands.Release, row: Row | None) -> Result:
    if row is not None:
        release(context, row, args.message)
    return {"message": args.message}


handle("message.release", check_release, do_release)


def check_recall(context: Context, args: commands.Recall) -> tuple[Row, Row, Row]:
    """(message, what is kept of it, conversation). Nobody but the author finds it, whoever has the conversation now."""
    line = context.conn.execute(
        sa.select(message).where(
            message.c.conversation_id == args.conversation,
            message.c.key == args.key,
            message.c.direction == "out",
            message.c.author_id == context.who.id,
        )
    ).first()
    if line is None:
        raise Refused(Code.NOT_FOUND, field="key", what="message")
    kept = context.conn.execute(sa.select(held).where(held.c.message_id == line.id)).first()
    if kept is None:
        raise Refused(Code.NOT_RECALLABLE, field="key", state=line.state)
    row = context.conn.execute(sa.select(conversation).where(conversation.c.id == line.conversation_id)).one()
    return line, kept, row


def do_recall(context: Context, args: commands.Recall, found: tuple[Row, Row, Row]) -> Result:
    line, kept, row = found
    rev = context.record("message.recalled", row.id, m=line.id)
    gone = {"rev": rev, "state": Delivery.RECALLED.value, "body": ""}
    context.conn.execute(sa.update(message).where(message.c.id == line.id).values(**gone))
    search.forget(context.conn, [line.id])
    context.conn.execute(sa.delete(held).where(held.c.message_id == line.id))
    values = {"rev": rev, **_last(context, row), **_read(context, row)}
    if kept.own:
        values.update(_marks(context, line, kept, row))
    context.conn.execute(sa.update(conversation).where(conversation.c.id == row.id).values(**values))
    return {"conversation": row.id, "message": line.id}


handle("message.recall", check_recall, do_recall)


def _last(context: Context, row: Row) -> dict[str, Any]:
    """The last line is the one before, and the conversation stands in its trays where that put it."""
    mine = (message.c.conversation_id == row.id, message.c.state != Delivery.RECALLED.value)
    last = context.conn.execute(
        sa.select(message.c.id, message.c.at).where(*mine).order_by(message.c.id.desc()).limit(1)
    ).one()
    return {"last_message_id": last.id, "last_at": last.at}


def _read(context: Context, row: Row) -> dict[str, Any]:
    """Answering was reading, and stays so; but where nobody has the conversation, what was answered marks it."""
    if row.owner_id is not None:
        return {}
    answers = (
        message.c.conversation_id == row.id,
        message.c.direction == "out",
        message.c.state != Delivery.RECALLED.value,
    )
    mark = context.conn.scalar(sa.select(sa.func.max(message.c.id)).where(*answers)) or 0
    return {"read_message_id": mark, "unread": unread_after(context, row.id, mark)}


def _marks(context: Context, line: Row, kept: Row, row: Row) -> dict[str, bool]:
    """What is owed and answered as if the message had not been sent: the marks before it, and what came after.

    Later ones that are held remember the marks before them, which were wrong as well.
    """
    owed, answered = kept.owed, kept.answered
    later = context.conn.execute(
        sa.select(message.c.id, message.c.direction, message.c.author_id, held.c.own)
        .outerjoin(held, held.c.message_id == message.c.id)
        .where(
            message.c.conversation_id == row.id,
            message.c.id > line.id,
            message.c.direction.in_(("in", "out")),
            message.c.state.not_in((Delivery.RECALLED.value, MUTED)),
        )
        .order_by(message.c.id)
    ).all()
    for one in later:
        if one.own is not None:
            before = sa.update(held).where(held.c.message_id == one.id)
            context.conn.execute(before.values(owed=owed, answered=answered))
        if one.direction == "in":
            answered = False
        elif one.own or (one.own is None and one.author_id == line.author_id):
            owed, answered = False, True
    if row.owner_id != line.author_id:  # whoever has it since owes the answer that the customer did not get
        owed = row.last_in_at is not None and not answered
    return {"owed": owed, "answered": answered}
