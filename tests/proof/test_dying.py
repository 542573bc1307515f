"""Every registered command, with a hub that dies at every statement of it, before its commit, and after that before its
answer: nothing of it is there, or all of it; and sent again it takes effect, once. On both engines.

A death before the commit leaves the desk as it was, so one desk is enough for all of them.
"""

from collections.abc import Awaitable, Callable
from itertools import count

import pytest
import sqlalchemy as sa
from dying import Died, fated
from small_desk import SmallDesk
from sqlalchemy import Connection
from test_every_command import SCENARIOS, Act

from hub.desk.projections import check
from hub.hub import Hub
from hub.protocol.commands import REGISTRY
from hub.store.schema import metadata

MakeHub = Callable[..., Awaitable[Hub]]
Contents = dict[str, list[str]]


KEPT = [name for name in metadata.tables if name != "lease"]  # but for what the hub writes by itself
FILLED = sa.text(" UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\")" for name in KEPT))


def contents(conn: Connection) -> Contents:
    """All that the database holds, of the tables that hold anything: most don't, and it is asked after every death."""
    return {
        name: sorted(map(repr, conn.execute(sa.select(metadata.tables[name])).all())) for name in conn.scalars(FILLED)
    }


async def sent(desk: SmallDesk, act: Act, at: int) -> list[str]:
    """Do it, under the same keys each time, with a death at this step; returns the steps that were taken, and none
    where it was answered."""
    desk.keys = count(1000)
    with fated(desk.hub, at) as fate:
        try:
            await act()
        except Died:
            return fate.steps
    return []


async def die_at_every_step(
    desk: SmallDesk, act: Act, reopen: Callable[[], Awaitable[None]], *, stride: int = 1
) -> int:
    """How many deaths it took until it was answered, at every `stride`th step and at the commit."""
    before, at, deaths = await desk.hub.store.read(contents), 0, 0
    while steps := await sent(desk, act, at := at + 1):
        deaths += 1
        if steps[-1] not in ("before", "after") and at % stride:
            continue
        await reopen()
        after = await desk.hub.store.read(contents)
        if steps[-1] == "after" and after != before:
            before, at = after, 0  # it took effect and nobody was told: the same again, from the first step
        assert after == before, f"died at {steps[-1]!r}, and something of it is there"
    return deaths


async def answered_once(desk: SmallDesk, act: Act) -> None:
    before = await desk.hub.store.read(contents)
    assert await sent(desk, act, 0) == []
    assert await desk.hub.store.read(contents) == before
    assert await desk.hub.store.read(check) == []


@pytest.mark.parametrize("name", sorted(REGISTRY))
async def test_a_database_that_fails_anywhere_leaves_nothing_half_done(desk: SmallDesk, engine: str, name: str) -> None:
    """The hub itself goes on. What PostgreSQL then holds is looked at less often here: it takes its time to tell."""
    act = await SCENARIOS[name](desk)

    async def go_on() -> None: ...

    assert await die_at_every_step(desk, act, go_on, stride=1 if engine == "sqlite" else 8) > 4
    await answered_once(desk, act)


@pytest.mark.soak
@pytest.mark.parametrize("name", sorted(REGISTRY))
async def test_a_hub_that_dies_anywhere_leaves_nothing_half_done(desk: SmallDesk, make_hub: MakeHub, name: str) -> None:
    """Another hub opens its database."""
    act = await SCENARIOS[name](desk)

    async def reopen() -> None:
        await desk.hub.stop()
        desk.hub = await make_hub()

    assert await die_at_every_step(desk, act, reopen) > 4
    await answered_once(desk, act)
