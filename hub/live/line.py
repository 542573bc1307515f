"""A WebSocket whose last frame arrives.

Who closes a socket that the other side still writes to resets it, and a reset takes what the other side has not read
yet: the farewell, with its reason and when to come back. So one that is closed is read on until the other side has said
goodbye too, and what comes is dropped. aiohttp reads on by itself, but not while another task is receiving: that one is
made to stop first.
"""

import asyncio

from aiohttp import WSCloseCode, WSMessage, WSMsgType, web

_ENDS = frozenset({WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED})


class Line:
    __slots__ = ("__weakref__", "_closed", "_receiving", "_silent", "ws")

    def __init__(self, ws: web.WebSocketResponse) -> None:
        self.ws = ws
        self._receiving: asyncio.Timeout | None = None
        self._silent: asyncio.Event | None = None  # once it is being closed: nobody is receiving any more
        self._closed: asyncio.Event | None = None  # … and it is closed

    async def receive(self, within: float | None = None) -> WSMessage | None:
        """The next message; None once the socket is closed, by whomever. Raises TimeoutError after `within` seconds."""
        if self._closed is not None:
            return None
        try:
            async with asyncio.timeout(within) as self._receiving:
                message = await self.ws.receive()
        except TimeoutError:
            if self._closed is not None:
                return None
            raise
        finally:
            self._receiving = None
            if self._silent is not None:
                self._silent.set()
        return None if message.type in _ENDS else message

    async def close(self, code: int = WSCloseCode.OK, message: bytes = b"") -> None:
        """Say goodbye, and wait for the other side's. From any task."""
        if self._closed is not None:
            return await self.parted()
        self._silent, self._closed = asyncio.Event(), asyncio.Event()
        try:
            if self._receiving is not None and not self._receiving.expired():
                self._receiving.reschedule(0)
                await self._silent.wait()
            await self.ws.close(code=code, message=message)
        finally:
            self._closed.set()
        return None

    async def parted(self) -> None:
        """Wait for a `close` that has begun: the socket goes with the task that serves it."""
        if self._closed is not None:
            await self._closed.wait()
