"""Consoles without a network: the hub's own connection on one end of a wire, the console's mirror on the other."""

import asyncio
from types import SimpleNamespace
from typing import Any

from aiohttp import WSMsgType
from watcher import Watcher

from agent_tui.link.model import TRAYS
from hub.auth import start_session
from hub.desk import people
from hub.hub import Hub
from hub.live.connection import Connection
from hub.protocol import PROTO, frames


class End:
    """One end of a wire. Closing either ends both."""

    close_code = None

    def __init__(self, here: "asyncio.Queue[str | None]", there: "asyncio.Queue[str | None]") -> None:
        self._here = here
        self._there = there

    async def send(self, text: str) -> None:
        self._there.put_nowait(text)

    async def close(self, **_: object) -> None:
        self._here.put_nowait(None)
        self._there.put_nowait(None)

    def __aiter__(self) -> "End":
        return self

    async def __anext__(self) -> Any:
        if (text := await self._here.get()) is None:
            raise StopAsyncIteration
        return text


class HubsEnd(End):
    """As the hub knows its sockets."""

    async def send_frame(self, message: bytes, opcode: WSMsgType) -> None:
        await self.send(message.decode())

    async def receive(self) -> Any:
        text = await self._here.get()
        return SimpleNamespace(type=WSMsgType.CLOSED if text is None else WSMsgType.TEXT, data=text)


async def listen(hub: Hub, agent: int) -> Watcher:
    """An agent's console, which watches all trays; returns when they have come."""
    token = await start_session(hub, agent, "ear")
    who = await hub.store.read(lambda conn: people.by_token(conn, token, hub.clock.now()))
    assert who is not None
    up: asyncio.Queue[str | None] = asyncio.Queue()
    down: asyncio.Queue[str | None] = asyncio.Queue()
    connection = Connection(hub, HubsEnd(up, down), who)  # type: ignore[arg-type]
    hub.connections.add(connection)
    serving = asyncio.create_task(connection.run(frames.Hello(PROTO, "ear")), name="serving")
    serving.add_done_callback(lambda _: hub.connections.discard(connection))
    ear = Watcher(End(down, up))  # type: ignore[arg-type]
    ear.begin(serving)
    await ear.until(lambda: ear.epoch != "" or ear.bye is not None)
    if ear.bye is None:
        ear.mirror.ask_all()
        await ear.until(lambda: all(ear.mirror.trays[name].loaded for name in TRAYS) or ear.bye is not None)
    return ear
