"""Contacts by the words of their names and the digits of their numbers, on both engines alike.

A contact is indexed in the transaction that names or changes them, under their own id, and taken out when erased. A
word is found by its beginning, and a number by any part of it: each of its digits begins a word of the index, so that
`981 123` finds `+595 981 123 456`. What is indexed is made of `contact.folded`, which a filter looks at too: the index
says which few conversations are worth looking at, and `hub.desk.conditions` decides.

SQLite has it in an FTS5 table, PostgreSQL in one with a column of words and a GIN index. Neither reads the words by
rules of its own: SQLite parts them at blanks, and PostgreSQL takes them as they are.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.desk.tables import contact, conversation
from hub.store.unit import Unit

FEW = 4_000  # contacts, or conversations, that are worth beginning with
DIGITS = 16  # of a part of a number
CHUNK = 500  # ids in one statement
SOME = 5_000  # contacts that are checked at once
_index = sa.table("contact_search", sa.column("rowid", sa.BigInteger), sa.column("folded", sa.String))
_matches = {
    "sqlite": sa.text("contact_search MATCH :words"),
    "postgresql": sa.text("contact_search.words @@ CAST(:words AS tsquery)"),
}
_c = conversation.c


def indexed(folded: str) -> str:
    """What is indexed of a contact's words: each of them, and what of it begins at each digit."""
    words = dict.fromkeys(folded.split())
    for word in list(words):
        for at, letter in enumerate(word):
            if "0" <= letter <= "9":
                words[word[at : at + DIGITS]] = None
    return " ".join(words)


def add(conn: Connection, contact_id: int, folded: str) -> None:
    """Index a new contact; one without words is in no index."""
    if folded:
        conn.execute(sa.insert(_index).values(rowid=contact_id, folded=indexed(folded)))


def put(conn: Connection, contact_id: int, folded: str) -> None:
    """Index a contact anew."""
    forget(conn, contact_id)
    add(conn, contact_id, folded)


def forget(conn: Connection, contact_id: int) -> None:
    conn.execute(sa.delete(_index).where(_index.c.rowid == contact_id))


# -- looking -----------------------------------------------------------------------------------------------------------


def contacts(words: Sequence[str], engine: str) -> sa.Select[Any]:
    """The ids of whom each of these folded words is found in."""
    joint = {"sqlite": " AND ", "postgresql": " & "}[engine]
    form = {"sqlite": '"{}"*', "postgresql": "'{}':*"}[engine]
    asked = joint.join(form.format(word[:DIGITS] if word.isdecimal() else word) for word in words)
    return sa.select(_index.c.rowid).where(_matches[engine].bindparams(words=asked))


def conversations(conn: Connection, words: Sequence[str]) -> frozenset[int] | None:
    """The conversations of whom each of these folded words is found in; None where those are not few."""
    if not words:
        return None
    people = list(conn.scalars(contacts(words, conn.dialect.name).limit(FEW + 1)))
    found: set[int] = set()
    for start in range(0, len(people) if len(people) <= FEW else 0, CHUNK):
        theirs = sa.select(_c.id).where(_c.contact_id.in_(people[start : start + CHUNK]))
        found.update(conn.scalars(theirs.limit(FEW + 1)))
        if len(found) > FEW:
            return None
    return frozenset(found) if len(people) <= FEW else None


def newest(conn: Connection, words: Sequence[str], limit: int) -> list[int]:
    """Of whom each of these folded words is found in those who were made last, the last one first."""
    if not words:
        return []
    found = contacts(words, conn.dialect.name)
    if conn.dialect.name == "sqlite":
        return list(conn.scalars(found.order_by(_index.c.rowid.desc()).limit(limit)))
    some = found.offset(0).subquery()  # PostgreSQL would go through all contacts for the first few instead
    return list(conn.scalars(sa.select(some.c.rowid).order_by(some.c.rowid.desc()).limit(limit)))


# -- keeping it whole --------------------------------------------------------------------------------------------------


def missing(conn: Connection) -> int:
    """How many contacts are not in the index as they are; and rows of it that are nobody's."""
    return sum(1 for _ in _wrong(conn)) + len(_nobodys(conn))


def mend(unit: Unit) -> int:
    """Index anew what is not as it should be; returns how many that were."""
    wrong, nobodys = list(_wrong(unit.conn)), _nobodys(unit.conn)
    for number, folded in wrong:
        put(unit.conn, number, folded)
    for number in nobodys:
        forget(unit.conn, number)
    return len(wrong) + len(nobodys)


def fill(conn: Connection) -> None:
    """Index all who are not indexed at all."""
    for rows in _parts(conn):
        new = [{"rowid": row.id, "folded": indexed(row.folded)} for row in rows if row.folded and row.there is None]
        if new:
            conn.execute(sa.insert(_index), new)


def _wrong(conn: Connection) -> Iterator[tuple[int, str]]:
    for rows in _parts(conn):
        yield from ((row.id, row.folded) for row in rows if (row.there or "") != indexed(row.folded))


def _parts(conn: Connection) -> Iterator[Sequence[Any]]:
    """(id, folded, there) of all contacts, so many at once; `there`: what is in the index."""
    last = 0
    whole = sa.select(contact.c.id, contact.c.folded, _index.c.folded.label("there")).outerjoin(
        _index, _index.c.rowid == contact.c.id
    )
    while rows := conn.execute(whole.where(contact.c.id > last).order_by(contact.c.id).limit(SOME)).all():
        yield rows
        last = rows[-1].id


def _nobodys(conn: Connection) -> list[int]:
    people: Iterable[int] = conn.scalars(
        sa.select(_index.c.rowid).outerjoin(contact, contact.c.id == _index.c.rowid).where(contact.c.id.is_(None))
    )
    return list(people)
