"""PostgreSQL databases that are lent to tests: fresh and migrated, each to one test at a time.

Making one costs the server half a second of processor, and dropping one makes it write all that it holds to disk. So
one that came back is emptied, which costs a tenth of that, and lent again. Its next borrower can't tell it from a
new one: nobody is connected to it, its rows are the template's, and its sequences stand at their start. One of which
more than rows has changed (a table, a trigger, a setting of its own) or that can't be emptied is dropped instead.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from uuid import uuid4

import asyncpg

ALONE = """SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""
TABLES = """SELECT oid::regclass::text FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"""
USED = """SELECT oid::regclass::text FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0"""
SEQUENCES = """SELECT oid::regclass::text AS name, pg_sequence_last_value(oid) AS last FROM pg_class
    WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace"""
GUESSES = """SELECT relname::text, relpages, reltuples, relallvisible FROM pg_class
    WHERE relkind IN ('r', 'i') AND relnamespace = 'public'::regnamespace ORDER BY 1"""  # the planner's
GUESS = """UPDATE pg_class SET relpages = $2, reltuples = $3, relallvisible = $4
    WHERE relname = $1 AND relnamespace = 'public'::regnamespace
    AND (relpages, reltuples, relallvisible) <> ($2, $3, $4)"""
FORGET = """DELETE FROM pg_statistic USING pg_class
    WHERE pg_class.oid = starelid AND relnamespace = 'public'::regnamespace"""
# Three dozen commits, one for each table that VACUUM has cut: none of them waits for the disk.
QUICKLY = """SET session_replication_role = replica; SET allow_system_table_mods = on; SET synchronous_commit = off"""
# What a database is but for its rows. Whatever is made anew has another oid, even under its old name.
SHAPE = """SELECT md5(string_agg(what, E'\\n' ORDER BY what)) FROM (
    SELECT concat_ws(' ', 'class', oid, relname, relkind, relowner, reloptions, relacl, relrowsecurity) AS what
        FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', 'column', attrelid, attname, atttypid, atttypmod, attnotnull, attisdropped)
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', 'default', oid, xmin) FROM pg_attrdef
    UNION ALL SELECT concat_ws(' ', 'constraint', oid, conname, convalidated, condeferrable) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', 'trigger', pg_trigger.oid, tgname, tgenabled) FROM pg_trigger
    UNION ALL SELECT concat_ws(' ', 'function', oid, xmin) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', 'namespace', oid, nspname, nspacl) FROM pg_namespace
        WHERE nspname !~ '^pg_(toast_)?temp_'
    UNION ALL SELECT concat_ws(' ', 'extension', oid, extname, extversion) FROM pg_extension
    UNION ALL SELECT concat_ws(' ', 'setting', setconfig) FROM pg_db_role_setting
        WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
    ) AS everything"""


@asynccontextmanager
async def connected(server: str, name: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(f"{server}/{name}", timeout=30)
    try:
        yield connection
    finally:
        await connection.close()


async def tell(server: str, statement: str) -> None:
    """Run what belongs to no database."""
    async with connected(server, "postgres") as connection:
        await connection.execute(statement)


async def make(server: str, model: str = "template1") -> str:
    """The name of a new database, like one that nobody is connected to."""
    name = f"bandeja_test_{uuid4().hex[:12]}"
    await tell(server, f"CREATE DATABASE {name} TEMPLATE {model} STRATEGY WAL_LOG")
    return name


async def drop(server: str, name: str) -> None:
    await tell(server, f"DROP DATABASE {name} WITH (FORCE)")


@dataclass(frozen=True, slots=True)
class Fresh:
    """What a database has that was just made."""

    shape: str
    rows: dict[str, bytes]  # of every table, as COPY writes them; most are empty
    sequences: dict[str, int | None]  # the last value, None where there was none yet
    guesses: list[tuple[str, int, float, int]]  # how large the planner takes tables and indexes to be

    @classmethod
    async def read(cls, connection: asyncpg.Connection) -> "Fresh":
        rows = {}
        for (name,) in await connection.fetch(TABLES):
            await connection.copy_from_table(name, output=(copied := BytesIO()))
            rows[name] = copied.getvalue()
        sequences = dict(await connection.fetch(SEQUENCES))
        guesses = [tuple(row) for row in await connection.fetch(GUESSES)]
        return cls(await connection.fetchval(SHAPE), rows, sequences, guesses)

    async def put_in_order(self, server: str, name: str) -> bool:
        """Whether a database is as good as new now."""
        try:
            async with connected(server, name) as connection:
                await connection.execute(ALONE)
                if await connection.fetchval(SHAPE) != self.shape:
                    return False
                await self._restore(connection)
        except asyncpg.PostgresError:
            return False
        return True

    async def _restore(self, connection: asyncpg.Connection) -> None:
        """Triggers and references hold nothing up: they are not asked. Emptied tables are cut to nothing by VACUUM, so
        that rows stand in the order in which they are written, as in a new one; and what the planner has learned, by
        which it would plan otherwise than in a new one, is forgotten."""
        await connection.execute(QUICKLY)
        used = [name for (name,) in await connection.fetch(USED)]
        await connection.execute(";".join(f"DELETE FROM {name}" for name in used))
        await connection.execute(f"VACUUM {', '.join(used)}")
        for name, rows in self.rows.items():
            if rows:
                await connection.copy_to_table(name, source=BytesIO(rows))
        for name, last in await connection.fetch(SEQUENCES):
            if last != (first := self.sequences[name]):
                await connection.execute(f"SELECT setval('{name}', {first or 1}, {first is not None})")
        await connection.execute(FORGET)
        learned = {tuple(row) for row in await connection.fetch(GUESSES)}
        await connection.executemany(GUESS, [guess for guess in self.guesses if guess not in learned])


@dataclass
class LentDatabases:
    """`server` is its URL, without a database; `template` the name of the migrated one."""

    server: str
    template: str
    _idle: list[str] = field(default_factory=list)
    _fresh: Fresh | None = None

    @asynccontextmanager
    async def lend(self) -> AsyncIterator[str]:
        """The URL of a fresh database."""
        name = await self._next()
        try:
            yield f"{self.server}/{name}"
        finally:
            self._idle.append(name)

    @asynccontextmanager
    async def copy(self, name: str) -> AsyncIterator[str]:
        """The URL of a copy of a database that nobody is connected to."""
        copied = await make(self.server, name)
        try:
            yield f"{self.server}/{copied}"
        finally:
            await drop(self.server, copied)

    @contextmanager
    def furnished(self, furnish: Callable[[str], Coroutine[Any, Any, object]]) -> Iterator["LentDatabases"]:
        """Others that are lent, with something in them: `furnish` puts it into the one at a URL. For a fixture without
        a loop."""
        name = asyncio.run(make(self.server, self.template))
        asyncio.run(furnish(f"{self.server}/{name}"))
        databases = LentDatabases(self.server, name)
        yield databases
        asyncio.run(databases.close())
        asyncio.run(drop(self.server, name))

    async def close(self) -> None:
        """Drop what is there to be lent."""
        while self._idle:
            await drop(self.server, self._idle.pop())

    async def _next(self) -> str:
        """One is put in order only now: when it was given back, what the test left running might still write to it."""
        while self._fresh and self._idle:
            name = self._idle.pop()
            if await self._fresh.put_in_order(self.server, name):
                return name
            await drop(self.server, name)
        name = await make(self.server, self.template)
        if self._fresh is None:
            async with connected(self.server, name) as connection:
                self._fresh = await Fresh.read(connection)
        return name
