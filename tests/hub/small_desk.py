"""A small desk to test on: one queue, a web channel and one that is handed its messages, three agents."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from aiohttp import web
from watcher import Watcher

from hub.auth import start_session
from hub.config import Config
from hub.desk import people
from hub.desk.principal import SYSTEM, Principal
from hub.desk.registry import Result
from hub.desk.tables import agent, channel, queue
from hub.hub import Hub
from hub.protocol import commands
from hub.server import create_app
from hub.store.clock import ManualClock
from hub.store.schema import head
from hub.web import requests


@dataclass
class SmallDesk:
    """Submits commands under fresh keys, as whoever is named."""

    hub: Hub
    queue: int
    web: int
    whatsapp: int
    ids: dict[str, int]
    keys: Any = field(default_factory=lambda: count(1))

    async def who(self, login: str) -> Principal:
        found = await self.hub.store.read(lambda conn: people.by_agent(conn, self.ids[login]))
        assert found is not None
        return found

    async def run(self, who: Principal | str, name: str, args: commands.Args, key: str = "") -> Result:
        principal = await self.who(who) if isinstance(who, str) else who
        return await self.hub.submit(principal, name, args, key or f"test-key-{next(self.keys)}")

    async def say(self, person: str, body: str, channel: int = 0, **more: Any) -> Result:
        """A customer writes."""
        line = commands.Receive(channel=channel or self.web, external_id=person, body=body, **more)
        return await self.run(Principal.channel(line.channel), "message.receive", line)

    async def reach(self, login: str, reachable: bool = True) -> None:
        await self.run(SYSTEM, "agent.reach", commands.Reach(self.ids[login], reachable))


MakeDesk = Callable[[Hub], Awaitable[SmallDesk]]


async def build(hub: Hub, *, capacity: int = 5, open_within: int = 0) -> SmallDesk:
    ids: dict[str, int] = {}

    async def system(name: str, args: commands.Args) -> Result:
        return await hub.submit(SYSTEM, name, args, f"setup-{name}-{len(ids)}-{hash(repr(args))}")

    for login, role in (("ana", "agent"), ("luis", "agent"), ("sofia", "supervisor")):
        made = await system("agent.save", commands.SaveAgent(login, login.title(), role, password_hash="x"))  # type: ignore[arg-type]
        ids[login] = int(made["agent"] or 0)
    queue = await system(
        "queue.save",
        commands.SaveQueue(
            "ventas",
            {"es": "Ventas", "en": "Sales"},
            primary=[ids["ana"]],
            support=[ids["luis"]],
            capacity=capacity,
            open_within=open_within,
        ),
    )
    queue_id = int(queue["queue"] or 0)
    web = await system("channel.save", commands.SaveChannel("web", "web", {"es": "Sitio"}, queue_id, "web", "#7a5ce0"))
    whatsapp = await system(
        "channel.save",
        commands.SaveChannel("wa", "whatsapp", {"es": "WhatsApp"}, queue_id, "sample", "#1f9d57", window=86_400),
    )
    return SmallDesk(hub, queue_id, int(web["channel"] or 0), int(whatsapp["channel"] or 0), ids)


async def build_in(data: Path, database: str) -> None:
    """To a migrated database, as at the moment at which a `ManualClock` stands."""
    hub = Hub(Config(data=data, database=database, zone="America/Asuncion"), ManualClock())
    await hub.start()
    await build(hub)
    await hub.stop()


async def find(hub: Hub) -> SmallDesk:
    """The one that was built in the hub's database."""

    def read(conn: sa.Connection) -> SmallDesk:
        queues = dict(conn.execute(sa.select(queue.c.code, queue.c.id)).all())
        channels = dict(conn.execute(sa.select(channel.c.slug, channel.c.id)).all())
        ids = dict(conn.execute(sa.select(agent.c.login, agent.c.id)).all())
        return SmallDesk(hub, queues["ventas"], channels["web"], channels["wa"], ids)

    return await hub.store.read(read)


@dataclass
class Served:
    """A hub behind a real server on a free port."""

    hub: Hub
    desk: SmallDesk
    url: str  # http://127.0.0.1:port
    watchers: list[Watcher] = field(default_factory=list)

    @property
    def ws(self) -> str:
        return self.url.replace("http", "ws", 1)

    async def join(self, login: str, **hello: Any) -> Watcher:
        token = await start_session(self.hub, self.desk.ids[login], "test")
        watcher = await Watcher.join(self.ws, token, **hello)
        self.watchers.append(watcher)
        return watcher

    async def settle(self) -> None:
        """Everything that was committed has reached every watcher."""
        seq = await self.hub.store.read(lambda conn: conn.scalar(sa.select(head.c.seq)))
        for watcher in self.watchers:
            await watcher.reach(seq)


@asynccontextmanager
async def serving(hub: Hub) -> AsyncIterator[str]:
    runner = requests.runner(create_app(hub), hub, patience=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
