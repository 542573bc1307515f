"""Messages that are pushed: handed over once, in order, and uncertain where the answer was lost."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from lent_databases import LentDatabases

from hub.channels import AnswerLost, Handed, Outgoing, Reporter
from hub.channels.outgoing import CLAIM, Dispatcher
from hub.channels.sample import SampleDriver
from hub.desk import people
from hub.desk.tables import conversation, identity, message
from hub.hub import Hub
from hub.protocol import commands
from hub.protocol.states import Delivery
from hub.store.clock import ManualClock

ANA, PEDRO = "sample-ana", "sample-pedro-blocked"


class Wire:
    """A driver that does as the test says, and remembers what it was handed."""

    def __init__(self) -> None:
        self.handed: list[str] = []
        self.open = asyncio.Event()
        self.open.set()
        self.answer: Callable[[], Handed] = lambda: Handed(Delivery.SENT)

    async def start(self, report: Reporter) -> None:
        self.report = report

    async def stop(self) -> None:
        self.open.set()

    async def send(self, outgoing: Outgoing) -> Handed:
        self.handed.append(outgoing.body)
        await self.open.wait()
        return self.answer()


@pytest.fixture
def source(sample: Path | LentDatabases) -> Path | LentDatabases:
    return sample


@pytest.fixture
def desk(hub: Hub) -> Hub:
    return hub


@pytest.fixture
async def wire() -> Wire:
    return Wire()


@pytest.fixture
async def dispatcher(desk: Hub, wire: Wire) -> AsyncIterator[Dispatcher]:
    dispatcher = Dispatcher(desk, {"sample": wire})
    await dispatcher.start()
    yield dispatcher
    await dispatcher.stop()


async def send(hub: Hub, who: str, body: str) -> int:
    """Laura writes to somebody; returns the message."""
    found = sa.select(conversation.c.id).join(identity).where(identity.c.external_id == who)
    where = await hub.store.read(lambda conn: conn.scalar(found))
    laura = await hub.store.read(lambda conn: people.by_agent(conn, 1))
    assert laura is not None
    assert where is not None
    made = await hub.submit(laura, "message.send", commands.Send(where, body), f"{who}-{body}")
    return int(made["message"] or 0)


async def state(hub: Hub, message_id: int) -> tuple[str, str]:
    query = sa.select(message.c.state, message.c.error).where(message.c.id == message_id)
    row = await hub.store.read(lambda conn: conn.execute(query).one())
    return row.state, row.error


async def becomes(hub: Hub, message_id: int, wanted: Delivery) -> None:
    async with asyncio.timeout(30):
        while (await state(hub, message_id))[0] != wanted:
            await asyncio.sleep(0.01)


async def test_a_message_is_handed_over_once_and_reported(desk: Hub, wire: Wire, dispatcher: Dispatcher) -> None:
    sent = await send(desk, ANA, "one")
    await becomes(desk, sent, Delivery.SENT)
    assert wire.handed == ["one"]


async def test_messages_of_one_conversation_go_in_order_and_others_do_not_wait(
    desk: Hub, wire: Wire, dispatcher: Dispatcher
) -> None:
    wire.open.clear()
    first, second = await send(desk, ANA, "first"), await send(desk, ANA, "second")
    other = await send(desk, PEDRO, "other")
    async with asyncio.timeout(30):
        while len(wire.handed) < 2:
            await asyncio.sleep(0.01)
    assert sorted(wire.handed) == ["first", "other"]
    wire.open.set()
    for sent in (first, second, other):
        await becomes(desk, sent, Delivery.SENT)
    assert wire.handed.index("first") < wire.handed.index("second")


async def test_a_refusal_is_told_with_its_reason_and_can_be_tried_again(
    desk: Hub, wire: Wire, dispatcher: Dispatcher
) -> None:
    wire.answer = lambda: Handed(Delivery.FAILED, "blocked")
    sent = await send(desk, PEDRO, "hola")
    await becomes(desk, sent, Delivery.FAILED)
    assert await state(desk, sent) == (Delivery.FAILED, "blocked")
    wire.answer = lambda: Handed(Delivery.SENT)
    laura = await desk.store.read(lambda conn: people.by_agent(conn, 1))
    assert laura is not None
    await desk.submit(laura, "message.retry", commands.Retry(sent), "try-it-again")
    await becomes(desk, sent, Delivery.SENT)
    assert wire.handed == ["hola", "hola"]


async def test_a_lost_answer_makes_the_message_uncertain_and_it_is_not_sent_again(
    desk: Hub, wire: Wire, dispatcher: Dispatcher
) -> None:
    def lose() -> Handed:
        raise AnswerLost

    wire.answer = lose
    sent = await send(desk, ANA, "maybe")
    await becomes(desk, sent, Delivery.UNCERTAIN)
    wire.answer = lambda: Handed(Delivery.SENT)
    after = await send(desk, ANA, "after")
    await becomes(desk, after, Delivery.SENT)
    assert wire.handed == ["maybe", "after"]


async def test_a_message_that_was_being_handed_over_when_the_hub_died_becomes_uncertain(
    desk: Hub, wire: Wire, clock: ManualClock
) -> None:
    wire.open.clear()
    first = Dispatcher(desk, {"sample": wire})
    await first.start()
    sent = await send(desk, ANA, "cut off")
    async with asyncio.timeout(30):
        while not wire.handed:
            await asyncio.sleep(0.01)
    for task in [*first._tasks, *first._lanes.values()]:  # as dead as a killed process: nothing more is reported
        task.cancel()
    await asyncio.gather(*first._tasks, *first._lanes.values(), return_exceptions=True)
    again = Wire()
    clock.advance(CLAIM)
    second = Dispatcher(desk, {"sample": again})
    await second.start()
    await becomes(desk, sent, Delivery.UNCERTAIN)
    await second.stop()
    assert again.handed == []


@pytest.mark.parametrize("turns", [0, 1, 2])
async def test_one_that_is_stopped_in_the_moment_in_which_it_is_woken_stops(desk: Hub, wire: Wire, turns: int) -> None:
    dispatcher = Dispatcher(desk, {"sample": wire})
    waiting = asyncio.create_task(dispatcher._woken(desk.clock.now() + 60_000))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    dispatcher._wake.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    if waiting.cancel():  # it was not over yet
        with pytest.raises(asyncio.CancelledError):
            await waiting


async def test_two_hubs_never_hand_over_the_same_message(desk: Hub) -> None:
    one, other = Wire(), Wire()
    dispatchers = [Dispatcher(desk, {"sample": wire}) for wire in (one, other)]
    for dispatcher in dispatchers:
        await dispatcher.start()
    sent = [await send(desk, ANA, f"line {n}") for n in range(10)]
    for message_id in sent:
        await becomes(desk, message_id, Delivery.SENT)
    for dispatcher in dispatchers:
        await dispatcher.stop()
    assert one.handed + other.handed != []
    assert sorted(one.handed + other.handed) == sorted(f"line {n}" for n in range(10))


async def test_the_sample_service_delivers_shows_and_refuses_as_a_real_one_would(desk: Hub) -> None:
    async def at_once(_: float) -> None:
        await asyncio.sleep(0)

    dispatcher = Dispatcher(desk, {"sample": SampleDriver(sleep=at_once)})
    await dispatcher.start()
    read, refused = await send(desk, ANA, "hola"), await send(desk, PEDRO, "hola")
    await becomes(desk, read, Delivery.READ)
    await becomes(desk, refused, Delivery.FAILED)
    await dispatcher.stop()
