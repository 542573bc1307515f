"""Lines in and out, and private notes.

A customer's line finds its conversation by the identity it came from: a live one; else the last one, reopened within
the queue's time, to its agent if they are there; else a new one, linked to the old. A reply goes out only inside the
channel's window, where it has one.
"""

from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from hub.desk import contact_search, search
from hub.desk.company import may_reply, mentioned_in, tell_mentioned
from hub.desk.recall import first_state, hold, release
from hub.desk.registry import Context, Result, handle
from hub.desk.routing import is_there
from hub.desk.tables import channel, contact, conversation, identity, message, queue
from hub.desk.transitions import Conversation, advance_mark, begin, keep_for_own, load, manages, move
from hub.protocol import commands
from hub.protocol.contact_words import contact_words
from hub.protocol.errors import Code, Refused
from hub.protocol.hours import Hours, is_open
from hub.protocol.states import ERASED, MUTED, Delivery, Owner, State, transitions
from hub.store.compiled import Compiled
from hub.store.unit import Unit

# built once: the hottest commands spend as long on making a statement as on running it
_older = conversation.alias("older")
_latest = sa.select(sa.func.max(_older.c.id)).where(_older.c.identity_id == identity.c.id).scalar_subquery()
_sent_by = (  # the columns of a Sender
    channel.c.id,
    channel.c.queue_id,
    identity.c.id,
    identity.c.contact_id,
    contact.c.name,
    conversation.c.id,
    conversation.c.state,
    conversation.c.kind,
    identity.c.muted,
    queue.c.priority,
)
_theirs = identity.c.channel_id == channel.c.id
_sender = Compiled(
    sa.select(*_sent_by)
    .select_from(channel)
    .join(queue, queue.c.id == channel.c.queue_id)
    .outerjoin(identity, _theirs & (identity.c.external_id == sa.bindparam("external_id")))
    .outerjoin(contact, contact.c.id == identity.c.contact_id)
    .outerjoin(conversation, conversation.c.id == _latest)
    .where(channel.c.id == sa.bindparam("channel"))
)
_senders = (
    sa.select(channel.c.id, identity.c.external_id, *_sent_by)
    .select_from(channel)
    .join(queue, queue.c.id == channel.c.queue_id)
    .join(identity, _theirs)
    .join(contact, contact.c.id == identity.c.contact_id)
    .outerjoin(conversation, conversation.c.id == _latest)
    .where(sa.tuple_(identity.c.channel_id, identity.c.external_id).in_(sa.bindparam("people", expanding=True)))
)
_new_line = Compiled(sa.insert(message))
_touched = sa.update(conversation).where(conversation.c.id == sa.bindparam("conversation"))
_lined_up: dict[str, Any] = {
    "rev": sa.bindparam("r"),
    "last_message_id": sa.bindparam("m"),
    "last_at": sa.bindparam("at"),
}
_received = Compiled(
    _touched.values(**_lined_up, last_in_at=sa.bindparam("at"), unread=conversation.c.unread + 1, answered=sa.false())
)
_muted = Compiled(
    _touched.values(rev=sa.bindparam("r"), last_message_id=sa.bindparam("m"), last_in_at=sa.bindparam("at"))
)
_answered = Compiled(
    _touched.values(**_lined_up, answered=sa.true(), owed=sa.false(), unread=0, read_message_id=sa.bindparam("m"))
)
_added = Compiled(_touched.values(**_lined_up))

SPEAKABLE = (State.OPEN, State.HELD)  # the states in which a reply may go out


class Sender(NamedTuple):
    """Where a customer's line comes from, as far as nothing that is put off can change it: the channel, the person if
    they are known, and their latest conversation if they had one."""

    channel_id: int
    queue_id: int
    identity_id: int | None
    contact_id: int | None
    name: str | None
    conversation_id: int | None
    state: str | None
    kind: str | None
    muted: bool | None
    priority: int  # of what comes into the channel's queue


def foresee_receive(unit: Unit, group: list[commands.Receive]) -> None:
    people = list({(args.channel, args.external_id) for args in group})
    unit.foresee(_sender, _senders.params(people=people), ("channel", "external_id"))


def check_receive(context: Context, args: commands.Receive) -> Sender:
    found = context.unit.peek(_sender, {"channel": args.channel, "external_id": args.external_id})
    if found is None or (context.who.kind == "channel" and context.who.id != args.channel):
        raise Refused(Code.NOT_FOUND, field="channel", what="channel", id=args.channel)
    if not args.body.strip():
        raise Refused(Code.EMPTY, field="body")
    return Sender(*found)


def do_receive(context: Context, args: commands.Receive, sender: Sender) -> Result:
    """Where the person is known and in conversation, which is the usual, all that is written is put off."""
    if args.name and sender.name == "":
        _name(context, args, sender)
    conversation_id, there = sender.conversation_id, True
    if conversation_id is not None and sender.muted and sender.kind != ERASED:
        message_id = _add(context, conversation_id, "in", args.body, author=None, state=MUTED)
        _touch(context, conversation_id, message_id, "message.received", _muted)
        return {"conversation": conversation_id, "message": message_id, "at": context.now}
    if conversation_id is None or sender.state in (State.CLOSED, State.SNOOZED):
        conversation_id, there = _conversation_for(context, args, sender), False
    message_id = _add(context, conversation_id, "in", args.body, author=None)
    _touch(context, conversation_id, message_id, "message.received", _received)
    if not there:
        _say_closed(context, conversation_id)
    return {"conversation": conversation_id, "message": message_id, "at": context.now}


def _say_closed(context: Context, conversation_id: int) -> None:
    """Whoever begins to wait outside the queue's hours is told so, in the queue's words; it answers nothing."""
    c = conversation.c
    row = context.conn.execute(
        sa.select(c.state, c.channel_id, c.language, queue.c.hours, queue.c.closed_text)
        .join(queue, queue.c.id == c.queue_id)
        .where(c.id == conversation_id)
    ).one()
    texts: dict[str, str] = msgspec.json.decode(row.closed_text)
    hours = msgspec.json.decode(row.hours, type=Hours) if row.hours else None
    if row.state == State.WAITING and texts and not is_open(hours, context.now):
        body = texts.get(row.language.partition("-")[0]) or next(iter(texts.values()))
        state = first_state(context, row.channel_id).value
        message_id = _add(context, conversation_id, "out", body, author=None, state=state)
        _touch(context, conversation_id, message_id, "message.sent", _added)


def _name(context: Context, args: commands.Receive, sender: Sender) -> None:
    """Who was nameless so far has said who they are."""
    mine = contact.c.id == sender.contact_id
    phone = context.conn.scalar(sa.select(contact.c.phone).where(mine)) or ""
    folded = contact_words(args.name, phone)
    context.conn.execute(sa.update(contact).where(mine).values(name=args.name, folded=folded))
    contact_search.put(context.conn, sender.contact_id or 0, folded)


def _conversation_for(context: Context, args: commands.Receive, sender: Sender) -> int:
    """The conversation that the line belongs to, brought back or begun as the rules say."""
    if sender.conversation_id is None:
        return _begin(context, args, sender)
    latest = sa.select(conversation).where(conversation.c.id == sender.conversation_id)
    row, now = context.conn.execute(latest).one(), context.now
    if row.state == State.SNOOZED:
        (step,) = transitions(State.SNOOZED, "message.receive")
        move(context, row, step)
        return int(row.id)
    if row.outcome != "spam":
        of = context.conn.execute(
            sa.select(queue.c.reopen_within, queue.c.active).where(queue.c.id == row.queue_id)
        ).one()
        if of.active and now - row.closed_at <= of.reopen_within * 1000:  # otherwise it begins where the channel leads
            there = row.owner_id is not None and is_there(context, row.owner_id)
            steps = {step.owner: step for step in transitions(State.CLOSED, "message.receive")}
            move(context, row, steps[Owner.SAME if there else Owner.NOBODY], owed=True)
            if not there:
                keep_for_own(context, int(row.id))
            return int(row.id)
    return _begin(context, args, sender)


def _begin(context: Context, args: commands.Receive, sender: Sender) -> int:
    now = context.now
    identity_id, contact_id = sender.identity_id, sender.contact_id
    if identity_id is None:
        folded = contact_words(args.name, args.phone)
        person = context.conn.execute(
            sa.insert(contact).values(
                name=args.name,
                phone=args.phone,
                folded=folded,
                saved=False,
                sample=args.sample,
                created_at=now,
            )
        )
        contact_id = int(person.inserted_primary_key[0])  # type: ignore[index]
        contact_search.add(context.conn, contact_id, folded)
        key = context.conn.execute(
            sa.insert(identity).values(channel_id=args.channel, external_id=args.external_id, contact_id=contact_id)
        )
        identity_id = key.inserted_primary_key[0]  # type: ignore[index]
    visit = args.visit or commands.Visit()
    return begin(
        context,
        {
            "kind": "chat",
            "generation": 0,
            "channel_id": args.channel,
            "queue_id": sender.queue_id,
            "priority": sender.priority,
            "identity_id": identity_id,
            "contact_id": contact_id,
            "previous_id": sender.conversation_id,
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


handle("message.receive", check_receive, do_receive, foresee_receive)


def _add(
    context: Context,
    conversation_id: int,
    direction: str,
    body: str,
    *,
    author: int | None,
    state: str = "",
    mentions: list[int] | None = None,
) -> int:
    message_id = context.unit.new_id(message)
    row = {
        "id": message_id,
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
        "mentions": msgspec.json.encode(mentions).decode() if mentions else "",
    }
    context.unit.later(_new_line, row)
    search.add(context.unit, message_id, body)
    return message_id


def _touch(context: Context, conversation_id: int, message_id: int, kind: str, change: Compiled) -> None:
    """Record the line and bring the conversation's projections up to it. `_add` counts on this being the next event."""
    rev = context.record(kind, conversation_id, m=message_id)
    context.unit.later(change, {"conversation": conversation_id, "r": rev, "m": message_id, "at": context.now})


def check_send(context: Context, args: commands.Send) -> Conversation:
    row = _check_writing(context, args.conversation, args.body)
    if row.owner_id != context.who.id and not manages(context.who, row.queue_id) and not may_reply(context, row):
        raise Refused(Code.NOT_OWNER, owner=row.owner_id)
    if row.state not in SPEAKABLE:
        raise Refused(Code.WRONG_STATE, state=row.state)
    check_window(context, row)
    if args.seen is not None and (newer := _unseen(context, row.id, args.seen)):
        raise Refused(Code.NEWER_LINE, field="seen", lines=newer)
    return row


def _unseen(context: Context, conversation_id: int, seen: int) -> int:
    """How many lines of the customer's are newer than that one; without what is muted."""
    m = message.c
    newer = (m.conversation_id == conversation_id, m.direction == "in", m.state != MUTED, m.id > seen)
    return context.conn.scalar(sa.select(sa.func.count()).where(*newer)) or 0


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
    else:
        context.audit(conversation=row.id, owner=row.owner_id or 0)
    kind = "message.held" if context.recall else "message.sent"
    _touch(context, row.id, message_id, kind, _answered if own else _added)
    if context.recall:
        hold(context, row, message_id, own=own)
    return {"conversation": row.id, "message": message_id}


handle("message.send", check_send, do_send)


def check_note(context: Context, args: commands.Note) -> tuple[Conversation, list[int]]:
    """The conversation, and whom the note mentions."""
    return _check_writing(context, args.conversation, args.body), mentioned_in(context, args.body)


def do_note(context: Context, args: commands.Note, found: tuple[Conversation, list[int]]) -> Result:
    row, agents = found
    message_id = add_note(context, row.id, args.body, agents)
    tell_mentioned(context, row.id, message_id, agents)
    return {"conversation": row.id, "message": message_id}


def add_note(context: Context, conversation_id: int, body: str, agents: list[int]) -> int:
    """A private note of whoever runs the command, which mentions these; returns its id. Tell them afterwards."""
    author = context.who.id if context.who.kind == "agent" else None
    message_id = _add(context, conversation_id, "note", body, author=author, mentions=agents)
    _touch(context, conversation_id, message_id, "message.noted", _added)
    return message_id


handle("message.note", check_note, do_note)


def _check_writing(context: Context, conversation_id: int, body: str) -> Conversation:
    row = load(context, conversation_id)
    if not body.strip():
        raise Refused(Code.EMPTY, field="body")
    return row
