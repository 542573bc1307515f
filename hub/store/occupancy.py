"""Who has a database in use. Hubs and shells share it; a restore has it alone, and nobody opens it meanwhile.

On SQLite that is an flock on a file beside the database, which ends with the process that holds it. On PostgreSQL a
restore holds an advisory lock, which whoever opens the store looks at, and looks at who is connected itself.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Connection

RESTORING = 0x62616E64  # of the advisory lock


class BeingRestored(Exception):
    """A restore has the database alone: try again when it is done."""


class InUse(Exception):
    """A hub, or another bandeja-hub, has the database open. `by` names what is known of them."""

    def __init__(self, by: str) -> None:
        super().__init__(by)
        self.by = by


def sqlite_path(url: str) -> Path:
    """The file of a sqlite:/// URL."""
    return Path(url.partition(":///")[2])


@contextmanager
def sharing(path: Path) -> Iterator[None]:
    """Use a database file beside others. Raises `BeingRestored`."""
    lock = take(path, alone=False)
    try:
        yield
    finally:
        os.close(lock)


@contextmanager
def alone_with(path: Path) -> Iterator[None]:
    """Have a database file alone. Raises `InUse`."""
    lock = take(path, alone=True)
    try:
        yield
    finally:
        os.close(lock)


def take(path: Path, *, alone: bool) -> int:
    """A descriptor that holds the lock until it is closed. Raises `InUse` where it is to be alone, `BeingRestored`."""
    lock = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(lock)
        raise (InUse(str(path)) if alone else BeingRestored(str(path))) from error
    return lock


def look(conn: Connection) -> None:
    """On PostgreSQL: raises `BeingRestored`."""
    if not conn.scalar(sa.select(sa.func.pg_try_advisory_xact_lock_shared(RESTORING))):
        raise BeingRestored(conn.engine.url.database or "")
