"""Accounts over HTTP: signing in and out, exchanging tokens, and what one changes of one's own account.

    POST /api/v1/sign-in          {login, password, label, code}   → {token, expires_in, refresh}
    POST /api/v1/refresh          {refresh}                        → {token, expires_in, refresh}
    POST /api/v1/sign-out         with the token in the header     → {session}, or {token} of an API token
    POST /api/v1/password         {password, new}, with the token  → {}
    POST /api/v1/factor/enrol     {password}, with the token       → {secret, uri}
    POST /api/v1/factor/confirm   {code}, with the token           → {recovery: […]}
    POST /api/v1/factor/drop      {password}, with the token       → {}
    POST /api/v1/reset            {token, password}                → {}
    GET  /reset                   the page that a link for a new password opens; its token is behind the #

What is secret comes over these and not as a command, because commands and their results are kept.
"""

from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import structlog
from aiohttp import web

from hub import signing_in
from hub.channels.ratelimit import Limiter, Rate, network_of
from hub.desk import people
from hub.desk.api_tokens import MANAGE
from hub.desk.principal import SYSTEM, Principal
from hub.desk.registry import decode_args
from hub.enrolment import confirm, enrol
from hub.hub import Hub
from hub.protocol.commands import EndSession, RevokeToken
from hub.protocol.errors import Code, Refused
from hub.protocol.registry import NO_NUL
from hub.web.answers import json
from hub.web.assets import FOREVER, Assets
from hub.web.chat_routes import fill, preferred
from hub.web.headers import RESET
from hub.web.origins import bearer, client_address

log = structlog.get_logger(__name__)
PAGES = Path(__file__).parent / "reset"
EXCHANGES = Rate(120, 2)  # of tokens and links, an address: a whole office may come back at once
Plain = Annotated[str, msgspec.Meta(pattern=NO_NUL, max_length=1000)]
Token = Annotated[str, msgspec.Meta(max_length=200)]
T = TypeVar("T", bound="Body")


class Body(msgspec.Struct, forbid_unknown_fields=True):
    pass


class SignIn(Body):
    login: Plain
    password: Plain
    label: Plain = ""
    code: Plain = ""


class Refresh(Body):
    refresh: Token


class NewPassword(Body):
    password: Plain
    new: Plain


class Confirmed(Body):
    password: Plain


class Shown(Body):
    code: Plain


class Reset(Body):
    token: Token
    password: Plain


def add_routes(app: web.Application, hub: Hub) -> None:
    Accounts(hub).add_to(app)


class Accounts:
    """The handlers, and what they share."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._exchanges = Limiter(EXCHANGES)
        self._assets = Assets(PAGES)
        self._template = (PAGES / "index.html").read_text(encoding="utf-8")

    def add_to(self, app: web.Application) -> None:
        for path, handler in (
            ("sign-in", self.sign_in),
            ("refresh", self.refresh),
            ("sign-out", self.sign_out),
            ("password", self.password),
            ("factor/enrol", self.enrol),
            ("factor/confirm", self.confirm),
            ("factor/drop", self.drop),
            ("reset", self.reset),
        ):
            app.router.add_post(f"/api/v1/{path}", handler)
        app.router.add_get("/reset", self.page)
        app.router.add_get("/reset/{version}/{name}", self.asset)

    def _address(self, request: web.Request) -> str:
        return client_address(request, self._hub.config.proxies)

    def _limit(self, request: web.Request) -> None:
        network = network_of(self._address(request))
        if wait := self._exchanges.wait(network):
            raise Refused(Code.RATE_LIMITED, seconds=int(wait) + 1)
        self._exchanges.take(network)

    async def _who(self, request: web.Request) -> Principal:
        """Of the token of a session: an API token, which may leak, changes nobody's password or second factor."""
        hub, token = self._hub, bearer(request)
        who = await hub.store.read(lambda conn: people.by_token(conn, token, hub.clock.now()))
        if who is None:
            raise Refused(Code.SIGNED_OUT)
        if who.token:
            raise Refused(Code.FORBIDDEN, verb=MANAGE)
        return who

    async def sign_in(self, request: web.Request) -> web.Response:
        count = self._hub.metrics.signed_in
        try:
            asked = await _body(request, SignIn)
            address = self._address(request)
            made = await signing_in.sign_in(self._hub, asked.login, asked.password, asked.label, asked.code, address)
        except Refused as refusal:
            count(refusal.code.value)
            raise
        count("ok")
        return json(made)

    async def refresh(self, request: web.Request) -> web.Response:
        asked = await _body(request, Refresh)
        self._limit(request)
        return json(await signing_in.refresh(self._hub, asked.refresh, self._address(request)))

    async def sign_out(self, request: web.Request) -> web.Response:
        """Either token of a session will do, so that one that has run out needs no other first; or an API token."""
        hub, token = self._hub, bearer(request)
        who = await hub.store.read(lambda conn: people.by_any_token(conn, token, hub.clock.now()))
        if who is None:
            raise Refused(Code.SIGNED_OUT)
        if who.token:
            await hub.submit(SYSTEM, "token.revoke", RevokeToken(who.token), f"sign-out:token:{who.token}")
            return json({"token": who.token})
        await hub.submit(who, "session.end", EndSession(who.session), f"sign-out:{who.session}")
        return json({"session": who.session})

    async def password(self, request: web.Request) -> web.Response:
        who, asked = await self._who(request), await _body(request, NewPassword)
        await signing_in.change_password(self._hub, who, asked.password, asked.new, self._address(request))
        return json({})

    async def enrol(self, request: web.Request) -> web.Response:
        who, asked = await self._who(request), await _body(request, Confirmed)
        found = await signing_in.confirm_self(self._hub, who, asked.password, self._address(request))
        return json(await enrol(self._hub.store, self._hub.config, who.id, found.login))

    async def confirm(self, request: web.Request) -> web.Response:
        who, asked = await self._who(request), await _body(request, Shown)
        self._limit(request)
        codes = await confirm(self._hub.store, self._hub.config, who.id, asked.code)
        return json({"recovery": codes})

    async def drop(self, request: web.Request) -> web.Response:
        who, asked = await self._who(request), await _body(request, Confirmed)
        await signing_in.drop(self._hub, who, asked.password, self._address(request))
        return json({})

    async def reset(self, request: web.Request) -> web.Response:
        asked = await _body(request, Reset)
        self._limit(request)
        await signing_in.reset_password(self._hub, asked.token, asked.password)
        return json({})

    async def page(self, request: web.Request) -> web.Response:
        own = self._hub.config.language
        language = preferred(request.headers.get("Accept-Language", ""), {own: "", "es": "", "en": ""})
        body = fill(self._template, language=language, assets=f"reset/{self._assets.version}")
        headers = {
            "Content-Security-Policy": RESET,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cache-Control": "no-store",
            "Vary": "Accept-Language",
        }
        return web.Response(text=body, content_type="text/html", headers=headers)

    async def asset(self, request: web.Request) -> web.Response:
        current = request.match_info["version"] == self._assets.version
        return self._assets.serve(request, request.match_info["name"], FOREVER if current else "no-store")


async def _body(request: web.Request, kind: type[T]) -> T:
    return decode_args(kind, await request.read())
