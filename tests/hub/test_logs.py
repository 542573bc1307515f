"""The log says what happens, a line each, and never what anybody wrote, who they are or what they are let in by."""

import asyncio
import gc
import json
import logging
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import sqlalchemy as sa
import structlog
from aiohttp import ClientSession
from small_desk import Served, build, serving
from test_limits import Page

from hub import logs
from hub.auth import hash_password
from hub.channels.outgoing import Dispatcher
from hub.desk.principal import SYSTEM
from hub.desk.registry import HANDLERS, Handler
from hub.desk.tables import agent
from hub.hub import Hub
from hub.protocol import PROTO, frames, visitor
from hub.protocol import commands as c
from hub.protocol.errors import Code, Refused
from hub.store.unit import Unit

MARK = "zq9marcado"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """Everything that is logged, as JSON, at debug."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    path = tmp_path / "hub.log"
    logs.configure("debug", path, "json")
    yield path
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(path: Path, event: str = "") -> list[dict[str, Any]]:
    said = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [line for line in said if not event or line["event"] == event]


class Deaf:
    """A driver whose service does not answer."""

    async def start(self, report: object) -> None: ...

    async def stop(self) -> None: ...

    async def send(self, outgoing: Any) -> Any:
        raise ConnectionResetError(104, "reset")


async def busy(served: Served, http: ClientSession) -> str:
    """What a desk hears in a day, all of it marked; returns a token."""
    desk, url = served.desk, served.url
    hashed = await hash_password(f"{MARK}-password")
    for login in ("ana", f"{MARK}.login"):
        await desk.run(SYSTEM, "agent.save", c.SaveAgent(login, f"{MARK} Ana", "agent", password_hash=hashed))
    await desk.run(SYSTEM, "tag.save", c.SaveTag(f"{MARK}", "#aabbcc"))
    for login, password in (
        ("ana", "x"),
        (f"{MARK}.login", f"{MARK}-other"),
        (MARK, MARK),
        ("ana", f"{MARK}-password"),
    ):
        await http.post(f"{url}/api/v1/sign-in", json={"login": login, "password": password, "label": f"{MARK} label"})
    answer = await http.post(f"{url}/api/v1/sign-in", json={"login": "ana", "password": f"{MARK}-password"})
    token = str((await answer.json())["token"])
    await http.post(f"{url}/api/v1/sign-in", data=f'{{"login": "{MARK}"')
    await http.get(f"{url}/{MARK}/{MARK}?{MARK}", headers={"X-Request-Id": f"{MARK} not an id", "Cookie": MARK})
    await http.get(f"{url}/metrics", headers={"Authorization": f"Bearer {MARK}", "X-Forwarded-For": MARK})
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    writer.write(f"{MARK} {MARK}\r\n{MARK}\r\n\r\n".encode())
    await reader.read()
    writer.close()

    ana = await served.join("ana")
    made = await desk.say(f"{MARK}-person", f"{MARK} body", desk.whatsapp, name=f"{MARK} Vera", phone=f"{MARK}-phone")
    conversation = int(made["conversation"] or 0)
    await ana.watch(conversation)
    await ana.command("conversation.open", conversation=conversation)
    for name in ("message.send", "message.note"):
        await ana.command(name, conversation=conversation, body=f"{MARK} {name}")
    await ana.command("message.send", conversation=conversation, body=f"{MARK}\0")
    await ana.command("shortcut.save", code="x", body=f"{MARK} shortcut")
    await ana.command(f"{MARK}.command", x=MARK)
    await ana.command("agent.status", status=MARK)
    ana._put(frames.Draft(conversation, f"{MARK} draft"))
    for text in (f"{MARK}", f'{{"t": "{MARK}"}}', f'{{"t":"sub","w":7,"tray":"{MARK}"}}'):
        ana.answers.pop(0, None)
        await ana.ws.send(text)
        await ana.until(lambda: 0 in ana.answers)

    page = await http.ws_connect(f"{url}/chat/web/socket", headers={"Origin": url})
    for frame in (
        visitor.Hello(PROTO, language=MARK, page=f"https://{MARK}.example", referrer=MARK),
        visitor.Say("key-of-the-line", f"{MARK} line"),
        visitor.Typing(),
    ):
        await page.send_str(visitor.encode(frame).decode())
    await page.send_str(f"{MARK}")
    while json.loads((await page.receive()).data)["t"] != "refused":
        pass
    await page.close()
    return token


async def faults(served: Served, http: ClientSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever can fail does, and says so with the words that it failed over."""
    store = served.hub.store
    ana = await served.join("ana")

    def fail(*_: object) -> Any:
        try:
            int(f"{MARK} body")
        except ValueError as error:
            raise LookupError(f"{MARK} {error}") from error

    def twice(unit: Unit) -> None:
        values = {"login": f"{MARK}.login", "name": MARK, "role": "agent", "password_hash": MARK, "rev": 1}
        values |= {"status": "online", "status_since": 1, "reachable": False, "active": True, "sample": False}
        known = {column.name for column in agent.columns}
        unit.conn.execute(sa.insert(agent).values({k: v for k, v in values.items() if k in known}))

    with monkeypatch.context() as broken:
        broken.setitem(HANDLERS, "tag.save", Handler(fail, fail))
        with pytest.raises(LookupError):
            await served.desk.run(SYSTEM, "tag.save", c.SaveTag(MARK, "#aabbcc"))
        broken.setitem(HANDLERS, "shortcut.save", Handler(fail, fail))
        answer = await ana.command("shortcut.save", "key-of-the-fault", code="y", body=f"{MARK} body")
        assert isinstance(answer, frames.Error)
        assert answer.code == Code.HUB_FAULT
    with pytest.raises(sa.exc.IntegrityError):
        await store.write(twice)
    with monkeypatch.context() as broken:
        broken.setattr("hub.signing_in.sign_in", fail)
        answered = await http.post(f"{served.url}/api/v1/sign-in", json={"login": MARK, "password": MARK})
        assert (answered.status, (await answered.json())["code"]) == (500, "hub_fault")

    async def forgotten() -> None:
        raise ValueError(f"{MARK} body")

    await asyncio.wait([asyncio.create_task(forgotten(), name="forgotten")])
    gc.collect()
    await asyncio.sleep(0)
    logging.getLogger("aiohttp.server").error("A library fails\nwith %s", MARK)


async def test_nothing_of_what_is_written_typed_or_secret_gets_into_the_log(
    make_hub: Callable[..., Awaitable[Hub]], log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = await make_hub(entity=f"{MARK} Acme")
    logs.watch_loop()
    dispatcher = Dispatcher(hub, {"sample": Deaf()})
    await dispatcher.start()
    async with serving(hub) as url, ClientSession() as http:
        served = Served(hub, await build(hub), url)
        token = await busy(served, http)
        await faults(served, http, monkeypatch)
        for watcher in served.watchers:
            await watcher.leave()
    await dispatcher.stop()
    await hub.stop()
    text = log.read_text(encoding="utf-8").lower()
    quoting = [line[:2000] for line in text.splitlines() if MARK in line]
    assert quoting == []
    assert token.lower() not in text
    found = {line["event"] for line in lines(log)}
    assert found >= {"command", "command_failed", "request", "request_failed", "loop_error", "answer_lost"}
    assert "A library fails" in found, "a library's own words end with the line"
    failed = lines(log, "command_failed")
    assert any(line.get("key") == "key-of-the-fault" and line["command"] == "shortcut.save" for line in failed)
    assert any("LookupError" in line["exception"] and "which led to" in line["exception"] for line in failed)
    assert any("IntegrityError" in line["exception"] for line in failed)


async def test_every_line_about_a_command_names_its_key_and_the_request_that_its_socket_began_with(
    served: Served, log: Path
) -> None:
    async with ClientSession() as http:
        answer = await http.get(f"{served.url}/healthz", headers={"X-Request-Id": "from-the-proxy.1"})
        assert answer.headers["X-Request-Id"] == "from-the-proxy.1"
        for bad in ("short", "with space in it", "x" * 65, "ñañañañañ"):
            answer = await http.get(f"{served.url}/nowhere", headers={"X-Request-Id": bad})
            assert len(answer.headers["X-Request-Id"]) == 16
    watcher = await served.join("ana")
    await watcher.command("agent.status", "key-of-the-lunch", status="lunch")
    await watcher.command("conversation.open", "key-of-nothing", conversation=99)
    page = await Page.open(served)
    await page.send(visitor.Say("key-of-the-line", "Hola"))
    await page.hear(visitor.Ok)
    await page.close()
    requests = lines(log, "request")
    assert "from-the-proxy.1" in {line["request"] for line in requests}
    socket = next(line["request"] for line in requests if line["route"] == "/ws")
    said = [(line["command"], line["key"], line["outcome"], line["request"]) for line in lines(log, "command")]
    assert (said[-1][0], said[-1][1].rpartition(":")[2], said[-1][2]) == ("message.receive", "key-of-the-line", "ok")
    assert said[:-1] == [
        ("agent.status", "key-of-the-lunch", "ok", socket),
        ("conversation.open", "key-of-nothing", "not_found", socket),
    ]


@pytest.mark.parametrize(
    ("form", "line"),
    [("json", '"event": "hello"'), ("logfmt", "event=hello level=warning"), ("auto", "event=hello level=warning")],
)
def test_a_line_looks_as_the_setting_says(log: Path, tmp_path: Path, form: str, line: str) -> None:
    other = tmp_path / "other.log"
    logs.configure("warning", other, form)
    structlog.get_logger().warning("hello", number=3)
    structlog.get_logger().info("not loud enough")
    logging.getLogger("library").warning("from a library")
    said = other.read_text()
    assert line in said
    assert "from a library" in said
    assert "loud" not in said
    assert other.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError(MARK), "ValueError"),
        (Refused(Code.BAD_ARGS, field="body", why=MARK), "Refused: bad_args (body)"),
        (ConnectionResetError(104, "reset"), "ConnectionResetError: [Errno 104] reset"),
        (AttributeError("no such name"), "AttributeError: no such name"),
        (KeyError(MARK), "KeyError"),
        (asyncpg.DiskFullError(MARK), "DiskFullError: DiskFullError 53100"),
    ],
)
def test_an_exception_says_what_it_is_and_quotes_nobody(error: Exception, said: str) -> None:
    assert logs.described(error) == said


async def test_a_body_that_can_not_be_read_is_its_senders_fault_and_fills_no_log(served: Served, log: Path) -> None:
    packed = {"Content-Encoding": "gzip"}
    async with ClientSession() as http, http.post(f"{served.url}/api/v1/sign-in", data=b"no", headers=packed) as answer:
        assert (answer.status, (await answer.json())["code"]) == (400, "bad_args")
    assert [line for line in lines(log) if line["level"] in ("error", "warning")] == []
