"""Dispatch: the order of candidates, and never beyond a capacity."""

import asyncio

import msgspec
import sqlalchemy as sa
from small_desk import SmallDesk, build

from hub.desk.principal import SYSTEM
from hub.desk.tables import conversation
from hub.hub import Hub
from hub.protocol import commands as c
from hub.store.clock import ManualClock
from hub.store.schema import journal


async def owners(desk: SmallDesk) -> list[int | None]:
    query = sa.select(conversation.c.owner_id).order_by(conversation.c.id)
    return await desk.hub.store.read(lambda conn: list(conn.scalars(query)))


async def test_primary_members_go_before_support(desk: SmallDesk) -> None:
    for login in ("luis", "ana"):
        await desk.reach(login)
    await desk.say("p1", "Hola")
    assert await owners(desk) == [desk.ids["ana"]]


async def test_no_agent_is_pushed_beyond_the_capacity_and_the_rest_waits(hub: Hub) -> None:
    desk = await build(hub, capacity=3)
    for login in ("ana", "luis"):
        await desk.reach(login)
    await asyncio.gather(*(desk.say(f"p{n}", "Hola") for n in range(10)))
    found = await owners(desk)
    assert [found.count(desk.ids[x]) for x in ("ana", "luis")] == [3, 3]
    assert found.count(None) == 4


async def test_ending_one_makes_room_for_the_one_that_waited_longest(hub: Hub, clock: ManualClock) -> None:
    desk = await build(hub, capacity=1)
    await desk.reach("ana")
    made = []
    for n in range(3):
        clock.advance(1000)
        made.append(int((await desk.say(f"p{n}", "Hola"))["conversation"] or 0))
    await desk.run("ana", "conversation.open", c.Open(made[0]))
    await desk.run("ana", "conversation.end", c.End(made[0]))
    assert await owners(desk) == [desk.ids["ana"], desk.ids["ana"], None]


async def test_the_lower_load_goes_first_then_who_was_chosen_longest_ago(desk: SmallDesk, clock: ManualClock) -> None:
    both = [desk.ids["ana"], desk.ids["luis"]]
    await desk.run(SYSTEM, "queue.save", c.SaveQueue("ventas", {"es": "Ventas"}, primary=both))
    for login in ("ana", "luis"):
        await desk.reach(login)
    for n in range(4):
        clock.advance(1000)
        await desk.say(f"p{n}", "Hola")
    assert await owners(desk) == [both[0], both[1], both[0], both[1]]


async def test_the_contacts_own_agent_goes_before_all_others(desk: SmallDesk, clock: ManualClock) -> None:
    both = [desk.ids["ana"], desk.ids["luis"]]
    await desk.run(SYSTEM, "queue.save", c.SaveQueue("ventas", {"es": "Ventas"}, primary=both, reopen_within=0))
    await desk.reach("luis")
    first = int((await desk.say("p1", "Hola"))["conversation"] or 0)
    await desk.run("luis", "conversation.open", c.Open(first))
    await desk.run("luis", "conversation.end", c.End(first))
    await desk.reach("ana")
    clock.advance(1)
    await desk.say("p1", "Hola de nuevo")
    assert await owners(desk) == [desk.ids["luis"], desk.ids["luis"]]


async def test_nobody_who_rests_or_is_out_of_reach_gets_anything(desk: SmallDesk) -> None:
    await desk.reach("ana")
    await desk.run("ana", "agent.status", c.SetStatus("lunch"))
    await desk.say("p1", "Hola")
    assert await owners(desk) == [None]
    await desk.run("ana", "agent.status", c.SetStatus("online"))
    assert await owners(desk) == [desk.ids["ana"]]


async def test_a_new_member_is_given_what_waits(desk: SmallDesk) -> None:
    await desk.run(SYSTEM, "queue.save", c.SaveQueue("ventas", {"es": "Ventas"}))
    await desk.reach("ana")
    await desk.say("p1", "Hola")
    assert await owners(desk) == [None]
    await desk.run(SYSTEM, "queue.save", c.SaveQueue("ventas", {"es": "Ventas"}, primary=[desk.ids["ana"]]))
    assert await owners(desk) == [desk.ids["ana"]]


async def test_why_it_was_routed_there_is_on_record(desk: SmallDesk) -> None:
    for login in ("ana", "luis"):
        await desk.reach(login)
    await desk.say("p1", "Hola")
    rows = await desk.hub.store.read(lambda conn: list(conn.scalars(sa.select(journal.c.data))))
    why = [data["why"] for data in map(msgspec.json.decode, rows) if "why" in data]
    loads = {str(desk.ids["ana"]): 0, str(desk.ids["luis"]): 0}
    assert why == [{"rule": "primary", "loads": loads}]


async def test_what_an_agent_gave_back_goes_to_another_first(desk: SmallDesk) -> None:
    await desk.reach("ana")
    first = int((await desk.say("p1", "Hola"))["conversation"] or 0)
    await desk.run("ana", "conversation.open", c.Open(first))
    await desk.reach("luis")
    await desk.run("ana", "conversation.requeue", c.Requeue(first))
    assert await owners(desk) == [desk.ids["luis"]]
    await desk.run("luis", "conversation.requeue", c.Requeue(first))
    assert await owners(desk) == [desk.ids["ana"]]


async def test_giving_back_makes_room_in_all_queues_of_the_agent(hub: Hub) -> None:
    desk = await build(hub, capacity=1)
    other = await desk.run(
        SYSTEM, "queue.save", c.SaveQueue("soporte", {"es": "Soporte"}, primary=[desk.ids["ana"]], capacity=1)
    )
    line = c.SaveChannel("ayuda", "web", {"es": "Ayuda"}, int(other["queue"] or 0), "web", "#7a5ce0")
    channel = await desk.run(SYSTEM, "channel.save", line)
    await desk.reach("ana")
    first = int((await desk.say("p1", "Hola"))["conversation"] or 0)
    await desk.say("p2", "Hola", int(channel["channel"] or 0))
    await desk.reach("luis")
    assert await owners(desk) == [desk.ids["ana"], None]
    await desk.run("ana", "conversation.requeue", c.Requeue(first))
    assert await owners(desk) == [desk.ids["luis"], desk.ids["ana"]]


async def test_one_that_nobody_opened_goes_back_to_its_place_in_the_queue(hub: Hub, clock: ManualClock) -> None:
    desk = await build(hub, capacity=1)
    await desk.reach("ana")
    first = int((await desk.say("p1", "Hola"))["conversation"] or 0)
    clock.advance(60_000)
    await desk.say("p2", "Hola")
    await desk.run("ana", "agent.status", c.SetStatus("lunch"))
    await desk.run(SYSTEM, "conversation.reassign", c.Reassign(first))
    await desk.reach("luis")
    assert await owners(desk) == [desk.ids["luis"], None]
