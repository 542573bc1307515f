"""What a form tells of who a contact is: the e-mail addresses, document ids and numbers that were filled in, in one
form each.

They are rows of their own, so that others with the same are found, and follow the submission that they come from: they
are written with it, in its transaction, and erased with it.
"""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.desk.form_tables import filled_key, form_version, submission
from hub.desk.tables import conversation
from hub.protocol.filter_fields import fold
from hub.protocol.forms import decode_fields, decode_values
from hub.store.unit import Unit

KINDS = ("email", "document", "phone")
DIGITS = 7  # of a number: fewer say nothing of who it is
_k, _s, _c = filled_key.c, submission.c, conversation.c
Key = tuple[int, str, str, int]  # submission, kind, value, contact


def plain(kind: str, value: str) -> str:
    """As it is compared: an address without case, a document by its letters and digits alone, a number from its end,
    or empty where it has too few digits."""
    if kind == "email":
        return value.strip().casefold()
    if kind == "phone":
        found = digits(value)
        return found[::-1] if len(found) >= DIGITS else ""
    return "".join(letter for letter in fold(value) if letter.isalnum())


def digits(phone: str) -> str:
    """Its digits without the zeros before it, which stand for a country or are dialled within one."""
    return "".join(letter for letter in phone if letter in "0123456789").lstrip("0")


def put(conn: Connection, submission_id: int) -> None:
    """Keep those of a submission as it is now."""
    conn.execute(sa.delete(filled_key).where(_k.submission_id == submission_id))
    _insert(conn, _meant(conn, submission_id - 1, submission_id))


def forget(conn: Connection, conversation_id: int) -> None:
    mine = sa.select(_s.id).where(_s.conversation_id == conversation_id)
    conn.execute(sa.delete(filled_key).where(_k.submission_id.in_(mine)))


def missing(conn: Connection) -> int:
    """How many are not as the submissions say."""
    return len(set(_meant(conn)) ^ _there(conn))


def mend(unit: Unit) -> int:
    meant, there = set(_meant(unit.conn)), _there(unit.conn)
    for submission_id, kind, value, _contact in there - meant:
        one = (_k.submission_id == submission_id, _k.kind == kind, _k.value == value)
        unit.conn.execute(sa.delete(filled_key).where(*one))
    _insert(unit.conn, sorted(meant - there))
    return len(meant ^ there)


def fill(conn: Connection) -> None:
    """Keep those of all submissions, where none are kept yet."""
    _insert(conn, _meant(conn))


def _there(conn: Connection) -> set[Key]:
    return {tuple(row) for row in conn.execute(sa.select(_k.submission_id, _k.kind, _k.value, _k.contact_id))}


def _meant(conn: Connection, after: int = 0, until: int = 2**53) -> Iterator[Key]:
    """Those of the submissions with ids from behind one to another."""
    rows = conn.execute(
        sa.select(_s.id, _s.filled, form_version.c.fields, _c.contact_id)
        .join(form_version, form_version.c.id == _s.version_id)
        .join(conversation, _c.id == _s.conversation_id)
        .where(_s.id > after, _s.id <= until)
        .order_by(_s.id)
    )
    for row in rows.all():
        values = decode_values(row.filled)
        told: set[Key] = set()
        for field in decode_fields(row.fields):
            value = values.get(field.code, "")
            if field.kind in KINDS and isinstance(value, str) and (key := plain(field.kind, value)):
                told.add((row.id, field.kind, key, row.contact_id))
        yield from sorted(told)


def _insert(conn: Connection, keys: Iterator[Key] | list[Key]) -> None:
    names = ("submission_id", "kind", "value", "contact_id")
    if rows := [dict(zip(names, key, strict=True)) for key in keys]:
        conn.execute(sa.insert(filled_key), rows)
