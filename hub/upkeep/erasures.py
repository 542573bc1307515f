"""Who was erased, in a file outside the database, so that a restore of an older backup erases them again.

One line a contact, as JSON: their id and when they were created, which together name a row in every copy of the
database (ids are never reused, but a restored database goes on counting from where it was), and when they were erased.
Nothing in it says who they were. Every hub keeps one beside its data.
"""

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from hub.config import Config
from hub.desk.tables import contact

_FILE = "erasures.log"


class Erasure(msgspec.Struct, frozen=True):
    """Times in UTC milliseconds."""

    contact: int
    created: int
    at: int


def log_of(config: Config) -> Path:
    return config.data / _FILE


def read(log: Path) -> set[Erasure]:
    """All that the file says; nothing where there is none. A line that was broken off by a crash is left."""
    if not log.exists():
        return set()
    found = set()
    for line in log.read_bytes().splitlines():
        with contextlib.suppress(msgspec.DecodeError):
            found.add(msgspec.json.decode(line, type=Erasure))
    return found


def add(log: Path, erasures: Iterable[Erasure]) -> None:
    """Write down those that are not in the file yet, durably."""
    known = {(one.contact, one.created) for one in read(log)}
    new = [one for one in erasures if (one.contact, one.created) not in known]
    if not new:
        return
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(log, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "ab") as file:
        if file.tell() and log.read_bytes()[-1:] != b"\n":
            file.write(b"\n")
        file.writelines(msgspec.json.encode(one) + b"\n" for one in new)
        file.flush()
        os.fsync(file.fileno())


def of_database(conn: Connection) -> list[Erasure]:
    rows = conn.execute(
        sa.select(contact.c.id, contact.c.created_at, contact.c.erased_at).where(contact.c.erased_at.is_not(None))
    )
    return [Erasure(row.id, row.created_at, row.erased_at) for row in rows]


def still_there(conn: Connection, erasures: Iterable[Erasure]) -> list[int]:
    """Ids of the contacts among them whom this database holds, not erased."""
    wanted = {(one.contact, one.created) for one in erasures}
    ids = sorted({contact_id for contact_id, _ in wanted})
    found = []
    for start in range(0, len(ids), 500):
        c = contact.c
        some = sa.select(c.id, c.created_at).where(c.id.in_(ids[start : start + 500]), c.erased_at.is_(None))
        found += [row.id for row in conn.execute(some) if (row.id, row.created_at) in wanted]
    return found
