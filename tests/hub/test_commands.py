"""What every command is promised: one effect per key, nothing written by a refusal, nobody taken down by another."""

import asyncio

import msgspec
import pytest
import sqlalchemy as sa
from small_desk import Served, SmallDesk

from hub.auth import start_session
from hub.desk.execute import execute
from hub.desk.principal import SYSTEM, Principal
from hub.desk.registry import HANDLERS, Context, Handler, decode
from hub.desk.tables import message, session
from hub.hub import Hub
from hub.protocol import commands as c
from hub.protocol import frames
from hub.protocol.errors import Code, Refused
from hub.store.schema import journal
from hub.store.unit import Unit


def test_every_spec_has_a_handler_and_every_handler_a_spec() -> None:
    assert set(HANDLERS) == set(c.REGISTRY)


async def test_a_command_sent_twice_takes_effect_once(desk: SmallDesk) -> None:
    line = c.Receive(desk.web, "p1", "Hola")
    who = Principal.channel(desk.web)
    results = await asyncio.gather(*(desk.run(who, "message.receive", line, "the-same-key") for _ in range(5)))
    assert all(result == results[0] for result in results)
    assert await desk.run(who, "message.receive", line, "the-same-key") == results[0]
    assert await desk.hub.store.read(lambda conn: conn.scalar(sa.select(sa.func.count()).select_from(message))) == 1


async def test_a_key_with_other_arguments_is_refused(desk: SmallDesk) -> None:
    who = Principal.channel(desk.web)
    await desk.run(who, "message.receive", c.Receive(desk.web, "p1", "Hola"), "the-same-key")
    with pytest.raises(Refused) as refused:
        await desk.run(who, "message.receive", c.Receive(desk.web, "p1", "Chau"), "the-same-key")
    assert refused.value.code is Code.KEY_REUSED


async def test_a_key_belongs_to_its_principal(desk: SmallDesk) -> None:
    for login in ("ana", "luis"):
        await desk.run(login, "shortcut.save", c.SaveShortcut("hola", "Hola"), "the-same-key")


async def test_a_refused_command_has_written_nothing(desk: SmallDesk) -> None:
    made = await desk.say("p1", "Hola")
    before = await dump(desk.hub)
    for login, name, args in (
        ("ana", "message.send", c.Send(int(made["conversation"] or 0), "Hola")),
        ("ana", "conversation.assign", c.Assign(int(made["conversation"] or 0), 1)),
        ("ana", "shortcut.save", c.SaveShortcut("a", "b", shared=True)),
        ("sofia", "conversation.assign", c.Assign(int(made["conversation"] or 0), 99)),
        ("sofia", "conversation.open", c.Open(99)),
    ):
        with pytest.raises(Refused):
            await desk.run(login, name, args)
    assert await dump(desk.hub) == before


async def dump(hub: Hub) -> dict[str, list[object]]:
    """All that there is, but for the audit trail, which tells what was tried as well."""
    tables = [t for t in journal.metadata.sorted_tables if t.name not in ("audit", "audit_head")]

    def read(conn: sa.Connection) -> dict[str, list[object]]:
        return {t.name: [tuple(row) for row in conn.execute(sa.select(t))] for t in tables}

    return await hub.store.read(read)


async def test_a_failing_command_takes_no_other_down(desk: SmallDesk) -> None:
    """They may well share a commit: the group is rolled back and run one by one."""

    def broken(unit: Unit) -> None:
        execute(unit, SYSTEM, "tag.save", c.SaveTag("lost", "#000000"), "broken-key")
        raise ZeroDivisionError

    store = desk.hub.store
    before = store.write(lambda unit: execute(unit, SYSTEM, "tag.save", c.SaveTag("first", "#000000"), "first-key"))
    middle = store.write(broken)
    after = store.write(lambda unit: execute(unit, SYSTEM, "tag.save", c.SaveTag("last", "#000000"), "last-key-"))
    assert (await before)["tag"]
    with pytest.raises(ZeroDivisionError):
        await middle
    assert (await after)["tag"]
    names = await store.read(lambda conn: list(conn.scalars(sa.text("SELECT name FROM tag ORDER BY id"))))
    assert names == ["first", "last"]


async def test_the_journal_counts_without_gaps_in_the_order_of_commits(desk: SmallDesk) -> None:
    await asyncio.gather(*(desk.say(f"p{n % 7}", f"línea {n}") for n in range(60)))
    numbers = await desk.hub.store.read(lambda conn: list(conn.scalars(sa.select(journal.c.seq).order_by("seq"))))
    assert numbers == list(range(1, len(numbers) + 1))


async def test_what_one_hands_in_takes_effect_in_that_order(desk: SmallDesk) -> None:
    who = Principal.channel(desk.web)
    waiting = [
        desk.hub.hand_in(who, "message.receive", c.Receive(desk.web, "p1", str(n)), f"ordered-{n}") for n in range(40)
    ]
    await asyncio.gather(*waiting)
    bodies = await desk.hub.store.read(lambda conn: list(conn.scalars(sa.select(message.c.body).order_by("id"))))
    assert bodies == [str(n) for n in range(40)]


@pytest.mark.parametrize("name", sorted(n for n, spec in c.REGISTRY.items() if spec.actor != "agent"))
async def test_what_is_not_for_agents_is_refused_to_them(desk: SmallDesk, name: str) -> None:
    with pytest.raises(Refused) as refused:
        await desk.run("sofia", name, c.Args())
    assert refused.value.code is Code.FORBIDDEN


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b'{"conversation": 1}', "body"),
        (b'{"conversation": 1, "body": ""}', "body"),
        (b'{"conversation": "x", "body": "a"}', "conversation"),
        (b'{"conversation": 0, "body": "a"}', "conversation"),
        (b'{"conversation": 1, "body": "a", "colour": 1}', "colour"),
        (b"nonsense", None),
    ],
)
def test_bad_arguments_are_refused_by_the_name_of_the_field(raw: bytes, field: str | None) -> None:
    with pytest.raises(Refused) as refused:
        decode("message.send", raw)
    assert refused.value.code is Code.BAD_ARGS
    assert refused.value.field == field
    assert refused.value.detail["why"]


@pytest.mark.parametrize("name", sorted(c.REGISTRY))
def test_no_text_of_any_command_may_hold_a_nul(name: str) -> None:
    """PostgreSQL could not keep it, so the command would fail for ever instead of being refused."""
    for info in msgspec.json.schema_components([c.REGISTRY[name].args])[1].values():
        for field, schema in info.get("properties", {}).items():
            for part in [
                schema,
                *schema.get("anyOf", []),
                schema.get("items", {}),
                schema.get("additionalProperties", {}),
            ]:
                if name == "form.save" and field in ("default", "values"):
                    continue  # a text or a list, kept as JSON, in which a NUL is spelt out
                if isinstance(part, dict) and part.get("type") == "string":
                    limited = "pattern" in part or "enum" in part or "const" in part
                    assert limited, f"{field} takes any text"


async def test_a_new_password_ends_the_sessions_that_the_old_one_had_begun(desk: SmallDesk) -> None:
    await start_session(desk.hub, desk.ids["ana"], "laptop")
    await desk.run(SYSTEM, "agent.save", c.SaveAgent("ana", "Ana", "agent"))
    ended = sa.select(session.c.ended_at).where(session.c.agent_id == desk.ids["ana"])
    assert await desk.hub.store.read(lambda conn: conn.scalar(ended)) is None
    await desk.run(SYSTEM, "agent.save", c.SaveAgent("ana", "Ana", "agent", password_hash="new"))
    assert await desk.hub.store.read(lambda conn: conn.scalar(ended)) is not None


async def test_a_fault_of_the_hubs_own_is_said_and_not_called_busy(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(context: Context, args: c.SetStatus) -> None:
        raise ZeroDivisionError

    watcher = await served.join("ana")
    monkeypatch.setitem(HANDLERS, "agent.status", Handler(broken, broken))  # type: ignore[arg-type]
    answer = await watcher.command("agent.status", status="lunch")
    assert isinstance(answer, frames.Error)
    assert answer.code == Code.HUB_FAULT


@pytest.mark.parametrize(
    "origin", ["http://[", "https://a:99999", "https://a:b", "tienda.example", "https://a/b", "https://"]
)
async def test_a_site_that_may_embed_the_chat_is_an_origin(desk: SmallDesk, origin: str) -> None:
    """Or its page could not be served."""
    save = c.SaveChannel("web", "web", {"es": "Sitio"}, desk.queue, "web", "#7a5ce0", origins=[origin])
    with pytest.raises(Refused) as refused:
        await desk.run(SYSTEM, "channel.save", save)
    assert (refused.value.code, refused.value.field) == (Code.BAD_ARGS, "origins")
