"""Reading the audit trail: search with keyset pages, and the check that nothing in it was changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from hub.desk.audit import CHECKPOINT, digest_of, hash_of
from hub.desk.audit_tables import audit, audit_head
from hub.protocol.settings import N_

CHUNK = 500  # entries in one read
MOST = 500  # entries in one page
_a = audit.c


class Entry(msgspec.Struct, frozen=True):
    """One entry, as it is shown. `at`: UTC ms; `about`: ids, switches, choices; `address`: empty where it was not kept,
    or has been erased."""

    n: int
    at: int
    who: str
    via: str
    whence: str
    what: str
    outcome: str
    about: dict[str, int | str | bool]
    address: str
    hash: str


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for; what is left out matches anything. `what`: a whole name, or what stands before its dot;
    `since` and `until` (not included): UTC ms."""

    who: str = ""
    what: str = ""
    conversation: int | None = None
    since: int | None = None
    until: int | None = None

    def conditions(self) -> Iterator[sa.ColumnElement[bool]]:
        if self.who:
            yield _a.who == self.who
        if self.what:
            yield sa.or_(_a.what == self.what, _a.what.startswith(f"{self.what}.", autoescape=True))
        if self.conversation is not None:
            yield _a.conversation_id == self.conversation
        if self.since is not None:
            yield _a.at >= self.since
        if self.until is not None:
            yield _a.at < self.until


def page(conn: Connection, search: Search, *, before: int | None = None, limit: int = 50) -> list[Entry]:
    """The newest entries that match, newest first; those before the entry `before` where it is given. A page that has
    `limit` of them (at most 500) may have a next one: ask with the number of its last."""
    query = sa.select(audit).where(*search.conditions())
    if before is not None:
        query = query.where(_a.n < before)
    return [_entry(row) for row in conn.execute(query.order_by(_a.n.desc()).limit(min(limit, MOST)))]


def whole(conn: Connection, search: Search) -> Iterator[Entry]:
    """All that match, oldest first."""
    last = 0
    while True:
        query = sa.select(audit).where(*search.conditions(), _a.n > last).order_by(_a.n).limit(CHUNK)
        found = [_entry(row) for row in conn.execute(query)]
        yield from found
        if len(found) < CHUNK:
            return
        last = found[-1].n


def _entry(row: Any) -> Entry:
    about = msgspec.json.decode(row.about, type=dict[str, int | str | bool])
    return Entry(
        row.n, row.at, row.who, row.via, row.whence, row.what, row.outcome, about, row.personal or "", row.hash
    )


# -- what verifies -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mark:
    """An entry as somebody wrote it down, outside the database."""

    n: int
    hash: str

    def __str__(self) -> str:
        return f"{self.n}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> "Mark":
        """From `N:HASH`. Raises ValueError."""
        number, _, hash_ = text.partition(":")
        if len(hash_) != 64:
            raise ValueError(text)
        return cls(int(number), hash_)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the trail is whole. `broken`: the first entry where it is not, and `why` in English, to be translated;
    `first` and `last`: what was read; `mark`: the end, for writing down."""

    first: int
    last: int
    mark: Mark
    broken: int | None = None
    why: str = ""


class _Broken(Exception):
    def __init__(self, n: int, why: str) -> None:
        super().__init__(why)
        self.n, self.why = n, why


def verify(conn: Connection, known: Mark | None = None) -> Verdict:
    """Read the whole trail, and find the first entry that is not as it was written. `known`: one that must be in it.

    Whoever can write to the database and knows this code can write a trail anew that verifies; not one that still holds
    an entry that was written down elsewhere.
    """
    gone, hash_of_gone = _expired(conn)
    last, before = gone, hash_of_gone
    try:
        for row in _rows(conn):
            _check(row, last, before)
            last, before = row["n"], row["hash"]
            _check_known(known, last, before)
        _check_end(conn, known, last, before)
    except _Broken as fault:
        return Verdict(gone + 1, last, Mark(last, before), fault.n, fault.why)
    return Verdict(gone + 1, last, Mark(last, before))


def _expired(conn: Connection) -> tuple[int, str]:
    """The last entry that was let go of, and its hash, as the newest checkpoint says, checked like the rest."""
    query = sa.select(_a.through, _a.about).where(_a.what == CHECKPOINT, _a.through.is_not(None))
    row = conn.execute(query.order_by(_a.through.desc()).limit(1)).first()
    return (0, "") if row is None else (row.through, msgspec.json.decode(row.about)["hash"])


def _rows(conn: Connection) -> Iterator[Any]:
    last = 0
    while True:
        found = conn.execute(sa.select(audit).where(_a.n > last).order_by(_a.n).limit(CHUNK)).mappings().all()
        yield from found
        if len(found) < CHUNK:
            return
        last = found[-1]["n"]


def _check(row: Any, last: int, before: str) -> None:
    if row["n"] != last + 1:
        raise _Broken(last + 1, N_("it is missing"))
    if row["hash"] != hash_of(before, row):
        raise _Broken(row["n"], N_("it is not as it was written"))
    if row["personal"] is not None and row["personal_digest"] != digest_of(row["salt"] or "", row["personal"]):
        raise _Broken(row["n"], N_("its address is not as it was written"))


def _check_known(known: Mark | None, last: int, hash_: str) -> None:
    if known is not None and known.n == last and known.hash != hash_:
        raise _Broken(last, N_("it is not the entry that was noted"))


def _check_end(conn: Connection, known: Mark | None, last: int, before: str) -> None:
    head = conn.execute(sa.select(audit_head.c.n, audit_head.c.hash).where(audit_head.c.id == 1)).first()
    if head is None or head.n < last:
        raise _Broken(last, N_("the trail's own end is not where it should be"))
    if head.n > last:
        raise _Broken(last + 1, N_("it is missing"))
    if head.hash != before:
        raise _Broken(last, N_("it is not as it was written"))
    if known is not None and known.n > last:
        raise _Broken(known.n, N_("it is missing, though it was noted"))
