"""Somebody's server on a free port, which answers as the test says and remembers what it was posted."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
from aiohttp import web
from standardwebhooks import Webhook

from hub.desk.principal import SYSTEM
from hub.hooks.secrets import Secrets
from hub.hub import Hub
from hub.protocol import webhooks as hooks
from hub.protocol.commands import SaveWebhook

WAIT = 60  # seconds that anything may take before a test fails
LOOPBACK = ("127.0.0.0/8", "::1/128")
Reply = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Post:
    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def body(self) -> Any:
        return json.loads(self.raw)

    @property
    def type(self) -> str:
        return str(self.body["type"])

    def signed_by(self, secret: str) -> bool:
        """As the Standard Webhooks library signs it; `verify` would ask its own clock."""
        at = datetime.fromtimestamp(int(self.headers["webhook-timestamp"]), UTC)
        return Webhook(secret).sign(self.id, at, self.raw.decode()) in self.headers["webhook-signature"].split(" ")


async def ok(_: web.Request) -> web.StreamResponse:
    return web.Response()


def status(code: int, text: str = "", **headers: str) -> Reply:
    async def reply(_: web.Request) -> web.StreamResponse:
        return web.Response(status=code, text=text, headers={k.replace("_", "-"): v for k, v in headers.items()})

    return reply


async def cut(request: web.Request) -> web.StreamResponse:
    """The connection breaks off after the request has been read."""
    assert request.transport is not None
    request.transport.abort()
    await asyncio.Event().wait()
    raise AssertionError


@dataclass
class Endpoint:
    url: str = ""
    reply: Reply = ok
    posts: list[Post] = field(default_factory=list)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def take(self, request: web.Request) -> web.StreamResponse:
        names = {name.lower(): value for name, value in request.headers.items()}
        self.posts.append(Post(request.path, names, await request.read()))
        async with self.news:
            self.news.notify_all()
        return await self.reply(request)

    async def until(self, true: Callable[[], Any]) -> None:
        async with asyncio.timeout(WAIT), self.news:
            await self.news.wait_for(true)

    async def count(self, number: int) -> list[Post]:
        await self.until(lambda: len(self.posts) >= number)
        return self.posts


@asynccontextmanager
async def listening() -> AsyncIterator[Endpoint]:
    endpoint = Endpoint()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", endpoint.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    endpoint.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield endpoint
    finally:
        await runner.cleanup()


async def add_webhook(hub: Hub, url: str, name: str = "crm", **values: Any) -> tuple[int, str]:
    """(id, secret) of a new webhook."""
    args = SaveWebhook(name=name, url=url, **values)
    made = await hub.submit(SYSTEM, "webhook.save", args, f"add-{name}-{hash(msgspec.json.encode(args))}")
    webhook_id = int(made["webhook"] or 0)
    return webhook_id, await roll(hub, webhook_id)


async def roll(hub: Hub, webhook_id: int, until: int = 0) -> str:
    secret, sealed = Secrets(hub.config.key_file).make(f"webhook:{webhook_id}")
    args = hooks.WebhookSecret(webhook_id, sealed, until)
    await hub.submit(SYSTEM, "webhook.secret", args, f"roll-{sealed[-16:]}")
    return secret
