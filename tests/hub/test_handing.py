"""Transfers, and what queues and agents say of how work comes to whom."""

from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from small_desk import SmallDesk

from hub.desk.principal import SYSTEM
from hub.desk.tables import conversation, leg, message
from hub.protocol import commands as c
from hub.protocol.errors import Code, Refused
from hub.protocol.handing import Dispatch
from hub.store.clock import ManualClock
from hub.store.schema import journal

MINUTE = 60_000


@pytest.fixture(autouse=True)
async def everybody_is_there(desk: SmallDesk) -> None:
    for login in ("ana", "luis"):
        await desk.reach(login)


async def queue(desk: SmallDesk, code: str = "ventas", primary: tuple[str, ...] = ("ana",), **more: Any) -> int:
    """A queue as it is to be, which luis helps out in unless he is among the first."""
    people = [desk.ids[login] for login in primary]
    others = [] if "luis" in primary or not primary else [desk.ids["luis"]]
    more = {"support": others, "capacity": 5} | more
    made = await desk.run(SYSTEM, "queue.save", c.SaveQueue(code, {"es": code}, primary=people, **more))
    return int(made["queue"] or 0)


async def opened(desk: SmallDesk, person: str = "p1", who: str = "ana") -> int:
    number = await said(desk, person)
    if (await stands(desk, number)).owner_id != desk.ids[who]:
        await desk.run(SYSTEM, "conversation.assign", c.Assign(number, desk.ids[who]))
    await desk.run(who, "conversation.open", c.Open(number))
    return number


async def said(desk: SmallDesk, person: str) -> int:
    return int((await desk.say(person, "Hola"))["conversation"] or 0)


async def stands(desk: SmallDesk, number: int) -> Any:
    query = sa.select(conversation).where(conversation.c.id == number)
    return await desk.hub.store.read(lambda conn: conn.execute(query).one())


async def whose(desk: SmallDesk, number: int) -> tuple[str, str]:
    """(state, login of the owner or nothing)."""
    row = await stands(desk, number)
    return row.state, next((login for login, one in desk.ids.items() if one == row.owner_id), "")


async def why(desk: SmallDesk, number: int) -> dict[str, Any]:
    """What the last move says of itself."""
    query = sa.select(journal.c.data).where(
        journal.c.conversation_id == number, journal.c.kind == "conversation.changed"
    )
    last = await desk.hub.store.read(lambda conn: conn.scalar(query.order_by(journal.c.seq.desc()).limit(1)))
    found: dict[str, Any] = msgspec.json.decode(last or "{}").get("why", {})
    return found


async def refused(desk: SmallDesk, who: str, name: str, args: c.Args) -> tuple[Code, str | None]:
    with pytest.raises(Refused) as refusal:
        await desk.run(who, name, args)
    return refusal.value.code, refusal.value.field


# -- transfers ---------------------------------------------------------------------------------------------------------


async def test_what_is_transferred_to_a_queue_waits_there_and_is_handed_out(desk: SmallDesk) -> None:
    other = await queue(desk, "soporte", ("luis",))
    number = await opened(desk)
    await desk.run("ana", "conversation.transfer", c.Transfer(number, other, comment="  quiere un técnico "))
    assert await whose(desk, number) == ("assigned", "luis")
    row = await stands(desk, number)
    assert (row.queue_id, bool(row.transferred), row.waiting_since is not None) == (other, True, True)


async def test_each_leg_says_who_handed_it_on_and_why(desk: SmallDesk) -> None:
    other = await queue(desk, "soporte", ("luis",))
    number = await opened(desk)
    await desk.run("ana", "conversation.transfer", c.Transfer(number, other, comment="quiere un técnico"))
    legs = sa.select(leg.c.queue_id, leg.c.owner_id, leg.c.ended_by, leg.c.by_id, message.c.body, message.c.direction)
    legs = legs.outerjoin(message, message.c.id == leg.c.note_id).where(leg.c.conversation_id == number)
    found = await desk.hub.store.read(lambda conn: [tuple(row) for row in conn.execute(legs.order_by(leg.c.id))])
    ana, luis = desk.ids["ana"], desk.ids["luis"]
    assert found == [
        (desk.queue, None, "dispatch", None, None, None),
        (desk.queue, ana, "conversation.transfer", ana, "quiere un técnico", "note"),
        (other, None, "dispatch", ana, None, None),  # in the same breath, by ana's command
        (other, luis, "", None, None, None),
    ]


async def test_what_is_transferred_to_an_agent_is_assigned_and_the_queues_time_runs(
    desk: SmallDesk, clock: ManualClock
) -> None:
    other = await queue(desk, "soporte", ("luis", "ana"), open_within=60)
    number = await opened(desk)
    await desk.run("ana", "conversation.transfer", c.Transfer(number, other, desk.ids["luis"]))
    assert await whose(desk, number) == ("assigned", "luis")
    assert (await why(desk, number))["rule"] == "transfer"
    clock.advance(MINUTE)
    await desk.hub.timers.fire_due()
    assert await whose(desk, number) == ("assigned", "ana")  # the only other one


async def test_a_transfer_may_be_made_again_and_again_and_comes_back_to_nobody_who_just_made_it(
    desk: SmallDesk,
) -> None:
    both = await queue(desk, "soporte", ("ana", "luis"))
    number = await opened(desk)
    for left, right in (("ana", "luis"), ("luis", "ana"), ("ana", "luis")):
        await desk.run(left, "conversation.transfer", c.Transfer(number, both))
        assert await whose(desk, number) == ("assigned", right)
        await desk.run(right, "conversation.open", c.Open(number))


async def test_who_gave_it_up_is_remembered_while_it_waits(desk: SmallDesk) -> None:
    """Nobody had room when ana gave it back; later both have."""
    both = await queue(desk, "soporte", ("ana", "luis"), support=[])
    number = await opened(desk)
    for login in ("ana", "luis"):
        await desk.run(login, "agent.intake", c.SetIntake("paused"))
    await desk.run("ana", "conversation.transfer", c.Transfer(number, both))
    assert await whose(desk, number) == ("waiting", "")
    for one in ("ana", "luis"):
        await desk.hub.store.write(_pushed(desk.ids[one]))
    await desk.run(SYSTEM, "conversation.dispatch", Dispatch(number))
    assert await whose(desk, number) == ("assigned", "luis")


def _pushed(agent_id: int) -> Any:
    return lambda unit: unit.conn.execute(sa.text(f"UPDATE agent SET intake = 'push' WHERE id = {agent_id}")) and None


async def test_a_transfer_that_can_not_be_is_refused_with_the_reason_and_changes_nothing(desk: SmallDesk) -> None:
    luis, sofia = desk.ids["luis"], desk.ids["sofia"]
    other = await queue(desk, "soporte", ("luis",), capacity=1)
    empty, shut = await queue(desk, "vacia", ()), await queue(desk, "cerrada", ("luis",), active=False)
    number = await opened(desk)
    wanted = [
        ((99,), Code.NOT_FOUND, "queue"),
        ((empty,), Code.QUEUE_EMPTY, "queue"),
        ((shut,), Code.QUEUE_INACTIVE, "queue"),
        ((other, sofia), Code.NOT_MEMBER, "agent"),
        ((desk.queue, desk.ids["ana"]), Code.BAD_ARGS, "agent"),
    ]
    for args, code, field in wanted:
        assert await refused(desk, "ana", "conversation.transfer", c.Transfer(number, *args)) == (code, field)
    await opened(desk, "p2", "luis")
    assert await refused(desk, "ana", "conversation.transfer", c.Transfer(number, other, luis)) == (
        Code.AGENT_FULL,
        "agent",
    )
    await desk.run("luis", "agent.status", c.SetStatus("offline"))
    assert await refused(desk, "ana", "conversation.transfer", c.Transfer(number, other, luis)) == (
        Code.AGENT_AWAY,
        "agent",
    )
    assert await whose(desk, number) == ("open", "ana")


async def test_an_agent_transfers_to_what_their_queues_grant_and_a_supervisor_to_all(desk: SmallDesk) -> None:
    granted, other = await queue(desk, "uno", ("luis",)), await queue(desk, "otra", ("luis",))
    await queue(desk, transfers=[granted])
    number = await opened(desk)
    assert await refused(desk, "ana", "conversation.transfer", c.Transfer(number, other)) == (Code.FORBIDDEN, "queue")
    await desk.run("ana", "conversation.transfer", c.Transfer(number, granted))
    second = await opened(desk, "p2")
    await desk.run("sofia", "conversation.transfer", c.Transfer(second, other))
    assert (await stands(desk, second)).queue_id == other


async def test_only_an_open_conversation_is_transferred_and_by_whoever_has_it(desk: SmallDesk) -> None:
    number = await said(desk, "p1")
    transfer = c.Transfer(number, desk.queue)
    assert await refused(desk, "ana", "conversation.transfer", transfer) == (Code.WRONG_STATE, None)
    await desk.run("ana", "conversation.open", c.Open(number))
    assert await refused(desk, "luis", "conversation.transfer", transfer) == (Code.NOT_OWNER, None)


# -- what queues say ---------------------------------------------------------------------------------------------------


async def test_the_most_urgent_goes_out_first_and_then_what_has_waited_longest(
    desk: SmallDesk, clock: ManualClock
) -> None:
    await queue(desk, capacity=0)
    numbers = []
    for person in ("p1", "p2", "p3"):
        clock.advance(1000)
        numbers.append(await said(desk, person))
    await desk.run("ana", "conversation.priority", c.SetPriority(numbers[2], 1))
    for _ in numbers:
        await queue(desk, capacity=1, support=[])
        (mine,) = [n for n in numbers if (await whose(desk, n)) == ("assigned", "ana")]
        numbers.remove(mine)
        assert mine == (3 if len(numbers) == 2 else min([mine, *numbers]))
        await desk.run("ana", "conversation.open", c.Open(mine))
        await desk.run("ana", "conversation.end", c.End(mine))


async def test_of_two_queues_what_is_more_urgent_comes_first_whichever_is_saved_first(desk: SmallDesk) -> None:
    urgent = await queue(desk, "urgente", ("ana",), support=[], capacity=1, priority=1)
    await queue(desk, support=[], capacity=1)
    line = c.SaveChannel("sos", "web", {"es": "SOS"}, urgent, "web", "#7a5ce0")
    channel = int((await desk.run(SYSTEM, "channel.save", line))["channel"] or 0)
    await desk.run("ana", "agent.intake", c.SetIntake("paused"))
    first = await said(desk, "p1")
    second = int((await desk.say("p2", "¡Fuego!", channel))["conversation"] or 0)
    await desk.run("ana", "agent.intake", c.SetIntake("push"))
    assert [await whose(desk, n) for n in (first, second)] == [("waiting", ""), ("assigned", "ana")]


async def test_for_a_while_only_the_contacts_own_agent_is_given_it(desk: SmallDesk, clock: ManualClock) -> None:
    await queue(desk, primary=("ana",), capacity=1, own_first=60, reopen_within=0)
    first = await opened(desk)
    await desk.run("ana", "conversation.end", c.End(first))
    busy = await opened(desk, "p2")
    clock.advance(1)
    again = await said(desk, "p1")
    assert await whose(desk, again) == ("waiting", "")  # luis has room, ana is its own and has none
    other = await said(desk, "p3")
    assert await whose(desk, other) == ("assigned", "luis")  # what comes behind it is not held up
    await desk.run("luis", "conversation.open", c.Open(other))
    await desk.run("luis", "conversation.end", c.End(other))
    clock.advance(MINUTE)
    await desk.hub.timers.fire_due()
    assert await whose(desk, again) == ("assigned", "luis")
    assert await whose(desk, busy) == ("open", "ana")


async def test_nobody_waits_for_an_own_agent_who_is_not_there(desk: SmallDesk, clock: ManualClock) -> None:
    await queue(desk, own_first=60, reopen_within=0)
    first = await opened(desk)
    await desk.run("ana", "conversation.end", c.End(first))
    await desk.run("ana", "agent.status", c.SetStatus("lunch"))
    clock.advance(1)
    assert await whose(desk, await said(desk, "p1")) == ("assigned", "luis")


async def test_an_opened_one_that_gets_no_answer_goes_to_another(desk: SmallDesk, clock: ManualClock) -> None:
    await queue(desk, answer_within=120)
    number, answered = await opened(desk), await opened(desk, "p2")
    await desk.run("ana", "message.send", c.Send(answered, "Buenas"))
    clock.advance(2 * MINUTE)
    await desk.hub.timers.fire_due()
    assert [await whose(desk, n) for n in (number, answered)] == [("assigned", "luis"), ("open", "ana")]


async def test_a_queue_that_offers_assigns_nobody_and_the_first_to_accept_has_it(desk: SmallDesk) -> None:
    await queue(desk, handout="offer")
    number = await said(desk, "p1")
    assert await whose(desk, number) == ("waiting", "")
    await desk.run("luis", "conversation.open", c.Open(number))
    assert await refused(desk, "ana", "conversation.open", c.Open(number)) == (Code.NOT_OWNER, None)
    assert await whose(desk, number) == ("open", "luis")


# -- what agents say ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("intake", ["manual", "paused"])
async def test_who_takes_by_hand_or_pauses_is_pushed_nothing_until_they_want_it_again(
    desk: SmallDesk, intake: Any
) -> None:
    await desk.run("ana", "agent.intake", c.SetIntake(intake))
    await desk.run("luis", "agent.status", c.SetStatus("lunch"))
    first, second = await said(desk, "p1"), await said(desk, "p2")
    assert await whose(desk, first) == ("waiting", "")
    await desk.run("ana", "conversation.take", c.Take(first))
    await desk.run("ana", "agent.intake", c.SetIntake("push"))
    assert [await whose(desk, n) for n in (first, second)] == [("assigned", "ana")] * 2


async def test_an_agents_own_capacity_bounds_what_a_queue_allows(desk: SmallDesk) -> None:
    await desk.run(SYSTEM, "agent.save", c.SaveAgent("ana", "Ana", "agent", capacity=1))
    numbers = [await said(desk, person) for person in ("p1", "p2", "p3")]
    assert [(await whose(desk, n))[1] for n in numbers] == ["ana", "luis", "luis"]


async def test_taking_more_than_one_would_be_given_is_on_record(desk: SmallDesk) -> None:
    await queue(desk, capacity=1)
    await opened(desk)
    await desk.run("luis", "agent.status", c.SetStatus("lunch"))
    number = await said(desk, "p2")
    await desk.run("ana", "conversation.take", c.Take(number))
    assert await why(desk, number) == {"over": {"load": 1, "capacity": 1}}


# -- teams -------------------------------------------------------------------------------------------------------------


async def test_a_teams_conversation_goes_to_its_members_and_they_see_it(desk: SmallDesk) -> None:
    made = await desk.run(SYSTEM, "team.save", c.SaveTeam("a", {"es": "A"}, [desk.ids["luis"]]))
    number = await opened(desk)
    await desk.run("ana", "conversation.team", c.SetTeam(number, int(made["team"] or 0)))
    await desk.run("luis", "message.note", c.Note(number, "la veo"))
    await desk.run("ana", "conversation.requeue", c.Requeue(number))
    assert await whose(desk, number) == ("assigned", "luis")
    await desk.run("luis", "conversation.team", c.SetTeam(number, None))
    await desk.run("luis", "conversation.requeue", c.Requeue(number))
    assert await whose(desk, number) == ("assigned", "ana")
