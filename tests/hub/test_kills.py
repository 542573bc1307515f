"""A hub that is killed under load loses nothing that it has acked, and doubles nothing that is sent again."""

import asyncio
import os
import random
import sys
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa
from small_desk import build

from hub.desk.projections import check
from hub.desk.tables import message
from hub.hub import Hub


async def killed(hub: Hub, channel: int, first: int, acks: int) -> set[int]:
    """What a hub has acked by the time that it is killed: at least so many."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("ledger_process.py")),
        hub.config.database,
        str(hub.config.data),
        str(channel),
        str(first),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    acked: set[int] = set()
    while len(acked) < acks:
        acked.add(int(await process.stdout.readline()))
    process.kill()
    rest, _ = await process.communicate()
    return acked | {int(line) for line in rest.decode().splitlines(keepends=True) if line.endswith("\n")}


async def kill_again_and_again(hub: Hub, times: int) -> None:
    desk = await build(hub)
    ledger: set[int] = set()
    first, chance = 0, random.Random(4711)
    for _ in range(times):
        # the next hub starts below what the last one had reached, so that keys are sent again
        ledger |= await killed(hub, desk.web, first, chance.randint(20, 120))
        first = max(0, max(ledger) - 30) // 10 * 10
    bodies = Counter(await hub.store.read(lambda conn: list(conn.scalars(sa.select(message.c.body)))))
    assert [n for n in ledger if bodies[f"line {n}"] == 0] == [], "lost"
    assert [body for body, times in bodies.items() if times > 1] == [], "doubled"
    assert await hub.store.read(check) == []


async def test_what_was_acked_survives_kills_and_nothing_is_doubled(hub: Hub) -> None:
    await kill_again_and_again(hub, 2)


@pytest.mark.soak
async def test_a_hundred_kills_lose_and_double_nothing(hub: Hub) -> None:
    await kill_again_and_again(hub, int(os.environ.get("BANDEJA_SOAK_KILLS", "100")))
