"""How fast the hub is, beside what the machine can do at all in the same run. Prints; asserts nothing about time."""

import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web
from websockets.asyncio.client import connect

sys.path.insert(0, str(Path(__file__).parents[1] / "hub"))
sys.path.insert(0, str(Path(__file__).parent))
from small_desk import build, serving
from watcher import Watcher
from yardsticks import group_commit

from hub.auth import start_session
from hub.desk.principal import Principal
from hub.hub import Hub
from hub.protocol.commands import Open, Receive
from hub.store.clock import SystemClock

pytestmark = pytest.mark.bench
LINES = 4000
PRODUCERS = 50


async def test_lines_a_second(make_hub: Callable[..., Awaitable[Hub]], engine: str, tmp_path: Path) -> None:
    hub = await make_hub(clock=SystemClock())
    desk = await build(hub)
    who = Principal.channel(desk.web)

    async def produce(start: int) -> None:
        for n in range(start, LINES, PRODUCERS):
            line = Receive(desk.web, f"p{n % 500}", "¿Me confirman si el pedido sale hoy por la tarde?")
            await hub.submit(who, "message.receive", line, f"bench-{n:08}")

    begun = time.perf_counter()
    await asyncio.gather(*(produce(k) for k in range(PRODUCERS)))
    rate = LINES / (time.perf_counter() - begun)
    raw = group_commit(tmp_path / "raw.db")
    print(
        f"\n{engine}: {rate:,.0f} customers' lines/s; bare SQLite rows in groups {raw:,.0f}/s; ratio {rate / raw:.3f}"
    )


async def echo_round_trips(times: int) -> list[float]:
    async def echo(request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        async for message in ws:
            await ws.send_str(message.data)
        return ws

    app = web.Application()
    app.router.add_get("/", echo)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    took = []
    async with connect(f"ws://127.0.0.1:{runner.addresses[0][1]}/") as ws:
        for _ in range(times):
            begun = time.perf_counter()
            await ws.send("x" * 300)
            await ws.recv()
            took.append((time.perf_counter() - begun) * 1000)
    await runner.cleanup()
    return took


async def test_a_line_to_the_agents_socket(make_hub: Callable[..., Awaitable[Hub]], engine: str) -> None:
    hub = await make_hub(clock=SystemClock())
    desk = await build(hub)
    who = Principal.channel(desk.web)
    async with serving(hub) as url:
        token = await start_session(hub, desk.ids["ana"], "bench")
        watcher = await Watcher.join(url.replace("http", "ws"), token)
        made = await desk.say("p1", "Hola")
        await desk.run("ana", "conversation.open", Open(int(made["conversation"] or 0)))
        await watcher.watch(int(made["conversation"] or 0))
        took = []
        for n in range(300):
            begun = time.perf_counter()
            await hub.submit(who, "message.receive", Receive(desk.web, "p1", f"línea {n}"), f"latency-{n:06}")
            await watcher.until(lambda n=n: watcher.mirror.rows[int(made["conversation"] or 0)].last == f"línea {n}")
            took.append((time.perf_counter() - begun) * 1000)
        await watcher.leave()
    bare = await echo_round_trips(300)
    cuts = statistics.quantiles(took, n=100)
    print(
        f"\n{engine}: in → durable → on the agent's socket: p50 {cuts[49]:.2f} ms, p99 {cuts[98]:.2f} ms; "
        f"bare WebSocket echo p50 {statistics.median(bare):.2f} ms; ratio {cuts[49] / statistics.median(bare):.1f}"
    )
