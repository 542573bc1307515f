"""The way of one command: what it was answered, what it recorded, and what became of the messages that it made.

A command's key is made by whoever submits it and goes with it all the way: it stands in the console's log, in the
hub's, beside the answer, beside every event that it recorded, and on the message.
"""

from dataclasses import dataclass, field
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from hub.desk.tables import message
from hub.store.schema import idempotency, journal


@dataclass(frozen=True, slots=True)
class Step:
    """`at` in UTC milliseconds; `seq` is the journal number, 0 of the answer; `key` of the command that recorded it."""

    at: int
    seq: int
    who: str
    what: str
    conversation: int | None
    detail: str
    key: str


@dataclass(slots=True)
class Trace:
    key: str
    steps: list[Step] = field(default_factory=list)


def trace(conn: Connection, named: str) -> Trace | None:
    """The way of the command with this key, or of the one that recorded the journal row of this number.

    Looks through the journal from end to end: it is for a person who waits, and for no hot path.
    """
    rows = _of_key(conn, named)
    key = named
    if not rows and named.isascii() and named.isdecimal():
        rows = _rows(conn, journal.c.seq == int(named))
        if rows and (key := rows[0].key):
            rows = _of_key(conn, key)
    answers = _answers(conn, key) if key else []
    later = _later(conn, key, rows) if key else []
    steps = answers + [_step(row) for row in rows] + later
    return Trace(key, steps) if steps else None


def _rows(conn: Connection, where: Any) -> list[Any]:
    return list(conn.execute(sa.select(journal).where(where).order_by(journal.c.seq)))


def _of_key(conn: Connection, key: str) -> list[Any]:
    return _rows(conn, journal.c.key == key)


def _answers(conn: Connection, key: str) -> list[Step]:
    rows = conn.execute(sa.select(idempotency).where(idempotency.c.key == key).order_by(idempotency.c.at))
    return [Step(row.at, 0, row.principal, "", None, row.result, key) for row in rows]


def _later(conn: Connection, key: str, rows: list[Any]) -> list[Step]:
    """What happened by other commands to the messages that this one made."""
    conversations = {row.conversation_id for row in rows if row.conversation_id is not None}
    made = set(
        conn.scalars(sa.select(message.c.id).where(message.c.conversation_id.in_(conversations), message.c.key == key))
    )
    if not made:
        return []
    after = (journal.c.conversation_id.in_(conversations), journal.c.seq > rows[0].seq, journal.c.key != key)
    return [_step(row) for row in _rows(conn, sa.and_(*after)) if made & _messages(row.data)]


def _messages(data: str) -> set[int]:
    found = msgspec.json.decode(data)
    return {*found.get("ms", ()), found.get("m", 0)}


def _step(row: Any) -> Step:
    return Step(row.at, row.seq, row.actor, row.kind, row.conversation_id, row.data, row.key)
