"""The database: migrations make what the models declare, newer schemas are left alone, projections can be rebuilt."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from small_desk import SmallDesk
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import SQLModel

import hub.channels.tables  # noqa: F401  registers its table
from hub.desk import people
from hub.desk.projections import DERIVED, check, repair
from hub.desk.tables import conversation
from hub.hub import Hub
from hub.protocol import commands as c
from hub.signing_in import refresh, seen
from hub.store.engine import configure_sqlite, open_store
from hub.store.migrate import NewerSchema, _config, migrate
from hub.store.schema import head

POSTGRES = os.environ.get("BANDEJA_TEST_POSTGRES", "postgresql://root@127.0.0.1:5432")


@asynccontextmanager
async def before_0004(engine: str, folder: Path) -> AsyncIterator[tuple[str, str]]:
    """The URL of a database as it was, with a live session, and the token of that."""
    token, name = "t0ken-of-an-older-console", f"bandeja_test_{uuid4().hex[:12]}"
    url = f"sqlite:///{folder / 'old.db'}" if engine == "sqlite" else f"{POSTGRES}/{name}"
    if engine != "sqlite":
        await _sql(f"CREATE DATABASE {name}")

    def make(conn: sa.Connection) -> None:
        command.upgrade(_config(conn), "0003")
        conn.execute(sa.insert(head).values(id=1, seq=0, nonce=0, epoch="old"))
        agent = {
            "id": 1,
            "rev": 1,
            "login": "ana",
            "name": "Ana",
            "role": "agent",
            "password_hash": "x",
            "active": True,
        }
        agent |= {"sample": False, "status": "online", "status_since": 0, "reachable": False, "assigned_at": 0}
        conn.execute(sa.insert(sa.table("agent", *map(sa.column, agent))), agent)
        columns = ("id", "agent_id", "token_hash", "label", "started_at", "ended_at")
        live = dict(zip(columns, (1, 1, people.token_hash(token), "laptop", 1_789_999_000_000, None), strict=True))
        ended = live | {"id": 2, "token_hash": "ended", "ended_at": 5}
        conn.execute(sa.insert(sa.table("session", *map(sa.column, columns))), [live, ended])

    driver = url.replace("sqlite:", "sqlite+aiosqlite:").replace("postgresql:", "postgresql+asyncpg:")
    database = create_async_engine(driver)
    if engine == "sqlite":
        configure_sqlite(database.sync_engine, begin="BEGIN IMMEDIATE")
    async with database.begin() as conn:
        await conn.run_sync(make)
    await database.dispose()
    yield url, token
    if engine != "sqlite":
        await _sql(f"DROP DATABASE {name} WITH (FORCE)")


async def _sql(statement: str) -> None:
    connection = await asyncpg.connect(f"{POSTGRES}/postgres", timeout=30)
    await connection.execute(statement)
    await connection.close()


async def test_migrations_make_what_the_models_declare(hub: Hub) -> None:
    def ours(name: str | None, kind: str, _: object) -> bool:
        own = ("message_search", "contact_search")  # which are each engine's own kind
        return kind != "table" or not str(name).startswith(own)

    def compare(conn: sa.Connection) -> list[object]:
        options = {"compare_type": True, "include_name": ours}
        return list(compare_metadata(MigrationContext.configure(conn, opts=options), SQLModel.metadata))

    assert await hub.store.read(compare) == []


async def test_a_newer_schema_is_left_alone_and_named(database: str, hub: Hub) -> None:
    await hub.store.write(
        lambda unit: unit.conn.execute(sa.text("UPDATE alembic_version SET version_num = '9999'")) and None
    )
    await hub.stop()
    with pytest.raises(NewerSchema, match="9999"):
        await migrate(database)


async def test_migrating_twice_changes_nothing(database: str, hub: Hub) -> None:
    epoch = await hub.resume("", None)
    await migrate(database)
    assert await hub.resume("", None) == epoch


async def test_a_session_from_before_tokens_were_exchanged_goes_on_and_is_exchanged(
    engine: str, tmp_path: Path, make_hub: Any
) -> None:
    """The token that a console holds opens the socket after the update, and is good for the next two."""
    async with before_0004(engine, tmp_path) as (url, token):
        await migrate(url)
        hub = await make_hub(database=url)
        who = await hub.store.read(lambda conn: people.by_token(conn, token, hub.clock.now()))
        assert who is not None
        made = await refresh(hub, token, "127.0.0.1")
        for one in (made.token, token):  # until the next ones are used, for their console may not have them
            assert await hub.store.read(lambda conn, one=one: people.by_token(conn, one, hub.clock.now())) == who
        await seen(hub, who, made.token, "127.0.0.1")
        assert await hub.store.read(lambda conn: people.by_token(conn, token, hub.clock.now())) is None
        await hub.stop()


@pytest.mark.parametrize("column", sorted(DERIVED))
async def test_a_projection_that_is_off_is_found_and_rebuilt(desk: SmallDesk, column: str) -> None:
    made = await desk.say("p1", "Hola")
    await desk.reach("ana")
    await desk.run("ana", "conversation.open", c.Open(int(made["conversation"] or 0)))
    store = desk.hub.store
    assert await store.read(check) == []
    await store.write(lambda unit: unit.conn.execute(sa.update(conversation).values({column: 4711})) and None)
    faults = await store.read(check)
    assert [fault.repairable for fault in faults] == [True]
    assert column in faults[0].column
    assert await store.write(repair) == 1
    assert await store.read(check) == []


async def test_what_waits_is_unread_whatever_was_answered_elsewhere(desk: SmallDesk) -> None:
    await desk.say("p1", "Hola")
    made = await desk.say("p2", "Buenas")
    await desk.run("ana", "conversation.open", c.Open(int(made["conversation"] or 0)))
    await desk.run("ana", "message.send", c.Send(int(made["conversation"] or 0), "Buenas tardes"))
    store = desk.hub.store
    assert await store.read(check) == []
    await store.write(lambda unit: unit.conn.execute(sa.update(conversation).values(unread=4711)) and None)
    assert await store.write(repair) == 2
    assert await store.read(lambda conn: list(conn.scalars(sa.select(conversation.c.unread).order_by("id")))) == [1, 0]


def test_an_unknown_database_is_refused_by_name(clock: object) -> None:
    with pytest.raises(ValueError, match="mysql"):
        open_store("mysql://x", clock)  # type: ignore[arg-type]


async def test_acked_means_durable(hub: Hub, engine: str) -> None:
    if engine == "sqlite":
        pragma = await hub.store.write(lambda unit: unit.conn.scalar(sa.text("PRAGMA synchronous")))
        assert pragma == 2, "FULL"
    else:
        assert await hub.store.write(lambda unit: unit.conn.scalar(sa.text("SHOW synchronous_commit"))) == "on"


async def test_a_read_whose_asker_has_gone_comes_to_its_end(hub: Hub) -> None:
    """To break it off would cost the pool its connection, on PostgreSQL."""
    loop, begun, ended = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()

    def look(conn: sa.Connection) -> None:
        conn.execute(sa.text("SELECT 1"))
        loop.call_soon_threadsafe(begun.set)
        for _ in range(20):
            conn.execute(sa.text("SELECT 1"))
        loop.call_soon_threadsafe(ended.set)

    asker = asyncio.create_task(hub.store.read(look))
    await begun.wait()
    asker.cancel()
    await asyncio.wait([asker])
    assert asker.cancelled()
    async with asyncio.timeout(20):
        await ended.wait()
