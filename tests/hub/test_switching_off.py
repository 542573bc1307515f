"""A queue that is switched off takes nothing new, and nobody who writes or waits is forgotten by it; and what is made
under one code by two at once."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa
from api_client import program
from small_desk import Served, SmallDesk, build

from hub.desk.principal import SYSTEM
from hub.desk.tables import conversation, queue
from hub.hub import Hub
from hub.protocol import commands as c
from hub.protocol import queues
from hub.protocol.errors import Code, Refused


async def refused(desk: SmallDesk, name: str, args: c.Args) -> Refused:
    with pytest.raises(Refused) as caught:
        await desk.run(SYSTEM, name, args)
    return caught.value


def ventas(desk: SmallDesk, **more: Any) -> c.SaveQueue:
    return c.SaveQueue("ventas", {"es": "Ventas"}, primary=[desk.ids["ana"]], **more)


async def is_on(desk: SmallDesk) -> bool:
    query = sa.select(queue.c.active).where(queue.c.id == desk.queue)
    return bool(await desk.hub.store.read(lambda conn: conn.scalar(query)))


async def another(desk: SmallDesk) -> int:
    """A queue that the channels lead to from now on."""
    made = await desk.run(SYSTEM, "queue.save", c.SaveQueue("otra", {"es": "Otra"}, primary=[desk.ids["luis"]]))
    number = int(made["queue"] or 0)
    await desk.run(SYSTEM, "channel.save", c.SaveChannel("web", "web", {"es": "Sitio"}, number, "web", "#7a5ce0"))
    whatsapp = c.SaveChannel("wa", "whatsapp", {"es": "WhatsApp"}, number, "sample", "#1f9d57", window=86_400)
    await desk.run(SYSTEM, "channel.save", whatsapp)
    return number


async def stands(desk: SmallDesk, number: int) -> Any:
    return await desk.hub.store.read(
        lambda conn: conn.execute(sa.select(conversation).where(conversation.c.id == number)).one()
    )


async def test_a_queue_that_channels_feed_stays_on_and_they_are_named(desk: SmallDesk) -> None:
    refusal = await refused(desk, "queue.save", ventas(desk, active=False))
    assert (refusal.code, refusal.field, refusal.detail) == (Code.QUEUE_FED, "active", {"channels": "wa, web"})
    assert await is_on(desk)
    await another(desk)
    await desk.run(SYSTEM, "queue.save", ventas(desk, active=False))
    assert not await is_on(desk)
    await desk.run(SYSTEM, "queue.save", ventas(desk, active=False, capacity=3))  # it is off already


async def test_no_channel_is_given_a_queue_that_is_off(desk: SmallDesk) -> None:
    await another(desk)
    await desk.run(SYSTEM, "queue.save", ventas(desk, active=False))
    back = c.SaveChannel("web", "web", {"es": "Sitio"}, desk.queue, "web", "#7a5ce0")
    refusal = await refused(desk, "channel.save", back)
    assert (refusal.code, refusal.field) == (Code.QUEUE_INACTIVE, "queue")
    await desk.run(SYSTEM, "queue.save", ventas(desk))
    await desk.run(SYSTEM, "channel.save", back)


async def test_what_waits_in_it_is_still_handed_out(desk: SmallDesk) -> None:
    number = int((await desk.say("p1", "Hola"))["conversation"] or 0)
    await another(desk)
    await desk.run(SYSTEM, "queue.save", ventas(desk, active=False))
    assert (await stands(desk, number)).state == "waiting"
    await desk.reach("ana")
    assert (await stands(desk, number)).owner_id == desk.ids["ana"]


async def test_who_writes_again_after_the_end_comes_to_where_the_channel_leads_now(desk: SmallDesk) -> None:
    number = int((await desk.say("p1", "Hola"))["conversation"] or 0)
    await desk.reach("ana")
    await desk.run("ana", "conversation.open", c.Open(number))
    await desk.run("ana", "conversation.end", c.End(number))
    other = await another(desk)
    await desk.run(SYSTEM, "queue.save", ventas(desk, active=False))
    again = int((await desk.say("p1", "¿Siguen ahí?"))["conversation"] or 0)
    row = await stands(desk, again)
    assert (again != number, row.queue_id, row.previous_id, row.state) == (True, other, number, "waiting")


# -- two at once -------------------------------------------------------------------------------------------------------


async def test_of_two_who_make_a_queue_under_one_code_one_is_told_that_it_is_taken(make_hub: Any, hub: Hub) -> None:
    other: Hub = await make_hub()
    await build(hub)
    for n in range(5):
        made = await asyncio.gather(
            hub.submit(SYSTEM, "queue.save", c.SaveQueue(f"q{n}", {"es": "Una"}, new=True), f"one-makes-{n}"),
            other.submit(SYSTEM, "queue.save", c.SaveQueue(f"q{n}", {"es": "Otra"}, new=True), f"other-makes-{n}"),
            return_exceptions=True,
        )
        (refusal,) = (one for one in made if isinstance(one, Refused))
        assert (refusal.code, refusal.field, refusal.detail) == (Code.DUPLICATE, "code", {"what": "queue"})
        (taken,) = (one for one in made if isinstance(one, dict))
        winner = sa.select(queue.c.name).where(queue.c.id == taken["queue"])
        kept = await hub.store.read(lambda conn, winner=winner: conn.scalar(winner))  # type: ignore[misc]
        assert kept == ('{"es":"Una"}' if made[0] is taken else '{"es":"Otra"}')


@pytest.mark.parametrize(
    ("command", "more"),
    [("queue.save", {}), ("team.save", {}), ("branch.save", {"zone": "UTC"}), ("department.save", {"branch": 1})],
)
async def test_over_http_it_is_a_conflict_and_without_new_a_change(
    served: Served, command: str, more: dict[str, object]
) -> None:
    await served.desk.run(SYSTEM, "branch.save", queues.SaveBranch("casa", {"es": "Casa"}, "UTC"))
    sofia = c.SaveAgent("sofia", "Sofía", "admin", password_hash="x")
    await served.desk.run(SYSTEM, "agent.save", sofia)
    args = {"code": "uno", "name": {"es": "Uno"}} | more
    async with program(served, "sofia", "queue.manage") as admin:
        assert (await admin.command(command, args | {"new": True})).status == 200
        again = await admin.command(command, args | {"new": True})
        assert (again.status, again.body["code"], again.body["field"]) == (409, "duplicate", "code")
        assert (await admin.command(command, args)).status == 200


async def test_a_member_who_is_not_there_is_named_over_http(served: Served) -> None:
    await served.desk.run(SYSTEM, "agent.save", c.SaveAgent("sofia", "Sofía", "admin", password_hash="x"))
    async with program(served, "sofia", "queue.manage") as admin:
        refusal = await admin.command("queue.save", {"code": "uno", "name": {"es": "Uno"}, "primary": [99]})
    assert (refusal.status, refusal.body["code"], refusal.body["field"]) == (404, "not_found", "primary")
    assert refusal.body["args"] == {"what": "agent", "id": 99}
