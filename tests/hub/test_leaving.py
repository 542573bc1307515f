"""An agent leaves a queue, or the desk, with conversations in hand."""

import pytest
from scenario import assigned, opened
from small_desk import SmallDesk
from test_company import refused, row

from hub.desk.principal import SYSTEM
from hub.desk.projections import check
from hub.protocol import commands as c
from hub.protocol.errors import Code


async def leave_queue(desk: SmallDesk) -> None:
    args = c.SaveQueue("ventas", {"es": "Ventas"}, primary=[desk.ids["luis"]])
    await desk.run(SYSTEM, "queue.save", args)


async def test_who_leaves_a_queue_keeps_what_is_open_and_is_given_nothing_more_of_it(desk: SmallDesk) -> None:
    number = await opened(desk)
    await leave_queue(desk)
    await desk.reach("luis")
    other = await desk.say("p2", "Hola")
    assert (await row(desk, int(other["conversation"] or 0))).owner == desk.ids["luis"]
    assert (await row(desk, number)).owner == desk.ids["ana"]
    await desk.say("p1", "¿Y?")
    await desk.run("ana", "message.send", c.Send(number, "Acá estoy"))
    await desk.run("ana", "conversation.hold", c.Hold(number))
    await desk.run("ana", "conversation.resume", c.Resume(number))
    await desk.run("ana", "conversation.end", c.End(number))


async def test_what_they_put_back_goes_to_who_works_there(desk: SmallDesk) -> None:
    number = await opened(desk)
    await leave_queue(desk)
    await desk.reach("luis")
    await desk.run("ana", "conversation.requeue", c.Requeue(number))
    assert (await row(desk, number)).owner == desk.ids["luis"]
    assert await refused(desk, "ana", "conversation.take", c.Take(number)) is Code.NOT_OWNER


async def test_an_unopened_one_is_theirs_to_open_all_the_same(desk: SmallDesk) -> None:
    number = await assigned(desk)
    await leave_queue(desk)
    await desk.run("ana", "conversation.open", c.Open(number))
    assert (await row(desk, number)).state == "open"


@pytest.mark.parametrize("how", ["taken", "assigned"])
async def test_what_who_left_the_desk_has_waits_for_a_manager(desk: SmallDesk, how: str) -> None:
    number = await opened(desk)
    await desk.run(SYSTEM, "agent.save", c.SaveAgent("ana", "Ana", "agent", active=False))
    assert (await row(desk, number)).owner == desk.ids["ana"]
    if how == "taken":
        await desk.run("sofia", "conversation.take", c.Take(number))
    else:
        await desk.run("sofia", "conversation.assign", c.Assign(number, desk.ids["luis"]))
    assert (await row(desk, number)).owner != desk.ids["ana"]
    assert await desk.hub.store.read(check) == []
