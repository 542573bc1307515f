"""Brings a database to this version's schema, and says what state it is in. Synchronous; run before the store opens."""

import functools
import secrets
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import create_async_engine

from hub.store.engine import configure_sqlite
from hub.store.schema import head

HERE = Path(__file__).parent / "migrations"


class NewerSchema(Exception):
    """The database was written by a newer hub."""


def _config(connection: sa.Connection) -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: sa.Connection) -> None:
    config = _config(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    found = revision_of(connection)
    if found is not None and found not in known:
        raise NewerSchema(f"the database has schema {found}, which is newer than this hub: update bandeja-hub")
    command.upgrade(config, "head")
    if connection.execute(sa.select(head.c.id)).first() is None:
        connection.execute(sa.insert(head).values(id=1, seq=0, nonce=0, epoch=new_epoch()))


def revision_of(connection: sa.Connection) -> str | None:
    """The schema that a database has."""
    return MigrationContext.configure(connection).get_current_revision()


@functools.cache
def newest_revision() -> str | None:
    """The schema that this version works on."""
    return ScriptDirectory(str(HERE)).get_current_head()


def new_epoch() -> str:
    """A random word that names one life of a database."""
    return secrets.token_urlsafe(9)


async def migrate(url: str) -> None:
    """Create or upgrade the schema at `url`. Raises `NewerSchema` rather than touch a newer one."""
    engine: Any
    if url.startswith("sqlite:"):
        engine = create_async_engine(url.replace("sqlite:", "sqlite+aiosqlite:", 1))
        configure_sqlite(engine.sync_engine, begin="BEGIN IMMEDIATE")
    else:
        engine = create_async_engine(url.replace("postgresql:", "postgresql+asyncpg:", 1))
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()
