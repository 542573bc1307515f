"""A hub that is killed while everybody works loses nothing that it acked, and doubles nothing that is sent again."""

import asyncio
import random
import time
from pathlib import Path

from crowd import MakeHub, furnish
from forms import forms
from ledger import read
from nursery import Nursery
from served_process import ServedProcess

from hub.store.clock import SystemClock


@forms("kills", short=3, long=1000)
async def test_a_hub_that_is_killed_again_and_again(
    make_hub: MakeHub, database: str, tmp_path: Path, chance: random.Random, kills: int
) -> None:
    hub = await make_hub(clock=SystemClock())
    staff = await furnish(hub)
    await hub.stop()
    nursery, begun = Nursery(), time.monotonic()
    served = ServedProcess(tmp_path, database, spawn=nursery.fork)
    try:
        await served.start()
        async with staff.at_work(lambda _: lambda: served.url, chance) as crowd:
            for n in range(1, kills + 1):
                if chance.random() < 0.1:  # before it has begun to work
                    await served.kill()
                    await served.begin()
                    await asyncio.sleep(chance.uniform(0, 1))
                else:
                    await crowd.answers(chance.randint(10, 100))
                await served.kill()
                await served.start()
                if n % 50 == 0:
                    print(f"{n} kills in {time.monotonic() - begun:.0f} s: {crowd.told()}", flush=True)
            await crowd.finish()
            print(f"{kills} kills: {crowd.told()}")
        await served.stop()
    finally:
        await served.kill()
        await nursery.close()
    assert await read(database, crowd.ledger.faults) == []
    crowd.has_heard_everything()
