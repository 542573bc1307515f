"""The aiohttp application: the agents' WebSocket, health, and what brings routes of its own."""

import asyncio
import os
from typing import Any

import msgspec
import sqlalchemy as sa
import structlog
from aiohttp import WSMsgType, web

from hub.desk import people
from hub.hub import Hub
from hub.live.connection import Connection
from hub.protocol import PROTO, SUBPROTOCOL, frames
from hub.protocol.errors import Code
from hub.signing_in import seen
from hub.web import account_routes
from hub.web.account_routes import bearer
from hub.web.origins import client_address

log = structlog.get_logger(__name__)
HUB: web.AppKey[Hub] = web.AppKey("hub", Hub)
HEARTBEAT = 30.0  # seconds between the hub's pings; aiohttp gives a pong half of it, 15 s
HELLO_WITHIN = 10.0  # seconds
FRAME = 256 * 1024  # bytes; the largest frame that a console may send


def create_app(hub: Hub) -> web.Application:
    """The whole web side of a started hub."""
    from hub.web.chat_routes import add_routes

    app = web.Application(client_max_size=64 * 1024)
    app[HUB] = hub
    app.router.add_get("/ws", get_socket)
    app.router.add_get("/healthz", get_health)
    account_routes.add_routes(app, hub)
    add_routes(app, hub)
    app.on_shutdown.append(lambda _: hub.farewell())
    return app


def _json(value: Any, status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), status=status, content_type="application/json")


async def get_health(request: web.Request) -> web.Response:
    """200 while the database answers."""
    await request.app[HUB].store.read(lambda conn: conn.scalar(sa.select(1)))
    return _json({"ok": True, "pid": os.getpid()})


async def get_socket(request: web.Request) -> web.StreamResponse:
    """The agents' WebSocket. A browser on another site could not set the header, and its hello needs the token."""
    hub = request.app[HUB]
    ws = web.WebSocketResponse(heartbeat=HEARTBEAT, protocols=(SUBPROTOCOL,), max_msg_size=FRAME, compress=True)
    header, arrived = bearer(request), hub.clock.now()  # a token that runs out during the hello is good
    if header and await hub.store.read(lambda conn: people.by_token(conn, header, arrived)) is None:
        return _json({"code": Code.SIGNED_OUT.value}, 401)
    await ws.prepare(request)
    hello = await _hello(ws)
    if hello is None:
        return ws
    token = header or hello.token
    who = await hub.store.read(lambda conn: people.by_token(conn, token, arrived))
    if who is None:
        await _turn_away(ws, Code.SIGNED_OUT)
        return ws
    await seen(hub, who, token, client_address(request, hub.config.proxies))
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
