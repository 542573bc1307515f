"""A small shop on the real hub, for consoles without a screen."""

import itertools
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from seats import Seat

from hub.auth import hash_now
from hub.desk.principal import SYSTEM, Principal
from hub.hub import Hub
from hub.protocol import commands
from hub.protocol.commands import Args
from hub.server import create_app

MakeHub = Callable[..., Awaitable[Hub]]
HASH = hash_now("secret")


class Shop:
    """A served hub that can be killed and comes back at the same port; one queue, one channel, one agent."""

    def __init__(self, make_hub: MakeHub, **settings: object) -> None:
        self._make = make_hub
        self._settings = settings
        self._keys = itertools.count()
        self._runner: web.AppRunner | None = None
        self.hub: Hub
        self.port = 0
        self.channel = self.agent = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def open(self) -> None:
        self.hub = await self._make(**self._settings)
        self._runner = web.AppRunner(create_app(self.hub), shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def die(self) -> None:
        """Sockets break off, nobody says bye."""
        for connection in list(self.hub.connections):
            transport = connection.line.ws._req.transport if connection.line.ws._req else None
            if transport is not None:
                transport.abort()
        assert self._runner is not None
        await self._runner.cleanup()
        self.hub.connections.clear()
        await self.hub.stop()

    async def system(self, name: str, args: Args) -> Any:
        return await self.hub.submit(SYSTEM, name, args, f"shop-key-{next(self._keys)}")

    async def furnish(self) -> None:
        made = await self.system("agent.save", commands.SaveAgent("luis", "Luis", "supervisor", HASH))
        self.agent = made["agent"]
        queue = commands.SaveQueue("ventas", {"es": "Ventas"}, primary=[self.agent], capacity=50)
        where = (await self.system("queue.save", queue))["queue"]
        channel = commands.SaveChannel("web", "web", {"es": "Sitio"}, where, "web", "#7a5ce0")
        self.channel = (await self.system("channel.save", channel))["channel"]
        await self.system("tag.save", commands.SaveTag("vip", "#ff0000"))

    async def customer(self, person: str, body: str) -> int:
        line = commands.Receive(channel=self.channel, external_id=person, body=body, name=person.title())
        key = f"shop-key-{next(self._keys)}"
        made = await self.hub.submit(Principal.channel(self.channel), "message.receive", line, key)
        return int(made["conversation"] or 0)


async def opened(seat: Seat, conversation: int) -> Any:
    seat.desk.submit("conversation.take", commands.Take(conversation))
    seat.desk.submit("conversation.open", commands.Open(conversation))
    thread = seat.desk.open_thread(conversation)
    await seat.until(lambda: thread.loaded and thread.row is not None and thread.row.state == "open")
    return thread
