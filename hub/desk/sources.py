"""Where what filters look at is read from: conversations as they are, or as an agent handed them on.

A conversation that somebody handed on is to them one that ended with their leg. Both sources have the same columns, by
the names that a conversation has them by, so a filter means the same of either.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa

from hub.desk.form_tables import conversation_topic
from hub.desk.tables import conversation, conversation_tag
from hub.desk.talk_tables import handed_on
from hub.protocol.states import HANDED_ON, State

Clause = sa.ColumnElement[bool]
_c, _h = conversation.c, handed_on.c


class Source(NamedTuple):
    """`c`: the columns, by name."""

    c: Mapping[str, sa.ColumnElement[Any]]
    kept: bool = False  # tags and topics stand in columns, as they were

    def tagged(self, tags: Iterable[int]) -> Clause:
        """That it has one of these tags."""
        if self.kept:
            return _listed(_h.tags, tags)
        return _c.id.in_(tagged(tags))

    def about(self, topics: Iterable[int]) -> Clause:
        """That it has one of these topics."""
        if self.kept:
            return _listed(_h.topics, topics)
        return _c.id.in_(about(topics))


def tagged(tags: Iterable[int]) -> sa.Select[Any]:
    """The ids of conversations with one of these tags."""
    of = conversation_tag.c
    return sa.select(of.conversation_id).where(of.tag_id.in_(list(tags)))


def about(topics: Iterable[int]) -> sa.Select[Any]:
    """The ids of conversations about one of these topics."""
    of = conversation_topic.c
    return sa.select(of.conversation_id).where(of.topic_id.in_(list(topics)))


def _listed(column: sa.ColumnElement[str], ids: Iterable[int]) -> Clause:
    return sa.or_(sa.false(), *(column.like(f"%,{number},%") for number in ids))


AS_IT_IS = Source(dict(_c.items()))
AS_HANDED_ON = Source(
    {
        **{name: _c[name] for name in ("kind", "channel_id", "contact_id", "identity_id", "sample", "language")},
        **{name: _h[name] for name in ("queue_id", "team_id", "priority", "last_at", "last_in_at")},
        **{name: _h[name] for name in ("unread", "owed", "answered")},
        "id": _h.conversation_id,
        "owner_id": _h.agent_id,
        "created_at": _h.began_at,
        "closed_at": _h.ended_at,
        "state": sa.literal_column(f"'{State.CLOSED}'", sa.String()),
        "outcome": sa.literal_column(f"'{HANDED_ON}'", sa.String()),
        "transferred": sa.true(),
        "waiting_since": sa.cast(sa.null(), sa.BigInteger),
    },
    kept=True,
)
