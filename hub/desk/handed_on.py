"""What agents handed on by a transfer: kept as it was when their leg ended, and readable for them up to there.

To an agent whose leg ended by a transfer the conversation is one that ended then, whatever becomes of it; as long as it
is in their sight as a whole, it is that instead. One is kept for each agent and conversation, of their last such leg.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.desk.facts import PREVIEW, Facts, facts_of, owner_of
from hub.desk.form_tables import conversation_topic
from hub.desk.principal import Principal
from hub.desk.sight import Sight, sight_of
from hub.desk.sources import AS_HANDED_ON
from hub.desk.tables import TRANSFERRED, channel, contact, conversation, conversation_tag, leg, message
from hub.desk.talk_tables import handed_on
from hub.protocol.states import ERASED, Delivery
from hub.store.compiled import Listed
from hub.store.unit import Unit

_c, _h, _l, _m = conversation.c, handed_on.c, leg.c, message.c
COMMAND = "conversation.transfer"
HANDED_OUT = ("dispatch", "conversation.take", "conversation.open", "conversation.assign")  # from the queue to somebody


@dataclass(frozen=True, slots=True)
class Upto:
    """How far somebody may read: up to this leg, this line, and this event of the journal."""

    leg: int
    message: int
    seq: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A conversation as somebody sees it; `upto`: no further than that."""

    facts: Facts
    upto: Upto | None = None


# -- keeping -----------------------------------------------------------------------------------------------------------


def as_it_is(conn: Connection, conversation_id: int) -> dict[str, Any]:
    """What is to be kept of a conversation that is about to be handed on."""
    names = ("team_id", "priority", "last_at", "last_in_at", "last_message_id", "unread", "owed", "answered")
    row = conn.execute(sa.select(*(_c[name] for name in names)).where(_c.id == conversation_id)).one()
    newest = sa.select(sa.func.max(_m.id)).where(_m.conversation_id == conversation_id)
    tag, topic = conversation_tag.c, conversation_topic.c
    tags = sa.select(tag.tag_id).where(tag.conversation_id == conversation_id).order_by(tag.tag_id)
    topics = sa.select(topic.topic_id).where(topic.conversation_id == conversation_id).order_by(topic.topic_id)
    return {
        **row._asdict(),
        "message_id": conn.scalar(newest) or 0,
        "tags": _between(conn.scalars(tags)),
        "topics": _between(conn.scalars(topics)),
    }


def _between(ids: Iterable[int]) -> str:
    listed = ",".join(map(str, ids))
    return f",{listed}," if listed else ""


def _ids(text: str) -> list[int]:
    return [int(part) for part in text.split(",") if part]


def keep(unit: Unit, conversation_id: int, agent_id: int, rev: int, kept: dict[str, Any]) -> None:
    """An agent's leg has just ended by the transfer that the journal has under `rev`."""
    mine = (_l.conversation_id == conversation_id, _l.owner_id == agent_id, TRANSFERRED)
    own = unit.conn.execute(sa.select(leg).where(*mine).order_by(_l.id.desc()).limit(1)).one()
    of = {"conversation_id": conversation_id, "agent_id": agent_id}
    unit.conn.execute(sa.delete(handed_on).where(_h.conversation_id == conversation_id, _h.agent_id == agent_id))
    times = {"leg_id": own.id, "queue_id": own.queue_id, "began_at": own.began_at, "ended_at": own.ended_at}
    response = _response(unit.conn, own, own.ended_at)
    unit.conn.execute(sa.insert(handed_on).values(**of, rev=rev, **times, response=response, **kept))


def response_of(conn: Connection, conversation_id: int) -> int | None:
    """Of the leg that a conversation is in."""
    mine = (_l.conversation_id == conversation_id, _l.ended_at.is_(None), _l.owner_id.is_not(None))
    own = conn.execute(sa.select(leg).where(*mine)).first()
    return None if own is None else _response(conn, own, None)


def _response(conn: Connection, own: Any, ended: int | None) -> int | None:
    """From the beginning of the wait, in the queue or with the agent, to the agent's first answer."""
    theirs = (_m.conversation_id == own.conversation_id, _m.direction == "out", _m.author_id == own.owner_id)
    within = [_m.at >= own.began_at, _m.state != Delivery.RECALLED.value]
    within += [] if ended is None else [_m.at <= ended]
    first = conn.scalar(sa.select(sa.func.min(_m.at)).where(*theirs, *within))
    if first is None:
        return None
    before = conn.execute(
        sa.select(leg).where(_l.conversation_id == own.conversation_id, _l.id < own.id).order_by(_l.id.desc()).limit(1)
    ).first()
    waited = (
        before is not None
        and before.owner_id is None
        and before.queue_id == own.queue_id
        and before.ended_by in HANDED_OUT
    )
    since: int = before.began_at if before is not None and waited else own.began_at
    return max(int(first) - since, 0)


def forget(conn: Connection, conversation_id: int) -> None:
    conn.execute(sa.delete(handed_on).where(_h.conversation_id == conversation_id))


# -- reading -----------------------------------------------------------------------------------------------------------

_of = AS_HANDED_ON.c
_query = (
    sa.select(
        *(_of[name].label(name) for name in _of),
        _h.rev.label("kept"),
        _h.response,
        _h.message_id,
        _h.leg_id,
        _h.tags,
        _h.topics,
        _c.rev,
        _c.previous_id,
        _c.page,
        _c.referrer,
        contact.c.name,
        contact.c.phone,
        contact.c.folded,
        contact.c.saved,
        channel.c.app,
        _m.direction.label("last_direction"),
        sa.func.substr(_m.body, 1, PREVIEW).label("last_body"),
        sa.literal_column("0").label("window"),
        sa.literal_column("0").label("muted"),
        sa.literal_column("''").label("involved"),
    )
    .select_from(handed_on)
    .join(conversation, _c.id == _h.conversation_id)
    .join(contact, contact.c.id == _c.contact_id)
    .join(channel, channel.c.id == _c.channel_id)
    .outerjoin(message, _m.id == _h.last_message_id)
    .where(_c.kind != ERASED)
)
_listed = Listed(_query, _h.conversation_id)


def _facts(record: Any) -> Facts:
    facts = Facts(record, _ids(record.tags), _ids(record.topics))
    facts.row.rev, facts.row.upto = -record.kept, record.message_id
    return facts


def by_agent(conn: Connection, ids: Iterable[int]) -> dict[int, dict[int, Facts]]:
    """Of these conversations, by agent, what they handed on."""
    found: dict[int, dict[int, Facts]] = {}
    for record in _listed.all(conn, sorted(set(ids))):
        found.setdefault(record.id, {})[record.owner_id] = _facts(record)
    return found


def facts_for(conn: Connection, agent_id: int, ids: Iterable[int]) -> dict[int, Facts]:
    """What an agent handed on, of these."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    rows = conn.execute(_query.where(_h.agent_id == agent_id, _h.conversation_id.in_(wanted)))
    return {record.id: _facts(record) for record in rows}


def beyond_sight(sight: Sight) -> tuple[sa.ColumnElement[bool], ...]:
    """Of what is kept, that it is the reader's, and not in their sight as a whole. For a query that joins conversations
    to what was handed on."""
    return _h.conversation_id == _c.id, _h.agent_id == sight.upto, sight.whole.sql().is_not(sa.true())


def upto_of(conn: Connection, agent_id: int, conversation_id: int) -> Upto | None:
    """How far an agent may read what they handed on."""
    mine = (_h.agent_id == agent_id, _h.conversation_id == conversation_id)
    row = conn.execute(sa.select(_h.leg_id, _h.message_id, _h.rev).where(*mine)).first()
    return None if row is None else Upto(row.leg_id, row.message_id, row.rev)


def see(conn: Connection, sight: Sight, conversation_id: int) -> Seen | None:
    """A conversation as somebody sees it: as it is, or as they handed it on; None where it is out of their sight."""
    found = facts_of(conn, [conversation_id]).get(conversation_id)
    if found is None or sight.whole.test(found.place):
        return None if found is None else Seen(found)
    if sight.upto is None:
        return None
    kept = facts_for(conn, sight.upto, [conversation_id]).get(conversation_id)
    upto = upto_of(conn, sight.upto, conversation_id)
    return None if kept is None or upto is None else Seen(kept, upto)


def owner_seen(who: Principal, conversation_id: int, conn: Connection) -> int | None:
    """Whose what they see of a conversation is: their own, as far as they had it until they handed it on."""
    found = see(conn, sight_of(who), conversation_id)
    return owner_of(conn, conversation_id) if found is None else found.facts.row.owner
