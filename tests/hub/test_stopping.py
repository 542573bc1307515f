"""A hub that stops: its clients are told first, nobody can hold it up, and what it can't finish is not in the way."""

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa
from small_desk import Served
from watcher import Watcher

from hub.auth import start_session
from hub.config import Config
from hub.desk.principal import SYSTEM
from hub.hub import Hub
from hub.protocol import commands as c
from hub.serving import serving


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_sockets_are_closed_before_the_store_is(database: str, tmp_path: Path) -> None:
    gone: list[str] = []
    async with serving(Config(data=tmp_path, database=database, port=0)) as served:
        hub = served.hub
        made = await hub.submit(
            SYSTEM, "agent.save", c.SaveAgent("ana", "Ana", "agent", password_hash="x"), "new-agent"
        )
        token = await start_session(hub, int(made["agent"] or 0), "test")
        watcher = await Watcher.join(f"ws://127.0.0.1:{served.port}", token)
        stop = hub.store.stop

        async def stopping() -> None:
            gone.append("store" if not hub.connections else "store under open sockets")
            await stop()

        hub.store.stop = stopping  # type: ignore[method-assign]
    await watcher.until(lambda: watcher.bye is not None)
    await watcher.leave()
    assert gone == ["store"]


async def test_a_database_that_is_away_keeps_no_hub_from_stopping(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    await hub.leases.start()
    stopped: list[str] = []
    stop = hub.store.stop

    async def stopping() -> None:
        stopped.append("store")
        await stop()

    async def away(*_: object) -> None:
        raise sa.exc.OperationalError("DELETE", {}, OSError("away"))

    with monkeypatch.context() as broken:
        broken.setattr(hub.store, "stop", stopping)
        broken.setattr(hub.store, "write", away)
        await hub.stop()
    assert stopped == ["store"]


async def test_a_client_that_takes_nothing_is_given_up(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.live.connection.FAREWELL", 0.01)
    await served.join("ana")
    (connection,) = served.hub.connections
    never = asyncio.Event()

    async def closing(**_: object) -> bool:
        await never.wait()
        return True

    monkeypatch.setattr(connection.ws, "close", closing)
    async with asyncio.timeout(5):
        await served.hub.stop()
