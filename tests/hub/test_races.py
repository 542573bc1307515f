"""Two hub processes on one PostgreSQL: no capacity exceeded, no conversation with two owners, no gap."""

import asyncio
import sys
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa
from small_desk import build

from hub.desk.projections import check
from hub.desk.tables import conversation
from hub.hub import Hub
from hub.protocol import commands as c
from hub.protocol.errors import Refused

LINES = 60


async def start(hub: Hub, channel: int, prefix: str, tmp_path: Path) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("hub_process.py")),
        hub.config.database,
        str(tmp_path),
        str(channel),
        prefix,
        str(LINES),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    return process


@pytest.mark.parametrize("engine", ["postgresql"])
async def test_two_hubs_never_exceed_a_capacity_nor_share_a_conversation(hub: Hub, tmp_path: Path) -> None:
    desk = await build(hub, capacity=20)
    for login in ("ana", "luis"):
        await desk.reach(login)
    processes = await asyncio.gather(*(start(hub, desk.web, prefix, tmp_path) for prefix in ("a", "b")))
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
    await asyncio.gather(*(process.communicate() for process in processes))
    assert [process.returncode for process in processes] == [0, 0]
    owners = Counter(await hub.store.read(lambda conn: list(conn.scalars(sa.select(conversation.c.owner_id)))))
    assert owners == {desk.ids["ana"]: 20, desk.ids["luis"]: 20, None: 2 * LINES - 40}
    assert await hub.store.read(check) == []


@pytest.mark.parametrize("engine", ["postgresql"])
async def test_of_two_agents_on_two_hubs_one_opens_it_and_the_other_is_told(make_hub: object, hub: Hub) -> None:
    other = await make_hub()  # type: ignore[operator]
    desk = await build(hub)
    for login in ("ana", "luis"):
        await desk.run(login, "agent.status", c.SetStatus("resting"))
    for n in range(10):
        made = await desk.say(f"p{n}", "Hola")
        take = c.Open(int(made["conversation"] or 0))
        results = await asyncio.gather(
            hub.submit(await desk.who("ana"), "conversation.open", take, f"ana-opens-{n}"),
            other.submit(await desk.who("luis"), "conversation.open", take, f"luis-opens-{n}"),
            return_exceptions=True,
        )
        assert sorted(type(result) for result in results if isinstance(result, Refused)) == [Refused]
        assert len([result for result in results if isinstance(result, dict)]) == 1


async def test_one_hub_hears_what_another_commits(make_hub: object, hub: Hub) -> None:
    other = await make_hub()  # type: ignore[operator]
    desk = await build(hub)
    heard = asyncio.create_task(anext(other.tail.follow()))
    await asyncio.sleep(0)
    await desk.say("p1", "Hola")
    changes = await asyncio.wait_for(heard, 10)
    assert changes[-1].seq <= hub.tail.seq
