"""A hub that stops: what was handed in is answered, its clients are told when to come back, nobody can hold it up, and
what it can't finish is not in the way."""

import asyncio
from base64 import b64encode
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from aiohttp import ClientSession
from small_desk import Served
from test_limits import Page
from watcher import Watcher

from hub.auth import start_session
from hub.config import Config
from hub.desk.principal import SYSTEM
from hub.desk.tables import message
from hub.hub import RETRY_AFTER, Hub
from hub.protocol import commands as c
from hub.protocol import frames, visitor
from hub.protocol.errors import Code
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

    monkeypatch.setattr(connection.line.ws, "close", closing)
    async with asyncio.timeout(5):
        await served.hub.stop()


GOODBYE = b"\x88\x02\x03\xe8"  # a WebSocket's close frame, from a server


def masked(kind: int, payload: bytes) -> bytes:
    """A WebSocket's frame from a client. The mask of zeros leaves the payload as it is."""
    return bytes([0x80 | kind, 0x80 | len(payload)]) + bytes(4) + payload


@pytest.mark.parametrize("path", ["/ws", "/chat/web/socket"])
async def test_what_a_client_still_sends_takes_no_farewell_with_it(served: Served, path: str) -> None:
    """Were the hub's side closed over what still comes, TCP would answer with a reset, and drop what is on its way."""
    token = await start_session(served.hub, served.desk.ids["ana"], "test")
    host, _, port = served.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    asks = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nOrigin: {served.url}\r\nAuthorization: Bearer {token}\r\n"
    asks += "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    writer.write(f"{asks}Sec-WebSocket-Key: {b64encode(bytes(16)).decode()}\r\n\r\n".encode())
    assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
    writer.write(masked(0x1, b'{"t":"hello","proto":1}'))
    writer.write(masked(0x1, b'{"t":"ping","n":0}'))
    await reader.readuntil(b'"pong"')  # so the hub listens
    leaving = asyncio.create_task(served.hub.farewell())
    assert b'"bye"' in await reader.readuntil(GOODBYE)
    for _ in range(200):
        writer.write(masked(0x1, b'{"t":"ping","n":1}'))
        await writer.drain()
        await asyncio.sleep(0)
    writer.write(masked(0x8, GOODBYE[2:]))
    assert await reader.read() == b"", "what comes is dropped, and the end is an end, not a reset"
    writer.close()
    await leaving


class Held:
    """A writer that writes nothing until it is let go on."""

    def __init__(self, hub: Hub) -> None:
        writer = hub.store.writer
        self._attempt = writer._attempt
        self.reached, self.go_on = asyncio.Event(), asyncio.Event()
        writer._attempt = self._held

    async def _held(self, jobs: object) -> object:
        self.reached.set()
        await self.go_on.wait()
        return await self._attempt(jobs)  # type: ignore[arg-type]


def put(watcher: Watcher, number: int) -> None:
    args = msgspec.Raw(msgspec.json.encode({"code": f"s{number}", "body": "Hola"}))
    watcher._put(frames.Cmd(number, f"the-key-{number}", "shortcut.save", args))


async def test_what_was_handed_in_is_answered_before_the_client_is_sent_away(served: Served) -> None:
    watcher = await served.join("ana")
    held = Held(served.hub)
    for number in range(1, 6):
        put(watcher, number)
    (connection,) = served.hub.connections
    async with asyncio.timeout(20):
        while len(connection._work) < 5:  # type: ignore[attr-defined]
            await asyncio.sleep(0.005)
    leaving = asyncio.create_task(served.hub.farewell())
    await asyncio.sleep(0)
    put(watcher, 6)
    await watcher.until(lambda: 6 in watcher.answers)
    assert watcher.bye is None
    assert isinstance(watcher.answers[6], frames.Error), "what comes after that is for the next hub"
    assert watcher.answers[6].code == Code.BUSY
    held.go_on.set()
    await leaving
    await watcher.until(lambda: watcher.bye is not None)
    assert [type(watcher.answers[number]) for number in range(1, 6)] == [frames.Ok] * 5
    assert watcher.bye == frames.Bye("busy", watcher.bye.after if watcher.bye else 0)


async def test_a_page_has_its_answer_and_is_told_when_to_come_back(served: Served) -> None:
    page = await Page.open(served)
    await page.hear(visitor.Welcome)
    held = Held(served.hub)
    await page.send(visitor.Say("key-of-the-line", "Hola"))
    await held.reached.wait()
    leaving = asyncio.create_task(served.hub.farewell())
    await page.send(visitor.Say("key-for-later", "¿Hola?"))
    held.go_on.set()
    assert (await page.hear(visitor.Ok)).key == "key-of-the-line"
    bye = await page.hear(visitor.Bye)
    assert bye.after >= RETRY_AFTER
    await leaving
    await page.close()
    bodies = await served.hub.store.read(lambda conn: list(conn.scalars(sa.select(message.c.body))))
    assert bodies == ["Hola"]


async def test_whoever_hurries_a_hub_need_not_wait_for_answers(served: Served) -> None:
    watcher, page = await served.join("ana"), await Page.open(served)
    await page.hear(visitor.Welcome)
    held = Held(served.hub)
    put(watcher, 1)
    await held.reached.wait()
    hurry = asyncio.Event()
    leaving = asyncio.create_task(served.hub.farewell(hurry))
    hurry.set()
    await watcher.until(lambda: watcher.bye is not None)
    await page.hear(visitor.Bye)
    assert 1 not in watcher.answers
    held.go_on.set()
    await leaving
    await page.close()
    await served.hub.stop()


async def test_a_stopping_hub_lets_nobody_in_and_says_when_to_come_back(served: Served) -> None:
    await served.hub.farewell()
    async with ClientSession() as http:
        for method, path in (("GET", "/ws"), ("GET", "/chat/web/socket"), ("POST", "/api/v1/sign-in")):
            answer = await http.request(method, f"{served.url}{path}", headers={"Origin": served.url})
            assert (answer.status, (await answer.json())["code"]) == (503, "busy"), path
            assert int(answer.headers["Retry-After"]) >= 1
        answer = await http.get(f"{served.url}/readyz")
        assert (answer.status, (await answer.json())["reasons"]) == (503, ["draining"])
        assert (await http.get(f"{served.url}/healthz")).status == 200


async def test_clients_are_spread_over_the_time_in_which_they_come_back(hub: Hub) -> None:
    """One alone comes back at once; of many no two need come in the same instant."""
    assert hub.comeback(1) - RETRY_AFTER <= 20
    many = [hub.comeback(10_000) - RETRY_AFTER for _ in range(400)]
    assert 0 <= min(many) < max(many) <= hub.config.return_seconds * 1000
    assert max(many) - min(many) > hub.config.return_seconds * 500
    assert len(set(many)) > 300
