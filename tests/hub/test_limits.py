"""Every limit that is declared is kept: what is over it is refused by its name or made to wait, and counted."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import ClientSession, WSMsgType
from api_client import program
from endpoint import listening
from small_desk import Served, build, serving
from test_api_channel import App, roll, save
from test_health import scraped
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError

from hub.auth import start_session
from hub.hub import Hub
from hub.protocol import PROTO, frames, visitor
from hub.protocol.commands import SaveTray
from hub.protocol.errors import Code, Refused
from hub.protocol.limits import LIMITS

Exceed = Callable[[Served], Awaitable[None]]
EXCEED: dict[str, tuple[tuple[float, ...], Exceed]] = {}


def exceeds(name: str, *lowered: float) -> Callable[[Exceed], Exceed]:
    """Enter what exceeds a limit of the table, once that is lowered to a value (and a burst)."""

    def enter(exceed: Exceed) -> Exceed:
        EXCEED[name] = (lowered, exceed)
        return exceed

    return enter


def test_each_declared_limit_is_exceeded_here() -> None:
    assert EXCEED.keys() == LIMITS.keys()


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("engine", ["sqlite"])
async def test_what_is_over_a_limit_is_refused_by_its_name_or_waits_and_is_counted(
    make_hub: Callable[..., Awaitable[Hub]], name: str
) -> None:
    hub = await make_hub()
    lowered, exceed = EXCEED[name]
    if lowered:
        hub.limits.put(name, *lowered)
    desk = await build(hub)
    async with serving(hub) as url:
        served = Served(hub, desk, url)
        await exceed(served)
        paced = LIMITS[name].code is None
        counted = await scraped(url)
        assert counted[f"bandeja_{'paced' if paced else 'refused'}_total{{limit={name}}}"] >= 1
        for watcher in served.watchers:
            await watcher.leave()


async def agent(served: Served) -> ClientConnection:
    token = await start_session(served.hub, served.desk.ids["ana"], "test")
    return await connect(f"{served.ws}/ws", additional_headers={"Authorization": f"Bearer {token}"}, max_size=None)


async def greeted(served: Served) -> ClientConnection:
    socket = await agent(served)
    await socket.send(json.dumps({"t": "hello", "proto": PROTO}))
    await heard(socket, frames.Welcome)
    return socket


async def heard(socket: ClientConnection, kind: Any) -> Any:
    async with asyncio.timeout(20):
        while True:
            frame = frames.decode_hub.decode(await socket.recv())
            if isinstance(frame, kind):
                return frame


def tag(number: int, name: str) -> str:
    args = {"name": name, "color": "#aabbcc"}
    return json.dumps({"t": "cmd", "id": number, "key": f"the-key-{number}", "name": "tag.save", "args": args})


async def many_commands(served: Served, times: int = 20) -> None:
    """All are answered, in whatever time it takes."""
    socket = await greeted(served)
    for number in range(1, times + 1):
        await socket.send(tag(number, f"t{number}"))
    answers = [await heard(socket, frames.Ok | frames.Error) for _ in range(times)]
    assert {answer.re for answer in answers} == set(range(1, times + 1))
    assert {getattr(answer, "code", "ok") for answer in answers} == {"forbidden"}  # by the desk, not by a limit
    await socket.close()


exceeds("connection_commands", 100, 5)(many_commands)
exceeds("agent_commands", 100, 5)(many_commands)
exceeds("commands_in_flight", 1)(many_commands)


@exceeds("connection_frames", 100, 5)
async def many_frames(served: Served) -> None:
    socket = await greeted(served)
    for number in range(20):
        await socket.send(json.dumps({"t": "ping", "n": number}))
    assert [(await heard(socket, frames.Pong)).n for _ in range(20)] == list(range(20))
    await socket.close()


@exceeds("frame_bytes", 2000)
async def a_large_frame(served: Served) -> None:
    """One that can still be read is refused as the command that it is, and the connection goes on."""
    socket = await greeted(served)
    await socket.send(tag(7, "x" * 2500))
    answer = await heard(socket, frames.Error)
    assert (answer.re, answer.code, answer.args) == (7, Code.TOO_LARGE, {"limit": "frame_bytes", "most": 2000})
    await socket.send("x" * 2500)
    assert (await heard(socket, frames.Error)).re == 0
    await socket.send(tag(8, "x" * 5000))
    with pytest.raises(ConnectionClosedError, match="1009"):
        await heard(socket, frames.Error)


@exceeds("hello_seconds", 0.05)
async def no_hello(served: Served) -> None:
    bye = await heard(await agent(served), frames.Bye)
    assert (bye.code, bye.limit) == (Code.TOO_SLOW, "hello_seconds")
    assert bye.after > 0


@exceeds("windows", 3)
async def many_windows(served: Served) -> None:
    watcher = await served.join("ana")
    watcher._put(frames.Sub(77, tray="pending"))
    await watcher.until(lambda: 0 in watcher.answers)
    refused = watcher.answers[0]
    assert isinstance(refused, frames.Error)
    assert (refused.code, refused.args) == (Code.TOO_MANY, {"limit": "windows", "most": 3, "w": 77})


@exceeds("agent_trays")
async def many_trays(served: Served) -> None:
    """Of one agent; another has their own."""
    desk, most = served.desk, int(LIMITS["agent_trays"].value)
    for number in range(most):
        await desk.run("ana", "tray.save", SaveTray(f"t{number}"))
    with pytest.raises(Refused) as caught:
        await desk.run("ana", "tray.save", SaveTray("one more"))
    assert caught.value.detail == {"limit": "agent_trays", "most": most}
    await desk.run("luis", "tray.save", SaveTray("one"))


@exceeds("token_requests", 0.1, 2)
async def many_requests(served: Served) -> None:
    """Of one token; another of the same agent has its own."""
    async with program(served, "ana", "agent.status") as one, program(served, "ana", "agent.status") as other:
        assert [(await one.get("me")).status for _ in range(3)] == [200, 200, 429]
        refused = await one.get("me")
        assert (refused.body["code"], refused.body["args"]["limit"]) == (Code.RATE_LIMITED, "token_requests")
        assert 0 < int(refused.headers["Retry-After"]) == refused.body["args"]["seconds"] <= 10
        assert (await other.get("me")).status == 200


@exceeds("address_unsigned", 0.01, 2)
async def many_that_nobody_signed(served: Served) -> None:
    """What is signed does not count."""
    async with listening() as endpoint, ClientSession() as http:
        channel = await save(served, endpoint.url)
        app = App(served, http, endpoint, channel, await roll(served, channel))
        assert [(await app.say(str(number)))[0] for number in range(4)] == [200] * 4
        answers = [await http.post(f"{served.url}/api/v1/channels/app/messages", json={}) for _ in range(3)]
        assert [one.status for one in answers] == [401, 401, 429]
        assert (await answers[-1].json())["args"]["limit"] == "address_unsigned"
        assert int(answers[-1].headers["Retry-After"]) > 0


@exceeds("agent_sockets", 1)
async def many_sockets(served: Served) -> None:
    await served.join("ana")
    second = await served.join("ana")
    assert second.bye == frames.Bye("too_many", 30_000, "agent_sockets")
    assert (await served.join("luis")).bye is None


@exceeds("address_sockets", 2)
async def many_from_one_address(served: Served) -> None:
    open_now = [await greeted(served), await greeted(served)]
    async with ClientSession() as http:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            await http.ws_connect(f"{served.url}/ws")
        assert (refusal.value.status, refusal.value.headers["Retry-After"]) == (429, "30")
        answer = await http.get(f"{served.url}/ws")
        assert await answer.json() == {
            "code": "too_many",
            "args": {"limit": "address_sockets", "most": 2},
            "field": None,
        }
    for socket in open_now:
        await socket.close()
    async with asyncio.timeout(20):
        while len(served.hub.consoles):
            await asyncio.sleep(0.01)
    await (await greeted(served)).close()


@exceeds("body_bytes", 100)
async def a_large_body(served: Served) -> None:
    async with ClientSession() as http:
        answer = await http.post(f"{served.url}/api/v1/sign-in", json={"login": "x" * 200, "password": ""})
        assert answer.status == 413
        assert await answer.json() == {"code": "too_large", "args": {"limit": "body_bytes", "most": 100}, "field": None}


async def sent_head(served: Served, *lines: str) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(served.url.rpartition(":")[2]))
    writer.write("\r\n".join(["GET /healthz HTTP/1.1", "Host: x", *lines, "", ""]).encode())
    answer = (await reader.read()).decode()
    writer.close()
    return answer


@exceeds("header_bytes", 300)
async def a_long_header(served: Served) -> None:
    answer = await sent_head(served, f"X-Long: {'x' * 400}")
    assert " 400 " in answer
    assert "more than 300 bytes" in answer


@exceeds("header_lines", 10)
async def many_headers(served: Served) -> None:
    answer = await sent_head(served, *(f"X-{n}: {n}" for n in range(20)))
    assert " 400 " in answer
    assert "Too many headers" in answer


# -- visitors ----------------------------------------------------------------------------------------------------------


class Page:
    """A visitor's page: says hello as soon as it is there."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, http: ClientSession) -> None:
        self.socket = socket
        self.http = http

    @classmethod
    async def open(cls, served: Served, token: str = "", *, hello: bool = True) -> "Page":
        http = ClientSession()
        try:
            socket = await http.ws_connect(f"{served.url}/chat/web/socket", headers={"Origin": served.url})
        except BaseException:
            await http.close()
            raise
        page = cls(socket, http)
        if hello:
            await page.send(visitor.Hello(proto=PROTO, token=token))
        return page

    async def send(self, frame: visitor.PageFrame) -> None:
        await self.socket.send_str(visitor.encode(frame).decode())

    async def hear(self, kind: Any) -> Any:
        async with asyncio.timeout(20):
            while True:
                message = await self.socket.receive()
                assert message.type is WSMsgType.TEXT, message
                frame = visitor.decode_hub.decode(message.data)
                if isinstance(frame, kind):
                    return frame

    async def close(self) -> None:
        await self.socket.close()
        await self.http.close()


async def refused_line(served: Served, limit: str, body: str) -> None:
    page = await Page.open(served)
    for number in range(2):
        await page.send(visitor.Say(f"line-key-{number}", body))
    refused = await page.hear(visitor.Refused)
    assert (refused.code, refused.limit, refused.key) == (Code.RATE_LIMITED, limit, "line-key-1")
    assert refused.seconds > 0
    await page.close()


for limit, text in (
    ("visitor_lines", "x"),
    ("address_lines", "x"),
    ("visitor_bytes", "x" * 50),
    ("address_bytes", "x" * 50),
):
    rate = (1,) if limit.endswith("lines") else (80,)
    exceeds(limit, 0.1, *rate)(lambda served, limit=limit, text=text: refused_line(served, limit, text))  # type: ignore[misc]


@exceeds("visitor_frames", 0.1, 2)
async def many_frames_of_a_page(served: Served) -> None:
    page = await Page.open(served)
    for number in range(3):
        await page.send(visitor.Ping(number))
    refused = await page.hear(visitor.Refused)
    assert (refused.code, refused.limit) == (Code.RATE_LIMITED, "visitor_frames")
    await page.close()


@exceeds("visitor_connects", 0.1, 1)
async def a_visitor_who_comes_again_and_again(served: Served) -> None:
    first = await Page.open(served)
    token = (await first.hear(visitor.Welcome)).token
    second = await Page.open(served, token)
    refused = await second.hear(visitor.Refused)
    assert (refused.code, refused.limit) == (Code.RATE_LIMITED, "visitor_connects")
    await first.close()
    await second.close()


async def refused_at_the_door(served: Served) -> None:
    first = await Page.open(served)
    await first.hear(visitor.Welcome)
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        await Page.open(served)
    assert refusal.value.status == 429
    assert int(refusal.value.headers["Retry-After"]) > 0
    await first.close()


exceeds("address_connects", 0.1, 1)(refused_at_the_door)
exceeds("address_pages", 1)(refused_at_the_door)


@exceeds("visitor_frame_bytes")
async def a_large_frame_of_a_page(served: Served) -> None:
    page = await Page.open(served)
    await page.send(visitor.Say("the-large-one", "x" * 100, visitor.Visit(page="ñ" * 100)))
    await page.hear(visitor.Ok)
    large = {"t": "say", "key": "the-larger-one", "body": "x", "more": "ñ" * 40_000}
    await page.socket.send_str(json.dumps(large, ensure_ascii=False))
    refused = await page.hear(visitor.Refused)
    assert (refused.code, refused.limit, refused.key) == (Code.TOO_LARGE, "visitor_frame_bytes", "the-larger-one")
    await page.close()


@exceeds("visitor_hello_seconds")
async def no_hello_of_a_page(served: Served) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hub.web.chat_routes.PATIENCE", 0.05)
        page = await Page.open(served, hello=False)
        refused = await page.hear(visitor.Refused)
    assert (refused.code, refused.limit) == (Code.TOO_SLOW, "visitor_hello_seconds")
    assert (await page.socket.receive()).data == aiohttp.WSCloseCode.POLICY_VIOLATION
    await page.close()


@exceeds("visitor_backlog")
async def a_page_that_takes_nothing(served: Served) -> None:
    """It is closed once it is too far behind, and costs no more than what it was allowed to leave waiting."""
    page = await Page.open(served)
    await page.hear(visitor.Welcome)
    await page.send(visitor.Say("the-first-line", "Hola"))
    await page.hear(visitor.Ok)
    conversation = int((await served.desk.say("p1", "Hola"))["conversation"] or 0) - 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hub.web.chat_routes.BACKLOG", 3)
        for _ in range(6):  # in one turn of the loop, so that none is taken meanwhile
            served.hub.presence.typing(conversation, served.desk.ids["ana"], True)
    for _ in range(3):
        await page.hear(visitor.Typed)
    assert (await page.socket.receive()).type is WSMsgType.CLOSE
    await page.close()
