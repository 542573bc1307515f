"""What the web chat reads of the desk, each function in one read transaction."""

from typing import Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from hub.channels.visitor import HISTORY, History, Visitor, WebChannel
from hub.desk.facts import identity_conversations
from hub.desk.tables import agent, channel, conversation, identity, message
from hub.protocol import visitor
from hub.protocol.states import UNSEEN, Delivery, State
from hub.store.schema import head

PUBLIC = ("in", "out")  # directions of what a visitor may read
_channel = sa.select(channel.c.id, channel.c.slug, channel.c.name, channel.c.origins).where(
    channel.c.slug == sa.bindparam("slug"), channel.c.driver == "web"
)


def channel_of(conn: Connection, slug: str) -> WebChannel | None:
    row = conn.execute(_channel, {"slug": slug}).first()
    if row is None:
        return None
    return WebChannel(row.id, row.slug, msgspec.json.decode(row.name), tuple(msgspec.json.decode(row.origins)))


def external_id_of(conn: Connection, identity_id: int) -> str:
    return str(conn.execute(sa.select(identity.c.external_id).where(identity.c.id == identity_id)).scalar_one())


def agent_names(conn: Connection) -> dict[int, str]:
    return {row.id: row.name for row in conn.execute(sa.select(agent.c.id, agent.c.name))}


def name_of(agent_id: int | None, names: dict[int, str]) -> str:
    return "" if agent_id is None else names.get(agent_id, "")


def history(conn: Connection, who: Visitor, held: int, names: dict[int, str]) -> History:
    seq = conn.execute(sa.select(head.c.seq)).scalar_one()
    mine = identity_conversations(who.channel, who.external_id).scalar_subquery()
    latest = conn.execute(
        sa.select(conversation.c.id, conversation.c.state)
        .where(conversation.c.id.in_(mine))
        .order_by(conversation.c.id.desc())
        .limit(1)
    ).first()
    if latest is None:
        return History(seq)
    m = message.c
    public = (m.conversation_id.in_(mine), m.direction.in_(PUBLIC), m.state.not_in(UNSEEN))
    lines = sa.select(m.id, m.direction, m.at, m.body, m.author_id, m.key).where(*public).order_by(m.id.desc())
    rows = conn.execute(lines.where(m.id >= held).limit(HISTORY + 1)).all()
    if held and (not rows or (rows[-1].id > held and len(rows) <= HISTORY)):
        return history(conn, who, 0, names)  # the page holds what we don't know
    answered = conn.scalar(sa.select(sa.func.max(m.id)).where(*public, m.direction == "out", m.author_id.is_not(None)))
    marked = conn.scalar(sa.select(sa.func.max(conversation.c.read_message_id)).where(conversation.c.id.in_(mine)))
    first_held = conn.scalar(sa.select(sa.func.min(m.id)).where(m.conversation_id.in_(mine), m.state == Delivery.HELD))
    if marked and first_held:
        before = sa.select(sa.func.max(m.id)).where(*public, m.id <= marked, m.id < first_held)
        marked = conn.scalar(before)  # the mark of whoever answers tells that there is an answer
    left_out = len(rows) > HISTORY
    shown = rows[:HISTORY]
    if held and not left_out:  # and those from before that line which were held back when it was shown
        since = sa.select(m.rev).where(*public, m.id == held, m.direction == "in").scalar_subquery()
        late = lines.where(m.id < held, m.direction == "out", m.rev > since).limit(HISTORY)
        shown = [*shown, *conn.execute(late).all()]
    return History(
        seq=seq,
        conversation=latest.id,
        lines=[
            visitor.Line(
                row.id,
                row.direction,
                row.at,
                row.body,
                name_of(row.author_id, names),
                who.page_key(row.key) if row.direction == "in" else "",
            )
            for row in reversed(shown)
            if row.id != held
        ],
        whole=held == 0 or left_out,
        more=left_out,
        read=max(answered or 0, marked or 0),
        ended=latest.state == State.CLOSED,
    )


def unseen(conn: Connection, who: Visitor, upto: int, state: Literal["delivered", "read"]) -> list[tuple[int, int]]:
    """(conversation, last message) where our lines up to this one are not known to have come so far."""
    before = [Delivery.SENT.value] if state == "delivered" else [Delivery.SENT.value, Delivery.DELIVERED.value]
    m = message.c
    rows = conn.execute(
        sa.select(m.conversation_id, sa.func.max(m.id))
        .where(
            m.conversation_id.in_(identity_conversations(who.channel, who.external_id).scalar_subquery()),
            m.direction == "out",
            m.id <= upto,
            m.state.in_(before),
        )
        .group_by(m.conversation_id)
    )
    return [(conversation_id, last) for conversation_id, last in rows]
