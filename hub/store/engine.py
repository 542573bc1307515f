"""The store port and its two engines, SQLite and PostgreSQL, which run the same synchronous functions.

`read(fn)` runs `fn(conn)` in one read transaction that sees one state of the database. `write(fn)` runs `fn(unit)`
through the grouped writer and resolves when it is durable. Where a question is a way over the network, `before_group`
reads at once what the jobs of a group will ask for. URLs: `sqlite:///path/to/file`, `postgresql://…`.
"""

import asyncio
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import create_async_engine

from hub.store import occupancy
from hub.store.clock import Clock
from hub.store.unit import Unit
from hub.store.writer import Job, Outcome, Writer, run_jobs

T = TypeVar("T")
QUIET: dict[str, Any] = {"hide_parameters": True}  # an error in the log must not carry what a customer wrote
MERGED = 500  # pages of a full text index that are merged at once
READERS = 3  # connections
# Compiling a plan takes longer than any statement of a hub, and is done anew each time.
QUICK = {"server_settings": {"jit": "off"}}
PATIENCE = 5.0  # seconds that what is being read has to come to its end when the store stops
BUSY_TIMEOUT = 5000  # milliseconds that a lock is waited for


class Store:
    """What the rest of the hub knows of the database."""

    def __init__(self, url: str, clock: Clock) -> None:
        self.url = url
        self.clock = clock
        self.on_commit: list[Callable[[Unit], None]] = []
        self.on_fault: list[Callable[[str], None]] = []
        self.before_group: Callable[[Unit, list[Job]], None] = lambda unit, jobs: None
        self._writer = Writer(self._attempt, self._committed, self._failed)

    @property
    def name(self) -> str:
        """The database, without where it is and who may use it."""
        return sa.make_url(self.url).database or ""

    async def start(self, *, alone: bool = False) -> None:
        """Raises `BeingRestored`, unless it is the restore that asks, which has the database `alone`."""
        self._writer.start()

    async def stop(self) -> None:
        await self._writer.stop()

    @property
    def writer(self) -> Writer:
        """To look at; what is to be written is handed in by `write`."""
        return self._writer

    def write(self, fn: Callable[[Unit], T], name: str = "", key: str = "") -> "asyncio.Future[T]":
        """`name` and `key` say in the log which command it is."""
        return self._writer.hand_in(fn, name, key)

    async def read(self, fn: Callable[[Connection], T]) -> T:
        """`fn` may run in a thread of its own: what it changes must be nobody else's meanwhile."""
        raise NotImplementedError

    async def scrub(self, tables: Sequence[str]) -> bool:
        """Take what was deleted off the disk, as far as the engine can; `tables`: where that was. False where somebody
        reads an older state of the database just now: try again."""
        raise NotImplementedError

    def _committed(self, unit: Unit) -> None:
        for listener in self.on_commit:
            listener(unit)

    def _failed(self, command: str) -> None:
        for listener in self.on_fault:
            listener(command)

    async def _attempt(self, jobs: list[Job]) -> tuple[list[Outcome], Unit]:
        raise NotImplementedError


class SqliteStore(Store):
    """One thread owns the write connection; readers have WAL snapshots and threads of their own. A whole read is one
    way to a thread and back: with a way for each statement, the ways cost more than the statements."""

    def __init__(self, url: str, clock: Clock) -> None:
        super().__init__(url, clock)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._engine = sa.create_engine(url, poolclass=sa.pool.StaticPool, **QUIET)
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
        self._readers = sa.create_engine(url, pool_size=READERS, max_overflow=0, **QUIET)
        self._lock: int | None = None
        configure_sqlite(self._engine, begin="BEGIN IMMEDIATE")
        configure_sqlite(self._readers, begin="BEGIN")

    async def start(self, *, alone: bool = False) -> None:
        self._lock = occupancy.take(occupancy.sqlite_path(self.url), alone=alone)
        await super().start()

    async def read(self, fn: Callable[[Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._read_here, fn)

    def _read_here(self, fn: Callable[[Connection], T]) -> T:
        with self._readers.connect() as conn:
            return fn(conn)

    async def stop(self) -> None:
        await super().stop()
        await asyncio.get_running_loop().run_in_executor(self._thread, self._engine.dispose)
        self._thread.shutdown()
        await asyncio.to_thread(self._threads.shutdown)  # what is being read comes to its end first
        self._readers.dispose()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    async def scrub(self, tables: Sequence[str]) -> bool:
        """Pages are overwritten when anything is deleted (`secure_delete`). A full text index (FTS5) keeps the words of
        what was deleted until its parts are merged, which is done a few pages at a time, so that nobody waits for long;
        then the journal beside the file is emptied."""
        run = partial(asyncio.get_running_loop().run_in_executor, self._thread)
        for name in await run(self._indexes):
            pages = -MERGED  # begins with all parts, as many as there are; then goes on with those
            while await run(self._merge, name, pages):
                pages = MERGED
        return await run(self._empty_journal)

    def _indexes(self) -> list[str]:
        cursor = self._engine.raw_connection().cursor()
        cursor.execute("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%USING fts5%'")
        return [name for (name,) in cursor.fetchall()]

    def _merge(self, name: str, pages: int) -> bool:
        """Whether there may be more to merge: SQLite says to go on as long as a call changes two rows or more."""
        connection: Any = self._engine.raw_connection().driver_connection
        before = connection.total_changes
        connection.execute(f"INSERT INTO {name}({name}, rank) VALUES('merge', ?)", (pages,))
        return bool(connection.total_changes - before >= 2)

    def _empty_journal(self) -> bool:
        cursor = self._engine.raw_connection().cursor()
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (busy, *_) = cursor.fetchall()[0]
        return not busy

    async def _attempt(self, jobs: list[Job]) -> tuple[list[Outcome], Unit]:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._attempt_here, jobs)

    def _attempt_here(self, jobs: list[Job]) -> tuple[list[Outcome], Unit]:
        with self._engine.begin() as conn:
            unit = Unit.begin(conn, self.clock)
            return run_jobs(unit, jobs), unit


class PostgresStore(Store):
    """The same functions under `run_sync`; the head row's lock keeps hubs apart."""

    def __init__(self, url: str, clock: Clock) -> None:
        super().__init__(url, clock)
        self._engine = create_async_engine(
            _asyncpg(url), pool_size=1, max_overflow=0, pool_pre_ping=True, connect_args=QUICK, **QUIET
        )
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._reader = create_async_engine(
            _asyncpg(url), pool_size=READERS, execution_options=options, connect_args=QUICK, **QUIET
        )
        self._reads: set[asyncio.Task[Any]] = set()

    async def read(self, fn: Callable[[Connection], T]) -> T:
        """One whose asker has gone comes to its end all the same: to break it off would cost a connection."""
        task = asyncio.create_task(self._read_here(fn), name="read")
        self._reads.add(task)
        task.add_done_callback(self._reads.discard)
        return await asyncio.shield(task)

    async def _read_here(self, fn: Callable[[Connection], T]) -> T:
        async with self._reader.connect() as conn:
            return await conn.run_sync(fn)

    async def start(self, *, alone: bool = False) -> None:
        if not alone:
            await self.read(occupancy.look)
        await super().start()

    async def stop(self) -> None:
        await super().stop()
        if self._reads:
            _, late = await asyncio.wait(self._reads, timeout=PATIENCE)
            for task in late:
                task.cancel()
        await self._reader.dispose()
        await self._engine.dispose()

    async def scrub(self, tables: Sequence[str]) -> bool:
        """What was deleted can't be read any more by anybody; its bytes stay until PostgreSQL needs the room."""
        engine = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        async with engine.connect() as conn:
            await conn.exec_driver_sql(f"VACUUM {', '.join(tables)}".rstrip())
        return True

    async def _attempt(self, jobs: list[Job]) -> tuple[list[Outcome], Unit]:
        def group(conn: Connection) -> tuple[list[Outcome], Unit]:
            unit = Unit.begin(conn, self.clock)
            self.before_group(unit, jobs)
            return run_jobs(unit, jobs), unit

        async with self._engine.begin() as conn:
            return await conn.run_sync(group)


def _asyncpg(url: str) -> str:
    return url.replace("postgresql:", "postgresql+asyncpg:", 1)


def configure_sqlite(engine: sa.Engine, *, begin: str, foreign_keys: bool = True) -> None:
    """WAL with synchronous=FULL (acked means durable), foreign keys on, what is deleted overwritten, and transactions
    begun by us.

    Migrations turn `foreign_keys` off: a table that is made anew is dropped first, and with it what refers to it.
    A deferred transaction that reads and then writes fails at once on a busy database, whatever the timeout: writers
    therefore begin IMMEDIATE.
    """

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT}")
        keys = f"foreign_keys={'ON' if foreign_keys else 'OFF'}"
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", keys):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


def open_store(url: str, clock: Clock) -> Store:
    """The engine that the URL names. The database must have been migrated."""
    if url.startswith("sqlite:"):
        return SqliteStore(url, clock)
    if url.startswith("postgresql:"):
        return PostgresStore(url, clock)
    raise ValueError(
        f"database: {url.split(':', 1)[0]}: is not known; use sqlite:///FILE or postgresql://USER@HOST/NAME"
    )
