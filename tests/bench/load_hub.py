"""A hub under load, in a process of its own: `load_hub.py DATABASE FOLDER AGENTS`, orders on its standard input.

It makes a desk of so many agents, each with one conversation, serves it, prints a line of JSON with its address and the
agents' tokens, and then does what the lines say: `flood N` has 50 senders write N lines as fast as they are acked,
`pace RATE SECONDS` has them write at a steady rate, `waiting` has a customer write whose conversation everybody sees
waiting, `memory` looks. Each answers with a line of JSON. A line's body begins with the time at which it was handed in
(CLOCK_MONOTONIC, ns), so that whoever receives it on this machine knows how long it took.
"""

import asyncio
import gc
import json
import resource
import sys
import time
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
    def __init__(self, hub: Hub, channel: int) -> None:
        self.hub, self.who, self.channel, self.sent = hub, Principal.channel(channel), channel, 0

    def line(self, customer: int) -> "asyncio.Future[Result]":
        self.sent += 1
        line = commands.Receive(self.channel, f"c{customer}", f"{time.monotonic_ns()} {WORDS}")
        return self.hub.hand_in(self.who, "message.receive", line, f"load-{self.sent:08}")

    async def flood(self, lines: int, customers: int) -> dict[str, float]:
        async def sender(first: int) -> None:
            for n in range(first, lines, SENDERS):
                await self.line(n % customers)

        begun, used = time.perf_counter(), time.process_time()
        await asyncio.gather(*(sender(k) for k in range(SENDERS)))
        took = time.perf_counter() - begun
        return {"rate": lines / took, "cpu_us": (time.process_time() - used) / lines * 1e6}

    async def pace(self, rate: float, seconds: float, customers: int) -> dict[str, float]:
        """Open loop: a line is due when it is due, however the hub does."""
        begun, lines = time.perf_counter(), []
        total = int(rate * seconds)
        for n in range(total):
            wait = begun + n / rate - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(max(wait, TICK))
            lines.append(self.line(n % customers))
        await asyncio.gather(*lines)
        return {"rate": total / (time.perf_counter() - begun)}


async def desk(hub: Hub, agents: int) -> tuple[int, list[str]]:
    """(channel, tokens of the agents); each has one open conversation, with the customer of the same number."""

    async def system(name: str, args: commands.Args, key: str) -> int:
        result = await hub.submit(SYSTEM, name, args, f"setup-{name}-{key}")
        return int(next(iter(result.values())) or 0)

    people = []
    for n in range(agents):
        people.append(await system("agent.save", commands.SaveAgent(f"a{n}", f"Agent {n}", "agent", "x"), str(n)))
    queue = await system("queue.save", commands.SaveQueue("q", {"es": "Ventas"}, primary=people, capacity=1), "1")
    channel = await system(
        "channel.save", commands.SaveChannel("web", "web", {"es": "Sitio"}, queue, "web", "#7a5ce0"), "1"
    )
    tokens = []
    for n, agent in enumerate(people):
        tokens.append(await start_session(hub, agent, "load"))
        who = Principal.channel(channel)
        made = await hub.submit(who, "message.receive", commands.Receive(channel, f"c{n}", "Hola"), f"first-{n:06}")
        conversation = int(made["conversation"] or 0)
        await system("conversation.assign", commands.Assign(conversation, agent), str(n))
    return channel, tokens


async def bare(request: web.Request) -> web.WebSocketResponse:
    """What a connection costs in which nothing of ours is but the doors: the yardstick of its memory."""
    ws = web.WebSocketResponse(heartbeat=HEARTBEAT, protocols=(SUBPROTOCOL,), compress=True)
    await ws.prepare(request)
    async for message in ws:
        await ws.send_str(message.data)
    return ws


async def main(database: str, folder: str, agents: int) -> None:
    await migrate(database)
    hub = Hub(Config(data=Path(folder), database=database, zone="UTC", port=0), SystemClock())
    await hub.start()
    channel, tokens = await desk(hub, agents)
    app = create_app(hub)
    app.router.add_get("/bare", bare)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(json.dumps({"url": f"ws://127.0.0.1:{runner.addresses[0][1]}/ws", "tokens": tokens}), flush=True)
    settle()
    load, loop = Load(hub, channel), asyncio.get_running_loop()
    while order := (await loop.run_in_executor(None, sys.stdin.readline)).split():
        match order:
            case ["flood", lines]:
                told = await load.flood(int(lines), agents)
            case ["pace", rate, seconds]:
                told = await load.pace(float(rate), float(seconds), agents)
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
    await hub.stop()


if __name__ == "__main__":
    configure("warning")
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
