"""The aiohttp application: sign-in, the agents' WebSocket, health, and the pages."""

import asyncio
import os
from typing import Annotated, Any

import msgspec
import sqlalchemy as sa
import structlog
from aiohttp import WSMsgType, web

from hub.auth import sign_in
from hub.desk import people
from hub.desk.principal import SYSTEM
from hub.hub import Hub
from hub.live.connection import Connection
from hub.protocol import PROTO, SUBPROTOCOL, frames
from hub.protocol.commands import EndSession, RevokeToken
from hub.protocol.errors import Code, Refused
from hub.protocol.registry import NO_NUL
from hub.web.origins import bearer, client_address

log = structlog.get_logger(__name__)
HUB: web.AppKey[Hub] = web.AppKey("hub", Hub)
HEARTBEAT = 30.0  # seconds between the hub's pings; aiohttp gives a pong half of it, 15 s
HELLO_WITHIN = 10.0  # seconds
FRAME = 256 * 1024  # bytes; the largest frame that a console may send


Plain = Annotated[str, msgspec.Meta(pattern=NO_NUL)]


class SignIn(msgspec.Struct, forbid_unknown_fields=True):
    login: Plain
    password: str
    label: Plain = ""


def create_app(hub: Hub) -> web.Application:
    """The whole web side of a started hub."""
    from hub.api.routes import add_routes as add_api
    from hub.web.chat_routes import add_routes

    app = web.Application(client_max_size=64 * 1024)
    app[HUB] = hub
    app.router.add_post("/api/v1/sign-in", post_sign_in)
    app.router.add_post("/api/v1/sign-out", post_sign_out)
    app.router.add_get("/ws", get_socket)
    app.router.add_get("/healthz", get_health)
    add_routes(app, hub)
    add_api(app, hub)
    app.on_shutdown.append(lambda _: hub.farewell())
    return app


def _json(value: Any, status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), status=status, content_type="application/json")


def _refused(refusal: Refused) -> web.Response:
    return _json({"code": refusal.code.value, "args": refusal.detail}, 503 if refusal.code is Code.BUSY else 401)


async def get_health(request: web.Request) -> web.Response:
    """200 while the database answers."""
    await request.app[HUB].store.read(lambda conn: conn.scalar(sa.select(1)))
    return _json({"ok": True, "pid": os.getpid()})


async def post_sign_in(request: web.Request) -> web.Response:
    """{login, password, label} → {token}; an error with 401 where they don't fit, 503 while the hub is stopping."""
    try:
        asked = msgspec.json.decode(await request.read(), type=SignIn)
        token = await sign_in(request.app[HUB], asked.login, asked.password, asked.label)
    except msgspec.MsgspecError as error:
        return _json({"code": Code.BAD_ARGS.value, "args": {"why": str(error)}}, 400)
    except Refused as refusal:
        return _refused(refusal)
    return _json({"token": token})


async def post_sign_out(request: web.Request) -> web.Response:
    """Ends the session of the token in the header → {session}, or that API token itself → {token}; 401 where it opens
    nothing, 503 while the hub is stopping."""
    hub, token = request.app[HUB], bearer(request)
    who = await hub.store.read(lambda conn: people.by_token(conn, token, hub.clock.now()))
    if who is None:
        return _json({"code": Code.SIGNED_OUT.value}, 401)
    try:
        if who.token:
            await hub.submit(SYSTEM, "token.revoke", RevokeToken(who.token), f"sign-out:token:{who.token}")
            return _json({"token": who.token})
        await hub.submit(who, "session.end", EndSession(who.session), f"sign-out:{who.session}")
    except Refused as refusal:
        return _refused(refusal)
    return _json({"session": who.session})


async def get_socket(request: web.Request) -> web.StreamResponse:
    """The agents' WebSocket. A browser on another site could not set the header, and its hello needs the token."""
    hub = request.app[HUB]
    ws = web.WebSocketResponse(heartbeat=HEARTBEAT, protocols=(SUBPROTOCOL,), max_msg_size=FRAME, compress=True)
    header = bearer(request)
    now = hub.clock.now()
    if header and await hub.store.read(lambda conn: people.by_token(conn, header, now)) is None:
        return _json({"code": Code.SIGNED_OUT.value}, 401)
    await ws.prepare(request)
    hello = await _hello(ws)
    if hello is None:
        return ws
    token = header or hello.token
    who = await hub.store.read(lambda conn: people.by_token(conn, token, hub.clock.now()))
    if who is None:
        await _turn_away(ws, Code.SIGNED_OUT)
        return ws
    hub.token_uses.note(who.token, client_address(request, hub.config.proxies))
    connection = Connection(hub, ws, who)
    hub.connections.add(connection)
    try:
        lease = await hub.leases.take(who.id)
        try:
            await connection.run(hello)
        finally:
            await asyncio.shield(hub.leases.give_back(lease))
    finally:
        hub.connections.discard(connection)
    return ws


async def _hello(ws: web.WebSocketResponse) -> frames.Hello | None:
    """The first frame, if it is a hello that this hub speaks; otherwise the socket has been closed with the reason."""
    try:
        async with asyncio.timeout(HELLO_WITHIN):
            message = await ws.receive()
        frame = frames.decode_client.decode(message.data) if message.type is WSMsgType.TEXT else None
    except (TimeoutError, msgspec.MsgspecError):
        frame = None
    if not isinstance(frame, frames.Hello):
        await _turn_away(ws, Code.BAD_FRAME)
        return None
    if frame.proto != PROTO:
        await _turn_away(ws, Code.PROTO_UNSUPPORTED)
        return None
    return frame


async def _turn_away(ws: web.WebSocketResponse, code: Code) -> None:
    if not ws.closed:
        await ws.send_str(frames.encode(frames.Bye(code.value)).decode())
        await ws.close()
