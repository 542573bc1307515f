"""What an agent may still recall does not exist for the visitor, and comes in its place when it goes out."""

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from test_visitor_socket import Client, connect  # noqa: F401  the fixture
from web_bench import Bench

from hub.desk.principal import SYSTEM
from hub.protocol import commands, visitor


@pytest.fixture
async def bench(database: str, tmp_path: Path) -> AsyncIterator[Bench]:
    bench = Bench(tmp_path, database, ["https://tienda.example"])
    bench.config = dataclasses.replace(bench.config, recall_seconds=60)  # longer than any of these tests
    await bench.up()
    yield bench
    await bench.down()


async def release(bench: Bench, message: int) -> None:
    await bench.hub.submit(SYSTEM, "message.release", commands.Release(message), f"release-{message}")


def said(welcome: visitor.Welcome) -> list[str]:
    return [line.b for line in welcome.lines]


async def test_a_held_message_reaches_no_page_by_any_way(bench: Bench, connect: Any) -> None:  # noqa: F811
    page = await connect()
    token = (await page.hello()).token
    ok = await page.say("Hola")
    held = await bench.answer("Buenas")
    again = await (await connect()).hello(token)
    assert (said(again), again.read) == (["Hola"], ok.id)
    assert said(await (await connect()).hello(token, held)) == ["Hola"], "a page can't ask for it by its number"
    await page.send(visitor.Seen(held, "read"))
    await page.say("¿Siguen ahí?")
    assert await bench.state_of(held) == "held"
    assert not [frame for frame in page.held if isinstance(frame, visitor.Lines) and frame.lines[0].d == "out"]
    await release(bench, held)
    while (frame := await page.hear(visitor.Lines)).lines[0].d == "in":
        pass
    assert [(line.id, line.b) for line in frame.lines] == [(held, "Buenas")]
    assert (await page.hear(visitor.Read)).message == held


async def test_a_recalled_message_is_never_told(bench: Bench, connect: Any) -> None:  # noqa: F811
    page = await connect()
    token = (await page.hello()).token
    await page.say("Hola")
    number = await bench.open()
    send = commands.Send(number, "Esto no")
    who = await bench.principal()
    await bench.hub.submit(who, "message.send", send, "key-of-the-send")
    await bench.hub.submit(who, "message.recall", commands.Recall(number, "key-of-the-send"), "key-of-the-recall")
    await release(bench, await bench.answer("Esto sí"))
    while (frame := await page.hear(visitor.Lines)).lines[0].d == "in":
        pass
    assert [line.b for line in frame.lines] == ["Esto sí"]
    assert said(await (await connect()).hello(token)) == ["Hola", "Esto sí"]


async def test_a_page_that_was_away_gets_what_went_out_behind_its_own_last_line(
    bench: Bench,
    connect: Any,  # noqa: F811
) -> None:
    page: Client = await connect()
    token = (await page.hello()).token
    await page.say("Hola")
    held = await bench.answer("Buenas")
    mine = await page.say("¿Siguen ahí?")
    await page.socket.close()
    await release(bench, held)
    back = await (await connect()).hello(token, mine.id)
    assert (said(back), back.whole) == (["Buenas"], False)
    once_more = await (await connect()).hello(token, mine.id)
    assert said(once_more) == ["Buenas"]
