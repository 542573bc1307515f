"""Two hubs on one PostgreSQL, of which one is killed again and again: the other goes on with everything."""

import asyncio
import random
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from crowd import MakeHub, furnish
from forms import forms
from ledger import read
from nursery import Nursery
from served_process import ServedProcess
from sqlalchemy import Connection

from hub.desk.tables import conversation
from hub.protocol.states import State
from hub.store.clock import SystemClock


def in_state(state: State) -> Callable[[Connection], int]:
    query = sa.select(sa.func.count()).where(conversation.c.state == state.value)
    return lambda conn: conn.scalar(query) or 0


@pytest.mark.parametrize("engine", ["postgresql"])
@forms("deaths", short=2, long=100)
async def test_of_two_hubs_one_is_killed_and_the_other_goes_on(
    make_hub: MakeHub, database: str, tmp_path: Path, chance: random.Random, deaths: int
) -> None:
    hub = await make_hub(clock=SystemClock())
    staff = await furnish(hub, capacity=10)
    await hub.stop()
    nurseries = [Nursery(), Nursery()]
    hubs = []
    for name, nursery in zip("ab", nurseries, strict=True):
        (tmp_path / name).mkdir()
        hubs.append(ServedProcess(tmp_path / name, database, spawn=nursery.fork))
    turn = [0] * 100

    def either(n: int) -> str:
        """One, and next time the other."""
        turn[n] += 1
        return hubs[(n + turn[n]) % 2].url

    try:
        for one in hubs:
            await one.start()
        async with staff.at_work(lambda n: lambda: either(n), chance, customers=8) as crowd:
            for n in range(1, deaths + 1):
                await crowd.answers(chance.randint(10, 60))
                await (dead := chance.choice(hubs)).kill()
                await crowd.answers(chance.randint(10, 60))
                await dead.start()
                if n % 50 == 0:
                    print(f"{n} deaths: {crowd.told()}", flush=True)
            await crowd.answers(10)
            await (dead := chance.choice(hubs)).kill()
            await crowd.finish()
            print(f"{deaths + 1} deaths: {crowd.told()}")
        assert await read(database, in_state(State.WAITING)) == 0, (
            "everybody had room, and dispatch hands out with each command"
        )
        async with asyncio.timeout(30):
            while await read(database, in_state(State.SNOOZED)):  # those who were put to sleep by a hub that died, too
                await asyncio.sleep(0.2)
        for one in hubs:
            if one is not dead:
                await one.stop()
    finally:
        for one, nursery in zip(hubs, nurseries, strict=True):
            await one.kill()
            await nursery.close()
    assert await read(database, crowd.ledger.faults) == []
    crowd.has_heard_everything()
