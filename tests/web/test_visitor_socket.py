"""What the visitors' socket lets through and what it does not, by a client that is not our page, on both engines."""

import dataclasses
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa
from web_bench import ROOMY, Bench

from hub.channels.ratelimit import Rate, Rates
from hub.channels.visitor import HISTORY
from hub.desk.principal import SYSTEM
from hub.desk.talk_tables import plan
from hub.protocol import PROTO, commands, visitor
from hub.protocol.commands import Visit
from hub.protocol.plans import FirePlan
from hub.store.schema import metadata


@pytest.fixture
async def bench(database: str, tmp_path: Path) -> AsyncIterator[Bench]:
    bench = Bench(tmp_path, database, ["https://tienda.example"])
    await bench.up()
    yield bench
    await bench.down()


class Client:
    """Speaks the frames; `held` is what it has heard and nobody has asked for."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.held: list[Any] = []

    async def send(self, frame: Any) -> None:
        await self.socket.send_str(visitor.encode(frame).decode())

    async def hear(self, kind: type) -> Any:
        for frame in self.held:
            if isinstance(frame, kind):
                self.held.remove(frame)
                return frame
        while True:
            frame = visitor.decode_hub.decode(await self.socket.receive_str(timeout=10))
            if isinstance(frame, kind):
                return frame
            self.held.append(frame)

    async def hello(self, token: str = "", held: int = 0) -> visitor.Welcome:
        await self.send(visitor.Hello(PROTO, token, held))
        return await self.hear(visitor.Welcome)

    async def say(self, body: str, key: str = "") -> visitor.Ok | visitor.Refused:
        await self.send(visitor.Say(key or f"key-of-{body.encode().hex()[:50]}", body))
        return await self.hear(visitor.Ok | visitor.Refused)


@pytest.fixture
async def connect(bench: Bench) -> AsyncIterator[Any]:
    async with aiohttp.ClientSession() as session:

        async def make(origin: str | None = None) -> Client:
            headers = {"Origin": bench.url if origin is None else origin}
            url = f"{bench.chat}/socket"
            return Client(await session.ws_connect(url, headers=headers if origin != "" else {}))

        yield make


async def test_the_hub_makes_the_token_and_keeps_only_a_hash_of_it(bench, connect):
    client = await connect()
    token = (await client.hello()).token
    other = (await (await connect()).hello()).token
    assert len(token) == 43
    assert token != other
    await client.say("Hola")
    found = await bench.hub.store.read(
        lambda conn: [str(list(conn.execute(sa.select(t)))) for t in metadata.tables.values()]
    )
    everything = "\n".join(found)
    assert hashlib.sha256(token.encode()).hexdigest()[:40] in everything
    assert token not in everything


async def test_a_strangers_token_opens_another_conversation_and_never_this_one(bench, connect):
    victim, stranger = await connect(), await connect()
    token = (await victim.hello()).token
    ok = await victim.say("mi número de cuenta es 1234")
    answer = await bench.answer("recibido")
    external_id = "web:" + hashlib.sha256(token.encode()).hexdigest()[:40]
    for guess in (external_id, external_id[4:], token[:-1], token[:-1] + "%", "' OR 1=1 --" + "x" * 32, "x" * 43):
        client = await connect()
        assert (await client.hello(guess)).lines == []
    welcome = await stranger.hello()
    assert welcome.lines == []
    await stranger.send(visitor.Seen(answer, "read"))
    await stranger.send(visitor.Typing())
    await stranger.say("hola")
    assert await bench.state_of(answer) != "read"
    again = await connect()
    assert [line.b for line in (await again.hello(token)).lines] == ["mi número de cuenta es 1234", "recibido"]
    assert ok.id == 1


async def test_the_same_key_of_two_visitors_is_two_lines(bench, connect):
    for body in ("una", "otra"):
        client = await connect()
        await client.hello()
        assert isinstance(await client.say(body, "same-key-of-both"), visitor.Ok)
    assert await bench.received() == ["una", "otra"]


async def test_a_line_sent_again_gets_the_same_answer_and_is_written_once(bench, connect):
    client = await connect()
    token = (await client.hello()).token
    first = await client.say("Hola", "the-same-key")
    second = await connect()
    await second.hello(token)
    assert await second.say("Hola", "the-same-key") == first
    assert await bench.received() == ["Hola"]


async def test_a_note_is_in_no_history_and_in_no_news(bench, connect):
    client = await connect()
    token = (await client.hello()).token
    await client.say("Hola")
    await bench.note("ojo")
    await bench.note("ojo, @sofia")
    soon = bench.hub.clock.now() + 60_000
    await bench.act("conversation.remind", commands.Remind(await bench.open(), soon, "ojo"))
    await bench.act("message.schedule", commands.Schedule(await bench.open(), soon, "¡ojo!"))
    reminders = sa.update(plan).where(plan.c.kind == "reminder")
    await bench.hub.store.write(lambda unit: unit.conn.execute(reminders.values(due=unit.now)))
    await bench.hub.submit(SYSTEM, "plan.fire", FirePlan(1), "the-reminders-time")
    answer = await bench.answer("Buenas")
    lines = []
    while not any(line.id == answer for line in lines):
        lines += (await client.hear(visitor.Lines)).lines
    again = (await (await connect()).hello(token)).lines
    assert [line.b for line in again] == ["Hola", "Buenas"]
    assert {line.b for line in lines} == {"Hola", "Buenas"}
    assert not any("ojo" in str(frame) for frame in client.held)


async def test_a_note_that_is_typed_is_not_told_to_its_customer(bench, connect):
    client = await connect()
    await client.hello()
    await client.say("Hola")
    conversation = await bench.open()
    bench.hub.presence.typing(conversation, bench.agent, True, note=True)
    bench.hub.presence.typing(conversation, bench.agent, True)
    assert (await client.hear(visitor.Typed)).on
    assert sum(isinstance(frame, visitor.Typed) for frame in client.held) <= 1


async def test_history_is_the_newest_lines_and_says_that_there_are_more(bench, connect):
    client = await connect()
    token = (await client.hello()).token
    for n in range(HISTORY + 5):
        await client.say(f"línea {n}")
    welcome = await (await connect()).hello(token)
    assert welcome.whole
    assert welcome.more
    assert [line.b for line in welcome.lines] == [f"línea {n}" for n in range(5, HISTORY + 5)]
    held = welcome.lines[-3].id
    rest = await (await connect()).hello(token, held)
    assert not rest.whole
    assert not rest.more
    assert [line.b for line in rest.lines] == [f"línea {n}" for n in range(HISTORY + 3, HISTORY + 5)]
    for unknown in (1_000_000, await another_visitors_line(connect)):
        assert (await (await connect()).hello(token, unknown)).whole
    gap = await (await connect()).hello(token, 2)
    assert gap.whole
    assert len(gap.lines) == HISTORY


async def another_visitors_line(connect: Any) -> int:
    client = await connect()
    await client.hello()
    return (await client.say("de otra persona")).id


async def test_ended_and_read_are_told_at_once_and_in_the_welcome(bench, connect):
    client = await connect()
    welcome = await client.hello()
    assert not welcome.ended
    ok = await client.say("Hola")
    await bench.read()
    assert (await client.hear(visitor.Read)).message == ok.id
    await bench.end()
    while not (await client.hear(visitor.Ended)).ended:
        pass
    again = await (await connect()).hello(welcome.token)
    assert (again.ended, again.read) == (True, ok.id)
    await bench.reopen()
    assert not (await client.hear(visitor.Ended)).ended


async def test_seen_is_recorded_for_all_lines_up_to_it(bench, connect):
    client = await connect()
    await client.hello()
    await client.say("Hola")
    answers = [await bench.answer(body) for body in ("uno", "dos", "tres")]
    await client.send(visitor.Seen(answers[1], "read"))
    await client.send(visitor.Ping(1))
    await client.hear(visitor.Pong)
    assert [await bench.state_of(answer) for answer in answers] == ["read", "read", "sent"]


@pytest.mark.parametrize("origin", ["https://otra.example", "null", "", "https://tienda.example.evil.example"])
async def test_a_site_that_is_not_on_the_list_gets_no_socket(bench, connect, origin):
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        await connect(origin)
    assert refusal.value.status == 403


async def test_a_listed_site_gets_a_socket(bench, connect):
    client = await connect("https://tienda.example")
    assert (await client.hello()).token


async def test_nothing_is_heard_before_hello(bench, connect):
    client = await connect()
    assert (await client.say("Hola")).code == "bad_frame"
    assert await bench.lines() == []


async def test_nonsense_is_refused_and_the_connection_stays(bench, connect):
    client = await connect()
    await client.hello()
    for nonsense in (
        "{",
        "[]",
        '{"t":"grant","verb":"all"}',
        '{"t":"say","key":"short","body":"x"}',
        '{"t":"say"}',
        '{"t":"seen","message":99999999999999999999,"state":"read"}',
    ):
        await client.socket.send_str(nonsense)
        assert (await client.hear(visitor.Refused)).code == "bad_frame"
    assert (await client.say("   ")).code == "empty"
    assert isinstance(await client.say("Hola"), visitor.Ok)


async def test_a_frame_that_is_too_large_ends_the_connection(bench, connect):
    client = await connect()
    await client.hello()
    await client.socket.send_str("x" * 140_000)
    assert (await client.socket.receive(timeout=10)).data == aiohttp.WSCloseCode.MESSAGE_TOO_BIG


async def test_what_is_over_the_limit_is_refused_with_the_time_to_wait(bench, connect):
    await bench.down()
    bench.rates = dataclasses.replace(ROOMY, visitor_lines=Rate(2, 0.1))
    await bench.up()
    client = await connect()
    await client.hello()
    assert isinstance(await client.say("uno"), visitor.Ok)
    assert isinstance(await client.say("dos"), visitor.Ok)
    refused = await client.say("tres", "key-of-tres")
    assert (refused.code, refused.key, refused.seconds) == ("rate_limited", "key-of-tres", 10)
    another = await connect()
    await another.hello()
    assert isinstance(await another.say("de otro"), visitor.Ok)
    assert await bench.received() == ["uno", "dos", "de otro"]


async def test_an_address_that_connects_too_often_is_told_when_to_come_back(bench, connect):
    await bench.down()
    bench.rates = Rates(address_connects=Rate(2, 0.1))
    await bench.up()
    await connect()
    await connect()
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        await connect()
    assert refusal.value.status == 429
    assert refusal.value.headers["Retry-After"] == "10"


async def test_a_chat_that_does_not_exist_is_not_found(bench):
    async with aiohttp.ClientSession() as session:
        for path in ("nada", "%00", "nada/widget.js", "nada/socket", "assets/x/nada.js", "assets/x/index.html"):
            async with session.get(f"{bench.url}/chat/{path}") as response:
                assert response.status == 404


async def test_the_page_is_sent_with_a_policy_that_lets_nothing_else_in(bench):
    async with aiohttp.ClientSession() as session, session.get(bench.chat) as response:
        policy = dict(part.strip().split(" ", 1) for part in response.headers["Content-Security-Policy"].split(";"))
        assert policy == {
            "default-src": "'none'",
            "script-src": "'self'",
            "style-src": "'self'",
            "connect-src": "'self'",
            "img-src": "'self'",
            "frame-ancestors": "'self' https://tienda.example",
            "base-uri": "'none'",
            "form-action": "'none'",
            "require-trusted-types-for": "'script'",
        }
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "camera=()" in response.headers["Permissions-Policy"]
        assert response.headers["Cache-Control"] == "no-cache"


async def test_assets_are_kept_for_good_under_a_name_that_changes_with_them(bench):
    async with aiohttp.ClientSession() as session:
        page = await (await session.get(bench.chat)).text()
        script = page.split('src="')[1].split('"')[0]
        async with session.get(f"{bench.url}/chat/{script}") as response:
            assert response.status == 200
            assert "immutable" in response.headers["Cache-Control"]
            etag = response.headers["ETag"]
        async with session.get(f"{bench.url}/chat/{script}", headers={"If-None-Match": etag}) as response:
            assert response.status == 304
        async with session.get(f"{bench.url}/chat/assets/older/chat.js") as response:
            assert (response.status, response.headers["Cache-Control"]) == (200, "no-store")
        async with session.get(f"{bench.chat}/widget.js") as response:
            assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


async def test_an_answer_given_at_another_hub_arrives(bench, connect, tmp_path):
    client = await connect()
    await client.hello()
    ok = await client.say("Hola")
    other = Bench(tmp_path, bench.config.database, [])
    other.channel, other.agent = bench.channel, bench.agent
    await other.up()
    try:
        answer = await other.answer("Desde la otra sede")
        while (lines := (await client.hear(visitor.Lines)).lines)[0].id != answer:
            assert lines[0].id == ok.id
        assert lines == [visitor.Line(answer, "out", lines[0].at, "Desde la otra sede", "Lucía Giménez")]
    finally:
        await other.down()


async def test_control_characters_are_not_kept(bench, connect):
    client = await connect()
    await client.hello()
    visit = Visit("es\x00", "https://tienda.example/\x1b", "")
    await client.send(visitor.Say("the-only-key", "a\x00b\x1b[2Jc\r\n\td\x9be", visit))
    await client.hear(visitor.Ok)
    assert await bench.received() == ["ab[2Jc\n\tde"]
    row = await bench.conversation()
    assert (row.language, row.page) == ("es", "https://tienda.example/")
    assert (await client.say("\x00", "another-key")).code == "empty"
    assert (await client.say("x", "a-key-with-\x00")).code == "bad_frame"
