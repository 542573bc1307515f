"""The chain of the audit trail: what was changed in it is found, and the database refuses to change it."""

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from small_desk import SmallDesk
from test_audit import tamper, trail, verdict

from hub.desk.audit_reads import Mark
from hub.desk.audit_tables import audit as table
from hub.desk.principal import SYSTEM
from hub.protocol import commands as c


async def test_the_trail_verifies_over_groups_hubs_and_restarts(desk: SmallDesk, make_hub: Any) -> None:
    other = await make_hub()
    jobs = [
        hub.hand_in(SYSTEM, "tag.save", c.SaveTag(f"t{n}", "#b07a1e"), f"a-key-{next(desk.keys)}")
        for n in range(40)
        for hub in (desk.hub, other)
    ]
    await asyncio.gather(*jobs)
    found = await verdict(other)
    assert (found.broken, found.first) == (None, 1)
    assert found.last == len(await trail(other)) == found.mark.n


@pytest.mark.parametrize(
    ("statement", "broken", "why"),
    [
        ("UPDATE audit SET who = 'agent:9' WHERE n = 3", 3, "not as it was written"),
        ("UPDATE audit SET at = at + 1 WHERE n = 3", 3, "not as it was written"),
        ("UPDATE audit SET about = '{}' WHERE n = 3", 3, "not as it was written"),
        ("UPDATE audit SET outcome = 'forbidden' WHERE n = 3", 3, "not as it was written"),
        ("DELETE FROM audit WHERE n = 3", 3, "missing"),
        ("DELETE FROM audit WHERE n = 1", 1, "missing"),
        ("DELETE FROM audit WHERE n >= 3", 3, "missing"),
        ("DELETE FROM audit", 1, "missing"),
        ("UPDATE audit_head SET n = n - 1", None, "not where it should be"),
        ("DELETE FROM audit_head", None, "not where it should be"),
    ],
)
async def test_the_first_entry_that_was_changed_is_named(
    desk: SmallDesk, statement: str, broken: int | None, why: str
) -> None:
    assert (await verdict(desk.hub)).broken is None
    last = (await trail(desk.hub))[0].n
    assert last > 4
    await tamper(desk.hub, statement)
    found = await verdict(desk.hub)
    assert found.broken == (broken or last)
    assert why in found.why


async def test_a_trail_that_was_written_anew_lacks_the_entry_that_was_noted(desk: SmallDesk) -> None:
    noted = (await verdict(desk.hub)).mark
    await desk.run(SYSTEM, "tag.save", c.SaveTag("vip", "#b07a1e"))
    assert (await verdict(desk.hub, noted)).broken is None
    assert (await verdict(desk.hub, Mark(noted.n, "0" * 64))).broken == noted.n
    assert (await verdict(desk.hub, Mark(4711, noted.hash))).broken == 4711


FORBIDDEN: list[Callable[[], sa.Executable]] = [
    lambda: sa.update(table).where(table.c.n == 2).values(who="agent:9"),
    lambda: sa.update(table).where(table.c.n == 2).values(personal="1.2.3.4", salt="x"),
    lambda: sa.delete(table).where(table.c.n == 2),
    lambda: sa.delete(table),
    lambda: sa.insert(table).values(
        n=0, at=0, who="", via="", whence="", what="", outcome="", about="", personal_digest="", hash=""
    ),
]


@pytest.mark.parametrize("statement", FORBIDDEN)
async def test_the_database_itself_refuses_to_change_the_trail(
    desk: SmallDesk, statement: Callable[[], sa.Executable]
) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        await desk.hub.store.write(lambda unit: unit.conn.execute(statement()) and None)
    assert (await verdict(desk.hub)).broken is None


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_sqlite_replaces_no_entry(desk: SmallDesk) -> None:
    again = sa.text("INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE n = 2")
    with pytest.raises(sa.exc.DBAPIError, match="append-only") as refused:
        await desk.hub.store.write(lambda unit: unit.conn.execute(again) and None)
    assert isinstance(refused.value.orig, sqlite3.IntegrityError)


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
async def test_postgresql_truncates_no_trail(desk: SmallDesk) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        await desk.hub.store.write(lambda unit: unit.conn.execute(sa.text("TRUNCATE audit")) and None)
