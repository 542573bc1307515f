"""Lines in and out, and private notes.

A customer's line finds its conversation by the identity it came from: a live one; else the last one, reopened within
the queue's time, to its agent if they are there; else a new one, linked to the old. A reply goes out only inside the
channel's window, where it has one.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from hub.desk.recall import first_state, hold, release
from hub.desk.registry import Context, Result, handle
from hub.desk.routing import is_there
from hub.desk.tables import channel, contact, conversation, identity, message, queue
from hub.desk.transitions import Conversation, advance_mark, begin, load, manages, move
from hub.protocol import commands
from hub.protocol.errors import Code, Refused
from hub.protocol.states import Delivery, Owner, State, transitions

# built once: the hottest commands spend as long on making a statement as on running it
_channel = sa.select(channel).where(channel.c.id == sa.bindparam("channel"))
_person = sa.select(identity).where(
    identity.c.channel_id == sa.bindparam("channel"), identity.c.external_id == sa.bindparam("external_id")
)
_latest = (
    sa.select(conversation)
    .where(conversation.c.identity_id == sa.bindparam("identity"))
    .order_by(conversation.c.id.desc())
    .limit(1)
)
_new_line = sa.insert(message)
_touched = sa.update(conversation).where(conversation.c.id == sa.bindparam("conversation"))
_lined_up: dict[str, Any] = {
    "rev": sa.bindparam("r"),
    "last_message_id": sa.bindparam("m"),
    "last_at": sa.bindparam("at"),
}
_received = _touched.values(
    **_lined_up, last_in_at=sa.bindparam("at"), unread=conversation.c.unread + 1, answered=sa.false()
)
_answered = _touched.values(
    **_lined_up, answered=sa.true(), owed=sa.false(), unread=0, read_message_id=sa.bindparam("m")
)
_added = _touched.values(**_lined_up)

SPEAKABLE = (State.OPEN, State.HELD)  # the states in which a reply may go out


@dataclass(frozen=True, slots=True)
class Sender:
    """Where a customer's line comes from; `row` is their latest conversation on this identity."""

    channel: sa.Row[Any]
    identity: sa.Row[Any] | None
    row: Conversation | None


def check_receive(context: Context, args: commands.Receive) -> Sender:
    line = context.conn.execute(_channel, {"channel": args.channel}).first()
    if line is None or (context.who.kind == "channel" and context.who.id != args.channel):
        raise Refused(Code.NOT_FOUND, field="channel", what="channel", id=args.channel)
    if not args.body.strip():
        raise Refused(Code.EMPTY, field="body")
    key = {"channel": args.channel, "external_id": args.external_id}
    person = context.conn.execute(_person, key).first()
    row = None if person is None else context.conn.execute(_latest, {"identity": person.id}).first()
    return Sender(line, person, row)


def do_receive(context: Context, args: commands.Receive, sender: Sender) -> Result:
    conversation_id, contact_id = _conversation_for(context, args, sender)
    if args.name and sender.identity is not None:
        context.conn.execute(
            sa.update(contact).where(contact.c.id == contact_id, contact.c.name == "").values(name=args.name)
        )
    message_id = _add(context, conversation_id, "in", args.body, author=None)
    _touch(context, conversation_id, message_id, "message.received", _received)
    return {"conversation": conversation_id, "message": message_id, "at": context.now}


def _conversation_for(context: Context, args: commands.Receive, sender: Sender) -> tuple[int, int]:
    """(conversation, contact) that the line belongs to, brought back or begun as the rules say."""
    row, now = sender.row, context.now
    if row is not None and row.state == State.SNOOZED:
        (step,) = transitions(State.SNOOZED, "message.receive")
        move(context, row, step)
        return row.id, row.contact_id
    if row is not None and row.state != State.CLOSED:
        return row.id, row.contact_id
    if row is not None and row.outcome != "spam":
        within = context.conn.scalar(sa.select(queue.c.reopen_within).where(queue.c.id == row.queue_id)) or 0
        if now - row.closed_at <= within * 1000:
            there = row.owner_id is not None and is_there(context, row.owner_id)
            steps = {step.owner: step for step in transitions(State.CLOSED, "message.receive")}
            move(context, row, steps[Owner.SAME if there else Owner.NOBODY], owed=True)
            return row.id, row.contact_id
    return _begin(context, args, sender)


def _begin(context: Context, args: commands.Receive, sender: Sender) -> tuple[int, int]:
    now = context.now
    if sender.identity is not None:
        identity_id, contact_id = sender.identity.id, sender.identity.contact_id
    else:
        person = context.conn.execute(
            sa.insert(contact).values(name=args.name, phone=args.phone, saved=False, sample=args.sample, created_at=now)
        )
        contact_id = person.inserted_primary_key[0]  # type: ignore[index]
        key = context.conn.execute(
            sa.insert(identity).values(channel_id=args.channel, external_id=args.external_id, contact_id=contact_id)
        )
        identity_id = key.inserted_primary_key[0]  # type: ignore[index]
    visit = args.visit or commands.Visit()
    conversation_id = begin(
        context,
        {
            "kind": "chat",
            "generation": 0,
            "channel_id": args.channel,
            "queue_id": sender.channel.queue_id,
            "identity_id": identity_id,
            "contact_id": contact_id,
            "previous_id": None if sender.row is None else sender.row.id,
            "sample": args.sample,
            "created_at": now,
            "last_at": now,
            "read_message_id": 0,
            "unread": 0,
            "owed": True,
            "answered": False,
            "language": visit.language,
            "page": visit.page,
            "referrer": visit.referrer,
        },
    )
    return conversation_id, contact_id


handle("message.receive", check_receive, do_receive)


def _add(
    context: Context, conversation_id: int, direction: str, body: str, *, author: int | None, state: str = ""
) -> int:
    new = context.conn.execute(
        _new_line,
        {
            "rev": context.unit.seq + 1,
            "conversation_id": conversation_id,
            "direction": direction,
            "kind": "text",
            "body": body,
            "author_id": author,
            "at": context.now,
            "state": state,
            "error": "",
            "key": context.key,
        },
    )
    made: int = new.inserted_primary_key[0]  # type: ignore[index]
    return made


def _touch(context: Context, conversation_id: int, message_id: int, kind: str, change: sa.Update) -> None:
    """Record the line and bring the conversation's projections up to it. `_add` counts on this being the next event."""
    rev = context.record(kind, conversation_id, m=message_id)
    given = {"conversation": conversation_id, "r": rev, "m": message_id, "at": context.now}
    context.conn.execute(change, given)


def check_send(context: Context, args: commands.Send) -> Conversation:
    row = _check_writing(context, args.conversation, args.body)
    if row.owner_id != context.who.id and not manages(context.who, row.queue_id):
        raise Refused(Code.NOT_OWNER, owner=row.owner_id)
    if row.state not in SPEAKABLE:
        raise Refused(Code.WRONG_STATE, state=row.state)
    check_window(context, row)
    return row


def check_window(context: Context, row: Conversation) -> None:
    """Refuse once the time that the channel leaves for answering is over."""
    window = context.conn.scalar(sa.select(channel.c.window).where(channel.c.id == row.channel_id))
    if window and (row.last_in_at is None or row.last_in_at + window * 1000 < context.now):
        raise Refused(Code.WINDOW_CLOSED, hours=window // 3600)


def do_send(context: Context, args: commands.Send, row: Conversation) -> Result:
    """Only the assigned agent's own reply settles what is owed; a supervisor's in between does not."""
    own = row.owner_id == context.who.id
    if not context.recall:
        release(context, row)  # it may not overtake what was held back under another setting
    state = Delivery.HELD if context.recall else first_state(context, row.channel_id)
    message_id = _add(context, row.id, "out", args.body, author=context.who.id, state=state)
    if own:
        advance_mark(context, context.who.id, row.id, message_id)
    kind = "message.held" if context.recall else "message.sent"
    _touch(context, row.id, message_id, kind, _answered if own else _added)
    if context.recall:
        hold(context, row, message_id, own=own)
    return {"conversation": row.id, "message": message_id}


handle("message.send", check_send, do_send)


def check_note(context: Context, args: commands.Note) -> Conversation:
    return _check_writing(context, args.conversation, args.body)


def do_note(context: Context, args: commands.Note, row: Conversation) -> Result:
    message_id = _add(context, row.id, "note", args.body, author=context.who.id)
    _touch(context, row.id, message_id, "message.noted", _added)
    return {"conversation": row.id, "message": message_id}


handle("message.note", check_note, do_note)


def _check_writing(context: Context, conversation_id: int, body: str) -> Conversation:
    row = load(context, conversation_id)
    if not body.strip():
        raise Refused(Code.EMPTY, field="body")
    return row
