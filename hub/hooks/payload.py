"""What an endpoint is told of an event: its public view, joined with the present as it is sent, never stored.

So an erased person is in no payload that goes out later, and a repeated one tells how things stand then. What people
wrote and are called is in it only where the webhook asks for content; private notes only where it is allowed notes,
which `Hook.kinds` decides. Foreign text is data in JSON strings, as it was written: whoever shows it escapes it.
"""

from datetime import UTC, datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from hub.desk.facts import Facts
from hub.desk.filters import Place
from hub.desk.form_tables import topic
from hub.desk.involvement import Part, having
from hub.desk.tables import agent, channel, conversation, identity, queue, tag
from hub.live.tail import Change, read_changes
from hub.protocol import views
from hub.protocol.webhooks import EVENTS, NOTED


def payload(conn: Connection, seq: int, kinds: frozenset[str], *, content: bool) -> tuple[str, bytes] | None:
    """(id, JSON) of the event with a journal number; None where it is there no more, or not to be told any more."""
    found = read_changes(conn, seq - 1, 1)
    if not found or found[0].seq != seq or found[0].kind not in kinds:
        return None
    change = found[0]
    data: dict[str, Any] = {"seq": seq, "actor": change.actor}
    if change.conversation is not None:
        data["conversation"] = _conversation(conn, change.conversation, content=content)
    if change.messages:
        shown = [one for one in change.messages if one.d != "note" or change.kind == NOTED]
        data["messages"] = [_message(one, content=content) for one in shown]
    if change.kind == "conversation.changed":
        data["by"] = change.data.get("by", "")
        data["was"] = _place(change.was)
        data["now"] = _place(change.now)
    if change.kind == "conversation.shared" and change.now is not None:
        data["by"] = change.data.get("by", "")
        data["guests"] = having(change.now.involved, Part.GUEST)
        data["mentioned"] = having(change.now.involved, Part.MENTIONED)
    if change.kind == "form.filled":
        data["form"] = {name: change.data[name] for name in ("submission", "leg", "version")}
    if change.kind == "conversation.classified":
        data["topics"] = change.data["topics"]
    if change.kind == "conversation.read":
        data["read"] = change.data["m"]
    if change.item is not None:
        data[change.kind.partition(".")[0]] = _item(change.item)
    body = {"type": change.kind, "timestamp": iso(change.at), "data": data}
    return event_id(change), msgspec.json.encode(body)


def event_id(change: Change) -> str:
    """The same for every attempt. The nonce tells it from the row with this number of a restored, older database."""
    return f"evt_{change.seq}_{change.nonce}"


def iso(at: int) -> str:
    """UTC milliseconds as ISO 8601."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _conversation(conn: Connection, facts: Facts, *, content: bool) -> dict[str, Any]:
    row = facts.row
    named = conn.execute(
        sa.select(channel.c.slug, queue.c.code, agent.c.login, identity.c.external_id, conversation.c.contact_id)
        .select_from(conversation)
        .join(channel, channel.c.id == conversation.c.channel_id)
        .join(queue, queue.c.id == conversation.c.queue_id)
        .join(identity, identity.c.id == conversation.c.identity_id)
        .outerjoin(agent, agent.c.id == conversation.c.owner_id)
        .where(conversation.c.id == row.id)
    ).one()
    tags = conn.scalars(sa.select(tag.c.name).where(tag.c.id.in_(row.tags)).order_by(tag.c.id)) if row.tags else ()
    mine = sa.select(topic.c.code).where(topic.c.id.in_(row.topics)).order_by(topic.c.id)
    topics = conn.scalars(mine) if row.topics else ()
    contact: dict[str, Any] = {"id": named.contact_id}
    if content:
        contact |= {"external_id": named.external_id, "name": row.name, "phone": row.num}
    return {
        "id": row.id,
        "kind": row.kind,
        "state": row.state,
        "outcome": row.out,
        "channel": {"id": row.ch, "slug": named.slug},
        "queue": {"id": row.q, "code": named.code},
        "agent": None if row.owner is None else {"id": row.owner, "login": named.login},
        "contact": contact,
        "tags": list(tags),
        "topics": list(topics),
        "begun": iso(row.begun),
        "ended": None if row.ended is None else iso(row.ended),
        "previous": row.prev,
    }


def _message(one: views.Message, *, content: bool) -> dict[str, Any]:
    said: dict[str, Any] = {"id": one.id, "direction": one.d, "kind": one.k, "at": iso(one.at)}
    if one.by is not None:
        said["agent"] = one.by
    if one.d == "out":
        said |= {"state": one.st, "error": one.err}
    if content:
        said["text"] = one.b
    return said


def _place(place: Place | None) -> dict[str, Any] | None:
    return None if place is None else {"state": place.state, "queue": place.queue_id, "agent": place.owner_id}


def _item(item: views.View) -> dict[str, Any]:
    match item:
        case views.Agent():
            return {
                "id": item.id,
                "login": item.login,
                "name": item.name,
                "role": item.role,
                "status": item.status,
                "since": iso(item.since),
                "reachable": item.reach,
                "active": item.active,
            }
        case views.Queue():
            return {"id": item.id, "code": item.code, "name": item.name, "capacity": item.capacity}
        case views.Channel():
            return {"id": item.id, "slug": item.slug, "app": item.app, "name": item.name, "queue": item.queue}
        case views.Form():
            return {"id": item.id, "queue": item.queue, "version": item.version}
        case views.Topic():
            return {"id": item.id, "code": item.code, "name": item.name, "queue": item.queue, "parent": item.parent}
        case views.Tag():
            return {"id": item.id, "name": item.name, "color": item.color}
        case _:
            raise TypeError(f"{type(item).__name__} is in no event of {', '.join(EVENTS)}")
