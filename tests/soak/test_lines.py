"""Consoles and pages over lines that are reset, half open, thin and brittle, at random: nothing is lost or doubled, and
nobody has to start over."""

import asyncio
import random
import time
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from crowd import MakeHub, furnish
from far_away import FarConsole, Hurried
from forms import forms
from ledger import read
from line import Line
from served_process import ServedProcess
from watcher import Watcher

from agent_tui.link.address import Address
from hub.store.clock import SystemClock

TIMES = 10  # as fast: 45 seconds of silence are 4.5
MISCHIEF = (1.0, 12.0)  # seconds of that between two


@forms("seconds_on_lines", short=4, long=600)
async def test_lines_that_do_everything_at_random(
    make_hub: MakeHub,
    database: str,
    tmp_path: Path,
    chance: random.Random,
    seconds_on_lines: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Address, "local", property(lambda self: False))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    hub = await make_hub(clock=SystemClock())
    staff = await furnish(hub, capacity=4)
    await hub.stop()
    served, clock = ServedProcess(tmp_path, database), Hurried(TIMES)
    await served.start()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(served.kill)

        async def a_line() -> Line:
            line = Line(served.port, clock, seed=chance.getrandbits(32))
            await line.start()
            stack.push_async_callback(line.stop)
            return line

        pages = await a_line()
        crowd = await stack.enter_async_context(
            staff.at_work(lambda _: lambda: pages.url, chance, agents=False, pace=0.3)
        )
        consoles = []
        for login, agent in staff.desk.ids.items():
            console = FarConsole(login, agent, list(staff.tokens), await a_line(), crowd.ledger, chance)
            await console.open(tmp_path, staff.tokens[agent], clock)
            stack.push_async_callback(console.desk.stop)
            consoles.append(console)

        async def mischief(console: FarConsole) -> None:
            while True:
                await clock.sleep(console.chance.uniform(*MISCHIEF))
                console.suffer()
                if console.chance.random() < 0.2:
                    pages.cut(reset=console.chance.random() < 0.5)

        await crowd.until(lambda: all(not one.desk.link.stale for one in consoles))
        troubles = [asyncio.create_task(mischief(one)) for one in consoles]
        pages.most = 20_000
        until = time.monotonic() + seconds_on_lines
        while time.monotonic() < until:
            crowd.look()
            for console in consoles:
                console.work()
            await asyncio.sleep(0.1)
        for trouble in troubles:
            trouble.cancel()
        await asyncio.gather(*troubles, return_exceptions=True)
        pages.most = 0
        for console in consoles:
            console.heal()
        await crowd.until(lambda: all(one.desk.link.unsent == 0 for one in consoles))
        await crowd.finish()
        fresh = await Watcher.join(served.url.replace("http", "ws", 1), staff.tokens[staff.desk.ids["sofia"]])
        stack.push_async_callback(fresh.leave)
        for console in consoles:
            print(f"{console.name}: {console.line.connections} connections, {dict(console.suffered)}")
        print(crowd.told())

        def now() -> object:
            trays = fresh.mirror.trays
            return {name: ([(row.id, row.rev) for row in tray.rows], tray.count) for name, tray in trays.items()}

        await crowd.until(lambda: all(one.shows() == now() for one in consoles))
        assert [frame for one in consoles for frame in one.told_to_start_over()] == []
        broken = [one for one in consoles if one.suffered.keys() & {"cut", "reset"}]
        assert all(one.line.connections > 1 for one in broken)
        await served.stop()
    assert await read(database, crowd.ledger.faults) == []
