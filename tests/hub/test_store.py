"""The database: migrations make what the models declare, newer schemas are left alone, projections can be rebuilt."""

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from small_desk import SmallDesk
from sqlmodel import SQLModel

import hub.channels.tables  # noqa: F401  registers its table
from hub.desk.projections import DERIVED, check, repair
from hub.desk.tables import conversation
from hub.hub import Hub
from hub.protocol import commands as c
from hub.store.engine import open_store
from hub.store.migrate import NewerSchema, migrate


async def test_migrations_make_what_the_models_declare(hub: Hub) -> None:
    def ours(name: str | None, kind: str, _: object) -> bool:
        return kind != "table" or not str(name).startswith("message_search")  # which is each engine's own kind

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
