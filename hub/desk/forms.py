"""Forms and topics: what a queue asks about its conversations, and what is said of them.

A queue has one form. Each change of it makes a version, and what was filled in stays with the one that it was filled in
with. There is one submission a leg: its agent saves it as often as they like, incomplete too. Topics belong to the
conversation. A conversation that an agent ends as attended has what its queue requires, in the same transaction.
"""

from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa

from hub.desk import submissions
from hub.desk.form_tables import conversation_topic, form, form_version, topic
from hub.desk.registry import Context, Result, handle
from hub.desk.saving import as_json, upsert
from hub.desk.tables import conversation, queue
from hub.desk.transitions import Conversation, load, relations
from hub.protocol import form_commands as specs
from hub.protocol import forms
from hub.protocol.errors import Code, Refused
from hub.protocol.forms import Field, Value
from hub.protocol.states import Outcome, State, Who

_t = topic.c


@dataclass(frozen=True, slots=True)
class Current:
    """A queue's form as it is now."""

    id: int
    version: int
    fields: list[Field]


@dataclass(frozen=True, slots=True)
class Answered:
    """What is to be saved of the form, for a leg that `had` something, or nothing, before."""

    form: Current
    leg: int | None
    had: Any
    filled: forms.Filled


def current(context: Context, queue_id: int) -> Current | None:
    """None where the queue has no form, or one that asks nothing any more."""
    row = context.conn.execute(
        sa.select(form.c.id, form.c.version_id, form_version.c.fields)
        .join(form_version, form_version.c.id == form.c.version_id)
        .where(form.c.queue_id == queue_id)
    ).first()
    fields = [] if row is None else forms.decode_fields(row.fields)
    return Current(row.id, row.version_id, fields) if row is not None and fields else None


# -- forms -------------------------------------------------------------------------------------------------------------


def check_form(context: Context, args: specs.SaveForm) -> Any:
    _known_queue(context, args.queue)
    fault = forms.fault_of(args.fields)
    if fault is not None:
        raise Refused(Code.BAD_ARGS, field=fault[0], why=fault[1])
    row = context.conn.execute(sa.select(form).where(form.c.queue_id == args.queue)).first()
    if args.version is not None and (row is None or row.version_id != args.version):
        raise Refused(Code.FORM_CHANGED, field="version", version=None if row is None else row.version_id)
    return row


def do_form(context: Context, args: specs.SaveForm, row: Any) -> Result:
    """A form that is saved as it is stays the version that it is."""
    fields = as_json(args.fields)
    if row is not None:
        is_now = context.conn.scalar(sa.select(form_version.c.fields).where(form_version.c.id == row.version_id))
        if is_now == fields:
            return {"form": row.id, "version": row.version_id}
        form_id = row.id
    else:
        new = sa.insert(form).values(rev=0, queue_id=args.queue, version_id=0)
        form_id = context.conn.execute(new).inserted_primary_key[0]  # type: ignore[index]
    made = sa.insert(form_version).values(form_id=form_id, fields=fields, at=context.now)
    version = context.conn.execute(made).inserted_primary_key[0]  # type: ignore[index]
    rev = context.record("form.changed", form=form_id)
    context.conn.execute(sa.update(form).where(form.c.id == form_id).values(rev=rev, version_id=version))
    return {"form": form_id, "version": version}


handle("form.save", check_form, do_form)


def _known_queue(context: Context, queue_id: int) -> None:
    if context.conn.execute(sa.select(queue.c.id).where(queue.c.id == queue_id)).first() is None:
        raise Refused(Code.NOT_FOUND, field="queue", what="queue", id=queue_id)


# -- filling in --------------------------------------------------------------------------------------------------------


def check_fill(context: Context, args: specs.Fill) -> tuple[Conversation, Answered]:
    row = _mine(context, args.conversation)
    if row.state == State.CLOSED or row.owner_id is None:
        raise Refused(Code.WRONG_STATE, state=row.state)
    return row, answered(context, row, args.version, args.values)


def _mine(context: Context, conversation_id: int) -> Conversation:
    """One that whoever asks has, or manages."""
    row = load(context, conversation_id)
    if not relations(context, row) & {Who.OWNER, Who.MANAGER}:
        if row.owner_id is not None:
            raise Refused(Code.NOT_OWNER, owner=row.owner_id)
        raise Refused(Code.FORBIDDEN, verb="conversation.manage")
    return row


def answered(context: Context, row: Conversation, version: int, values: dict[str, Value]) -> Answered:
    """What was filled in, looked through. Refuses another form than the queue's of now, and the first value that is not
    what its field asks for, by its name."""
    now = current(context, row.queue_id)
    if now is None:
        raise Refused(Code.NOT_FOUND, field="version", what="form", id=version)
    if now.version != version:
        raise Refused(Code.FORM_CHANGED, field="version", version=now.version)
    filled = forms.judge(now.fields, values)
    for fault in filled.faults:
        raise Refused(Code.BAD_VALUE, field=f"values.{fault.field}", why=fault.why)
    if len(msgspec.json.encode(filled.values)) > forms.FILLED:
        raise Refused(Code.TOO_LONG, field="values", limit=forms.FILLED)
    leg = submissions.open_leg(context.conn, row.id)
    return Answered(now, leg, submissions.of_leg(context.conn, leg), filled)


def do_fill(context: Context, args: specs.Fill, found: tuple[Conversation, Answered]) -> Result:
    row, given = found
    _note_if_anothers(context, row)
    save(context, row, given)
    return {"conversation": row.id, "leg": given.leg, "version": given.form.version}


def _note_if_anothers(context: Context, row: Conversation) -> None:
    if context.who.kind == "agent" and row.owner_id not in (None, context.who.id):
        context.audit(conversation=row.id, owner=row.owner_id)


def save(context: Context, row: Conversation, given: Answered) -> None:
    submissions.put(
        context.unit,
        context.who.name,
        given.had,
        conversation_id=row.id,
        leg_id=given.leg,
        form_id=given.form.id,
        version_id=given.form.version,
        filled=as_json(given.filled.values),
        at=context.now,
        by_id=context.who.id if context.who.kind == "agent" else None,
    )


handle("form.fill", check_fill, do_fill)


# -- topics ------------------------------------------------------------------------------------------------------------


def check_topic(context: Context, args: specs.SaveTopic) -> Any:
    _known_queue(context, args.queue)
    if not args.name:
        raise Refused(Code.EMPTY, field="name")
    row = context.conn.execute(sa.select(topic).where(_t.queue_id == args.queue, _t.code == args.code)).first()
    if args.parent is None:
        return row
    above = _above(context, args.parent)
    if not above or above[0].queue_id != args.queue:
        raise Refused(Code.NOT_FOUND, field="parent", what="topic", id=args.parent)
    if row is not None and any(one.id == row.id for one in above):
        raise Refused(Code.BAD_ARGS, field="parent", why="a topic can't stand below itself")
    if len(above) + _height(context, row) > specs.DEEPEST:
        raise Refused(Code.BAD_ARGS, field="parent", why=f"topics stand at most {specs.DEEPEST} deep")
    return row


def _above(context: Context, topic_id: int) -> list[Any]:
    """The topic and those that it stands below, the nearest first."""
    found: list[Any] = []
    number: int | None = topic_id
    while number is not None and len(found) <= specs.DEEPEST:
        row = context.conn.execute(sa.select(topic).where(_t.id == number)).first()
        if row is None:
            break
        found.append(row)
        number = row.parent_id
    return found


def _height(context: Context, row: Any) -> int:
    """How many levels a topic takes, with those below it."""
    level, height = ([] if row is None else [row.id]), 1
    while level := list(context.conn.scalars(sa.select(_t.id).where(_t.parent_id.in_(level)))) if level else []:
        height += 1
    return height


def do_topic(context: Context, args: specs.SaveTopic, row: Any) -> Result:
    values = {
        "queue_id": args.queue,
        "code": args.code,
        "name": as_json(args.name),
        "parent_id": args.parent,
        "active": args.active,
    }
    return {"topic": upsert(context, topic, row, "topic.changed", values)}


handle("topic.save", check_topic, do_topic)


def check_topics(context: Context, args: specs.SetTopics) -> Conversation:
    row = _mine(context, args.conversation)
    check_settable(context, row, args.topics)
    return row


def check_settable(context: Context, row: Conversation, wanted: list[int]) -> None:
    """Those of the queue that are in use, and those that it has: an earlier queue may have set them."""
    if not wanted:
        return
    there = sa.select(_t.id).where(_t.id.in_(wanted), _t.queue_id == row.queue_id, _t.active.is_(True))
    allowed = set(context.conn.scalars(there)) | set(topics_of(context, row.id))
    for one in wanted:
        if one not in allowed:
            raise Refused(Code.NOT_FOUND, field="topics", what="topic", id=one)


def topics_of(context: Context, conversation_id: int) -> list[int]:
    mine = conversation_topic.c.conversation_id == conversation_id
    return list(context.conn.scalars(sa.select(conversation_topic.c.topic_id).where(mine)))


def do_topics(context: Context, args: specs.SetTopics, row: Conversation) -> Result:
    _note_if_anothers(context, row)
    set_topics(context, row, args.topics)
    return {"conversation": row.id}


def set_topics(context: Context, row: Conversation, wanted: list[int]) -> None:
    chosen = sorted(set(wanted))
    context.conn.execute(sa.delete(conversation_topic).where(conversation_topic.c.conversation_id == row.id))
    if chosen:
        context.conn.execute(
            sa.insert(conversation_topic), [{"conversation_id": row.id, "topic_id": one} for one in chosen]
        )
    rev = context.record("conversation.classified", row.id, topics=chosen)
    context.conn.execute(sa.update(conversation).where(conversation.c.id == row.id).values(rev=rev))


handle("conversation.topics", check_topics, do_topics)


# -- the end -----------------------------------------------------------------------------------------------------------


def check_complete(
    context: Context,
    row: Conversation,
    outcome: Outcome,
    version: int | None,
    values: dict[str, Value],
    topics: list[int] | None,
) -> Answered | None:
    """What is to be saved of the form as the conversation ends. Where an agent ends it as attended, refuses while
    something that the queue requires is missing, and names all of it."""
    given = answered(context, row, version, values) if version is not None else None
    if topics is not None:
        check_settable(context, row, topics)
    if context.who.kind != "agent" or outcome is not Outcome.ATTENDED:
        return given
    missing = given.filled.missing if given is not None else _missing(context, row)
    topic_missing = _needs_topic(context, row, topics)
    if missing or topic_missing:
        field = f"values.{missing[0]}" if missing else "topics"
        raise Refused(Code.FORM_INCOMPLETE, field=field, missing=",".join(missing), topics=int(topic_missing))
    return given


def _missing(context: Context, row: Conversation) -> list[str]:
    """Of what was saved, as the queue's form is now. A conversation that nobody has was served by nobody."""
    now = current(context, row.queue_id)
    if now is None or row.owner_id is None:
        return []
    saved = submissions.of_leg(context.conn, submissions.open_leg(context.conn, row.id))
    values = {} if saved is None else forms.decode_values(saved.filled)
    judged = forms.judge(now.fields, values)
    bad = {fault.field for fault in judged.faults}
    return [
        field.code for field in now.fields if field.required and (field.code in judged.missing or field.code in bad)
    ]


def _needs_topic(context: Context, row: Conversation, topics: list[int] | None) -> bool:
    required = context.conn.scalar(sa.select(queue.c.topics_required).where(queue.c.id == row.queue_id))
    if not required or row.owner_id is None:
        return False
    has = topics_of(context, row.id) if topics is None else topics
    mine = sa.select(_t.id).where(_t.queue_id == row.queue_id)
    if has and context.conn.execute(mine.where(_t.id.in_(has)).limit(1)).first() is not None:
        return False
    return context.conn.execute(mine.where(_t.active.is_(True)).limit(1)).first() is not None
