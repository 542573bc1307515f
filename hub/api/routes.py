"""The HTTP API: commands, views and API tokens, read off the registries.

POST /api/v1/commands/NAME    the arguments as JSON; Idempotency-Key makes it safe to send again
POST /api/v1/tokens           makes an API token and tells it, once
GET  /api/v1/…                the views of hub.protocol.queries
GET  /api/v1/openapi.json     what all of this looks like
GET  /api/docs                the same for people
"""

import asyncio
import re
from urllib.parse import urlencode

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler
from msgspec import UNSET

from hub.api.door import Door
from hub.api.openapi import KEY, ROOT, Json, NewToken, document
from hub.api.pages import Pages
from hub.desk.api_token_text import new_token
from hub.desk.ask import Listed, ask, parameters
from hub.desk.people import token_hash
from hub.desk.principal import Principal
from hub.desk.registry import Result, decode, decode_args
from hub.hub import Hub
from hub.protocol.bulk import cost_of
from hub.protocol.commands import Args, CreateToken
from hub.protocol.errors import Code, Refused
from hub.protocol.queries import QUERIES, Query
from hub.web.answers import json, refused

log = structlog.get_logger(__name__)


def add_routes(app: web.Application, hub: Hub) -> None:
    """Serve the HTTP API of a started hub."""
    Api(hub).add_to(app)
    Pages(hub.config).add_to(app)


class Api:
    """The handlers, and what they share."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._door = Door(hub)
        self._document: Json | None = None  # made when somebody first asks

    def add_to(self, app: web.Application) -> None:
        app.router.add_get(f"{ROOT}/openapi.json", self.describe)
        app.router.add_post(f"{ROOT}/commands/{{name}}", self.command)
        app.router.add_post(f"{ROOT}/tokens", self.make_token)
        for query in QUERIES.values():
            app.router.add_get(f"{ROOT}/{query.path}", self.view(query))

    async def describe(self, request: web.Request) -> web.Response:
        if self._document is None:
            self._document = await asyncio.to_thread(document, self._hub.config.public_url)
        return json(self._document)

    async def command(self, request: web.Request) -> web.Response:
        """Submit a command; its result once it is durable."""
        who = await self._door.enter(request)
        key = idempotency_key(request)
        name, body = request.match_info["name"], await body_of(request)
        try:
            spec, args = decode(name, body)
        except Refused as refusal:
            self._hub.metrics.unheard(name, refusal.code.value)
            raise
        try:
            return json(await self._submit(who, spec.name, args, key))
        except Refused as refusal:
            return refused(refusal, understood=True)

    async def _submit(self, who: Principal, name: str, args: Args, key: str) -> Result:
        """As over the wire: no faster than an agent may, and with a line in the log under the command's key."""
        await self._hub.limits.command_of(who.name, cost_of(args))
        with structlog.contextvars.bound_contextvars(command=name, key=key, agent=who.id):
            try:
                result = await self._hub.submit(who, name, args, key)
            except Refused as refusal:
                log.info("command", outcome=refusal.code.value)
                raise
            log.info("command", outcome="ok")
        return result

    async def make_token(self, request: web.Request) -> web.Response:
        """{name, scopes, expires} → {id, token}. The token is in no other answer: its hash alone is kept. A repeated
        request under the same key is refused as `key_reused`, because it would make another token."""
        who = await self._door.enter(request)
        key = idempotency_key(request)
        wanted = decode_args(NewToken, await body_of(request))
        token = new_token()
        args = CreateToken(wanted.name, wanted.scopes, token_hash(token), wanted.expires)
        try:
            made = await self._submit(who, "token.create", args, key)
        except Refused as refusal:
            return refused(refusal, understood=True)
        return json({"id": made["token"], "token": token}, 201)

    def view(self, query: Query) -> Handler:
        inside = set(re.findall(r"{(\w+)}", query.path))

        async def answer(request: web.Request) -> web.Response:
            who = await self._door.enter(request)
            given = asked(request, inside)
            params = parameters(query, given | request.match_info)
            hub = self._hub
            found = await hub.store.read(lambda conn: ask(hub.asking(conn, who), query, params))
            await hub.looks.into(who, getattr(params, "conversation", UNSET))
            await hub.looks.shown(who, query, found)
            if not isinstance(found, Listed):
                return json(found)
            if found.next is None:
                return json({"items": found.rows})
            following = "?" + urlencode(given | {"after": found.next})
            return json({"items": found.rows, "next": following}, Link=f'<{following}>; rel="next"')

        return answer


def asked(request: web.Request, inside: set[str]) -> dict[str, str]:
    """The parameters after the question mark. Refuses one that comes twice, or that has its place in the path."""
    given: dict[str, str] = {}
    for name, value in request.query.items():
        if name in given or name in inside:
            raise Refused(Code.BAD_ARGS, field=name[:64], why="it is given twice")
        given[name] = value
    return given


def idempotency_key(request: web.Request) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not re.fullmatch(KEY, key):
        why = "send a random one with each command, 16 to 64 printable ASCII characters; the same to repeat it"
        raise Refused(Code.BAD_ARGS, field="Idempotency-Key", why=why)
    return key


async def body_of(request: web.Request) -> bytes:
    if request.content_type != "application/json":
        raise Refused(Code.WRONG_TYPE, field="Content-Type", wanted="application/json")
    return await request.read()
