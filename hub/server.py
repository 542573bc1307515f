"""The aiohttp application: the agents' WebSocket, and what brings routes of its own."""

import asyncio
import contextlib

import msgspec
import structlog
from aiohttp import ClientConnectionResetError, WSMsgType, web

from hub.channels.ratelimit import network_of
from hub.desk import people
from hub.hub import RETRY_AFTER, Hub
from hub.live.connection import Connection
from hub.live.deflate import save_memory
from hub.protocol import PROTO, SUBPROTOCOL, frames
from hub.protocol.errors import Code, Refused
from hub.signing_in import seen
from hub.store import away
from hub.web import account_routes, requests
from hub.web.answers import SOON, refused
from hub.web.origins import bearer, client_address

log = structlog.get_logger(__name__)
HUB: web.AppKey[Hub] = web.AppKey("hub", Hub)
HEARTBEAT = 30.0  # seconds between the hub's pings; aiohttp gives a pong half of it, 15 s
LATER = SOON[Code.TOO_MANY]  # seconds after which a client that was one too many may try again


def create_app(hub: Hub) -> web.Application:
    """The whole web side of a started hub."""
    from hub.api import routes as api_routes
    from hub.web import api_channel, chat_routes, health_routes
    from hub.web.doors import add_doors

    save_memory()
    app = web.Application(client_max_size=int(hub.limits["body_bytes"]))
    app[HUB] = hub
    requests.watch(app, hub)
    add_doors(app, hub.config)
    app.router.add_get("/ws", get_socket)
    health_routes.add_routes(app, hub)
    account_routes.add_routes(app, hub)
    chat_routes.add_routes(app, hub)
    api_channel.add_routes(app, hub)
    api_routes.add_routes(app, hub)
    app.on_shutdown.append(lambda _: hub.farewell())
    return app


class Socket(web.WebSocketResponse):
    """A WebSocket of which a hub has a thousand.

    Python keeps the names of a class's attributes once for all its objects, but for no more than thirty; aiohttp's has
    one more, which costs a kilobyte each. Two that are always set have a place of their own here.
    """

    __slots__ = ("_autoclose", "_protocols")


async def get_socket(request: web.Request) -> web.StreamResponse:
    """The agents' WebSocket. A browser on another site could not set the header, and its hello needs the token."""
    hub = request.app[HUB]
    if hub.draining:
        return requests.stopping(hub)
    address = network_of(client_address(request, hub.config.proxies))
    try:
        hub.consoles.enter(address)
    except Refused as refusal:
        return refused(refusal)
    try:
        return await _converse(hub, request)
    finally:
        hub.consoles.leave(address)


async def _converse(hub: Hub, request: web.Request) -> web.StreamResponse:
    """A frame above the limit is refused by its name where it can still be read; one of twice as many bytes can't."""
    most = 2 * int(hub.limits["frame_bytes"])
    ws = Socket(heartbeat=HEARTBEAT, protocols=(SUBPROTOCOL,), max_msg_size=most, compress=True)
    header, arrived = bearer(request), hub.clock.now()  # a token that runs out during the hello is good
    if header and await hub.store.read(lambda conn: people.by_token(conn, header, arrived)) is None:
        return refused(Refused(Code.SIGNED_OUT))
    await ws.prepare(request)
    connection: Connection | None = None
    try:
        hello = await _hello(ws, hub)
        token = header or (hello.token if hello is not None else "")
        connection = await _admitted(hub, ws, token, arrived) if hello is not None else None
        if connection is not None and hello is not None:
            await seen(hub, connection.who, token, client_address(request, hub.config.proxies))
            lease = await hub.leases.take(connection.who.id)
            try:
                await connection.run(hello)
            finally:
                await asyncio.shield(hub.leases.give_back(lease))
    except ClientConnectionResetError:
        log.debug("client_went")
    except Exception as error:
        if not away.is_away(error):
            raise
        others = sum(one is not connection for one in hub.connections)
        await _turn_away(ws, frames.Bye(away.refusal(error).code.value, hub.comeback(others)))
    finally:
        if connection is not None:
            hub.connections.discard(connection)
    return ws


async def _admitted(hub: Hub, ws: web.WebSocketResponse, token: str, arrived: int) -> Connection | None:
    """The connection of whose token it is, among the hub's; None where the socket has been closed with the reason."""
    who = await hub.store.read(lambda conn: people.by_token(conn, token, arrived))
    if who is None:
        await _turn_away(ws, frames.Bye(Code.SIGNED_OUT.value))
        return None
    if sum(one.who.id == who.id for one in hub.connections) >= hub.limits["agent_sockets"]:
        refusal = hub.limits.refusal("agent_sockets")
        await _turn_away(ws, frames.Bye(refusal.code.value, LATER * 1000, "agent_sockets"))
        return None
    connection = Connection(hub, ws, who)
    hub.connections.add(connection)
    return connection


async def _hello(ws: web.WebSocketResponse, hub: Hub) -> frames.Hello | None:
    """The first frame, if it is a hello that this hub speaks; otherwise the socket has been closed with the reason."""
    try:
        async with asyncio.timeout(hub.limits["hello_seconds"]):
            message = await ws.receive()
        frame = frames.decode_client.decode(message.data) if message.type is WSMsgType.TEXT else None
    except TimeoutError:
        slow = hub.limits.refusal("hello_seconds")
        await _turn_away(ws, frames.Bye(slow.code.value, RETRY_AFTER, "hello_seconds"))
        return None
    except msgspec.MsgspecError:
        frame = None
    if not isinstance(frame, frames.Hello):
        await _turn_away(ws, frames.Bye(Code.BAD_FRAME.value))
        return None
    if frame.proto != PROTO:
        await _turn_away(ws, frames.Bye(Code.PROTO_UNSUPPORTED.value))
        return None
    return frame


async def _turn_away(ws: web.WebSocketResponse, bye: frames.Bye) -> None:
    if not ws.closed:
        with contextlib.suppress(ClientConnectionResetError):
            await ws.send_frame(frames.encode(bye), WSMsgType.TEXT)
        await ws.close()
