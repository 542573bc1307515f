"""What was filled in of forms: read for lists and events, carried over to the leg of a conversation that comes back,
and erased with it."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.desk import filled_keys
from hub.desk.form_tables import submission
from hub.desk.tables import leg
from hub.protocol import views
from hub.protocol.forms import decode_values
from hub.store.unit import Unit

SHOWN = 20  # legs of a conversation whose forms a thread brings
_s, _l = submission.c, leg.c
_listed = sa.select(submission, _l.queue_id, _l.owner_id).join(leg, _l.id == _s.leg_id)


def view(row: Any) -> views.Submission:
    return views.Submission(
        id=row.id,
        rev=row.rev,
        c=row.conversation_id,
        leg=row.leg_id,
        q=row.queue_id,
        version=row.version_id,
        at=row.at,
        values=decode_values(row.filled),
        by=row.by_id,
        owner=row.owner_id,
    )


def of_conversation(conn: Connection, conversation_id: int, upto: int | None = None) -> list[views.Submission]:
    """Those of its newest legs, up to one where that is given, the newest first."""
    query = _listed.where(_s.conversation_id == conversation_id, *_up_to(upto))
    return [view(row) for row in conn.execute(query.order_by(_s.id.desc()).limit(SHOWN))]


def _up_to(leg_id: int | None) -> tuple[sa.ColumnElement[bool], ...]:
    return () if leg_id is None else (_s.leg_id <= leg_id,)


def by_ids(conn: Connection, ids: Iterable[int]) -> dict[int, views.Submission]:
    wanted = sorted(set(ids))
    return {row.id: view(row) for row in conn.execute(_listed.where(_s.id.in_(wanted)))} if wanted else {}


def page_of_conversation(conversation_id: int, after: int, limit: int, upto: int | None = None) -> sa.Select[Any]:
    mine = (_s.conversation_id == conversation_id, _s.id > after, *_up_to(upto))
    return _listed.where(*mine).order_by(_s.id).limit(limit)


def page_of_form(form_id: int, after: int, limit: int) -> sa.Select[Any]:
    """Those of all its versions, in the order in which they were begun."""
    return _listed.where(_s.form_id == form_id, _s.id > after).order_by(_s.id).limit(limit)


def open_leg(conn: Connection, conversation_id: int) -> int | None:
    """The leg that it is in; None where it has ended."""
    return conn.scalar(sa.select(_l.id).where(_l.conversation_id == conversation_id, _l.ended_at.is_(None)))


def of_leg(conn: Connection, leg_id: int | None) -> Any:
    return conn.execute(sa.select(submission).where(_s.leg_id == leg_id)).first()


def carry(unit: Unit, actor: str, conversation_id: int, queue_id: int, owner_id: int | None, leg_id: int) -> None:
    """A conversation comes back to the agent and queue that it ended with, in a new leg: what they had filled in goes
    with it, so that it need not be filled in again, and an end that is taken back takes nothing of it away."""
    last = unit.conn.execute(
        sa.select(leg).where(_l.conversation_id == conversation_id, _l.id < leg_id).order_by(_l.id.desc()).limit(1)
    ).first()
    if last is None or (last.queue_id, last.owner_id) != (queue_id, owner_id):
        return
    filled = of_leg(unit.conn, last.id)
    if filled is not None:
        kept = ("conversation_id", "form_id", "version_id", "filled", "at", "by_id")
        put(unit, actor, None, leg_id=leg_id, **{name: getattr(filled, name) for name in kept})


def put(unit: Unit, actor: str, had: Any, **values: Any) -> int:
    """Save what is filled in, in the place of what the leg `had`, and record that; returns the event's number."""
    if had is None:
        made = unit.conn.execute(sa.insert(submission).values(rev=0, **values)).inserted_primary_key[0]  # type: ignore[index]
    else:
        made = had.id
    about = {"submission": made, "leg": values["leg_id"], "version": values["version_id"]}
    rev = unit.record("form.filled", actor, values["conversation_id"], about)
    unit.conn.execute(sa.update(submission).where(_s.id == made).values(rev=rev, **values))
    filled_keys.put(unit.conn, made)
    return rev


def erase(conn: Connection, conversation_id: int) -> None:
    filled_keys.forget(conn, conversation_id)
    conn.execute(sa.delete(submission).where(_s.conversation_id == conversation_id))
