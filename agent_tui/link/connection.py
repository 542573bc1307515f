"""Keeps the console connected: calls the hub, listens, notices a dead link, and calls again.

A link is dead when nothing was heard for `DEAD` seconds, which a ping every `PING` seconds would have made impossible;
TCP alone may not notice for hours. Every byte counts as heard, so that a long frame on a thin line is no silence. When
time has leapt, because the machine slept, the link is taken for dead at once: the hub has given it up meanwhile.
Whoever listens learns of frames in order, and of nothing after `lost`.
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
from agent_tui.link.dial import Dial, NoToken, SignedOut, Socket, Unreachable
from agent_tui.link.model import LinkState
from hub.protocol import PROTO, frames
from hub.protocol.errors import Code
from hub.protocol.limits import LIMITS

log = logging.getLogger(__name__)

PING = 15.0  # seconds
SILENT = 5  # seconds without an answer from which on that is said, in steps of as many
DEAD = 45.0
LEAP = 10.0  # seconds in a nap of one: the machine slept, or this process was stopped
RTT_STEP = 20.0  # milliseconds, or a quarter: a smaller change of the round trip is not worth writing to a terminal
UNSIGNED = "no_token"  # this console's own code: there is nothing to sign in with; the desk stays ours to see
INTERNAL = "internal"  # this console's own code: it has a fault, and its log says which
_HOPELESS = frozenset({Code.PROTO_UNSUPPORTED, Code.BAD_FRAME})  # another try would end the same
_UNANSWERED = frames.Typing | frames.Unsub  # these the hub answers with nothing


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
        self._asked: float | None = None  # when the first frame went out that nothing was heard after
        self._received = 0  # bytes, as far as they have been noticed
        self._rtt = 0.0  # milliseconds, smoothed
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

    @property
    def quiet(self) -> float:
        """Seconds since the hub was last heard."""
        return self._clock.monotonic() - self._heard

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
            phase, error, least, limit = "waiting", "unreachable", 0.0, ""
            try:
                await self._call()
            except SignedOut:
                return self._sign_out()
            except _Left as left:
                log.info("the hub closed the connection: %s", left.bye.code)
                if left.bye.code == Code.SIGNED_OUT:
                    return self._sign_out()
                phase = "unsupported" if left.bye.code in _HOPELESS else "waiting"
                error, least, limit = left.bye.code, left.bye.after / 1000, left.bye.limit
            except Broken as broken:
                log.warning("the connection is given up: %s", broken)
                phase = "unsupported" if broken.code == Code.PROTO_UNSUPPORTED else "waiting"
                error = broken.code
            except msgspec.DecodeError as unreadable:
                log.warning("the hub sent what can't be read: %s", unreadable)
                error = Code.BAD_FRAME
            except Unreachable as reason:
                log.info("no link: %s", reason)
                error, least, limit = reason.code, reason.after, reason.limit
            except NoToken:
                return self.set(phase="signed_out", error=UNSIGNED, retry_in=0)
            self.state.limit = limit if limit in LIMITS else ""  # anything on the way may have said it
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
                if self._clock.monotonic() - until + left >= LEAP:
                    self._backoff.forget()
        finally:
            kicked.cancel()

    async def _call(self) -> None:
        """One connection from its beginning to its end, which is always an exception."""
        socket = self._socket = await self._dialled()
        self._heard = self._pinged = self._clock.monotonic()
        self._asked, self._received = None, socket.received
        tasks = [asyncio.create_task(self._watch(socket), name="link watch")]
        began: float | None = None
        try:
            await socket.send(frames.encode(self._listener.hello()))
            welcome = self._greeted(await self._receive(socket))
            began = self._clock.monotonic()
            self.set(phase="online", error="", limit="", retry_in=0, silent=0)
            self._ping()  # before the snapshots, which would lengthen its way
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

    async def _dialled(self) -> Socket:
        """A socket to the hub. A call that the machine slept through is given up: nobody is at its other end."""
        calling = asyncio.ensure_future(self._dial(self._address))
        leap = asyncio.create_task(self._leap(), name="link leap")
        try:
            await asyncio.wait({calling, leap}, return_when=asyncio.FIRST_COMPLETED)
            if not calling.done():
                raise Unreachable("the machine slept while the hub was called")
            return calling.result()
        finally:
            calling.cancel()
            leap.cancel()

    async def _leap(self) -> None:
        """Return when the time has leapt."""
        while not await self._nap():
            pass

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
        self._sign_of_life(socket)
        return frames.decode_hub.decode(data)

    def _hear(self, frame: frames.HubFrame) -> None:
        match frame:
            case frames.Pong():
                sent = self._pings.pop(frame.n, None)
                if sent is not None:
                    took = self._clock.monotonic() - sent
                    self._listener.clock_read(frame.now, self._clock.wall() - took / 2)
                    self._measured(took * 1000)
            case frames.Bye():
                raise _Left(frame)
            case _:
                self._listener.heard(frame)

    def _measured(self, rtt: float) -> None:
        """Smooth the round trip, and show it where it has become another one. One of less than half is believed at
        once: what stood in the way is gone."""
        shown = self.state.rtt
        self._rtt = rtt if shown is None or rtt < self._rtt / 2 else (self._rtt + rtt) / 2
        if shown is None or abs(self._rtt - shown) > max(RTT_STEP, shown / 4):
            self.set(rtt=self._rtt)

    def _sign_of_life(self, socket: Socket) -> None:
        self._received, self._heard, self._asked = socket.received, self._clock.monotonic(), None
        self.set(silent=0)

    async def _send_all(self, socket: Socket) -> None:
        with contextlib.suppress(Unreachable):  # whoever receives learns of it too, and ends the connection
            while True:
                await self._to_send.wait()
                self._to_send.clear()
                while self._outgoing:
                    frame = self._outgoing.popleft()
                    if self._asked is None and not isinstance(frame, _UNANSWERED):
                        self._asked = self._clock.monotonic()
                    await socket.send(frames.encode(frame))

    def _ping(self) -> None:
        number = len(self._pings) + 1 if not self._pings else max(self._pings) + 1
        self._pings[number] = self._pinged = self._clock.monotonic()
        self.send(frames.Ping(n=number))

    async def _watch(self, socket: Socket) -> None:
        while not await self._nap():
            if socket.received != self._received:
                self._sign_of_life(socket)
            if self.quiet >= DEAD:
                log.info("nothing heard for %d s: the link is dead", self.quiet)
                break
            now = self._clock.monotonic()
            waited = 0 if self._asked is None else int(now - self._asked)
            self.set(silent=waited // SILENT * SILENT)
            if self.state.phase == "online" and now - self._pinged >= PING:
                self._ping()
        socket.abort()

    async def _nap(self) -> bool:
        """Sleep a second; whether the machine slept meanwhile, so that nothing from before is worth waiting for."""
        before = self._clock.monotonic()
        await self._clock.sleep(1)
        if self._clock.monotonic() - before < LEAP:
            return False
        log.info("the machine slept for %d s", self._clock.monotonic() - before)
        self._backoff.forget()
        return True
