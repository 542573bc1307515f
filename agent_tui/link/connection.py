"""Keeps the console connected: calls the hub, listens, notices a dead link, and calls again.

A link is dead when nothing was heard for `DEAD` seconds, which a ping every `PING` seconds would have made impossible;
TCP alone may not notice for hours. Whoever listens learns of frames in order, and of nothing after `lost`.
"""

import asyncio
import contextlib
import logging
import math
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from agent_tui.link.address import Address
from agent_tui.link.backoff import Backoff
from agent_tui.link.clock import Clock
from agent_tui.link.dial import Dial, SignedOut, Socket, Unreachable
from agent_tui.link.model import LinkState
from agent_tui.link.rtt import told
from hub.protocol import PROTO, frames
from hub.protocol.errors import Code

log = logging.getLogger(__name__)

PING = 12.0  # seconds; the answer to one is due before `SILENT`
SILENT = 15
DEAD = 45.0
INTERNAL = "internal"  # this console's own code: it has a fault, and its log says which
_HOPELESS = frozenset({Code.PROTO_UNSUPPORTED, Code.BAD_FRAME})  # another try would end the same


class Broken(Exception):
    """What the hub sent doesn't fit what it sent before; only a new connection can mend it. `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Listener(Protocol):
    """Whose connection it is."""

    def hello(self) -> frames.Hello: ...

    def welcomed(self, welcome: frames.Welcome) -> None:
        """The link is up. Raises Broken."""

    def heard(self, frame: frames.HubFrame) -> None:
        """Any frame but welcome, pong and bye. Raises Broken, or msgspec.DecodeError for what can't be read."""

    def lost(self) -> None:
        """The connection that had been welcomed has ended."""

    def signed_out(self) -> None: ...

    def clock_read(self, hub: int, local: float) -> None:
        """The hub's clock showed `hub` milliseconds when the console's showed `local` seconds."""


class _Left(Exception):
    """The hub said bye."""

    def __init__(self, bye: frames.Bye) -> None:
        super().__init__(bye.code)
        self.bye = bye


class Connection:
    def __init__(
        self,
        address: Address,
        listener: Listener,
        changed: Callable[[], None],
        *,
        clock: Clock,
        dial: Dial,
        backoff: Backoff,
    ) -> None:
        self.state = LinkState()
        self._address = address
        self._listener = listener
        self._changed = changed
        self._clock = clock
        self._dial = dial
        self._backoff = backoff
        self._kick = asyncio.Event()
        self._socket: Socket | None = None
        self._outgoing: deque[frames.ClientFrame] = deque()
        self._to_send = asyncio.Event()
        self._heard = self._pinged = 0.0
        self._pings: dict[int, float] = {}
        self._task: asyncio.Task[None] | None = None

    # -- for its owner -------------------------------------------------------------------------------------------------

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="link")
        self._task.add_done_callback(self._ended)

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def use(self, address: Address) -> None:
        """The hub is at another address, or takes another token: call it there, now."""
        if address != self._address:
            self._address = address
            if self._socket is not None:
                self._socket.abort()
        self.try_now()

    def try_now(self) -> None:
        """Don't wait any longer."""
        self._kick.set()
        if self._task is not None and self._task.done():
            self.start()

    def send(self, frame: frames.ClientFrame) -> bool:
        """Send a frame on the connection as it is now; False where there is none."""
        if self.state.phase != "online":
            return False
        self._outgoing.append(frame)
        self._to_send.set()
        return True

    def set(self, **values: Any) -> None:
        """Change the state, and tell if it has changed."""
        before = [getattr(self.state, name) for name in values]
        for name, value in values.items():
            setattr(self.state, name, value)
        if before != list(values.values()):
            self._changed()

    def _ended(self, task: asyncio.Task[None]) -> None:
        """An error of the console's own must be seen, not leave a link that looks alive."""
        fault = None if task.cancelled() else task.exception()
        if fault is not None:
            self.set(phase="unsupported", error=INTERNAL)
            task.get_loop().call_exception_handler({"message": "the link has failed", "exception": fault, "task": task})

    # -- calling -------------------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        while True:
            self._kick.clear()
            self.set(phase="connecting", retry_in=0)
            phase, error, least = "waiting", "unreachable", 0.0
            try:
                await self._call()
            except SignedOut:
                return self._sign_out()
            except _Left as left:
                log.info("the hub closed the connection: %s", left.bye.code)
                if left.bye.code == Code.SIGNED_OUT:
                    return self._sign_out()
                phase = "unsupported" if left.bye.code in _HOPELESS else "waiting"
                error, least = left.bye.code, left.bye.after / 1000
            except Broken as broken:
                log.warning("the connection is given up: %s", broken)
                phase = "unsupported" if broken.code == Code.PROTO_UNSUPPORTED else "waiting"
                error = broken.code
            except msgspec.DecodeError as unreadable:
                log.warning("the hub sent what can't be read: %s", unreadable)
                error = Code.BAD_FRAME
            except Unreachable as reason:
                log.info("no link: %s", reason)
            if phase == "unsupported":
                self.set(phase=phase, error=error)
                await self._kick.wait()
            else:
                await self._wait(max(least, self._backoff.next(local=self._address.local)), error)

    def _sign_out(self) -> None:
        self.set(phase="signed_out", error=Code.SIGNED_OUT.value, retry_in=0)
        self._listener.signed_out()

    async def _wait(self, seconds: float, error: str) -> None:
        until = self._clock.monotonic() + seconds
        kicked = asyncio.create_task(self._kick.wait())
        try:
            while not self._kick.is_set() and (left := until - self._clock.monotonic()) > 0:
                self.set(phase="waiting", error=error, retry_in=math.ceil(left))
                nap = asyncio.create_task(self._clock.sleep(left - (math.ceil(left) - 1)))
                await asyncio.wait({nap, kicked}, return_when=asyncio.FIRST_COMPLETED)
                nap.cancel()
        finally:
            kicked.cancel()

    async def _call(self) -> None:
        """One connection from its beginning to its end, which is always an exception."""
        socket = self._socket = await self._dial(self._address)
        self._heard = self._pinged = self._clock.monotonic()
        tasks = [asyncio.create_task(self._watch(socket), name="link watch")]
        began: float | None = None
        try:
            await socket.send(frames.encode(self._listener.hello()))
            welcome = self._greeted(await self._receive(socket))
            began = self._clock.monotonic()
            self.set(phase="online", error="", retry_in=0, silent=0)
            self._listener.clock_read(welcome.now, self._clock.wall())
            self._listener.welcomed(welcome)
            tasks.append(asyncio.create_task(self._send_all(socket), name="link sender"))
            while True:
                self._hear(await self._receive(socket))
        finally:
            self._socket = None
            for task in tasks:
                task.cancel()
            self._outgoing.clear()
            self._pings.clear()
            if began is not None:
                self._backoff.online_for(self._clock.monotonic() - began)
                self.set(phase="connecting", silent=0, rtt=None)
                self._listener.lost()
            await socket.close()

    @staticmethod
    def _greeted(frame: frames.HubFrame) -> frames.Welcome:
        match frame:
            case frames.Welcome(proto=proto) if proto != PROTO:
                raise Broken(Code.PROTO_UNSUPPORTED)
            case frames.Welcome():
                return frame
            case frames.Bye():
                raise _Left(frame)
            case frames.Error(code=code):
                raise _Left(frames.Bye(code))
            case _:
                raise Broken(Code.BAD_FRAME)

    async def _receive(self, socket: Socket) -> frames.HubFrame:
        data = await socket.receive()
        self._heard = self._clock.monotonic()
        self.set(silent=0)
        return frames.decode_hub.decode(data)

    def _hear(self, frame: frames.HubFrame) -> None:
        match frame:
            case frames.Pong():
                sent = self._pings.pop(frame.n, None)
                if sent is not None:
                    took = self._clock.monotonic() - sent
                    self._listener.clock_read(frame.now, self._clock.wall() - took / 2)
                    self.set(rtt=told(self.state.rtt, took * 1000))
            case frames.Bye():
                raise _Left(frame)
            case _:
                self._listener.heard(frame)

    async def _send_all(self, socket: Socket) -> None:
        with contextlib.suppress(Unreachable):  # whoever receives learns of it too, and ends the connection
            self._ping()
            while True:
                await self._to_send.wait()
                self._to_send.clear()
                while self._outgoing:
                    await socket.send(frames.encode(self._outgoing.popleft()))

    def _ping(self) -> None:
        number = len(self._pings) + 1 if not self._pings else max(self._pings) + 1
        self._pings[number] = self._pinged = self._clock.monotonic()
        self.send(frames.Ping(n=number))

    async def _watch(self, socket: Socket) -> None:
        while True:
            await self._clock.sleep(1)
            now = self._clock.monotonic()
            quiet = now - self._heard
            if quiet >= DEAD:
                log.info("nothing heard for %d s: the link is dead", quiet)
                socket.abort()
                return
            self.set(silent=int(quiet) if quiet >= SILENT else 0)
            if self.state.phase == "online" and now - self._pinged >= PING:
                self._ping()
