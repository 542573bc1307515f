"""Commands and views over HTTP: who gets in, what is answered, and that it is what the wire would have said."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from aiohttp import ClientSession
from api_client import Answer, Program, program
from small_desk import Served, build, serving
from test_every_command import SCENARIOS

from hub.desk.principal import SYSTEM
from hub.desk.tables import message
from hub.hub import Hub
from hub.protocol import commands as c
from hub.protocol import frames
from hub.protocol.errors import Code
from hub.web.answers import STATUS

MakeHub = Callable[..., Awaitable[Hub]]
JSON = {"Content-Type": "application/json"}


def code(answer: Answer) -> tuple[int, str, str | None]:
    return answer.status, answer.body["code"], answer.body["field"]


def test_every_code_has_its_status() -> None:
    assert set(STATUS) == set(Code)


async def test_a_token_of_nobody_opens_nothing_and_is_told_so(served: Served) -> None:
    async with ClientSession() as http:
        for token in ("", "nonsense", "bdj_" + "0" * 49, "bdj_"):
            for method, path in (("GET", "conversations"), ("POST", "commands/agent.status"), ("POST", "tokens")):
                answer = await Program(http, served.url, token).ask(method, path, json={} if method == "POST" else None)
                assert code(answer) == (401, "signed_out", None)
                assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_a_command_over_http_takes_effect_once_under_its_key(served: Served) -> None:
    made = await served.desk.say("p1", "Hola")
    async with program(served, "sofia", "conversation.serve", "conversation.see") as sofia:
        line = {"conversation": made["conversation"], "body": "ojo"}
        key = "one-key-of-sixteen"
        first = await sofia.command("message.note", line, key)
        again = await asyncio.gather(*(sofia.command("message.note", line, key) for _ in range(4)))
        assert first.status == 200
        assert first.body["conversation"] == made["conversation"]
        assert [(one.status, one.body) for one in again] == [(200, first.body)] * 4
        notes = sa.select(sa.func.count()).select_from(message).where(message.c.direction == "note")
        assert await served.hub.store.read(lambda conn: conn.scalar(notes)) == 1
        other = await sofia.command("message.note", line | {"body": "otra cosa"}, key)
        assert code(other) == (409, "key_reused", None)


@pytest.mark.parametrize("key", [None, "", "fifteen-letters", "x" * 65, "sixteen letters!", "dieciséis-letras-"])
async def test_a_command_without_a_fit_key_is_refused_by_the_headers_name(served: Served, key: str | None) -> None:
    async with program(served, "ana", "agent.status") as ana:
        headers = {} if key is None else {"Idempotency-Key": key}
        answer = await ana.ask("POST", "commands/agent.status", json={"status": "lunch"}, headers=headers)
        assert code(answer) == (400, "bad_args", "Idempotency-Key")
        assert "16 to 64" in answer.body["args"]["why"]


REFUSALS: list[tuple[str, str | bytes, int, str, str | None]] = [
    ("no.such", "{}", 404, "unknown_command", None),
    ("agent.status", '{"status":"asleep"}', 400, "bad_args", "status"),
    ("agent.status", '{"status":"lunch","x":1}', 400, "bad_args", "x"),
    ("agent.status", "{}", 400, "bad_args", "status"),
    ("queue.save", '{"code":"v","name":{"ES":"V"}}', 400, "bad_args", "name"),
    ("agent.status", "[]", 400, "bad_args", None),
    ("agent.status", "{", 400, "bad_args", None),
    ("agent.status", "", 400, "bad_args", None),
    ("agent.status", b'{"status":"\xff"}', 400, "bad_args", None),
    ("agent.status", "[" * 60_000, 400, "bad_args", None),
    ("message.note", '{"conversation":1.0,"body":' + "[" * 60_000, 400, "bad_args", "conversation"),
    ("message.note", '{"conversation":1.5,"body":"a"}', 400, "bad_args", "conversation"),
    ("message.note", '{"conversation":99.0,"body":"a"}', 404, "not_found", None),
    ("message.note", '{"conversation":1,"body":"\\ud800"}', 400, "bad_args", None),
    ("message.note", '{"conversation":1,"body":"a\\u0000b"}', 400, "bad_args", "body"),
    ("message.note", f'{{"conversation":{2**53},"body":"a"}}', 400, "bad_args", "conversation"),
    ("agent.save", '{"login":"ana\\n","name":"A","role":"agent"}', 400, "bad_args", "login"),
    ("message.note", '{"conversation":99,"body":"a"}', 404, "not_found", None),
    ("message.note", '{"conversation":1,"body":" "}', 422, "empty", "body"),
    ("conversation.snooze", '{"conversation":1,"until":0}', 422, "bad_args", "until"),
    ("conversation.reopen", '{"conversation":1}', 409, "wrong_state", None),
    ("agent.save", '{"login":"x","name":"X","role":"admin"}', 403, "forbidden", None),
    ("agent.reach", '{"agent":1,"reachable":true}', 403, "forbidden", None),
    ("message.note", '{"conversation":1,"body":"' + "a" * 70_000 + '"}', 413, "too_large", None),
]


async def test_a_refusal_says_what_and_where(served: Served, subtests: pytest.Subtests) -> None:
    """One desk for all, since nothing that is refused has an effect."""
    await served.desk.say("p1", "Hola")
    async with program(served, "sofia") as sofia:
        for name, body, status, refusal, field in REFUSALS:
            with subtests.test(f"{name} {body[:60]!r}"):
                headers = JSON | {"Idempotency-Key": "a-key-of-sixteen-or-more"}
                answer = await sofia.ask("POST", f"commands/{name}", data=body, headers=headers)
                assert code(answer) == (status, refusal, field)
                assert answer.headers["Cache-Control"] == "no-store"


async def test_what_is_no_json_or_no_address_or_no_method_is_told_in_the_same_form(served: Served) -> None:
    async with program(served, "ana") as ana:
        key = {"Idempotency-Key": "a-key-of-sixteen-or-more"}
        plain = await ana.ask("POST", "commands/agent.status", data=b"{}", headers=key | {"Content-Type": "text/plain"})
        assert code(plain) == (415, "wrong_type", "Content-Type")
        assert code(await ana.get("no/such")) == (404, "not_found", None)
        wrong = await ana.ask("DELETE", "conversations")
        assert code(wrong) == (405, "wrong_method", None)
        assert wrong.headers["Allow"] == "GET, HEAD, OPTIONS"


async def test_no_other_site_is_let_in(served: Served) -> None:
    """A preflight is answered with what there is, and with no word of CORS; so is everything else."""
    async with program(served, "ana") as ana:
        origin = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
        for method, path in (("OPTIONS", "commands/agent.status"), ("OPTIONS", "conversations"), ("GET", "me")):
            answer = await ana.ask(method, path, headers=origin)
            assert answer.status == (204 if method == "OPTIONS" else 200)
            assert not [name for name in answer.headers if name.lower().startswith("access-control")]
        assert (await ana.ask("OPTIONS", "tokens")).headers["Allow"] == "GET, HEAD, OPTIONS, POST"
        assert (await ana.ask("HEAD", "me")).status == 200


async def test_a_fault_of_the_hubs_own_is_told_and_one_of_the_database_passes(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with program(served, "ana") as ana:
        read = served.hub.store.read
        faults: list[Exception] = []

        async def failing(fn: Any) -> Any:
            if faults:
                raise faults[-1]
            return await read(fn)

        monkeypatch.setattr(served.hub.store, "read", failing)
        faults.append(ZeroDivisionError())
        assert code(await ana.get("me")) == (500, "hub_fault", None)
        faults.append(sa.exc.OperationalError("SELECT", {}, OSError("gone")))
        away = await ana.get("me")
        assert code(away) == (503, "busy", None)
        assert away.headers["Retry-After"] == "5"


async def test_whoever_asks_too_often_is_told_when_to_come_back_and_nobody_else_is(make_hub: MakeHub) -> None:
    hub = await make_hub(api_per_minute=1)
    desk = await build(hub)
    async with serving(hub) as url:
        served = Served(hub, desk, url)
        async with program(served, "ana", "agent.status") as one, program(served, "ana", "agent.status") as other:
            assert (await one.get("me")).status == 200
            refused = await one.get("me")
            assert code(refused) == (429, "rate_limited", None)
            assert 0 < int(refused.headers["Retry-After"]) == refused.body["args"]["seconds"] <= 60
            assert (await other.get("me")).status == 200


class Caught(Exception):
    """What a scenario was about to submit."""

    def __init__(self, who: Any, args: c.Args) -> None:
        super().__init__()
        self.who = who
        self.submitted = args


async def what_is_submitted(served: Served, name: str, monkeypatch: pytest.MonkeyPatch) -> Caught:
    """Who submits which arguments in the scenario of a command, everything before it done."""
    act = await SCENARIOS[name](served.desk)
    run = served.desk.run

    async def catching(who: Any, submitted: str, args: c.Args, key: str = "") -> Any:
        if submitted == name:
            raise Caught(who, args)
        return await run(who, submitted, args, key)

    with monkeypatch.context() as patch:
        patch.setattr(served.desk, "run", catching)
        with pytest.raises(Caught) as caught:
            await act()
    return caught.value


@pytest.mark.parametrize("name", sorted(c.REGISTRY))
async def test_every_command_is_answered_as_on_the_wire(
    served: Served, monkeypatch: pytest.MonkeyPatch, engine: str, name: str
) -> None:
    """Whoever may submit it gets the result, which the wire then repeats under the same key; everybody else, and
    everybody for what is no agent's to submit, is refused with the same code. Who may is the same on both engines, as
    tests of permissions hold; so the others are asked on one."""
    hashed = c.SaveAgent("root", "Root", "admin", password_hash="x")
    served.desk.ids["root"] = int((await served.desk.run(SYSTEM, "agent.save", hashed))["agent"] or 0)
    caught = await what_is_submitted(served, name, monkeypatch)
    args = msgspec.to_builtins(caught.submitted)
    author = caught.who if isinstance(caught.who, str) else "root"
    others = sorted(set(served.desk.ids) - {author}) if engine == "sqlite" else []
    for login in [author, *others]:
        async with program(served, login) as agent:
            key = f"the-same-key-for-{login}"
            over_http = await agent.command(name, args, key)
            watcher = await served.join(login)  # only now: it might have ended the other sessions
            on_the_wire = await watcher.command(name, key, **args)
            if isinstance(on_the_wire, frames.Ok):
                assert (over_http.status, over_http.body) == (200, on_the_wire.result)
            else:
                assert code(over_http)[1:] == (on_the_wire.code, on_the_wire.field), login
                assert over_http.body["args"] == on_the_wire.args
            may = c.REGISTRY[name].actor == "agent"
            assert login != author or over_http.status == (200 if may else 403), over_http.body
        await watcher.leave()
        served.watchers.remove(watcher)
