"""Whatever is said on a socket, an agent's or a visitor's: it is answered, or the socket is closed with a code that is
documented; nothing is a fault of the hub's own, and it goes on serving. On both engines."""

import asyncio
import gc
import json
from collections import defaultdict
from typing import Any, get_args

import aiohttp
import pytest
from aiohttp import ClientSession, WSMsgType
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from noise import commands, messages
from small_desk import Served

from hub.auth import start_session
from hub.protocol import PROTO, frames, visitor
from hub.protocol.errors import Code

WAIT = 20
CODES = {one.value for one in Code}
CLOSED = {1000, 1001, 1003, 1008, 1009, 1012}  # as docs/PROTOCOL.md and docs/WEB_CHAT.md have them
AGENTS = [kind for kind in get_args(frames.ClientFrame) if kind is not frames.Cmd]
PAGES = list(get_args(visitor.PageFrame))
THERE: dict[str, list[Any]] = defaultdict(lambda: [1, 2, 3], key=["fuzz-sent-1"])
bounded = settings(max_examples=12, deadline=None, suppress_health_check=[*HealthCheck], phases=[Phase.generate])
long = settings(max_examples=3000, deadline=None, suppress_health_check=[*HealthCheck])
as_agent = st.lists(messages(*AGENTS, more=commands(THERE)), max_size=8)
as_visitor = st.lists(messages(*PAGES, more=st.just({"t": "ping", "n": 1})), max_size=8)


async def say(socket: aiohttp.ClientWebSocketResponse, said: list[str | bytes]) -> None:
    for one in said:
        if socket.closed:
            return
        await (socket.send_bytes(one) if isinstance(one, bytes) else socket.send_str(one))


async def heard(socket: aiohttp.ClientWebSocketResponse, kinds: Any, until: Any) -> bool:
    """Read up to a frame that it is; whether it came before the socket was closed, as it may be."""
    async with asyncio.timeout(WAIT):
        while (message := await socket.receive()).type is WSMsgType.TEXT:
            frame = kinds.decode(message.data)
            if isinstance(frame, frames.Error | frames.Bye | visitor.Refused | visitor.Bye):
                assert frame.code in CODES
                assert frame.code != Code.HUB_FAULT
            if until(frame):
                return True
    assert socket.close_code in CLOSED
    return False


async def agent_says(desk: Served, said: list[str | bytes], *, hello: bool) -> None:
    token = await start_session(desk.hub, desk.desk.ids["sofia"], "fuzz")
    greeting = json.dumps({"t": "hello", "proto": PROTO, "drafts": {}})
    async with (
        ClientSession(headers={"Authorization": f"Bearer {token}"}) as http,
        http.ws_connect(f"{desk.url}/ws", max_msg_size=0) as socket,
    ):
        try:
            await say(socket, [*([greeting] if hello else []), *said, json.dumps({"t": "ping", "n": 4711})])
        except ConnectionError:  # it was closed between two frames
            assert socket.closed
        await heard(socket, frames.decode_hub, lambda f: isinstance(f, frames.Pong) and f.n == 4711)


async def visitor_says(desk: Served, said: list[str | bytes], *, hello: bool) -> None:
    greeting = json.dumps({"t": "hello", "proto": PROTO})
    async with (
        ClientSession(headers={"Origin": desk.url}) as http,
        http.ws_connect(f"{desk.url}/chat/web/socket", max_msg_size=0) as socket,
    ):
        try:
            await say(socket, [*([greeting] if hello else []), *said, json.dumps({"t": "ping", "n": 4711})])
        except ConnectionError:
            assert socket.closed

        def answered(frame: Any) -> bool:
            return frame == visitor.Pong(4711) or (not hello and isinstance(frame, visitor.Refused))

        await heard(socket, visitor.decode_hub, answered)


async def goes_on(desk: Served, faults: list[str]) -> None:
    """Whatever was said before, somebody else is served."""
    token = await start_session(desk.hub, desk.desk.ids["ana"], "after")
    async with (
        ClientSession(headers={"Authorization": f"Bearer {token}"}) as http,
        http.ws_connect(f"{desk.url}/ws") as socket,
    ):
        await say(socket, [json.dumps({"t": "hello", "proto": PROTO}), json.dumps({"t": "ping", "n": 1})])
        assert await heard(socket, frames.decode_hub, lambda f: isinstance(f, frames.Pong))
    gc.collect()  # a task that has failed is told when nobody can wait for it any more
    assert faults == []


@bounded
@given(said=as_agent, hello=st.booleans() | st.just(True))
async def test_whatever_an_agent_says(open_desk: Served, faults: list[str], said: Any, hello: bool) -> None:
    await agent_says(open_desk, said, hello=hello)
    await goes_on(open_desk, faults)


@bounded
@given(said=as_visitor, hello=st.booleans() | st.just(True))
async def test_whatever_a_visitor_says(open_desk: Served, faults: list[str], said: Any, hello: bool) -> None:
    await visitor_says(open_desk, said, hello=hello)
    await goes_on(open_desk, faults)


@pytest.mark.soak
@long
@given(said=as_agent, hello=st.booleans() | st.just(True))
async def test_whatever_an_agent_says_for_long(open_desk: Served, faults: list[str], said: Any, hello: bool) -> None:
    await agent_says(open_desk, said, hello=hello)
    assert faults == []


@pytest.mark.soak
@long
@given(said=as_visitor, hello=st.booleans() | st.just(True))
async def test_whatever_a_visitor_says_for_long(open_desk: Served, faults: list[str], said: Any, hello: bool) -> None:
    await visitor_says(open_desk, said, hello=hello)
    assert faults == []
