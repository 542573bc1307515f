"""Calling a hub: what the link needs of a socket, and how it gets one."""

import asyncio
import importlib
from collections.abc import Awaitable, Callable
from typing import Protocol, cast

from agent_tui.link.address import Address


class Unreachable(Exception):
    """No hub could be called at the address, for now. `code` says what is away, or why the hub lets nobody in; `after`
    in how many seconds it may; `limit` which of its limits says so."""

    def __init__(self, why: str, code: str = "unreachable", *, after: float = 0, limit: str = "") -> None:
        super().__init__(why)
        self.code = code
        self.after = after
        self.limit = limit


class SignedOut(Exception):
    """The hub doesn't know the token any more."""


class NoToken(Exception):
    """There is no token to call with; the hub has said nothing."""


class Socket(Protocol):
    @property
    def received(self) -> int:
        """Bytes that have come so far, also of a message that isn't whole yet."""

    async def send(self, frame: bytes) -> None: ...

    async def receive(self) -> str | bytes:
        """The next message. Raises Unreachable when the connection has ended."""

    async def close(self) -> None:
        """Say goodbye and close."""

    def abort(self) -> None:
        """End it now, without a word: the other side is gone."""


Dial = Callable[[Address], Awaitable[Socket]]


async def dial(address: Address) -> Socket:
    """Call a hub. Raises Unreachable, SignedOut.

    The library is imported here, beside the event loop: it takes longer than showing the last known desk, which need
    not wait for it.
    """
    websocket = await asyncio.to_thread(importlib.import_module, "agent_tui.link.websocket")
    return await cast(Dial, websocket.call)(address)
