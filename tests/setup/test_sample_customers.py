"""Sample customers at a running hub: they write, answer, type, and never flood."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from lent_databases import LentDatabases

from hub.demo import customers as acting
from hub.demo.customers import ALIVE, SampleCustomers
from hub.demo.script import read_desk
from hub.desk import people
from hub.desk.principal import SYSTEM, Principal
from hub.desk.tables import conversation, identity, message
from hub.hub import Hub
from hub.protocol import commands
from hub.store.clock import ManualClock

_live = sa.select(sa.func.count()).select_from(conversation).where(conversation.c.state != "closed")


@dataclass
class SampleDesk:
    """A sample desk whose customers are there; their time is the test's to move."""

    hub: Hub
    clock: ManualClock
    customers: SampleCustomers

    async def pass_time(self, seconds: int) -> None:
        """From one moment at which something is due to the next."""
        end = self.clock.now() + seconds * 1000
        while (moment := await self.customers.act()) is not None and moment <= end:
            self.clock.advance(moment - self.clock.now())
        self.clock.advance(end - self.clock.now())

    async def live(self) -> int:
        return await self.hub.store.read(lambda conn: conn.scalar(_live)) or 0


@pytest.fixture
def source(sample: Path | LentDatabases) -> Path | LentDatabases:
    return sample


@pytest.fixture
def desk(hub: Hub, clock: ManualClock) -> SampleDesk:
    return SampleDesk(hub, clock, SampleCustomers(hub))


async def laura(hub: Hub) -> Principal:
    found = await hub.store.read(lambda conn: people.by_agent(conn, 1))
    assert found is not None
    return found


async def lines_in(hub: Hub, conversation_id: int) -> list[str]:
    query = sa.select(message.c.body).where(message.c.conversation_id == conversation_id, message.c.direction == "in")
    return await hub.store.read(lambda conn: list(conn.scalars(query.order_by(message.c.id))))


async def test_a_customer_answers_the_agent_and_types_before(desk: SampleDesk) -> None:
    typed: list[tuple[int, bool]] = []
    desk.hub.presence.listen(lambda conversation, by, on: typed.append((conversation, on)) if by is None else None)
    before = await lines_in(desk.hub, 3)
    send = commands.Send(conversation=3, body="Sí, sale hoy a las 16 h")
    await desk.hub.submit(await laura(desk.hub), "message.send", send, "answer-to-ana")
    await desk.pass_time(120)
    after = await lines_in(desk.hub, 3)
    assert after[: len(before)] == before
    assert after[len(before) :] == [read_desk().conversation[0].replies[0]]
    assert (3, True) in typed
    assert typed[-1] != (3, True)


async def test_a_customer_on_the_page_reads_what_they_are_answered(desk: SampleDesk) -> None:
    found = sa.select(conversation.c.id).join(identity).where(identity.c.external_id == "sample-visitor")
    where = await desk.hub.store.read(lambda conn: conn.scalar(found)) or 0
    who = await laura(desk.hub)
    await desk.hub.submit(who, "conversation.open", commands.Open(where), "open-the-visitor")
    made = await desk.hub.submit(who, "message.send", commands.Send(where, "¿Qué dice la página?"), "ask-the-visitor")
    state = sa.select(message.c.state).where(message.c.id == made["message"])
    assert await desk.hub.store.read(lambda conn: conn.scalar(state)) == "sent"
    await desk.pass_time(15)
    assert await desk.hub.store.read(lambda conn: conn.scalar(state)) == "read"


async def test_they_notice_by_themselves_what_happens_and_when_something_is_due(desk: SampleDesk) -> None:
    before, seq = await lines_in(desk.hub, 3), desk.hub.tail.seq
    await desk.customers.start()
    async with asyncio.timeout(30):
        sent = await desk.hub.submit(
            await laura(desk.hub), "message.send", commands.Send(3, "Sí, sale hoy a las 16 h"), "answer-to-ana"
        )
        assert sent["message"]
        desk.clock.advance(120_000)
        note = commands.Note(conversation=3, body="…")  # a change of theirs stirs them, and the answer is due by now
        await desk.hub.submit(await laura(desk.hub), "message.note", note, "stir-them-up")
        async for changes in desk.hub.tail.follow(seq):
            if any(change.kind == "message.received" for change in changes) and await lines_in(desk.hub, 3) != before:
                break
    await desk.customers.stop()


async def test_newcomers_come_while_somebody_is_there_up_to_a_limit(desk: SampleDesk) -> None:
    await desk.hub.submit(SYSTEM, "agent.reach", commands.Reach(1, True), "laura-comes")
    for _ in range(15):
        await desk.pass_time(60)
        assert await desk.live() <= ALIVE
    assert await desk.live() == ALIVE


async def test_with_nobody_there_hardly_anybody_writes(desk: SampleDesk) -> None:
    before = await desk.live()
    await desk.pass_time(600)
    after = await desk.live()
    assert after - before <= 1


def test_the_limits_leave_an_agent_peace() -> None:
    assert ALIVE <= 15
    assert acting.ALONE_GAP[0] > 10 * acting.ATTENDED_GAP[0]
