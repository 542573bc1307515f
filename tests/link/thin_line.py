"""A network between console and hub as thin, as slow and as treacherous as a test wants it."""

import asyncio
import contextlib
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from seats import StillClock

from agent_tui.link.address import Address
from agent_tui.link.dial import Socket, dial
from hub.protocol import frames

CHUNK = 64  # bytes that travel together


@dataclass(eq=False)
class _Way:
    """One direction of one connection."""

    source: asyncio.StreamReader
    sink: asyncio.StreamWriter
    line: "ThinLine"
    mute: bool = False
    _sent: deque[tuple[float, bytes]] = field(default_factory=deque)
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    async def put_in(self) -> None:
        """Take from the sender what the line has room for, at the line's pace."""
        with contextlib.suppress(ConnectionError):
            while data := await self.source.read(CHUNK):
                self.line.carried += len(data)
                if self.line.bits:
                    await self.line.clock.sleep(len(data) * 8 / self.line.bits)
                self._sent.append((self.line.clock.monotonic() + self.line.round_trip / 2, data))
                self._more.set()
        if not self.mute:
            self._sent.append((self.line.clock.monotonic() + self.line.round_trip / 2, b""))
            self._more.set()

    async def hand_out(self) -> None:
        """Give it to the receiver when it has travelled."""
        while True:
            while self._sent:
                arrives, data = self._sent.popleft()
                if (left := arrives - self.line.clock.monotonic()) > 0:
                    await self.line.clock.sleep(left)
                if not data:
                    self.sink.close()
                    return
                if not self.mute:
                    self.sink.write(data)
            self._more.clear()
            await self._more.wait()


class ThinLine:
    """`bits` a second either way, 0: as many as there are; `round_trip` in seconds, by the clock that a test drives."""

    def __init__(self, port: int, clock: StillClock, *, bits: int = 0, round_trip: float = 0.0) -> None:
        self.clock = clock
        self.bits = bits
        self.round_trip = round_trip
        self.carried = 0  # bytes
        self.connections = 0
        self._to = port
        self._ways: list[_Way] = []
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def half_open(self) -> None:
        """From now on the connections there are swallow everything, both ways, and nobody is told. New ones work."""
        for way in self._ways:
            way.mute = True

    def cut(self) -> None:
        """Break off the connections there are."""
        for way in self._ways:
            way.sink.transport.abort()
        self._ways.clear()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        hub_reader, hub_writer = await asyncio.open_connection("127.0.0.1", self._to)
        for way in (_Way(reader, hub_writer, self), _Way(hub_reader, writer, self)):
            self._ways.append(way)
            for task in (asyncio.create_task(way.put_in()), asyncio.create_task(way.hand_out())):
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)


class Tap:
    """Calls hubs for a console, and remembers every frame that came."""

    def __init__(self) -> None:
        self.heard: list[frames.HubFrame] = []

    async def __call__(self, address: Address) -> Socket:
        return _Tapped(await dial(address), self.heard)

    def of(self, kind: type[Any]) -> list[Any]:
        return [frame for frame in self.heard if isinstance(frame, kind)]

    @property
    def carried(self) -> tuple[set[int], set[int]]:
        """Conversations and messages whose contents came in snapshots."""
        snaps: list[frames.Snap] = self.of(frames.Snap)
        return {row.id for snap in snaps for row in snap.rows}, {m.id for snap in snaps for m in snap.messages}


class _Tapped:
    def __init__(self, socket: Socket, heard: list[frames.HubFrame]) -> None:
        self._socket = socket
        self._heard = heard
        self.send, self.close, self.abort = socket.send, socket.close, socket.abort

    @property
    def received(self) -> int:
        return self._socket.received

    async def receive(self) -> str | bytes:
        data = await self._socket.receive()
        self._heard.append(frames.decode_hub.decode(data))
        return data
