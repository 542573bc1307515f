"""The same for many conversations: each an ordinary command, with a refusal of its own where it is refused."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from small_desk import SmallDesk

from hub.desk.audit_tables import audit
from hub.desk.principal import SYSTEM
from hub.desk.registry import Result, decode
from hub.desk.tables import conversation, conversation_tag, identity
from hub.protocol import bulk as b
from hub.protocol import commands as c
from hub.protocol.errors import Code, Refused
from hub.protocol.states import Outcome
from hub.store.schema import head, journal

ABSENT, FAR = 2**40, 2**42


async def several(desk: SmallDesk, who: str, *people: str) -> list[int]:
    """Open conversations of an agent."""
    made = []
    for person in people:
        number = int((await desk.say(person, "Hola"))["conversation"] or 0)
        await desk.run(SYSTEM, "conversation.assign", c.Assign(number, desk.ids[who]))
        await desk.run(who, "conversation.open", c.Open(number))
        made.append(number)
    return made


async def rows(desk: SmallDesk, numbers: list[int]) -> list[Any]:
    query = sa.select(conversation).where(conversation.c.id.in_(numbers)).order_by(conversation.c.id)
    return list(await desk.hub.store.read(lambda conn: conn.execute(query).all()))


async def newest(desk: SmallDesk) -> int:
    return int(await desk.hub.store.read(lambda conn: conn.scalar(sa.select(head.c.seq))))


async def tags_of(desk: SmallDesk, number: int) -> set[int]:
    t = conversation_tag.c
    query = sa.select(t.tag_id).where(t.conversation_id == number)
    return set(await desk.hub.store.read(lambda conn: list(conn.scalars(query))))


async def all_of(desk: SmallDesk, who: str, numbers: list[int], do: b.AnyEach, key: str = "") -> Result:
    return await desk.run(who, "conversation.bulk", b.Bulk(numbers, do), key)


def why(result: Result) -> dict[int, str]:
    return {one.conversation: one.code for one in b.refused_rows(result)}


async def test_what_one_refuses_holds_back_none_of_the_others(desk: SmallDesk) -> None:
    first, theirs, last = await several(desk, "ana", "p1", "p2", "p3")
    await desk.run(SYSTEM, "conversation.assign", c.Assign(theirs, desk.ids["luis"]))
    result = await all_of(desk, "ana", [first, ABSENT, theirs, last], b.EachEnd(Outcome.CANCELLED))
    assert result["done"] == 2
    assert [one.conversation for one in b.refused_rows(result)] == [ABSENT, theirs]
    refused = {one.conversation: one for one in b.refused_rows(result)}
    assert refused[ABSENT].code == Code.NOT_FOUND
    assert (refused[theirs].code, refused[theirs].args["owner"]) == (Code.NOT_OWNER, desk.ids["luis"])
    assert [row.state for row in await rows(desk, [first, theirs, last])] == ["closed", "assigned", "closed"]
    assert all(type(value) in (int, str) for value in result.values())


async def test_a_row_is_refused_as_the_command_alone_would_be(desk: SmallDesk) -> None:
    """For an agent and a supervisor, on what is theirs, another's and nobody's."""
    (mine,) = await several(desk, "ana", "p1")
    (theirs,) = await several(desk, "luis", "p2")
    await desk.run(SYSTEM, "tag.save", c.SaveTag("vip", "#b07a1e"))
    transfer = c.SaveQueue("soporte", {"es": "Soporte"}, primary=[desk.ids["luis"]], capacity=50)
    queue = int((await desk.run(SYSTEM, "queue.save", transfer))["queue"] or 0)
    pairs: list[tuple[b.AnyEach, Callable[[int], c.Args]]] = [
        (b.EachAssign(ABSENT), lambda i: c.Assign(i, ABSENT)),
        (b.EachTransfer(queue, desk.ids["ana"]), lambda i: c.Transfer(i, queue, desk.ids["ana"])),
        (b.EachTransfer(ABSENT), lambda i: c.Transfer(i, ABSENT)),
        (b.EachTag([ABSENT]), lambda i: c.SetTags(i, [ABSENT])),
        (b.EachSnooze(1), lambda i: c.Snooze(i, 1)),
    ]
    for login in ("ana", "sofia"):
        for do, alone in pairs:
            name = str(type(do).__struct_config__.tag)
            for number in (mine, theirs, ABSENT):
                with pytest.raises(Refused) as single:
                    await desk.run(login, name, alone(number))
                if (login, name) == ("ana", "conversation.assign"):  # what the role may not submit at all
                    assert single.value.code is Code.FORBIDDEN
                    continue
                result = await all_of(desk, login, [number], do)
                (row,) = b.refused_rows(result)
                told = (row.code, row.field, row.args)
                assert told == (single.value.code.value, single.value.field, single.value.detail), (login, name)
                assert result["done"] == 0


async def test_the_events_are_those_of_the_commands(desk: SmallDesk) -> None:
    numbers = await several(desk, "ana", "p1", "p2")
    before = await newest(desk)
    await all_of(desk, "sofia", numbers, b.EachAssign(desk.ids["luis"]))
    query = sa.select(journal).where(journal.c.seq > before).order_by(journal.c.seq)
    events = await desk.hub.store.read(lambda conn: list(conn.execute(query)))
    assert [(one.kind, one.conversation_id) for one in events] == [("conversation.changed", n) for n in numbers]
    assert {msgspec.json.decode(one.data)["by"] for one in events} == {"conversation.assign"}


def test_the_spec_names_the_events_and_the_fields_of_its_commands() -> None:
    kinds = b.Each.__subclasses__()
    specs = [c.REGISTRY[str(kind.__struct_config__.tag)] for kind in kinds]
    assert set(c.REGISTRY["conversation.bulk"].events) == {event for spec in specs for event in spec.events}
    for kind, spec in zip(kinds, specs, strict=True):
        alone = {field.name: field for field in msgspec.structs.fields(spec.args)}
        for field in msgspec.structs.fields(kind) if kind is not b.EachTag else ():
            same = alone[field.name]
            assert (field.type, field.default) == (same.type, same.default), f"{spec.name}: {field.name}"
    most = msgspec.inspect.type_info(c.SetTags)
    assert isinstance(most, msgspec.inspect.StructType)
    (tags,) = (field.type for field in most.fields if field.name == "tags")
    assert isinstance(tags, msgspec.inspect.ListType)
    assert tags.max_length == b.MOST_TAGS


async def test_each_that_is_audited_stands_in_the_trail(desk: SmallDesk) -> None:
    numbers = await several(desk, "ana", "p1", "p2")
    await all_of(desk, "sofia", [*numbers, ABSENT], b.EachAssign(desk.ids["luis"]))
    query = sa.select(audit.c.what, audit.c.conversation_id).order_by(audit.c.n.desc()).limit(2)
    found = await desk.hub.store.read(lambda conn: [tuple(row) for row in conn.execute(query)])
    assert found == [("conversation.assign", number) for number in reversed(numbers)]


async def test_once_per_key_and_once_per_conversation(desk: SmallDesk) -> None:
    (number,) = await several(desk, "ana", "p1")
    first = await all_of(desk, "ana", [number, number, ABSENT], b.EachEnd(), "key-of-the-bulk")
    assert (first["done"], why(first)) == (1, {ABSENT: Code.NOT_FOUND})
    await desk.run("ana", "conversation.reopen", c.Reopen(number))
    before = await newest(desk)
    assert await all_of(desk, "ana", [number, number, ABSENT], b.EachEnd(), "key-of-the-bulk") == first
    assert await newest(desk) == before
    assert [row.state for row in await rows(desk, [number])] == ["open"]
    with pytest.raises(Refused) as reused:
        await all_of(desk, "ana", [number], b.EachEnd(), "key-of-the-bulk")
    assert reused.value.code is Code.KEY_REUSED


async def test_tags_are_added_and_taken_away_and_the_others_stay(desk: SmallDesk) -> None:
    first, second = await several(desk, "ana", "p1", "p2")
    made = [await desk.run(SYSTEM, "tag.save", c.SaveTag(f"t{n}", "#b07a1e")) for n in range(21)]
    tags = [int(one["tag"] or 0) for one in made]
    await desk.run("ana", "conversation.tag", c.SetTags(first, tags[:2]))
    result = await all_of(desk, "ana", [first, second], b.EachTag([tags[2]], [tags[0]]))
    assert (result["done"], why(result)) == (2, {})
    assert await tags_of(desk, first) == {tags[1], tags[2]}
    assert await tags_of(desk, second) == {tags[2]}
    await desk.run("ana", "conversation.tag", c.SetTags(first, tags[:20]))
    result = await all_of(desk, "ana", [first, second], b.EachTag([tags[20]]))
    assert (result["done"], why(result)) == (1, {first: Code.BAD_ARGS})
    assert await tags_of(desk, first) == set(tags[:20])


async def test_transfer_snooze_and_spam(desk: SmallDesk) -> None:
    await desk.reach("luis")
    numbers = await several(desk, "ana", "p1", "p2", "p3", "p4")
    new = c.SaveQueue("soporte", {"es": "Soporte"}, primary=[desk.ids["luis"]], capacity=1)
    queue = int((await desk.run(SYSTEM, "queue.save", new))["queue"] or 0)
    result = await all_of(desk, "ana", numbers[:2], b.EachTransfer(queue, comment="de golpe"))
    assert (result["done"], why(result)) == (2, {})
    moved = await rows(desk, numbers[:2])
    assert [(row.queue_id, row.state) for row in moved] == [(queue, "assigned"), (queue, "waiting")]
    await all_of(desk, "ana", numbers[2:3], b.EachSnooze(FAR))
    await all_of(desk, "ana", numbers[3:], b.EachSpam())
    assert [row.state for row in await rows(desk, numbers[2:])] == ["snoozed", "closed"]
    muted = sa.select(sa.func.count()).select_from(identity).where(identity.c.muted.is_(True))
    assert await desk.hub.store.read(lambda conn: conn.scalar(muted)) == 1


async def test_what_was_done_to_many_is_taken_back_from_many(desk: SmallDesk) -> None:
    numbers = await several(desk, "ana", "p1", "p2")
    for do, back, states in (
        (b.EachSnooze(FAR), b.EachWake(), ("snoozed", "open")),
        (b.EachEnd(), b.EachReopen(), ("closed", "open")),
        (b.EachSpam(), b.EachUnspam(), ("closed", "open")),
    ):
        for one, state in zip((do, back), states, strict=True):
            assert (await all_of(desk, "ana", numbers, one))["done"] == 2
            assert [row.state for row in await rows(desk, numbers)] == [state, state], one
    await all_of(desk, "sofia", numbers, b.EachRequeue())
    assert not [row for row in await rows(desk, numbers) if row.state == "open"]


async def test_what_the_role_may_not_do_is_refused_as_a_whole(desk: SmallDesk) -> None:
    numbers = await several(desk, "ana", "p1")
    before = await newest(desk)
    with pytest.raises(Refused) as refusal:
        await all_of(desk, "ana", numbers, b.EachAssign(desk.ids["luis"]))
    assert (refusal.value.code, refusal.value.detail) == (Code.FORBIDDEN, {"verb": "conversation.manage"})
    assert await newest(desk) == before


async def test_it_counts_as_one_command_for_each_conversation(desk: SmallDesk) -> None:
    """With room for two commands and hardly more a second, a third does not pass, in however few commands."""
    limits = desk.hub.limits
    limits.put("agent_commands", 0.001, burst=2)
    await limits.command_of("agent:1", b.cost_of(c.Hold(1)))
    await limits.command_of("agent:2", b.cost_of(b.Bulk([1, 2], b.EachSpam())))
    async with asyncio.timeout(5):
        await limits.command_of("agent:1", b.cost_of(c.Hold(1)))
    for who in ("agent:1", "agent:2"):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await limits.command_of(who, 1)


async def test_two_hundred_at_once_and_no_more(desk: SmallDesk) -> None:
    numbers = [int((await desk.say(f"p{n}", "Hola"))["conversation"] or 0) for n in range(b.MOST)]
    result = await all_of(desk, "sofia", numbers, b.EachAssign(desk.ids["luis"]))
    assert (result["done"], why(result)) == (b.MOST, {})
    assert {row.owner_id for row in await rows(desk, numbers)} == {desk.ids["luis"]}
    many = {"conversations": list(range(1, b.MOST + 2)), "do": {"command": "conversation.end"}}
    for args, field in (
        (many, "conversations"),
        (many | {"conversations": []}, "conversations"),
        (many | {"conversations": [1], "do": {"command": "contact.erase"}}, "do.command"),
        (many | {"conversations": [1], "do": {"command": "conversation.end", "agent": 1}}, "do.agent"),
    ):
        with pytest.raises(Refused) as refusal:
            decode("conversation.bulk", msgspec.json.encode(args))
        assert (refusal.value.code, refusal.value.field) == (Code.BAD_ARGS, field)
