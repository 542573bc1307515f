"""Brings a database to this version's schema, and says what state it is in. Synchronous; run before the store opens.

An upgrade is one transaction on both engines, so one that fails leaves the database as it was.
"""

import functools
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from hub.store import occupancy
from hub.store.engine import configure_sqlite
from hub.store.schema import head

HERE = Path(__file__).parent / "migrations"
UNFINISHED = "restoring:"  # what an epoch begins with while a restore is under way


class NewerSchema(Exception):
    """The database was written by a newer hub. `known` is the newest schema that this one knows."""

    def __init__(self, found: str, known: str) -> None:
        super().__init__(f"the database has schema {found}, and this hub knows {known}: update bandeja-hub")
        self.found, self.known = found, known


class HalfRestored(Exception):
    """A restore was broken off before it had ended: it has to be run again."""


class BrokenReferences(Exception):
    """An upgrade would leave rows that refer to nothing. It has been rolled back."""


@dataclass(frozen=True, slots=True)
class Schema:
    """The revision of a database, None where it has no tables yet, and the newest one."""

    found: str | None
    newest: str

    @property
    def outdated(self) -> bool:
        return self.found is not None and self.found != self.newest


def _config(connection: sa.Connection | None = None) -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


@functools.cache
def newest() -> str:
    """The schema of this version."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def known(revision: str | None) -> bool:
    """Whether this version knows a schema; None stands for a database without tables."""
    scripts = ScriptDirectory.from_config(_config()).walk_revisions()
    return revision is None or revision in {script.revision for script in scripts}


def read_schema(connection: sa.Connection) -> Schema:
    """What schema there is. Raises `NewerSchema`."""
    found = revision_of(connection)
    if not known(found):
        raise NewerSchema(str(found), newest())
    return Schema(found, newest())


def _upgrade(connection: sa.Connection, *, restoring: bool) -> None:
    schema = read_schema(connection)
    if schema.found is not None and not restoring:
        epoch = connection.scalar(sa.select(head.c.epoch))
        if epoch is not None and epoch.startswith(UNFINISHED):
            raise HalfRestored
    command.upgrade(_config(connection), "head")
    if connection.execute(sa.select(head.c.id)).first() is None:
        connection.execute(sa.insert(head).values(id=1, seq=0, nonce=0, epoch=new_epoch()))
    if schema.outdated and connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken is not None:
            raise BrokenReferences(f"{broken[0]} refers to {broken[2]}")


def revision_of(connection: sa.Connection) -> str | None:
    """The schema that a database has."""
    return MigrationContext.configure(connection).get_current_revision()


def new_epoch() -> str:
    """A random word that names one life of a database."""
    return secrets.token_urlsafe(9)


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[AsyncConnection]:
    engine: Any
    if url.startswith("sqlite:"):
        engine = create_async_engine(url.replace("sqlite:", "sqlite+aiosqlite:", 1))
        configure_sqlite(engine.sync_engine, begin="BEGIN IMMEDIATE", foreign_keys=False)
    else:
        engine = create_async_engine(url.replace("postgresql:", "postgresql+asyncpg:", 1))
    try:
        async with engine.begin() as connection:
            yield connection
    finally:
        await engine.dispose()


async def schema_of(url: str) -> Schema:
    """What schema there is at `url`. Raises `NewerSchema`."""
    async with _opened(url) as connection:
        return await connection.run_sync(read_schema)


async def migrate(url: str, *, restoring: bool = False) -> None:
    """Create or upgrade the schema at `url`. Raises `NewerSchema` rather than touch a newer one, `HalfRestored`.

    `restoring`: it is the restore itself that asks, and has the database alone.
    """
    held = url.startswith("sqlite:") and not restoring
    with occupancy.sharing(occupancy.sqlite_path(url)) if held else nullcontext():
        async with _opened(url) as connection:
            if url.startswith("postgresql:") and not restoring:
                await connection.run_sync(occupancy.look)
            await connection.run_sync(lambda conn: _upgrade(conn, restoring=restoring))
