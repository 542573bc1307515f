"""Sample customers at a running hub: they write, answer, type, and never flood."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from hub.demo import customers as acting
from hub.demo.customers import ALIVE, SampleCustomers
from hub.demo.desk import Past
from hub.demo.script import read_desk
from hub.desk import people
from hub.desk.principal import SYSTEM, Principal
from hub.desk.tables import conversation, identity, message
from hub.hub import Hub
from hub.protocol import commands
from hub.store.clock import ManualClock

_live = sa.select(sa.func.count()).select_from(conversation).where(conversation.c.state != "closed")


@pytest.fixture
async def desk(hub: Hub, clock: ManualClock) -> AsyncIterator[Hub]:
    """A sample desk whose customers are there; their time is the test's to move."""
    await Past(hub.store, clock, read_desk()).make()
    actor = SampleCustomers(hub)
    await actor.start()
    yield hub
    await actor.stop()


async def laura(hub: Hub) -> Principal:
    found = await hub.store.read(lambda conn: people.by_agent(conn, 1))
    assert found is not None
    return found


async def pass_time(hub: Hub, clock: ManualClock, seconds: int) -> None:
    """Let time pass in small steps, and the customers notice each: any change to a sample conversation stirs them."""
    who = await laura(hub)
    for second in range(seconds):
        clock.advance(1000)
        if second % 5 == 0:
            note = commands.Note(conversation=3, body="…")
            await hub.submit(who, "message.note", note, f"stir-{clock.now()}")
            await asyncio.sleep(0.02)


async def lines_in(hub: Hub, conversation_id: int) -> list[str]:
    query = sa.select(message.c.body).where(message.c.conversation_id == conversation_id, message.c.direction == "in")
    return await hub.store.read(lambda conn: list(conn.scalars(query.order_by(message.c.id))))


async def test_a_customer_answers_the_agent_and_types_before(desk: Hub, clock: ManualClock) -> None:
    typed: list[tuple[int, bool]] = []
    desk.presence.listen(lambda conversation, by, on: typed.append((conversation, on)) if by is None else None)
    before = await lines_in(desk, 3)
    send = commands.Send(conversation=3, body="Sí, sale hoy a las 16 h")
    await desk.submit(await laura(desk), "message.send", send, "answer-to-ana")
    await pass_time(desk, clock, 120)
    after = await lines_in(desk, 3)
    assert after[: len(before)] == before
    assert after[len(before) :] == [read_desk().conversation[0].replies[0]]
    assert (3, True) in typed
    assert typed[-1] != (3, True)


async def test_a_customer_on_the_page_reads_what_they_are_answered(desk: Hub, clock: ManualClock) -> None:
    found = sa.select(conversation.c.id).join(identity).where(identity.c.external_id == "sample-visitor")
    where = await desk.store.read(lambda conn: conn.scalar(found)) or 0
    who = await laura(desk)
    await desk.submit(who, "conversation.open", commands.Open(where), "open-the-visitor")
    made = await desk.submit(who, "message.send", commands.Send(where, "¿Qué dice la página?"), "ask-the-visitor")
    state = sa.select(message.c.state).where(message.c.id == made["message"])
    assert await desk.store.read(lambda conn: conn.scalar(state)) == "sent"
    await pass_time(desk, clock, 15)
    assert await desk.store.read(lambda conn: conn.scalar(state)) == "read"


async def test_newcomers_come_while_somebody_is_there_up_to_a_limit(desk: Hub, clock: ManualClock) -> None:
    await desk.submit(SYSTEM, "agent.reach", commands.Reach(1, True), "laura-comes")
    for _ in range(15):
        await pass_time(desk, clock, 60)
        assert (await desk.store.read(lambda conn: conn.scalar(_live)) or 0) <= ALIVE
    assert await desk.store.read(lambda conn: conn.scalar(_live)) == ALIVE


async def test_with_nobody_there_hardly_anybody_writes(desk: Hub, clock: ManualClock) -> None:
    before = await desk.store.read(lambda conn: conn.scalar(_live)) or 0
    await pass_time(desk, clock, 600)
    after = await desk.store.read(lambda conn: conn.scalar(_live)) or 0
    assert after - before <= 1


def test_the_limits_leave_an_agent_peace() -> None:
    assert ALIVE <= 15
    assert acting.ALONE_GAP[0] > 10 * acting.ATTENDED_GAP[0]
