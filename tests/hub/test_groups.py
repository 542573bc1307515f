"""Commands that share a transaction: what they write is put off and what they ask is read at once; nobody notices."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import sqlalchemy as sa
from small_desk import SmallDesk, build

from hub.desk import projections
from hub.desk.execute import Command
from hub.desk.principal import SYSTEM, Principal
from hub.desk.tables import contact, conversation, message
from hub.hub import Hub
from hub.protocol.commands import End, Open, Receive, Send
from hub.store.compiled import Compiled
from hub.store.unit import Unit


async def at_once(hub: Hub, *commands: Command) -> list[object]:
    """Hand these in so that they come into one group."""
    return await asyncio.gather(*(hub.store.write(command) for command in commands), return_exceptions=True)


def line(desk: SmallDesk, person: str, body: str, key: str = "", name: str = "") -> Command:
    args = Receive(desk.web, person, body, name=name)
    return Command(Principal.channel(desk.web), "message.receive", args, key or f"line-{person}-{body}")


async def bodies(hub: Hub) -> list[str]:
    return await hub.store.read(lambda conn: list(conn.scalars(sa.select(message.c.body).order_by(message.c.id))))


async def test_a_new_customer_who_writes_several_lines_at_once_has_one_conversation(hub: Hub, desk: SmallDesk) -> None:
    made = await at_once(hub, *(line(desk, "new", str(n)) for n in range(20)))
    assert len({result["conversation"] for result in made}) == 1  # type: ignore[index]
    assert await bodies(hub) == [str(n) for n in range(20)]
    assert not await hub.store.read(projections.check)


async def test_lines_keep_their_order_around_commands_that_write_at_once(hub: Hub, desk: SmallDesk) -> None:
    first = await desk.say("p", "a")
    other = await desk.say("q", "b")
    end = End(int(other["conversation"] or 0))
    made = await at_once(
        hub,
        line(desk, "p", "c"),
        Command(SYSTEM, "conversation.end", end, "end-other-one"),
        line(desk, "q", "d"),
        line(desk, "p", "e"),
        line(desk, "new", "f"),
        line(desk, "p", "g"),
    )
    assert not [result for result in made if isinstance(result, Exception)]
    assert await bodies(hub) == ["a", "b", "c", "d", "e", "f", "g"]
    assert made[0]["conversation"] == made[3]["conversation"] == first["conversation"]  # type: ignore[index]
    assert not await hub.store.read(projections.check)
    unread = sa.select(conversation.c.unread).where(conversation.c.id == first["conversation"])
    assert await hub.store.read(lambda conn: conn.scalar(unread)) == 4


async def test_a_repeated_key_in_a_group_has_one_effect(hub: Hub, desk: SmallDesk) -> None:
    await desk.say("p", "a")
    before = await at_once(hub, line(desk, "p", "b", "the-same-key"), line(desk, "p", "b", "the-same-key"))
    after = await at_once(hub, line(desk, "p", "c"), line(desk, "p", "b", "the-same-key"))
    assert before[0] == before[1] == after[1]
    assert await bodies(hub) == ["a", "b", "c"]


async def test_a_name_that_comes_with_a_later_line_is_kept_once(hub: Hub, desk: SmallDesk) -> None:
    await desk.say("p", "a")
    await at_once(hub, line(desk, "p", "b", name="Ana"), line(desk, "p", "c", name="Otra"), line(desk, "p", "d"))
    assert await hub.store.read(lambda conn: list(conn.scalars(sa.select(contact.c.name)))) == ["Ana"]
    assert await bodies(hub) == ["a", "b", "c", "d"]


async def test_a_group_in_which_one_fails_is_done_one_by_one(
    hub: Hub, desk: SmallDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.say("p", "a")

    def break_down(unit: Unit) -> None:
        raise RuntimeError("on purpose")

    made = await asyncio.gather(
        hub.store.write(line(desk, "p", "b")),
        hub.store.write(break_down),
        hub.store.write(line(desk, "p", "c")),
        return_exceptions=True,
    )
    assert isinstance(made[1], RuntimeError)
    assert await bodies(hub) == ["a", "b", "c"]
    assert not await hub.store.read(projections.check)


async def test_what_was_put_off_is_there_for_whoever_asks_for_the_connection(hub: Hub, desk: SmallDesk) -> None:
    made = await desk.say("p", "a")
    add = Compiled(sa.update(contact).where(contact.c.id == sa.bindparam("which")).values(name=sa.bindparam("to")))

    def job(unit: Unit) -> list[str]:
        unit.later(add, {"which": 1, "to": "Ana"})
        found = list(unit.conn.scalars(sa.select(contact.c.name)))
        unit.later(add, {"which": 1, "to": "Ana María"})
        return [*found, *unit.conn.scalars(sa.select(contact.c.name))]

    assert made["conversation"] == 1
    assert await hub.store.write(job) == ["Ana", "Ana María"]


async def test_ids_that_are_known_beforehand_rise_with_those_of_the_database(hub: Hub, desk: SmallDesk) -> None:
    def job(unit: Unit) -> list[int]:
        taken = [unit.new_id(contact), unit.new_id(contact)]
        add = Compiled(sa.insert(contact))
        row = {
            "name": "",
            "phone": "",
            "saved": False,
            "sample": False,
            "created_at": 0,
            "agent_id": None,
            "folded": "",
        }
        known = [column.name for column in contact.columns]
        for number in taken:
            unit.later(add, {**dict.fromkeys(known), **row, "id": number})
        new = unit.conn.execute(sa.insert(contact).values(**row)).inserted_primary_key
        assert new is not None
        return [*taken, new[0], unit.new_id(contact)]

    one = await hub.store.write(job)
    two = await hub.store.write(job)
    used = [*one[:3], *two[:3]]
    assert used == sorted(set(used))
    assert one[2] < one[3] <= two[0], "what was taken and not used may be taken again, and nothing below it"


async def test_two_hubs_take_turns_with_ids(make_hub: Callable[..., Awaitable[Hub]]) -> None:
    one, two = await make_hub(), await make_hub()
    desk = await build(one)
    await asyncio.gather(
        *(hub.store.write(line(desk, f"p{n % 3}", f"{k}-{n}")) for n in range(30) for k, hub in enumerate((one, two)))
    )
    said = await bodies(one)
    assert sorted(said) == sorted(f"{k}-{n}" for n in range(30) for k in range(2))
    for k in range(2):
        mine = [body for body in said if body.startswith(f"{k}-")]
        assert mine == [f"{k}-{n}" for n in range(30)]
    assert not await one.store.read(projections.check)


async def test_a_reply_and_its_customers_lines_in_one_group_leave_the_marks_right(hub: Hub, desk: SmallDesk) -> None:
    made = await desk.say("p", "a")
    number = int(made["conversation"] or 0)
    await desk.run("ana", "conversation.open", Open(number))
    ana = await desk.who("ana")
    await at_once(
        hub,
        line(desk, "p", "b"),
        Command(ana, "message.send", Send(number, "c"), "send-c-from-ana"),
        line(desk, "p", "d"),
    )
    row = await hub.store.read(lambda conn: conn.execute(sa.select(conversation)).one())
    assert (row.unread, bool(row.answered), bool(row.owed)) == (1, False, False)
    assert await bodies(hub) == ["a", "b", "c", "d"]
    assert not await hub.store.read(projections.check)
