"""What a console keeps on disk: the outbox, drafts, and the last known desk.

Promised: what was put in with `write` is durable when its `done` is called, and jobs become durable in the order they
were put in. The file is readable by its owner only. Jobs that wait are written in one transaction, so that a slow disk
delays nobody twice.

When the hub has ended the session, `wipe` takes the file away with all it holds, and the files that other consoles of
the agent left: neither customers' words nor ours to them stay behind. From then on nothing is written, until `renew`.
What the person typed lives on in memory (see `carried`).
"""

import asyncio
import contextlib
import functools
import logging
import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import aiosqlite
import msgspec

from agent_tui.link.place import Place, left_behind

log = logging.getLogger(__name__)

SCHEMA = 1
_TABLES = """
CREATE TABLE outbox (
    n INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, name TEXT NOT NULL, args BLOB NOT NULL,
    conversation INTEGER NOT NULL, body TEXT NOT NULL, at INTEGER NOT NULL, state TEXT NOT NULL,
    code TEXT NOT NULL, detail BLOB NOT NULL
) STRICT;
CREATE TABLE drafts (conversation INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
CREATE TABLE kept (name TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT;
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
"""
_WAL = "journal_size_limit = 1048576"  # bytes that the journal beside the file may keep
_COLUMNS = "key, name, args, conversation, body, at, state, code, detail"
ADD_TO_OUTBOX = f"INSERT OR IGNORE INTO outbox ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
ADD_DRAFT = (
    "INSERT INTO drafts VALUES (?, ?) ON CONFLICT DO UPDATE SET body = body || char(10) || excluded.body"
    " WHERE body <> excluded.body"
)

_OUTBOX = f"SELECT {_COLUMNS} FROM outbox ORDER BY n"  # noqa: S608
_DRAFTS = "SELECT conversation, body FROM drafts"
_OVERWRITE = """
DELETE FROM kept; DELETE FROM meta; DELETE FROM outbox; DELETE FROM drafts; PRAGMA wal_checkpoint(TRUNCATE);
"""

Value = int | str | bytes
Statement = tuple[str, tuple[Value, ...]]
OutboxRow = tuple[str, str, bytes, int, str, int, str, str, bytes]


class NewerFile(Exception):
    """The file was written by a newer console; this one would not understand what it holds."""


class Stored(msgspec.Struct):
    """All that a file holds."""

    outbox: list[OutboxRow] = msgspec.field(default_factory=list)
    drafts: dict[int, str] = msgspec.field(default_factory=dict)
    kept: dict[str, bytes] = msgspec.field(default_factory=dict)
    meta: dict[str, str] = msgspec.field(default_factory=dict)


class _Job(msgspec.Struct):
    statements: Sequence[Statement]
    done: Callable[[], None] | None = None
    failed: Callable[[Exception], None] | None = None
    scrub: bool = False  # the journal beside the file still holds what this deletes, or what was deleted before it


class Disk:
    """One console's file. Made by `open_disk`."""

    def __init__(self, place: Place, connection: aiosqlite.Connection) -> None:
        self._place = place
        self._connection: aiosqlite.Connection | None = connection  # None: the file is away
        self._wiped = False
        self._jobs: list[_Job] = []
        self._work = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._writer = asyncio.create_task(self._write_all(), name="disk writer")

    def write(
        self,
        statements: Sequence[Statement],
        done: Callable[[], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Have statements written, all or none. Exactly one of `done` and `failed` is called, in the event loop."""
        self._put(_Job(statements, done, failed))

    def scrub(self) -> None:
        """Leave no trace of what was deleted so far: pages are overwritten anyhow, and so the journal is emptied."""
        self._put(_Job((), scrub=True))

    def _put(self, job: _Job) -> None:
        self._jobs.append(job)
        self._idle.clear()
        self._work.set()

    async def flush(self) -> None:
        """Return when all that was put in so far has been written, or has failed."""
        await self._idle.wait()

    def forget_desk(self) -> None:
        """Wipe what belongs to the hub: the last known desk and the cursor."""
        self._put(_Job([("DELETE FROM kept", ()), ("DELETE FROM meta", ())], scrub=True))

    def wipe(self) -> None:
        """Take the file away, and those that other consoles of the agent left. What is put in from here on is answered
        as written, and kept nowhere."""
        self._wiped = True
        self.write([])

    def renew(self) -> bool:
        """Write again, to a new file; whether the old one had been wiped."""
        was, self._wiped = self._wiped, False
        return was

    async def close(self) -> None:
        """Write what waits, then let the file go."""
        await self.flush()
        self._writer.cancel()
        await asyncio.wait([self._writer])
        if self._connection is not None:
            await self._connection.close()
        self._place.release()

    async def load(self) -> Stored:
        stored = Stored()
        if self._connection is None:
            return stored
        for row in await self._connection.execute_fetchall(_OUTBOX):
            key, name, args, conversation, body, at, state, code, detail = row
            stored.outbox.append((key, name, args, conversation, body, at, state, code, detail))
        read = self._connection.execute_fetchall
        stored.drafts = {row[0]: row[1] for row in await read(_DRAFTS)}
        stored.kept = {row[0]: row[1] for row in await read("SELECT name, body FROM kept")}
        stored.meta = {row[0]: row[1] for row in await read("SELECT name, value FROM meta")}
        return stored

    async def _write_all(self) -> None:
        while True:
            await self._work.wait()
            self._work.clear()
            jobs, self._jobs = self._jobs, []
            try:
                statements = [statement for job in jobs for statement in job.statements]
                await self._commit(statements, scrub=any(job.scrub for job in jobs))
            except sqlite3.Error as together:
                log.warning("writing %d jobs together failed: %s", len(jobs), together)
                for job in jobs:
                    await self._write_alone(job)
            else:
                for job in jobs:
                    self._tell(job.done)
            if not self._jobs:
                self._idle.set()

    async def _write_alone(self, job: _Job) -> None:
        try:
            await self._commit(job.statements, scrub=job.scrub)
        except sqlite3.Error as error:
            log.exception("the console's file could not be written")
            self._tell(functools.partial(job.failed, error) if job.failed else None)
        else:
            self._tell(job.done)

    @staticmethod
    def _tell(callback: Callable[[], None] | None) -> None:
        """In the loop's own turn, in order: what a callback raises must not end the writer."""
        if callback:
            asyncio.get_running_loop().call_soon(callback)

    async def _commit(self, statements: Sequence[Statement], *, scrub: bool) -> None:
        if self._wiped:
            await self._take_away()
            return
        connection = self._connection = self._connection or await _connect(self._place.path)
        await connection.execute("BEGIN IMMEDIATE")
        try:
            for sql, values in statements:
                await connection.execute(sql, values)
            await connection.execute("COMMIT")
            if scrub:
                await connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error:
            if connection.in_transaction:
                await connection.execute("ROLLBACK")
            raise

    async def _take_away(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                await connection.executescript(_OVERWRITE)
            except sqlite3.Error:
                log.exception("the console's file could not be overwritten before it is taken away")
            await connection.close()
            erase(self._place)


async def open_disk(place: Place) -> Disk:
    """Open a claimed file, made where there is none, and take over what other consoles left unsent.

    The place is the disk's from here on, and released when it is closed or can't be opened. A file that is damaged is
    put aside under another name, and a new one begun. Raises NewerFile, OSError, sqlite3.Error.
    """
    try:
        connection = await _connect_or_begin_anew(place.path)
    except BaseException:
        place.release()
        raise
    for other in left_behind(place):
        try:
            await _adopt(connection, other.path)
        except (sqlite3.Error, NewerFile):
            log.exception("what another console left in %s can't be taken over", other.path)
        finally:
            other.release()
    return Disk(place, connection)


async def _connect_or_begin_anew(path: Path) -> aiosqlite.Connection:
    try:
        return await _connect(path)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode not in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
            raise
        log.exception("the console's file %s is damaged", path)
        put_aside(path)
        return await _connect(path)


def put_aside(path: Path) -> None:
    """Give a file another name, and take its journals away: they belong to no other."""
    path.rename(path.with_suffix(f".damaged-{int(time.time())}"))
    remove(path)


def erase(own: Place) -> None:
    """Take away an agent's files that no other console uses: our own, those left behind, and damaged ones."""
    remove(own.path)
    for other in left_behind(own):
        remove(other.path)
        other.release()
    for damaged in own.path.parent.glob(f"{own.stem}-*.damaged-*"):
        damaged.unlink(missing_ok=True)


def unsent(path: Path) -> tuple[list[OutboxRow], dict[int, str]]:
    """The outbox and the drafts of a claimed file that no console has open; nothing where it can't be read."""
    try:
        with contextlib.closing(sqlite3.connect(path)) as file:
            return list(file.execute(_OUTBOX)), dict(file.execute(_DRAFTS))
    except sqlite3.Error as error:
        log.warning("%s can't be read: %s", path, error)
        return [], {}


def remove(path: Path) -> None:
    """Take a file and its journals away."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


async def _connect(path: Path) -> aiosqlite.Connection:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = await aiosqlite.connect(path, isolation_level=None)
    try:
        await _prepare(connection, path)
    except BaseException:
        await connection.close()
        raise
    return connection


async def _prepare(connection: aiosqlite.Connection, path: Path) -> None:
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON", "busy_timeout = 2000", _WAL):
        await connection.execute(f"PRAGMA {pragma}")
    [(version,)] = await connection.execute_fetchall("PRAGMA user_version")
    if version > SCHEMA:
        raise NewerFile(f"{path} has schema {version}, this console knows {SCHEMA}")
    if version < SCHEMA:
        await connection.executescript(f"BEGIN IMMEDIATE; {_TABLES} PRAGMA user_version = {SCHEMA}; COMMIT;")


async def _adopt(connection: aiosqlite.Connection, path: Path) -> None:
    """Move the outbox and the drafts of a file that no console uses, then take it away.

    A crash in between leaves commands in both files; their keys are the same, so they take effect once all the same.
    """
    other = await _connect(path)
    try:
        rows = list(await other.execute_fetchall(_OUTBOX))
        drafts = list(await other.execute_fetchall(_DRAFTS))
        await connection.execute("BEGIN IMMEDIATE")
        await connection.executemany(ADD_TO_OUTBOX, rows)
        await connection.executemany(ADD_DRAFT, drafts)
        await connection.execute("COMMIT")
    finally:
        await other.close()
    remove(path)
