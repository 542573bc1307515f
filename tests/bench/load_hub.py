"""A hub under load, in a process of its own: `load_hub.py DATABASE FOLDER AGENTS QUEUES`, orders on its standard input.

It makes a desk of so many agents, each in one queue and with one conversation, every twentieth a supervisor where there
are several queues, serves it, prints a line of JSON with its address and the agents' tokens, and then does what the
lines say: `flood N` has 50 senders write N lines as fast as they are acked, `pace RATE SECONDS` has the agents'
customers write at a steady rate, `stir RATE SECONDS` by turns one of those and one who waits in a queue, `waiting` has
a customer write whose conversation all of a queue see waiting, `memory` looks. Each answers with a line of JSON.
A line's body begins with the time at which it was handed in (CLOCK_MONOTONIC, ns), so that whoever receives it on this
machine knows how long it took.
"""

import asyncio
import gc
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from hub.auth import start_session
from hub.config import Config
from hub.desk.principal import SYSTEM, Principal
from hub.desk.registry import Result
from hub.hub import Hub
from hub.logs import configure
from hub.protocol import SUBPROTOCOL, commands
from hub.server import HEARTBEAT, create_app
from hub.settled import settle
from hub.store.clock import SystemClock
from hub.store.migrate import migrate

SENDERS = 50
TICK = 0.002  # seconds between looks at what is due: who sends here must not take the processor from the hub
WORDS = "¿Me confirman si el pedido sale hoy por la tarde?"


class Load:
    """`channels`: one a queue, with whose customers the agents are in turn."""

    def __init__(self, hub: Hub, channels: list[int]) -> None:
        self.hub, self.channels, self.sent = hub, channels, 0

    def line(self, customer: int) -> "asyncio.Future[Result]":
        self.sent += 1
        channel = self.channels[customer % len(self.channels)]
        line = commands.Receive(channel, f"c{customer}", f"{time.monotonic_ns()} {WORDS}")
        return self.hub.hand_in(Principal.channel(channel), "message.receive", line, f"load-{self.sent:08}")

    async def flood(self, lines: int, customers: int) -> dict[str, float]:
        async def sender(first: int) -> None:
            for n in range(first, lines, SENDERS):
                await self.line(n % customers)

        begun, used = time.perf_counter(), time.process_time()
        await asyncio.gather(*(sender(k) for k in range(SENDERS)))
        took = time.perf_counter() - begun
        return {"rate": lines / took, "cpu_us": (time.process_time() - used) / lines * 1e6}

    async def pace(self, rate: float, seconds: float, of: Callable[[int], int]) -> dict[str, float]:
        """Open loop: a line is due when it is due, however the hub does. `of`: whose the nth is."""
        begun, lines = time.perf_counter(), []
        total = int(rate * seconds)
        for n in range(total):
            wait = begun + n / rate - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(max(wait, TICK))
            lines.append(self.line(of(n)))
        await asyncio.gather(*lines)
        return {"rate": total / (time.perf_counter() - begun)}


async def desk(hub: Hub, agents: int, queues: int) -> tuple[Load, list[str]]:
    """(the load, tokens of the agents); each has one open conversation, with the customer of the same number."""

    async def system(name: str, args: commands.Args, key: str) -> int:
        result = await hub.submit(SYSTEM, name, args, f"setup-{name}-{key}")
        return int(next(iter(result.values())) or 0)

    people, channels = [], []
    for n in range(agents):
        role = "supervisor" if queues > 1 and n % 20 == 0 else "agent"
        people.append(await system("agent.save", commands.SaveAgent(f"a{n}", f"Agent {n}", role, "x"), str(n)))
    for n in range(queues):
        make = commands.SaveQueue(f"q{n}", {"es": f"Cola {n}"}, primary=people[n::queues], capacity=1)
        queue = await system("queue.save", make, str(n))
        web = commands.SaveChannel(f"web{n}", "web", {"es": f"Sitio {n}"}, queue, "web", "#7a5ce0")
        channels.append(await system("channel.save", web, str(n)))
    tokens, load = [], Load(hub, channels)
    for n, agent in enumerate(people):
        tokens.append(await start_session(hub, agent, "load"))
        made = await load.line(n)
        await system("conversation.assign", commands.Assign(int(made["conversation"] or 0), agent), str(n))
    return load, tokens


async def bare(request: web.Request) -> web.WebSocketResponse:
    """What a connection costs in which nothing of ours is but the doors: the yardstick of its memory."""
    ws = web.WebSocketResponse(heartbeat=HEARTBEAT, protocols=(SUBPROTOCOL,), compress=True)
    await ws.prepare(request)
    async for message in ws:
        await ws.send_str(message.data)
    return ws


async def main(database: str, folder: str, agents: int, queues: int) -> None:
    await migrate(database)
    hub = Hub(Config(data=Path(folder), database=database, zone="UTC", port=0), SystemClock())
    await hub.start()
    try:
        await serve(hub, agents, queues)
    finally:
        await hub.stop()


async def serve(hub: Hub, agents: int, queues: int) -> None:
    load, tokens = await desk(hub, agents, queues)
    app = create_app(hub)
    app.router.add_get("/bare", bare)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(json.dumps({"url": f"ws://127.0.0.1:{runner.addresses[0][1]}/ws", "tokens": tokens}), flush=True)
    settle()
    loop = asyncio.get_running_loop()
    while order := (await loop.run_in_executor(None, sys.stdin.readline)).split():
        match order:
            case ["flood", lines]:
                told = await load.flood(int(lines), agents)
            case ["pace", rate, seconds]:
                told = await load.pace(float(rate), float(seconds), lambda n: n % agents)
            case ["stir", rate, seconds]:
                told = await load.pace(
                    float(rate), float(seconds), lambda n: n % agents if n % 2 else agents + n % queues
                )
            case ["waiting"]:
                told = {"at": float(time.monotonic_ns())}
                await load.line(agents)
            case ["memory"]:
                gc.collect()  # what is left of their coming goes by itself, sooner or later
                pages = int(Path("/proc/self/statm").read_text().split()[1])
                told = {"kb": pages * resource.getpagesize() / 1024}
            case _:
                raise ValueError(order)
        print(json.dumps(told), flush=True)
    await runner.cleanup()


if __name__ == "__main__":
    configure("warning")
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
