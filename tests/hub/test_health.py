"""What watches over a hub learns how it is, and nobody learns it who is not to."""

import asyncio
import threading
from collections.abc import Awaitable, Callable

import pytest
import sqlalchemy as sa
from aiohttp import ClientSession
from prometheus_client.parser import text_string_to_metric_families
from small_desk import Served, build, serving
from structlog.testing import capture_logs
from websockets.asyncio.client import connect

from hub import vitals
from hub.auth import hash_password, start_session
from hub.desk.principal import SYSTEM
from hub.hub import Hub
from hub.protocol import PROTO, frames
from hub.protocol import commands as c
from hub.protocol.commands import REGISTRY
from hub.store.unit import Unit


async def get(url: str, **headers: str) -> tuple[int, str]:
    async with (
        ClientSession() as http,
        http.get(url, headers={k.replace("_", "-"): v for k, v in headers.items()}) as r,
    ):
        return r.status, await r.text()


async def scraped(url: str) -> dict[str, float]:
    """Every sample, as `name{label=value,…}`."""
    status, text = await get(f"{url}/metrics")
    assert status == 200
    return {
        f"{s.name}{{{','.join(f'{k}={v}' for k, v in sorted(s.labels.items()))}}}": s.value
        for family in text_string_to_metric_families(text)
        for s in family.samples
    }


async def test_a_hub_is_alive_even_where_its_database_is_not_and_says_then_that_it_is_not_ready(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await get(f"{served.url}/readyz") == (200, '{"ready":true,"reasons":[]}')

    async def away(*_: object) -> None:
        raise sa.exc.OperationalError("SELECT", {}, OSError("away"))

    monkeypatch.setattr(served.hub.store, "read", away)
    assert (await get(f"{served.url}/healthz"))[0] == 200
    assert await get(f"{served.url}/readyz") == (503, '{"ready":false,"reasons":["database_away"]}')
    assert (await scraped(served.url))["bandeja_database_up{}"] == 0


async def test_a_hub_on_another_schema_is_not_ready(served: Served) -> None:
    def newer(unit: Unit) -> None:
        unit.conn.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))

    await served.hub.store.write(newer)
    assert await get(f"{served.url}/readyz") == (503, '{"ready":false,"reasons":["schema_differs"]}')


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_hub_whose_writer_is_stuck_is_not_ready(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def hang(_: Unit) -> None:
        begun.set()
        assert go_on.wait(60)

    monkeypatch.setattr(vitals, "STUCK", 0.0001)
    job = served.hub.store.write(hang)
    await served.hub.store.read(lambda conn: conn.scalar(sa.select(1)))
    try:
        while not begun.is_set():
            await served.hub.store.read(lambda conn: conn.scalar(sa.select(1)))
        assert await get(f"{served.url}/readyz") == (503, '{"ready":false,"reasons":["writer_stuck"]}')
    finally:
        go_on.set()
        await job
    assert (await get(f"{served.url}/readyz"))[0] == 200


async def test_metrics_say_what_commands_sockets_windows_timers_and_the_writer_do(served: Served) -> None:
    watcher = await served.join("ana")
    made = await served.desk.say("p1", "Hola")
    await watcher.watch(int(made["conversation"] or 0))
    await watcher.command("conversation.open", conversation=made["conversation"])
    await watcher.command("conversation.open", conversation=999)
    await watcher.command("no.such.command")
    await watcher.command("message.send", conversation=made["conversation"], body="")
    for _ in range(2):
        await served.desk.run(SYSTEM, "tag.save", c.SaveTag("vip", "#aabbcc"), "the-same-key")
    await served.settle()
    found = await scraped(served.url)
    assert found["bandeja_commands_total{command=message.receive,outcome=ok}"] == 1
    assert found["bandeja_commands_total{command=conversation.open,outcome=ok}"] == 1
    assert found["bandeja_commands_total{command=conversation.open,outcome=not_found}"] == 1
    assert found["bandeja_commands_total{command=other,outcome=unknown_command}"] == 1
    assert found["bandeja_commands_total{command=message.send,outcome=bad_args}"] == 1
    assert found["bandeja_commands_total{command=tag.save,outcome=repeated}"] == 1
    assert found["bandeja_command_seconds_count{command=message.receive}"] == 1
    assert found["bandeja_writer_group_jobs_count{}"] == found["bandeja_writer_commit_seconds_count{}"] > 5
    assert found["bandeja_writer_queue_jobs{}"] == found["bandeja_timers_overdue{}"] == 0
    assert (found["bandeja_sockets{of=agents}"], found["bandeja_windows{}"]) == (1, 4)
    assert found["bandeja_tail_lag_rows{}"] == found["bandeja_slowest_connection_lag_rows{}"] == 0
    assert found["bandeja_database_bytes{}"] > 10_000
    assert found["bandeja_database_up{}"] == 1
    assert found["bandeja_http_requests_total{method=GET,route=/ws,status=101}"] == 1
    assert any(name.startswith("bandeja_build_info") for name in found)


async def test_signing_in_is_counted_by_how_it_ended(served: Served) -> None:
    hashed = await hash_password("correcta")
    await served.desk.run(SYSTEM, "agent.save", c.SaveAgent("ana", "Ana", "agent", password_hash=hashed))
    async with ClientSession() as http:
        for body in ({"login": "ana", "password": "correcta"}, {"login": "ana", "password": "falsa"}, {"login": 3}):
            await http.post(f"{served.url}/api/v1/sign-in", json=body)
    found = await scraped(served.url)
    assert {name: value for name, value in found.items() if name.startswith("bandeja_sign_ins_total")} == {
        "bandeja_sign_ins_total{outcome=ok}": 1,
        "bandeja_sign_ins_total{outcome=bad_credentials}": 1,
        "bandeja_sign_ins_total{outcome=bad_args}": 1,
    }


async def test_a_fault_of_ours_is_counted_under_the_commands_name(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hub.desk.registry import HANDLERS, Handler

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(HANDLERS, "tag.save", Handler(fail, fail))  # type: ignore[arg-type]
    with pytest.raises(ZeroDivisionError):
        await served.desk.run(SYSTEM, "tag.save", c.SaveTag("vip", "#aabbcc"))
    assert (await scraped(served.url))["bandeja_commands_total{command=tag.save,outcome=fault}"] == 1


async def test_labels_are_bounded_whatever_is_asked_for(served: Served) -> None:
    async with ClientSession() as http:
        for n in range(5):
            await http.request(f"MADEUP{n}", f"{served.url}/no/such/place/{n}")
            await http.get(f"{served.url}/chat/slug-{n}")
    watcher = await served.join("ana")
    for n in range(5):
        await watcher.command(f"made.up.{n}")
    text = (await get(f"{served.url}/metrics"))[1]
    assert "made.up" not in text
    assert "MADEUP" not in text
    assert "slug-" not in text
    commands = {
        s.labels["command"]
        for family in text_string_to_metric_families(text)
        for s in family.samples
        if "command" in s.labels
    }
    assert commands <= {*REGISTRY, "other"}


async def test_metrics_are_for_this_computer_declared_networks_and_admins(
    make_hub: Callable[..., Awaitable[Hub]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """To everybody else they are not there. Who a proxy passes on is told apart by the address that it gives."""
    hub = await make_hub(proxies=("127.0.0.1",), metrics_networks=("10.1.0.0/16",))
    desk = await build(hub)
    await desk.run(SYSTEM, "agent.save", c.SaveAgent("root", "Root", "admin", password_hash="x"))
    admin = await start_session(hub, desk.ids["sofia"] + 1, "test")
    agent = await start_session(hub, desk.ids["ana"], "test")
    async with serving(hub) as url:

        async def status(**headers: str) -> int:
            return (await get(f"{url}/metrics", **headers))[0]

        assert await status() == 200
        assert await status(X_Forwarded_For="10.1.2.3") == 200
        assert await status(X_Forwarded_For="192.0.2.1") == 404
        assert await status(X_Forwarded_For="127.0.0.1, 192.0.2.1") == 404
        for token, allowed in ((admin, 200), (agent, 404), ("nonsense", 404), ("", 404)):
            assert await status(X_Forwarded_For="192.0.2.1", Authorization=f"Bearer {token}") == allowed


async def test_a_proxy_that_nobody_has_declared_opens_the_metrics_to_nobody(served: Served) -> None:
    for name in ("X_Forwarded_For", "X_Real_IP", "Forwarded"):
        assert (await get(f"{served.url}/metrics", **{name: "127.0.0.1"}))[0] == 404


async def test_consoles_that_a_busy_database_keeps_waiting_are_told_when_to_come_back(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = served.hub
    token = await start_session(hub, served.desk.ids["luis"], "test")
    real = hub.store.read

    async def crowded(fn: Callable[[sa.Connection], object]) -> object:
        """The pool has given up waiting with one of a connection's questions."""
        if asker in fn.__qualname__:
            raise sa.exc.TimeoutError("QueuePool limit of size 4 overflow 10 reached")
        return await real(fn)

    monkeypatch.setattr(hub.store, "read", crowded)
    with capture_logs() as logs:
        for one in ("_admitted", "_reload"):  # the token in the hello, then who it is for
            asker = one
            async with connect(f"{served.url}/ws".replace("http", "ws", 1)) as ws:
                await ws.send(frames.encode(frames.Hello(PROTO, "test", token=token)).decode())
                bye = frames.decode_hub.decode(await ws.recv())
                assert isinstance(bye, frames.Bye)
                assert (bye.code, bye.after >= 1000) == ("busy", True)
        asker = "_converse"
        status, body = await get(f"{served.url}/ws", Authorization=f"Bearer {token}")
        assert (status, '"code":"busy"' in body) == (503, True)
    assert [line["event"] for line in logs if line["log_level"] != "debug"] == ["database_away"] * 3


async def test_a_console_that_goes_before_it_is_welcomed_is_no_fault(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = served.hub
    token = await start_session(hub, served.desk.ids["luis"], "test")
    real, asked, gone = hub.resume, asyncio.Event(), asyncio.Event()

    async def slow(epoch: str, cursor: int) -> tuple[str, str]:
        asked.set()
        await gone.wait()
        return await real(epoch, cursor)

    monkeypatch.setattr(hub, "resume", slow)
    ws = await connect(f"{served.url}/ws".replace("http", "ws", 1))
    await ws.send(frames.encode(frames.Hello(PROTO, "test", token=token)).decode())
    await asked.wait()
    ws.transport.abort()
    (connection,) = hub.connections
    while connection.line.ws._req.transport is not None and not connection.line.ws._req.transport.is_closing():
        await asyncio.sleep(0)
    with capture_logs() as logs:
        gone.set()
        while hub.connections:
            await asyncio.sleep(0)
    assert not [line for line in logs if line["log_level"] != "debug"]
