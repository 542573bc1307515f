"""Agents' sockets that only listen, as light as a client can be, so that what is measured is the hub.

Each says hello and subscribes what it is told, and then notes when bytes arrive; frames are not taken apart. Lines of
`load_hub` carry the time at which they were handed in, which is found in the bytes as long as they are not compressed.
"""

import asyncio
import os
import re
import time
import zlib
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from hub.protocol import PROTO, SUBPROTOCOL, frames

HANDED_IN = re.compile(rb'"b":"(\d{6,}) ')
TEXT, FIN, DEFLATED, MASKED = 0x01, 0x80, 0x40, 0x80
PING = b"\x89\x00"  # a frame of its own; in compressed bytes it may stand by chance, and a pong too many does no harm
PONG = b"\x8a\x80\0\0\0\0"
PATIENCE = 60.0  # seconds


class Ear(asyncio.Protocol):
    """`delays`: nanoseconds from when a line was handed in to when it was here, added to as they come."""

    def __init__(
        self, path: str, token: str, first: Sequence[frames.ClientFrame], delays: list[int], *, compressed: bool
    ) -> None:
        self._path, self._token, self._first, self._delays = path, token, first, delays
        self._deflate = zlib.compressobj(wbits=-15) if compressed else None
        self._rest = b""
        self.upgraded = False
        self.received = 0  # bytes
        self.last = 0  # CLOCK_MONOTONIC, ns
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        extensions = "Sec-WebSocket-Extensions: permessage-deflate\r\n" if self._deflate else ""
        transport.write(
            f"GET {self._path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{extensions}"
            f"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: {SUBPROTOCOL}\r\nAuthorization: Bearer {self._token}\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        if PING in data and self.transport is not None:
            self.transport.write(PONG)
            if data == PING:
                return
        self.last = time.monotonic_ns()
        self.received += len(data)
        if not self.upgraded:
            assert data.startswith(b"HTTP/1.1 101"), data
            self.upgraded = True
            for frame in (frames.Hello(PROTO, "ear"), *self._first):
                self.say(frame)
            return
        data = self._rest + data
        end = 0
        for found in HANDED_IN.finditer(data):
            self._delays.append(self.last - int(found[1]))
            end = found.end()
        self._rest = data[max(end, len(data) - 40) :]

    def say(self, frame: frames.ClientFrame) -> None:
        body, head = frames.encode(frame), TEXT | FIN
        if self._deflate is not None:
            body = (self._deflate.compress(body) + self._deflate.flush(zlib.Z_SYNC_FLUSH))[:-4]
            head |= DEFLATED
        size = bytes([MASKED | len(body)]) if len(body) < 126 else bytes([MASKED | 126]) + len(body).to_bytes(2, "big")
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[n % 4] for n, byte in enumerate(body))
        assert self.transport is not None
        self.transport.write(bytes([head]) + size + mask + masked)


async def listen(
    url: str, tokens: Sequence[str], first: Sequence[frames.ClientFrame], *, compressed: bool = False
) -> tuple[list[Ear], list[int]]:
    """One ear a token, each up to date; and the delays of all of them."""
    delays: list[int] = []
    loop, parts = asyncio.get_running_loop(), urlsplit(url)
    ears = []
    for token in tokens:
        _, ear = await loop.create_connection(
            lambda token=token: Ear(parts.path, token, first, delays, compressed=compressed), parts.hostname, parts.port
        )
        ears.append(ear)
    await quiet(ears)
    return ears, delays


async def quiet(ears: Sequence[Ear], seconds: float = 0.5) -> None:
    """Return once nothing has come for a while, and everything has its answer."""
    async with asyncio.timeout(PATIENCE):
        while (
            not all(ear.upgraded for ear in ears) or time.monotonic_ns() - max(ear.last for ear in ears) < seconds * 1e9
        ):
            await asyncio.sleep(0.05)


async def heard(ears: Sequence[Ear], since: int, enough: Callable[[], bool]) -> int:
    """Wait until all have heard something after `since` (ns) and `enough` holds; returns when the last one did."""
    async with asyncio.timeout(PATIENCE):
        while not (all(ear.last > since for ear in ears) and enough()):
            await asyncio.sleep(0.005)
    return max(ear.last for ear in ears)


def hang_up(ears: Sequence[Ear]) -> None:
    for ear in ears:
        if ear.transport is not None:
            ear.transport.abort()
