"""A hub with one web chat behind a real server, the agent who answers in it, and a foreign site that embeds it."""

from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from aiohttp import web
from playwright.async_api import Page
from playwright.async_api import TimeoutError as PlaywrightTimeout

from hub.channels.ratelimit import Gate, Rate, Rates
from hub.config import Config
from hub.desk import people
from hub.desk.principal import SYSTEM, Principal
from hub.desk.tables import conversation, message
from hub.hub import Hub
from hub.protocol import commands
from hub.web import account_routes, requests
from hub.web.chat_routes import add_routes

ROOMY = Rates(
    *[Rate(10_000, 10_000)] * 2,  # every test comes from one address
    Rate(1e9, 1e9),
    *[Rate(10_000, 10_000)] * 2,
    Rate(1e9, 1e9),
    Rate(10_000, 10_000),
)


@dataclass
class Site:
    """Somebody's shop, on an origin of its own. `page` is its HTML, `headers` what it is sent with."""

    page: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    url: str = ""
    runner: web.AppRunner | None = None

    async def up(self) -> None:
        async def get(_: web.Request) -> web.Response:
            return web.Response(text=self.page, content_type="text/html", headers=self.headers)

        async def icon(_: web.Request) -> web.Response:
            return web.Response(status=204)

        app = web.Application()
        app.router.add_get("/favicon.ico", icon)
        app.router.add_get("/{path:.*}", get)
        self.runner = web.AppRunner(app, shutdown_timeout=0.5)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self.runner.addresses[0][1]}"

    async def down(self) -> None:
        assert self.runner is not None
        await self.runner.cleanup()


class Bench:
    """The hub can go down and come back on the same port; `deaf` lets it serve pages but refuse sockets."""

    def __init__(self, folder: Path, database: str, origins: list[str], rates: Rates = ROOMY) -> None:
        self.config = Config(data=folder, database=database, zone="America/Asuncion", port=0, recall_seconds=0)
        self.rates = rates
        self.origins = origins
        self.port = 0
        self.deaf = False
        self.hub: Hub
        self._runner: web.AppRunner
        self._keys = count(1)
        self.agent = 0
        self.channel = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def chat(self) -> str:
        return f"{self.url}/chat/web"

    async def up(self) -> None:
        self.hub = Hub(self.config)
        await self.hub.start()
        if not self.channel:
            await self._set_up()

        @web.middleware
        async def hearing(request: web.Request, handler: Any) -> web.StreamResponse:
            if self.deaf and request.path.endswith("/socket"):
                raise web.HTTPServiceUnavailable
            return await handler(request)

        app = web.Application(middlewares=[hearing])
        requests.watch(app, self.hub)
        add_routes(app, self.hub, Gate(self.rates, refused=self.hub.limits.refused))
        account_routes.add_routes(app, self.hub)
        self._runner = web.AppRunner(app, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]

    async def down(self) -> None:
        await self._runner.cleanup()
        await self.hub.stop()

    async def _set_up(self) -> None:
        async def system(name: str, args: commands.Args) -> dict[str, Any]:
            return await self.hub.submit(SYSTEM, name, args, f"setup-{name}")

        lucia = commands.SaveAgent("lucia", "Lucía Giménez", "agent", password_hash="x")
        self.agent = (await system("agent.save", lucia))["agent"]
        queue = commands.SaveQueue("ventas", {"es": "Ventas", "en": "Sales"}, primary=[self.agent])
        names = {"es": "Tienda Don José", "en": "Don José Store"}
        line = commands.SaveChannel(
            "web", "web", names, (await system("queue.save", queue))["queue"], "web", "#7a5ce0", origins=self.origins
        )
        self.channel = (await system("channel.save", line))["channel"]

    # -- the agent -----------------------------------------------------------------------------------------------------

    async def principal(self) -> Principal:
        who = await self.hub.store.read(lambda conn: people.by_agent(conn, self.agent))
        assert who is not None
        return who

    async def act(self, name: str, args: commands.Args) -> Any:
        return await self.hub.submit(await self.principal(), name, args, f"agent-{next(self._keys)}-{name}")

    async def conversation(self) -> Any:
        """The latest one."""
        query = sa.select(conversation).order_by(conversation.c.id.desc()).limit(1)
        return await self.hub.store.read(lambda conn: conn.execute(query).one())

    async def open(self) -> int:
        row = await self.conversation()
        if row.state != "open":
            await self.act("conversation.open", commands.Open(row.id))
        return row.id

    async def answer(self, body: str) -> int:
        return (await self.act("message.send", commands.Send(await self.open(), body)))["message"]

    async def note(self, body: str) -> None:
        await self.act("message.note", commands.Note(await self.open(), body))

    async def read(self) -> None:
        row_id = await self.open()
        last = [line.id for line in await self.lines() if line.direction == "in"][-1]
        await self.act("conversation.read", commands.Read(row_id, last))

    async def end(self) -> None:
        await self.act("conversation.end", commands.End(await self.open()))

    async def reopen(self) -> None:
        await self.act("conversation.reopen", commands.Reopen((await self.conversation()).id))

    def typing(self, conversation_id: int, on: bool = True) -> None:
        self.hub.presence.typing(conversation_id, self.agent, on)

    async def shown_typing(self, page: Page, conversation_id: int) -> None:
        """Type until the page shows it: a console goes on telling while somebody types, and one hint may be lost."""
        shown = page.locator("#typing.on")
        for left in reversed(range(10)):
            self.typing(conversation_id)
            try:
                await shown.wait_for(timeout=3000)
            except PlaywrightTimeout:
                if not left:
                    raise
            else:
                return

    async def lines(self) -> list[Any]:
        """All messages of the hub, oldest first."""
        query = sa.select(message).order_by(message.c.id)
        return await self.hub.store.read(lambda conn: list(conn.execute(query)))

    async def received(self) -> list[str]:
        return [line.body for line in await self.lines() if line.direction == "in"]

    async def state_of(self, message_id: int) -> str:
        return next(line.state for line in await self.lines() if line.id == message_id)
