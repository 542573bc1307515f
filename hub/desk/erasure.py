"""Erasing what is personal, and leaving what is counted.

Of an erased conversation stays that there was one: its queue, agents, states, times and tags, so that reports of the
past stay true. Its kind becomes `erased`, which no principal sees; consoles are told to forget it. Messages, drafts,
the results of the commands that made them, and whatever says who the person was, are deleted. A contact and their
identities stay as empty rows, because the conversations refer to them; no hash of them is kept, so whoever writes again
is somebody new.

Bytes: SQLite overwrites what is deleted (`secure_delete`), and `Store.scrub` empties the journal file beside it.
"""

from typing import Any

import msgspec
import sqlalchemy as sa

from hub.channels.tables import handover
from hub.desk import contact_search, search, submissions
from hub.desk.hook_tables import webhook_delivery
from hub.desk.registry import Context, Result, handle
from hub.desk.tables import channel, contact, conversation, draft, identity, message, read_mark
from hub.desk.talk_tables import handed_on, held, involvement, plan
from hub.desk.transitions import Conversation, move, place_of
from hub.protocol import erasure
from hub.protocol.errors import Code, Refused
from hub.protocol.states import ERASED, Delivery, Outcome, State, transitions
from hub.store.schema import idempotency, timer

_EMPTY = {"language": "", "page": "", "referrer": "", "involved": "", "owed": False, "answered": False, "unread": 0}


def check_erase(context: Context, args: erasure.EraseContact) -> sa.Row[Any]:
    found = context.conn.execute(sa.select(contact).where(contact.c.id == args.contact)).first()
    if found is None:
        raise Refused(Code.NOT_FOUND, field="contact", what="contact", id=args.contact)
    return found


def do_erase(context: Context, args: erasure.EraseContact, found: sa.Row[Any]) -> Result:
    return {"contact": found.id, "conversations": 0 if found.erased_at is not None else erase_contact(context, found)}


handle("contact.erase", check_erase, do_erase)


def erase_contact(context: Context, person: sa.Row[Any]) -> int:
    """Erase a contact with all their conversations; returns how many those were."""
    rows = context.conn.execute(
        sa.select(conversation).where(conversation.c.contact_id == person.id, conversation.c.kind != ERASED)
    ).all()
    for row in rows:
        erase_conversation(context, row)
    for key in context.conn.execute(sa.select(identity).where(identity.c.contact_id == person.id)).all():
        _forget_keys(context, key)
        context.conn.execute(
            sa.update(identity).where(identity.c.id == key.id).values(external_id=f"{ERASED}:{key.id}")
        )
    context.conn.execute(
        sa.update(contact)
        .where(contact.c.id == person.id)
        .values(name="", phone="", folded="", saved=False, agent_id=None, erased_at=context.now)
    )
    contact_search.forget(context.conn, person.id)
    context.record("contact.erased", None, contact=person.id, created=person.created_at)
    return len(rows)


def erase_conversation(context: Context, row: Conversation) -> None:
    """Erase a conversation's words; a live one ends."""
    _forget_fillings(context, row)
    context.unit.unname(row.id)
    if row.state != State.CLOSED:
        (step,) = transitions(State(row.state), "contact.erase")
        move(context, row, step, outcome=Outcome.CANCELLED.value)
        row = context.conn.execute(sa.select(conversation).where(conversation.c.id == row.id)).one()
    _delete_messages(context, row)
    mine = conversation.c.id == row.id
    for marked in (draft, read_mark, involvement, handed_on):
        context.conn.execute(sa.delete(marked).where(marked.c.conversation_id == row.id))
    context.conn.execute(sa.delete(timer).where(timer.c.conversation_id == row.id))
    _forget_plans(context, row.id)
    told = webhook_delivery.c.conversation_id == row.id
    context.conn.execute(sa.update(webhook_delivery).where(told).values(answer=""))  # which may say what it was told
    was = place_of(row)
    now = msgspec.structs.replace(was, kind=ERASED, involved=())
    rev = context.record("conversation.changed", row.id, by="contact.erase", was=was, now=now)
    gone = {"last_message_id": None, "last_in_at": None, "read_message_id": 0, **_EMPTY}
    context.conn.execute(sa.update(conversation).where(mine).values(rev=rev, kind=ERASED, **gone))


def _delete_messages(context: Context, row: Conversation) -> None:
    lines = context.conn.execute(
        sa.select(message.c.id, message.c.direction, message.c.author_id, message.c.key).where(
            message.c.conversation_id == row.id
        )
    ).all()
    if not lines:
        return
    made = [
        {"p": f"channel:{row.channel_id}" if line.direction == "in" else f"agent:{line.author_id}", "k": line.key}
        for line in lines
    ]
    known = (idempotency.c.principal == sa.bindparam("p")) & (idempotency.c.key == sa.bindparam("k"))
    context.conn.execute(sa.delete(idempotency).where(known), made)
    by_principal: dict[str, set[str]] = {}
    for one in made:
        by_principal.setdefault(one["p"], set()).add(one["k"])
    for principal, keys in by_principal.items():
        context.unit.forget(principal, keys.__contains__)
    mine = sa.select(message.c.id).where(message.c.conversation_id == row.id)
    waiting = context.conn.scalars(sa.select(held.c.message_id).where(held.c.conversation_id == row.id))
    releases = [msgspec.json.encode({"message": one}).decode() for one in waiting]
    context.conn.execute(sa.delete(timer).where(timer.c.command == "message.release", timer.c.args.in_(releases)))
    for table in (held, handover):
        context.conn.execute(sa.delete(table).where(table.c.message_id.in_(mine)))
    search.forget(context.conn, [line.id for line in lines])
    context.conn.execute(sa.delete(message).where(message.c.conversation_id == row.id))


def _forget_plans(context: Context, conversation_id: int) -> None:
    """And the results of the commands that made them, which tell what a text was to who can guess it."""
    for one in context.conn.execute(sa.select(plan).where(plan.c.conversation_id == conversation_id)).all():
        whose = f"agent:{one.agent_id}"
        known = (idempotency.c.principal == whose) & (idempotency.c.key == one.key)
        context.conn.execute(sa.delete(idempotency).where(known))
        context.unit.forget(whose, one.key.__eq__)
        context.record("plan.deleted", plan=one.id)
        context.conn.execute(sa.delete(plan).where(plan.c.id == one.id))


def _forget_fillings(context: Context, row: Conversation) -> None:
    """What was filled in, and the results of the commands that did: their digests are made of it."""
    submissions.erase(context.conn, row.id)
    for principal, key in context.unit.keys_of(row.id, "form.filled"):
        known = (idempotency.c.principal == principal) & (idempotency.c.key == key)
        context.conn.execute(sa.delete(idempotency).where(known))
        context.unit.forget(principal, key.__eq__)


def _forget_keys(context: Context, key: sa.Row[Any]) -> None:
    """A page's commands bear part of its visitor's id (see `channels.visitor`)."""
    part = key.external_id.removeprefix("web:")[:16]
    mine = idempotency.c.principal == f"channel:{key.channel_id}"
    names = sa.or_(*(idempotency.c.key.startswith(f"{kind}:{part}:", autoescape=True) for kind in ("v", "s")))
    context.conn.execute(sa.delete(idempotency).where(mine, names))
    context.unit.forget(f"channel:{key.channel_id}", lambda one: one.startswith((f"v:{part}:", f"s:{part}:")))


def check_doubt(context: Context, args: erasure.Doubt) -> list[sa.Row[Any]]:
    """(conversation, message, state, whether a page fetches its lines itself) of all that waits to go out."""
    unsent = message.c.state.in_((Delivery.HELD.value, Delivery.QUEUED.value))
    return list(
        context.conn.execute(
            sa.select(message.c.conversation_id, message.c.id, (channel.c.driver == "web").label("fetched"))
            .join(conversation, conversation.c.id == message.c.conversation_id)
            .join(channel, channel.c.id == conversation.c.channel_id)
            .where(message.c.direction == "out", unsent)
            .order_by(message.c.conversation_id, message.c.id)
        )
    )


def do_doubt(context: Context, args: erasure.Doubt, lines: list[sa.Row[Any]]) -> Result:
    """A page shows what it has shown before, so its lines are sent; whether a service was handed a message since the
    backup nobody knows, so that is for a person to decide."""
    by_conversation: dict[int, list[sa.Row[Any]]] = {}
    for line in lines:
        by_conversation.setdefault(line.conversation_id, []).append(line)
    for conversation_id, mine in by_conversation.items():
        state = Delivery.SENT if mine[0].fetched else Delivery.UNCERTAIN
        ids = [line.id for line in mine]
        rev = context.record("message.delivery", conversation_id, ms=ids, state=state.value)
        context.conn.execute(sa.update(message).where(message.c.id.in_(ids)).values(rev=rev, state=state.value))
        context.conn.execute(sa.update(conversation).where(conversation.c.id == conversation_id).values(rev=rev))
    overdue = (plan.c.kind == "message", plan.c.why == "", plan.c.due <= context.now)
    for plan_id in list(context.conn.scalars(sa.select(plan.c.id).where(*overdue).order_by(plan.c.id))):
        rev = context.record("plan.changed", plan=plan_id)
        doubtful = {"rev": rev, "why": Delivery.UNCERTAIN.value}
        context.conn.execute(sa.update(plan).where(plan.c.id == plan_id).values(**doubtful))
    for table in (held, handover):
        context.conn.execute(sa.delete(table))
    context.conn.execute(sa.delete(timer).where(timer.c.command == "message.release"))
    return {"messages": len(lines)}


handle("message.doubt", check_doubt, do_doubt)
