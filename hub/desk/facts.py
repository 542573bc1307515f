"""What is so: conversations and messages as they stand, read for lists and for events, and turned into views.

Bodies and names are joined here, at the time of reading; the journal never holds them.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from hub.desk.filters import Place
from hub.desk.form_tables import conversation_topic
from hub.desk.involvement import Part, having, involved
from hub.desk.tables import channel, contact, conversation, conversation_tag, identity, message
from hub.protocol import views
from hub.protocol.states import ERASED, Delivery
from hub.store.compiled import Listed

PREVIEW = 120  # characters of the last line that a row carries
_c, _m, _t = conversation.c, message.c, conversation_tag.c

_facts = (
    sa.select(
        conversation,
        contact.c.name,
        contact.c.phone,
        contact.c.folded,
        contact.c.saved,
        identity.c.muted,
        channel.c.app,
        channel.c.window,
        _m.direction.label("last_direction"),
        sa.func.substr(_m.body, 1, PREVIEW).label("last_body"),
    )
    .join(contact, contact.c.id == _c.contact_id)
    .join(identity, identity.c.id == _c.identity_id)
    .join(channel, channel.c.id == _c.channel_id)
    .outerjoin(message, _m.id == _c.last_message_id)
)

_facts_of = Listed(_facts, _c.id)
_o = conversation_topic.c
_marks = sa.union_all(  # one question for both
    sa.select(_t.conversation_id, _t.tag_id.label("mark"), sa.literal_column("0").label("kind")),
    sa.select(_o.conversation_id, _o.topic_id, sa.literal_column("1")),
).subquery()
_marks_of = Listed(sa.select(_marks).order_by(_marks.c.mark), _marks.c.conversation_id)
_messages_of = Listed(sa.select(message), _m.id)


class Facts:
    """A conversation as it stands: its place and what else filters look at, and its row, for whoever may see it."""

    __slots__ = ("app", "folded", "identity_id", "last_in_at", "place", "rev", "row")

    def __init__(self, record: Any, tags: list[int], topics: list[int]) -> None:
        self.place = Place(
            record.state,
            record.queue_id,
            record.owner_id,
            record.closed_at,
            record.kind,
            record.team_id,
            involved(record.involved),
        )
        self.rev: int = record.rev  # of the conversation, as it is: how new these facts are
        self.identity_id: int = record.identity_id
        self.app: str = record.app
        self.folded: str = record.folded
        self.last_in_at: int | None = record.last_in_at
        self.row = views.Row(
            id=record.id,
            rev=record.rev,
            kind=record.kind,
            state=record.state,
            ch=record.channel_id,
            q=record.queue_id,
            name=record.name,
            at=record.last_at,
            begun=record.created_at,
            num=record.phone,
            owner=record.owner_id,
            last=" ".join((record.last_body or "").split()),
            ld=record.last_direction or "",
            un=record.unread,
            owed=bool(record.owed),
            ans=bool(record.answered),
            tags=tags,
            topics=topics,
            wait=record.waiting_since,
            until=_window_end(record),
            ended=record.closed_at,
            out=record.outcome,
            prev=record.previous_id,
            sample=bool(record.sample),
            team=record.team_id,
            pri=record.priority,
            moved=bool(record.transferred),
            lang=record.language,
            page=record.page,
            ref=record.referrer,
            muted=bool(record.muted),
            saved=bool(record.saved),
            guests=having(self.place.involved, Part.GUEST),
            unseen=having(self.place.involved, Part.UNSEEN),
            later=having(self.place.involved, Part.POSTPONED),
            resp=None if record.closed_at is None else record.response,
        )


def _window_end(record: Any) -> int | None:
    if not record.window:
        return None
    return int((record.last_in_at or record.created_at) + record.window * 1000)


def _with_marks(conn: Connection, records: Sequence[Any]) -> list[Facts]:
    tags: dict[int, list[int]] = {}
    topics: dict[int, list[int]] = {}
    for conversation_id, mark, kind in _marks_of.all(conn, [record.id for record in records]):
        (topics if kind else tags).setdefault(conversation_id, []).append(mark)
    return [Facts(record, tags.get(record.id, []), topics.get(record.id, [])) for record in records]


def facts_of(conn: Connection, ids: Iterable[int]) -> dict[int, Facts]:
    return {f.row.id: f for f in _with_marks(conn, _facts_of.all(conn, sorted(set(ids))))}


def list_facts(conn: Connection, where: sa.ColumnElement[bool], limit: int) -> list[Facts]:
    """The newest conversations that match, by (last activity, id), newest first."""
    return _with_marks(conn, conn.execute(listing(where, limit)).all())


def listing(where: sa.ColumnElement[bool], limit: int) -> sa.Select[Any]:
    """The query of `list_facts`."""
    return _facts.where(where).order_by(_c.last_at.desc(), _c.id.desc()).limit(limit)


def count(conn: Connection, where: sa.ColumnElement[bool], cap: int = 1000) -> int:
    """How many match; `cap` stands for that many and more."""
    some = sa.select(_c.id).where(where).limit(cap).subquery()
    return conn.scalar(sa.select(sa.func.count()).select_from(some)) or 0


def message_view(record: Any) -> views.Message:
    return views.Message(
        id=record.id,
        rev=record.rev,
        c=record.conversation_id,
        d=record.direction,
        at=record.at,
        b=record.body,
        k=record.kind,
        by=record.author_id,
        st=record.state,
        err=record.error,
        key="" if record.direction == "in" else record.key,
        to=msgspec.json.decode(record.mentions, type=list[int]) if record.mentions else [],
    )


def messages_of(conn: Connection, ids: Iterable[int]) -> dict[int, views.Message]:
    return {row.id: message_view(row) for row in _messages_of.all(conn, sorted(set(ids)))}


def thread(conn: Connection, conversation_id: int, limit: int, upto: int | None = None) -> list[views.Message]:
    """The newest `limit` messages, up to one where that is given, oldest first; without those that were recalled."""
    shown = [_m.conversation_id == conversation_id, _m.state != Delivery.RECALLED.value]
    shown += [] if upto is None else [_m.id <= upto]
    query = sa.select(message).where(*shown).order_by(_m.id.desc()).limit(limit)
    return [message_view(row) for row in reversed(conn.execute(query).all())]


def is_erased(conn: Connection, conversation_id: int) -> bool:
    return conn.scalar(sa.select(_c.kind).where(_c.id == conversation_id)) == ERASED


def read_mark_of(conn: Connection, conversation_id: int) -> int:
    """The last message that the conversation's owner has read."""
    return conn.scalar(sa.select(_c.read_message_id).where(_c.id == conversation_id)) or 0


def owner_of(conn: Connection, conversation_id: int) -> int | None:
    return conn.scalar(sa.select(_c.owner_id).where(_c.id == conversation_id))


def identity_conversations(channel_id: int, external_id: str) -> sa.Select[Any]:
    """The ids of all conversations of one person on one channel."""
    return (
        sa.select(_c.id)
        .join(identity, identity.c.id == _c.identity_id)
        .where(identity.c.channel_id == channel_id, identity.c.external_id == external_id)
    )
