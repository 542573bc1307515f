"""Everything at once, for long: memory, file handles and what waits stay as they were."""

import asyncio
import random
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from aiohttp import ClientSession
from api_client import Program
from crowd import MakeHub, furnish
from endpoint import add_webhook, listening
from forms import forms
from ledger import read
from served_process import ServedProcess
from sqlalchemy import Connection
from vitals import grown, look, table
from watcher import Watcher

from hub.desk.hook_tables import webhook_delivery
from hub.desk.tables import message
from hub.store.clock import SystemClock

LOOKS, LEAST = 240, 8  # at most, and at least; each second where that is less


def received(conn: Connection) -> int:
    return conn.scalar(sa.select(sa.func.count()).where(message.c.direction == "in")) or 0


def undelivered(conn: Connection) -> int:
    return conn.scalar(sa.select(sa.func.count()).select_from(webhook_delivery)) or 0


def test_what_grows_is_found() -> None:
    still: dict[str, float] = dict.fromkeys(
        ["memory", "file handles", "threads", "tail behind", "slowest console behind", "jobs waiting"], 100.0
    )
    still |= {"timers overdue": 0.0, "webhooks behind": 0.0}
    assert grown([still] * 40) == []
    assert grown([still | {"memory": 100.0 + n} for n in range(40)]) == ["memory"]
    assert grown([still | {"file handles": 100.0 + n // 4} for n in range(80)]) == ["file handles"]


async def leaf_through(program: Program, chance: random.Random) -> int:
    """What a program of somebody's reads: every page of a list, and of one conversation in it. How many answers."""
    pages = await program.pages("conversations", limit=10)
    rows: list[Any] = [row for page in pages for row in page]
    if not rows:
        return len(pages)
    one = f"conversations/{chance.choice(rows)['id']}"
    messages, timeline = await program.get(f"{one}/messages"), await program.get(f"{one}/timeline")
    assert (messages.status, timeline.status) == (200, 200)
    return len(pages) + 2


@forms("seconds_of_work", short=5, long=3600)
async def test_a_day_of_work_leaves_nothing_behind(
    make_hub: MakeHub, database: str, tmp_path: Path, chance: random.Random, seconds_of_work: int
) -> None:
    async with AsyncExitStack() as stack:
        endpoint = await stack.enter_async_context(listening())
        hub = await make_hub(clock=SystemClock())
        staff = await furnish(hub, capacity=5, open_within=60)
        await add_webhook(hub, endpoint.url, content=True)
        await hub.stop()
        served = ServedProcess(tmp_path, database)
        stack.push_async_callback(served.kill)
        await served.start("--webhook-networks", "127.0.0.0/8")
        assert served.process is not None
        http = await stack.enter_async_context(ClientSession())
        program = Program(http, served.url, staff.tokens[staff.desk.ids["sofia"]])
        crowd = await stack.enter_async_context(staff.at_work(lambda _: lambda: served.url, chance, pace=1.0))
        came, pages, looks = 0, 0, list[dict[str, float]]()
        begun, every = time.monotonic(), max(1.0, seconds_of_work / LOOKS)
        while (passed := time.monotonic() - begun) < seconds_of_work or len(looks) < LEAST:
            pages += await leaf_through(program, chance)
            crowd.look()
            await chance.choice(crowd.customers).reload()
            away = await Watcher.join(served.url.replace("http", "ws", 1), chance.choice([*staff.tokens.values()]))
            await away.leave()
            came += 1
            if passed >= len(looks) * every:
                found = await look(http, served.url, served.process.pid)
                looks.append(found | {"webhooks behind": await read(database, undelivered)})
            await asyncio.sleep(min(every, 1.0))
        await crowd.finish()
        print(f"{seconds_of_work} s: {crowd.told()}")
        print(f"{came} consoles came and went, {pages} pages of the API, {len(endpoint.posts)} posts to a webhook")
        print(table(looks), flush=True)
        async with asyncio.timeout(60):
            while await read(database, undelivered):
                await asyncio.sleep(0.2)
        await served.stop()
    assert await read(database, crowd.ledger.faults) == []
    told = {post.id for post in endpoint.posts if post.type == "message.received"}
    assert len(told) == await read(database, received) > 0
    crowd.has_heard_everything()
    assert grown(looks) == []
