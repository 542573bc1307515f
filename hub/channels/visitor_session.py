"""One visitor's connection: what their page may say, how much of it, and what it is told."""

import asyncio
import re
from collections.abc import Callable

import msgspec
import structlog
from msgspec import structs

from hub.channels.ratelimit import Gate, Wait
from hub.channels.visitor import News, Visitor, WebChannel, token_or_new
from hub.channels.web import WebDesk
from hub.protocol import PROTO, visitor
from hub.protocol.commands import Visit
from hub.protocol.errors import Code, Refused
from hub.protocol.limits import LIMITS
from hub.store import away

Send = Callable[[visitor.HubFrame | None], None]
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
FRAME = int(LIMITS["visitor_frame_bytes"].value)
NONE = Wait()
RETRY = 5  # seconds after which a page tries again what the hub was too busy for

log = structlog.get_logger(__name__)


def printable(text: str) -> str:
    """Text without control characters but tab and line feed: PostgreSQL keeps no NUL, and nobody types the others."""
    return CONTROLS.sub("", text.replace("\r\n", "\n"))


def printable_visit(visit: visitor.Visit) -> Visit:
    return Visit(printable(visit.language), printable(visit.page), printable(visit.referrer))


def _size(raw: str | bytes) -> int:
    """Bytes on the wire."""
    return len(raw.encode()) if isinstance(raw, str) else len(raw)


class Session:
    """One connection. `send` takes a frame for the page without waiting, None ends the connection; `hear` is given the
    page's frames in order."""

    def __init__(
        self,
        desk: WebDesk,
        channel: WebChannel,
        gate: Gate,
        address: str,
        send: Callable[[visitor.HubFrame | None], None],
    ) -> None:
        self._desk = desk
        self._channel = channel
        self._gate = gate
        self._frames = gate.frames()
        self._address = address
        self._send = send
        self._who: Visitor | None = None
        self._visit = visitor.Visit()
        self._conversation = 0
        self._typing = False
        self._told = 0  # the journal number that the welcome was as of
        self._held: list[News] | None = None  # news that wait until the page has its answer; None: they don't
        self._keys: dict[int, str] = {}  # of the lines written on this connection, by message
        self._unfollow: Callable[[], None] = lambda: None
        self._hearing = asyncio.Lock()
        self._resting = False

    @property
    def known(self) -> bool:
        """Hello has been said."""
        return self._who is not None

    async def rest(self) -> None:
        """Return once what is being heard has been answered; what the visitor writes then is for later."""
        self._resting = True
        async with self._hearing:
            pass

    async def hear(self, raw: str | bytes) -> None:
        """Handle one frame. Unexpected failures are raised: the connection ends and the page comes again."""
        async with self._hearing:
            await self._hear(raw)

    async def _hear(self, raw: str | bytes) -> None:
        if wait := self._frames():
            self._refuse(Code.RATE_LIMITED, wait, raw=raw)
            return
        if _size(raw) > FRAME:
            self._refuse(Code.TOO_LARGE, self._gate.over("visitor_frame_bytes"), raw=raw)
            return
        try:
            frame = visitor.decode_page.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError):
            self._refuse(Code.BAD_FRAME)
            return
        if isinstance(frame, visitor.Hello):
            await self._hello(frame)
        elif self._who is None:
            self._refuse(Code.BAD_FRAME)
        elif isinstance(frame, visitor.Say):
            await self._say(self._who, frame, len(raw))
        elif isinstance(frame, visitor.Seen):
            await self._desk.seen(self._who, frame.message, frame.state)
        elif isinstance(frame, visitor.Typing):
            self._type(frame.on)
        else:
            self._send(visitor.Pong(frame.n))

    def close(self) -> None:
        self._unfollow()
        self._type(False)

    async def _hello(self, frame: visitor.Hello) -> None:
        if self._who is not None:
            self._refuse(Code.BAD_FRAME)
            return
        if frame.proto != PROTO:
            self._refuse(Code.PROTO_UNSUPPORTED)
            return
        token = token_or_new(frame.token)
        who = Visitor.of(self._channel.id, token)
        if wait := self._gate.connect(who.external_id):
            self._refuse(Code.RATE_LIMITED, wait)
            return
        self._who = who
        self._visit = visitor.Visit(frame.language, frame.page, frame.referrer)
        self._held = []
        self._unfollow = self._desk.follow(who, self._tell)
        history = await self._desk.history(who, frame.held)
        self._conversation = history.conversation
        self._send(
            visitor.Welcome(
                token=token,
                now=self._desk.now(),
                lines=history.lines,
                whole=history.whole,
                more=history.more,
                read=history.read,
                ended=history.ended,
            )
        )
        self._told = history.seq
        self._release()

    def _tell(self, news: News | None) -> None:
        if news is None:
            self._send(None)
        elif self._held is not None:
            self._held.append(news)
        elif news.seq == 0 or news.seq > self._told:
            if isinstance(news.frame, visitor.Ended) and news.conversation < self._conversation:
                return  # an older conversation than the one that the page shows
            self._conversation = max(self._conversation, news.conversation)
            self._send(self._with_keys(news.frame))

    def _release(self) -> None:
        held, self._held = self._held or [], None
        for news in held:
            self._tell(news)

    def _with_keys(self, frame: visitor.HubFrame) -> visitor.HubFrame:
        """The page knows its own lines by their key, whichever way it hears of them first."""
        if not isinstance(frame, visitor.Lines):
            return frame
        return visitor.Lines([structs.replace(line, key=self._keys.get(line.id, line.key)) for line in frame.lines])

    async def _say(self, who: Visitor, frame: visitor.Say, size: int) -> None:
        if self._resting:
            self._send(visitor.Refused(Code.BUSY, frame.key, RETRY))
            return
        if wait := self._gate.line(who.external_id, self._address, size):
            self._send(visitor.Refused(Code.RATE_LIMITED, frame.key, int(wait), wait.limit))
            return
        self._type(False)
        self._held = []
        about = {
            "command": "message.receive",
            "key": who.command_key(frame.key),
            "channel": self._channel.slug,
        }
        try:
            visit = printable_visit(frame.visit or self._visit)
            with away.refusing():
                conversation, ok = await self._desk.receive(who, frame.key, printable(frame.body), visit)
            self._conversation = conversation
            self._keys[ok.id] = ok.key
            log.info("command", outcome="ok", **about)
            self._send(ok)
        except Refused as refusal:
            log.info("command", outcome=refusal.code.value, **about)
            seconds = RETRY if refusal.code is Code.BUSY else 0
            self._send(visitor.Refused(refusal.code, frame.key, seconds, why=refusal.detail.get("why", "")))
        finally:
            self._release()

    def _type(self, on: bool) -> None:
        if self._conversation and (on or self._typing):
            self._desk.typing(self._conversation, on=on)
        self._typing = on

    def _refuse(self, code: Code, wait: Wait = NONE, *, raw: str | bytes = b"") -> None:
        """Refuse a frame, by its key where one can be read, so that the page keeps the line for later."""
        key = ""
        if raw:
            try:
                frame = visitor.decode_page.decode(raw)
            except (msgspec.DecodeError, UnicodeDecodeError):
                frame = None
            key = frame.key if isinstance(frame, visitor.Say) else ""
        self._send(visitor.Refused(code, key, int(wait), wait.limit))
