"""Copies of a SQLite desk, made while a hub writes to it."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from hub.protocol.settings import N_
from hub.upkeep import NO_DESK, Unable
from hub.upkeep.manifest import Position, private

PAGES, PAUSE = 1024, 0.01  # copied at a time (4 MiB), and seconds between, so that the hub has the disk too


def copy(source: Path, target: Path) -> Position:
    """Copy the database as it stands now into a file of its own (0600), look whether that is whole, and say where it
    stands. Raises `Unable`, sqlite3.Error.

    The copy is made inside one read transaction: it is the database of one moment however much is written meanwhile,
    and doesn't begin anew when it is. Until it is made the journal beside the source only grows.
    """
    with private(target):
        pass
    with closing(_connect(source)) as here, closing(_connect(target)) as there:
        here.execute("BEGIN")
        if here.execute("SELECT 1 FROM sqlite_master WHERE name = 'head'").fetchone() is None:
            raise Unable(NO_DESK, place=source)
        here.backup(there, pages=PAGES, progress=lambda *_: time.sleep(PAUSE))
        here.execute("ROLLBACK")
        there.execute("PRAGMA journal_mode=DELETE")
    return position(target)


def position(file: Path) -> Position:
    """Where a database that nobody uses stands, after looking at every page, reference and number of it."""
    with closing(_connect(file)) as database:
        (said,) = database.execute("PRAGMA integrity_check(1)").fetchone()
        if said != "ok":
            raise Unable(N_("The database is damaged: {why}"), why=said)
        if (broken := database.execute("PRAGMA foreign_key_check").fetchone()) is not None:
            raise Unable(N_("The database is damaged: {why}"), why=f"{broken[0]} refers to no {broken[2]}")
        schema = database.execute("SELECT version_num FROM alembic_version").fetchone()[0]
        epoch, seq, nonce = database.execute("SELECT epoch, seq, nonce FROM head").fetchone()
        last = database.execute("SELECT seq, nonce FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
        if last is not None and last != (seq, nonce):
            raise Unable(N_("The database is damaged: {why}"), why=f"the head says {seq}, the journal {last[0]}")
    return Position(schema, epoch, seq, nonce)


def _connect(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)
