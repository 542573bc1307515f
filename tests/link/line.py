"""A network between client and hub as thin, as slow and as treacherous as a test wants it."""

import asyncio
import contextlib
import random
import socket
import struct
from collections import deque
from dataclasses import dataclass, field

from agent_tui.link.clock import Clock, SystemClock

CHUNK = 64  # bytes that travel together on a line that has a pace
RESET = struct.pack("ii", 1, 0)  # SO_LINGER for no time: what is closed is reset


@dataclass(eq=False)
class _Carried:
    """A connection that is carried; `left` counts the bytes, either way, after which it breaks off, once known."""

    line: "Line"
    ends: tuple[asyncio.StreamWriter, asyncio.StreamWriter]
    left: int = 0
    mute: bool = False

    def passes(self, data: bytes) -> tuple[bytes, bool]:
        """What of it gets through, and whether the connection breaks off behind that."""
        if not self.line.most:
            return data, False
        if not self.left:
            self.left = self.line.chance.randint(1, self.line.most)
        data, self.left = data[: self.left], self.left - len(data)
        return data, self.left <= 0

    def break_off(self, *, reset: bool) -> None:
        """Both ends are closed without a word, or with a RST."""
        for end in self.ends:
            if reset and not end.is_closing():
                end.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            end.transport.abort()
        self.line.carrying.discard(self)


@dataclass(eq=False)
class _Way:
    """One direction of a connection. What travels on it ends with b"", or breaks off with None."""

    carried: _Carried
    source: asyncio.StreamReader
    sink: asyncio.StreamWriter
    _sent: deque[tuple[float, bytes | None]] = field(default_factory=deque)
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    async def put_in(self) -> None:
        """Take from the sender what the line has room for, at the line's pace."""
        line = self.carried.line
        with contextlib.suppress(ConnectionError):
            while data := await self.source.read(CHUNK if line.bits else 4096):
                line.bytes += len(data)
                if line.bits:
                    await line.clock.sleep(len(data) * 8 / line.bits)
                data, breaks = self.carried.passes(data)
                if data:
                    self._send(data)
                if breaks:
                    self._send(None)
                    return
        if not self.carried.mute:
            self._send(b"")

    def _send(self, data: bytes | None) -> None:
        line = self.carried.line
        self._sent.append((line.clock.monotonic() + line.round_trip / 2, data))
        self._more.set()

    async def hand_out(self) -> None:
        """Give it to the receiver when it has travelled."""
        line = self.carried.line
        while True:
            while self._sent:
                arrives, data = self._sent.popleft()
                if (left := arrives - line.clock.monotonic()) > 0:
                    await line.clock.sleep(left)
                if data is None:
                    line.breaks += 1
                    self.carried.break_off(reset=line.chance.random() < 0.5)
                    return
                if not data:
                    self.sink.close()
                    self.carried.line.carrying.discard(self.carried)
                    return
                if not self.carried.mute:
                    self.sink.write(data)
            self._more.clear()
            await self._more.wait()


class Line:
    """Carries connections to a port of this machine.

    `bits` a second either way, 0: as many as there are; `round_trip` in seconds of `clock`, which a test may drive.
    `most`: each connection breaks off, in the middle of whatever it is, after at most so many bytes; 0: none does.
    All of it can be changed while connections are carried.
    """

    def __init__(
        self,
        port: int,
        clock: Clock | None = None,
        *,
        bits: int = 0,
        round_trip: float = 0,
        most: int = 0,
        seed: int = 0,
    ) -> None:
        self.clock: Clock = clock or SystemClock()
        self.bits = bits
        self.round_trip = round_trip
        self.most = most
        self.chance = random.Random(seed)
        self.bytes = 0  # that have been put in
        self.connections = 0
        self.breaks = 0
        self.carrying: set[_Carried] = set()
        self._to = port
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
        for carried in self.carrying:
            carried.mute = True

    def cut(self, *, reset: bool = False) -> None:
        """Break off the connections there are; `reset`: with a RST to both ends."""
        for carried in list(self.carrying):
            carried.break_off(reset=reset)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            hub_reader, hub_writer = await asyncio.open_connection("127.0.0.1", self._to)
        except ConnectionError:  # no hub listens there just now
            writer.transport.abort()
            return
        carried = _Carried(self, (writer, hub_writer))
        self.carrying.add(carried)
        ways = (_Way(carried, reader, hub_writer), _Way(carried, hub_reader, writer))
        for work in (work for way in ways for work in (way.put_in, way.hand_out)):
            task = asyncio.create_task(work())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
