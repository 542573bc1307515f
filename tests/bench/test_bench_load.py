"""How much a hub takes at once, on both engines, beside what bare parts do in the same run.

The hub runs in a process of its own; the agents' sockets are in this one, and only listen (`ears.py`).
"""

import asyncio
import json
import statistics
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

sys.path.insert(0, str(Path(__file__).parent))
from conftest import Figure, Record
from ears import Ear, hang_up, heard, listen, quiet
from wire import cpu_of
from yardsticks import KNOWN_COMMIT, KNOWN_FAN_OUT, KNOWN_LINES, core_lines, single_commits, slower

from hub.protocol import frames

pytestmark = [pytest.mark.bench, pytest.mark.timeout(0)]
TRAYS = [frames.Sub(w, tray=tray) for w, tray in enumerate(("pending", "in_progress", "attended"), 1)]
AGENTS, MANY = 50, 1_000
SEVERAL, LOT, FEW = 450, 50, 10  # connections whose memory is measured, at a time, and that come together
LINES = 6_000
LIGHT = 20  # lines a second
TIMES = 3  # the best of so many counts: other programs on the machine can only disturb
BAR = {"sqlite": 3_000, "postgresql": 1_500}  # messages a second
ROUNDS = 40
LIVE, CHANGES, STIRRED = 200, 50, 20  # agents, a second, seconds
CORE = "lines/s by SQLAlchemy Core on SQLite"
COMMIT = "ms, a bare SQLite commit"


class LoadedHub:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.url, self.tokens = "", list[str]()

    async def hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        told: dict[str, Any] = json.loads(await self._process.stdout.readline())
        return told

    async def order(self, words: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{words}\n".encode())
        return await self.hear()

    def cpu(self) -> float:
        """Milliseconds of a processor so far."""
        return cpu_of(self._process.pid)


@asynccontextmanager
async def loaded(database: str, folder: Path, agents: int, queues: int = 1) -> AsyncIterator[LoadedHub]:
    script = str(Path(__file__).with_name("load_hub.py"))
    process = await asyncio.create_subprocess_exec(
        sys.executable, script, database, str(folder), str(agents), str(queues), stdin=-1, stdout=-1, limit=2**24
    )
    hub = LoadedHub(process)
    try:
        told = await hub.hear()
        hub.url, hub.tokens = told["url"], told["tokens"]
        yield hub
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


def cuts(delays: list[int]) -> tuple[float, float]:
    """(p50, p99) in milliseconds of delays in nanoseconds."""
    found = statistics.quantiles(delays, n=100)
    return found[49] / 1e6, found[98] / 1e6


async def test_a_flood_of_lines(database: str, engine: str, tmp_path: Path, record: Record) -> None:
    bare = cuts(await single_commits(tmp_path / "single.db", LIGHT, 5))
    core = core_lines(tmp_path / "core.db")
    less = slower(KNOWN_LINES / core)
    late_commit = slower(bare[0] / KNOWN_COMMIT)
    async with loaded(database, tmp_path, AGENTS) as hub:
        ears, delays = await listen(hub.url, hub.tokens, TRAYS)
        for number, ear in enumerate(ears, 1):  # a desk of its own: the first conversation is the first agent's
            ear.say(frames.Sub(9, thread=number))
        await quiet(ears)
        await hub.order("flood 1000")
        await quiet(ears)

        async def flood() -> tuple[float, float]:
            """Lines a second, and microseconds of a processor for each."""
            delays.clear()
            used = hub.cpu()
            told = await hub.order(f"flood {LINES}")
            await heard(ears, 0, lambda: len(delays) >= LINES)
            return float(told["rate"]), (hub.cpu() - used) / LINES * 1000

        async def pace(rate: float) -> tuple[float, float]:
            """(p99, p50) in milliseconds."""
            delays.clear()
            await hub.order(f"pace {rate:.0f} 5")
            await quiet(ears)
            middle, late = cuts(delays)
            return late, middle

        rate, cost = max([await flood() for _ in range(TIMES)])
        name = f"{engine}: sustained, {AGENTS} senders and {AGENTS} agents"
        record(
            Figure(
                f"{name}, a line takes",
                1e6 / rate,
                "µs",
                1e6 / BAR[engine],
                core,
                CORE,
                less,
            )
        )
        record(Figure(f"{name}, processor", cost, "µs", None, rate, "lines/s"))
        rate = min(rate, BAR[engine] / less) * 0.7
        late, middle = min([await pace(rate) for _ in range(TIMES)])
        record(
            Figure(
                f"{engine}: in → durable → on the socket at {rate:,.0f}/s, p99", late, "ms", 50, middle, "ms p50", less
            )
        )
        late, middle = min([await pace(LIGHT) for _ in range(TIMES)])
        light = (3, 15) if engine == "sqlite" else (None, None)
        record(Figure(f"{engine}: … at {LIGHT}/s, p50", middle, "ms", light[0], bare[0], COMMIT, late_commit))
        record(Figure(f"{engine}: … at {LIGHT}/s, p99", late, "ms", light[1], bare[1], COMMIT, late_commit))
        hang_up(ears)


async def test_one_event_to_a_thousand_agents(database: str, engine: str, tmp_path: Path, record: Record) -> None:
    if engine != "sqlite":
        pytest.skip("the fan-out knows no engine")
    async with loaded(database, tmp_path, MANY) as hub:
        ears = []
        for first in range(0, MANY, AGENTS):
            some, _ = await listen(hub.url, hub.tokens[first : first + AGENTS], TRAYS)
            ears += some
        await hub.order("waiting")
        await quiet(ears)
        took = []
        for _ in range(ROUNDS):
            begun = time.monotonic_ns()
            told = await hub.order("waiting")
            took.append(await heard(ears, begun, lambda: True) - int(told["at"]))
            await quiet(ears, 0.2)
        hang_up(ears)
    bare = await bare_fan_out(MANY)
    less = slower(bare / KNOWN_FAN_OUT)
    late = sorted(took)[-1] / 1e6
    record(Figure(f"one event to {MANY:,} agents, the last one, p99", late, "ms", 60, bare, "ms, bare aiohttp", less))
    record(Figure(f"one event to {MANY:,} agents, the last one, p50", statistics.median(took) / 1e6, "ms"))


@pytest.mark.parametrize("queues", [50, 1])
async def test_live_trays(database: str, engine: str, tmp_path: Path, record: Record, queues: int) -> None:
    """By turns the customer of one agent writes, and one who waits in a queue, which its members and supervisors see.
    With one queue everybody sees every other change, which is more than a desk has; the bar is for the former."""
    less = slower(KNOWN_LINES / core_lines(tmp_path / "core.db"))
    async with loaded(database, tmp_path, LIVE, queues) as hub:
        ears = []
        for first in range(0, LIVE, AGENTS):
            some, _ = await listen(hub.url, hub.tokens[first : first + AGENTS], TRAYS)
            ears += some
        await hub.order(f"stir {CHANGES} 4")  # those who wait are there from here on
        await quiet(ears)
        before, used, begun = sum(ear.received for ear in ears), hub.cpu(), time.perf_counter()
        await hub.order(f"stir {CHANGES} {STIRRED}")
        cost = (hub.cpu() - used) / (time.perf_counter() - begun)
        await quiet(ears)
        size = (sum(ear.received for ear in ears) - before) / (CHANGES * STIRRED * LIVE)
        hang_up(ears)
    name = f"{engine}: {LIVE} agents in {queues} queue{'s' * (queues > 1)} at {CHANGES} changes a second"
    bar = (500, less) if queues > 1 else (None, 1.0)
    record(Figure(f"{name}, processor a second", cost, "ms", bar[0], size, "bytes an agent a change", bar[1]))


async def bare_fan_out(clients: int) -> float:
    """Milliseconds until as many bare sockets have a message of the same size, p99."""
    sockets: list[web.WebSocketResponse] = []

    async def take(request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse(protocols=("bandeja.v1",))
        await ws.prepare(request)
        sockets.append(ws)
        async for _ in ws:
            pass
        return ws

    app = web.Application()
    app.router.add_get("/ws", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    ears, _ = await listen(f"ws://127.0.0.1:{runner.addresses[0][1]}/ws", ["x"] * clients, ())
    took = []
    for _ in range(ROUNDS):
        begun = time.monotonic_ns()
        await asyncio.gather(*(ws.send_str("x" * 300) for ws in sockets))
        took.append(await heard(ears, begun, lambda: True) - begun)
    hang_up(ears)
    await runner.cleanup()
    return sorted(took)[-1] / 1e6


@pytest.mark.parametrize(("compressed", "most"), [(False, 25), (True, 130)])
async def test_the_memory_of_a_connection(
    database: str, engine: str, tmp_path: Path, record: Record, compressed: bool, most: float
) -> None:
    """They come a few at a time: a crowd that comes at once leaves gaps between what stays of each. Each is the second
    one of an agent: that somebody is there is news, and what the hub keeps of news is everybody's, not a connection's.
    """
    if engine != "sqlite":
        pytest.skip("a connection knows no engine")
    async with loaded(database, tmp_path, SEVERAL) as hub:
        await hub.order(f"flood {LINES}")  # what the hub keeps for everybody, of the journal and else, is full then

        async def each(url: str) -> tuple[float, list[Ear]]:
            """KB that one more takes, the median of several lots of them, and those that were taken."""
            ears: list[Ear] = []
            taken = [float((await hub.order("memory"))["kb"])]
            for first in range(0, SEVERAL, FEW):
                few, _ = await listen(url, hub.tokens[first : first + FEW], TRAYS, compressed=compressed)
                ears += few
                if len(ears) % LOT == 0:
                    taken.append(float((await hub.order("memory"))["kb"]))
            return statistics.median(after - before for before, after in pairwise(taken)) / LOT, ears

        there, _ = await listen(hub.url, hub.tokens, TRAYS, compressed=compressed)
        ours, more = await each(hub.url)
        bare, ears = await each(hub.url.replace("/ws", "/bare"))
        name = f"memory a connection, {'compressed' if compressed else 'plain'}"
        record(Figure(name, ours, "KB", most, bare, "KB, bare aiohttp"))
        hang_up(there + ears + more)
