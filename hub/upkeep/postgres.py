"""Dumps of a PostgreSQL desk, by PostgreSQL's own programs. What connects them travels in their environment: a password
on a command line could be read by everybody on the machine."""

import asyncio
import os
import shutil
from pathlib import Path
from typing import IO

import asyncpg
import sqlalchemy as sa

from hub.protocol.settings import N_
from hub.upkeep import NO_DESK, Unable
from hub.upkeep.manifest import Position, private

ASIDE = "before_restore_"  # what the schemas begin with that restores put aside
_NAMES = {"sslmode": "PGSSLMODE", "ssl": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "host": "PGHOST"}


def environment(url: str) -> dict[str, str]:
    """The environment in which PostgreSQL's programs find the database of a URL."""
    parts = sa.make_url(url)
    given = {
        "PGHOST": parts.host,
        "PGPORT": parts.port,
        "PGUSER": parts.username,
        "PGPASSWORD": parts.password,
        "PGDATABASE": parts.database,
        **{_NAMES[name]: value for name, value in parts.query.items() if name in _NAMES},
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG") or name == "PGPASSFILE"}
    return {**kept, "LC_MESSAGES": "C", **{name: str(value) for name, value in given.items() if value is not None}}


def program(name: str) -> str:
    """The path of one of PostgreSQL's programs. Raises `Unable`."""
    found = shutil.which(name)
    if found is None:
        raise Unable(
            N_("{name} is not here, and it takes that. Install PostgreSQL's client programs (apt install {package})."),
            name=name,
            package="postgresql-client",
        )
    return found


async def run(
    url: str, name: str, *arguments: str, stdin: IO[bytes] | None = None, stdout: IO[bytes] | None = None
) -> None:
    """Run one of PostgreSQL's programs on the database of a URL. Raises `Unable` with what it said."""
    process = await asyncio.create_subprocess_exec(
        program(name),
        *arguments,
        env=environment(url),
        stdin=asyncio.subprocess.DEVNULL if stdin is None else stdin,
        stdout=asyncio.subprocess.DEVNULL if stdout is None else stdout,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    if process.returncode:
        lines = said.decode(errors="replace").strip().splitlines() or [str(process.returncode)]
        raise Unable(N_("{name} has failed: {why}"), name=name, why=lines[0])


async def dump(url: str, target: Path) -> Position:
    """Dump the desk as it stands now into a file of its own (0600), in PostgreSQL's custom format, and say where it
    stands. Raises `Unable`, asyncpg's errors, OSError."""
    program("pg_dump")
    with private(target):
        pass
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            if await connection.fetchval("SELECT to_regclass('public.head')") is None:
                raise Unable(NO_DESK, place=sa.make_url(url).database)
            snapshot = await connection.fetchval("SELECT pg_export_snapshot()")
            found = await position(connection)
            chosen = ("--format=custom", "--no-owner", "--no-privileges", f"--exclude-schema={ASIDE}*")
            await run(url, "pg_dump", *chosen, f"--snapshot={snapshot}", f"--file={target}")
    finally:
        await connection.close()
    await run(url, "pg_restore", "--list", str(target))
    return found


async def position(connection: asyncpg.Connection) -> Position:
    """Where the desk stands. Raises `Unable`."""
    schema = await connection.fetchval("SELECT version_num FROM alembic_version")
    epoch, seq, nonce = await connection.fetchrow("SELECT epoch, seq, nonce FROM head")
    last = await connection.fetchrow("SELECT seq, nonce FROM journal ORDER BY seq DESC LIMIT 1")
    if last is not None and tuple(last) != (seq, nonce):
        raise Unable(N_("The database is damaged: {why}"), why=f"the head says {seq}, the journal {last['seq']}")
    return Position(schema, epoch, seq, nonce)
