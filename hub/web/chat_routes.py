"""The web chat over HTTP: the page, its files, the script that embeds it, and the visitors' socket.

    GET /chat/CHANNEL             the page; with ?embed=1 it waits for widget.js around it to say where it is
    GET /chat/CHANNEL/widget.js   what a site includes to have a button that opens the page in a frame
    GET /chat/CHANNEL/socket      frames of hub.protocol.visitor
    GET /chat/assets/VERSION/NAME

Addresses in the page are relative, so that a proxy may serve the hub under a path of its own.
"""

import asyncio
import html
import json
import re
import weakref
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import structlog
from aiohttp import WSCloseCode, WSMsgType, web

from hub.channels.ratelimit import Gate, rates_of
from hub.channels.visitor import WebChannel
from hub.channels.visitor_session import Session
from hub.channels.web import WebDesk
from hub.desk.endpoints import origin_of
from hub.hub import Hub
from hub.live.line import Line
from hub.protocol import visitor
from hub.protocol.errors import Code
from hub.protocol.limits import LIMITS
from hub.web.assets import FOREVER, Assets
from hub.web.headers import chat_policy, headers_of, rule_of
from hub.web.origins import client_address, origin_allowed
from hub.web.requests import stopping

PAGES = Path(__file__).parent / "chat"
SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")  # as channel.save takes it
FRAME = 2 * int(LIMITS["visitor_frame_bytes"].value)  # what is above the limit and can be read is refused by its name
BACKLOG = int(LIMITS["visitor_backlog"].value)
PATIENCE = LIMITS["visitor_hello_seconds"].value
QUIET = 45.0  # seconds without a frame, after which the hub pings; half of that later the connection is dead
GOODBYE = 2.0  # seconds that a page has to answer when the hub closes its socket

log = structlog.get_logger(__name__)


def add_routes(app: web.Application, hub: Hub, gate: Gate | None = None) -> None:
    """Serve the web chats of a started hub."""
    desk = WebDesk(hub)

    async def running(_: web.Application) -> AsyncIterator[None]:
        await desk.start()
        yield
        await desk.stop()

    app.cleanup_ctx.append(running)
    ChatPages(hub, desk, gate or Gate(rates_of(hub.limits), refused=hub.limits.refused)).add_to(app)


class ChatPages:
    """The handlers, and what they share."""

    def __init__(self, hub: Hub, desk: WebDesk, gate: Gate) -> None:
        self._hub = hub
        self._desk = desk
        self._gate = gate
        self._public_url = hub.config.public_url
        self._proxies = hub.config.proxies
        self._assets = Assets(PAGES)
        self._template = (PAGES / "index.html").read_text(encoding="utf-8")
        self._open: weakref.WeakSet[Line] = weakref.WeakSet()

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/chat/assets/{version}/{name}", self.asset)
        app.router.add_get("/chat/{slug}", self.page)
        app.router.add_get("/chat/{slug}/", self.without_slash)
        app.router.add_get("/chat/{slug}/widget.js", self.widget)
        app.router.add_get("/chat/{slug}/socket", self.socket)
        app.on_shutdown.append(self.close)

    async def close(self, _: web.Application) -> None:
        await asyncio.gather(
            *(line.close(code=WSCloseCode.SERVICE_RESTART, message=b"restart") for line in set(self._open))
        )

    async def asset(self, request: web.Request) -> web.Response:
        """A page that was loaded before an update asks for the old version: it gets the new one, uncached."""
        current = request.match_info["version"] == self._assets.version
        return self._assets.serve(request, request.match_info["name"], FOREVER if current else "no-store")

    async def without_slash(self, request: web.Request) -> web.Response:
        raise web.HTTPMovedPermanently(f"../{request.match_info['slug']}")

    async def widget(self, request: web.Request) -> web.Response:
        await self._channel(request)
        return self._assets.serve(request, "widget.js", "public, max-age=300")

    async def page(self, request: web.Request) -> web.Response:
        channel = await self._channel(request)
        language = preferred(request.headers.get("Accept-Language", ""), channel.name)
        config = {"slug": channel.slug, "name": channel.name, "origins": [origin_of(one) for one in channel.origins]}
        body = fill(
            self._template,
            language=language,
            title=channel.name[language],
            config=json.dumps(config, ensure_ascii=False),
            assets=f"assets/{self._assets.version}",
        )
        response = web.Response(text=body, content_type="text/html", headers=page_headers(channel))
        response.enable_compression()
        return response

    async def socket(self, request: web.Request) -> web.StreamResponse:
        channel = await self._channel(request)
        if not origin_allowed(request, self._public_url, channel.origins, self._proxies):
            log.info("visitor_origin_refused", channel=channel.slug, origin=request.headers.get("Origin", "")[:200])
            raise web.HTTPForbidden(text=Code.ORIGIN_REFUSED)
        if self._hub.draining:
            return stopping(self._hub)
        address = client_address(request, self._proxies)
        if wait := self._gate.enter(address):
            raise web.HTTPTooManyRequests(text=Code.RATE_LIMITED, headers={"Retry-After": str(wait)})
        try:
            return await self._serve(request, channel, address)
        finally:
            self._gate.leave(address)

    async def _serve(self, request: web.Request, channel: WebChannel, address: str) -> web.StreamResponse:
        socket = web.WebSocketResponse(max_msg_size=FRAME, heartbeat=QUIET, timeout=GOODBYE, compress=False)
        await socket.prepare(request)
        line = Line(socket)
        self._open.add(line)
        outlet = Outlet(line, lambda: self._gate.over("visitor_backlog"))
        session = Session(self._desk, channel, self._gate, address, outlet.send)
        sender = asyncio.create_task(outlet.run())
        guest = Guest(session, outlet, sender)
        self._hub.pages.add(guest)
        try:
            await _listen(line, session, self._gate)
        finally:
            self._hub.pages.discard(guest)
            session.close()
            outlet.end()
            await sender
            await line.parted()
        return socket

    async def _channel(self, request: web.Request) -> WebChannel:
        slug = request.match_info["slug"]
        channel = await self._desk.channel(slug) if SLUG.fullmatch(slug) else None
        if channel is None:
            raise web.HTTPNotFound(text="Acá no hay ningún chat. / There is no chat here.\n")
        return channel


async def _listen(line: Line, session: Session, gate: Gate) -> None:
    while True:
        try:
            message = await line.receive(None if session.known else PATIENCE)
        except TimeoutError:
            slow = visitor.Refused(Code.TOO_SLOW, limit=gate.over("visitor_hello_seconds").limit)
            await line.ws.send_frame(visitor.encode(slow), WSMsgType.TEXT)
            await line.close(code=WSCloseCode.POLICY_VIOLATION)
            return
        if message is None or message.type is not WSMsgType.TEXT:
            if line.ws.close_code == WSCloseCode.MESSAGE_TOO_BIG:
                gate.over("visitor_frame_bytes")
            if message is not None and message.type is WSMsgType.BINARY:
                await line.close(code=WSCloseCode.UNSUPPORTED_DATA)
            return
        await session.hear(message.data)


class Outlet:
    """The frames on their way to one page, at most `BACKLOG`: a page too far behind has to come again."""

    def __init__(self, line: Line, over: Callable[[], object]) -> None:
        """`over` is called where the page was too far behind."""
        self._line = line
        self._too_far = over
        self._queue: asyncio.Queue[visitor.HubFrame | None] = asyncio.Queue()
        self._over = False

    def send(self, frame: visitor.HubFrame | None) -> None:
        """Queue a frame, without waiting; None is the end."""
        if self._over:
            return
        if frame is not None and self._queue.qsize() < BACKLOG:
            self._queue.put_nowait(frame)
            return
        if frame is not None:
            self._too_far()
        self.end()

    def end(self) -> None:
        """Close the connection once what is queued has been written."""
        if not self._over:
            self._over = True
            self._queue.put_nowait(None)

    async def run(self) -> None:
        while (frame := await self._queue.get()) is not None:
            try:
                await self._line.ws.send_frame(visitor.encode(frame), WSMsgType.TEXT)
            except ConnectionError:
                self._over = True
                return
        await self._line.close()


@dataclass(frozen=True, slots=True, eq=False)
class Guest:
    """A page's connection, as far as a hub that stops has to do with it."""

    session: Session
    outlet: Outlet
    sender: "asyncio.Task[None]"

    async def leave(self, after: int, hurry: asyncio.Event) -> None:
        """Answer the line that was handed in, unless told to `hurry`, and close; the page comes back by itself."""
        hurried, rested = asyncio.create_task(hurry.wait()), asyncio.create_task(self.session.rest())
        await asyncio.wait({hurried, rested}, return_when=asyncio.FIRST_COMPLETED)
        hurried.cancel()
        rested.cancel()
        self.outlet.send(visitor.Bye(Code.BUSY, after))
        self.outlet.end()
        await asyncio.wait({self.sender}, timeout=2 * GOODBYE)


def preferred(accepted: str, names: dict[str, str]) -> str:
    """The first language of an Accept-Language header that there is a name in; otherwise the first there is."""
    weighed = []
    for place, part in enumerate(accepted.split(",")):
        tag, _, weight = part.partition(";q=")
        try:
            weighed.append((-float(weight or 1), place, tag.strip().lower().split("-")[0]))
        except ValueError:
            continue
    return next((language for _, _, language in sorted(weighed) if language in names), next(iter(names)))


def fill(template: str, **values: str) -> str:
    """Put values into {{name}}, escaped for text and quoted attributes alike. What a value holds is not filled."""
    return re.sub(r"{{(\w+)}}", lambda found: html.escape(values[found[1]]), template)


def page_headers(channel: WebChannel) -> dict[str, str]:
    """What the page carries beyond what every answer does."""
    ancestors = [origin for one in channel.origins if (origin := origin_of(one))]
    return {
        **headers_of(rule_of("/chat/"), secure=False),
        "Content-Security-Policy": chat_policy(ancestors),
        "Cache-Control": "no-cache",
        "Vary": "Accept-Language",
    }
