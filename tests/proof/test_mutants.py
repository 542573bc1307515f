"""A proof that can't fail proves nothing: hubs with one of the classic mistakes built in, each of which must be found.

Each mutant is a hub that works as long as nothing happens to it.
"""

import asyncio
import copy
from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from world import Order, World

from hub.desk import conversations, routing, transitions
from hub.protocol.errors import Refused
from hub.store import unit as units
from hub.store.unit import Unit
from hub.store.writer import Writer

Proof = Callable[[World], Awaitable[None]]


def line(person: str, body: str) -> Order:
    return Order("message.receive", "channel", {"channel": 1, "external_id": person, "body": body})


async def dies_at_every_step(world: World) -> None:
    """Two commands in one transaction, with a death at every step of it."""
    for at in count(1):
        end = Order("conversation.end", "rosa", {"conversation": 1 + at % 3})
        if not await world.die(await world.make([line("p1", f"Hola {at}"), end]), at):
            return


async def everybody_writes_at_once(world: World) -> None:
    await world.submit(await world.make([line(f"new{number}", "Hola") for number in range(6)]))
    await world.verify()


async def both_take_the_same_one(world: World) -> None:
    for conversation in (1, 2, 3):
        takes = [Order("conversation.take", who, {"conversation": conversation}) for who in ("sofia", "rosa")]
        await world.submit(await world.make([*takes, *takes[:1]]))
        await world.verify()


def stale_loads(patch: pytest.MonkeyPatch) -> None:
    """Check, then act: who has room is looked up once, and given to as if it were still so."""
    seen: dict[Any, Any] = {}
    look = routing._candidates

    def candidates(context: Any, queue_ids: list[int]) -> Any:
        found = seen.setdefault((id(context.unit), *queue_ids), copy.deepcopy(look(context, queue_ids)))
        return copy.deepcopy(found)

    patch.setattr(routing, "_candidates", candidates)


def stale_conversations(patch: pytest.MonkeyPatch) -> None:
    """Check, then act: where a conversation stands is looked up once, and it is moved as if it still stood there."""
    seen: dict[Any, Any] = {}
    look = transitions.load

    def load(context: Any, conversation_id: int) -> Any:
        return seen.setdefault((id(context.unit), conversation_id), look(context, conversation_id))

    patch.setattr(conversations, "load", load)


def sequence(patch: pytest.MonkeyPatch) -> None:
    """Journal numbers come of a sequence, which no rollback takes back, instead of the head row."""
    numbers: list[Any] = []
    record = Unit.record

    def recording(self: Unit, *args: Any) -> int:
        if not numbers:
            numbers.append(count(self.seq + 1))
        self.seq = next(numbers[0]) - 1
        return record(self, *args)

    patch.setattr(Unit, "record", recording)


def early_ack(patch: pytest.MonkeyPatch) -> None:
    """Whoever waits is answered when the command has run, before it is durable."""
    hand_in = Writer.hand_in

    def handing(self: Writer, job: Any, name: str = "", key: str = "") -> Any:
        loop, future = asyncio.get_running_loop(), asyncio.get_running_loop().create_future()

        def answer(how: Callable[[Any], None], what: Any) -> None:
            if not future.done():
                how(what)

        def run(unit: Unit) -> Any:
            try:
                result = job(unit)
            except Refused as refusal:
                loop.call_soon_threadsafe(answer, future.set_exception, refusal)
                raise
            loop.call_soon_threadsafe(answer, future.set_result, result)
            return result

        def late(durable: Any) -> None:
            error = durable.exception()
            if error is not None:
                answer(future.set_exception, error)

        hand_in(self, run, name, key).add_done_callback(late)
        return future

    patch.setattr(Writer, "hand_in", handing)


def late_events(patch: pytest.MonkeyPatch) -> None:
    """Events are written in a transaction of their own, after the one of what they tell."""
    left: dict[int, list[Any]] = {}
    finish, opened = Unit.finish, World.open

    def finishing(self: Unit) -> None:
        if self._journal:
            left[id(self)], self._journal = self._journal, []
            units._advance.run(self.conn, {"last": self.seq, "random": self.nonce})
        finish(self)

    async def opening(self: World) -> None:
        await opened(self)

        def tell(unit: Unit) -> None:
            if rows := left.pop(id(unit), None):
                self.hub.store.write(lambda then: units._events.run_many(then.conn, rows))

        self.hub.store.on_commit.insert(0, tell)

    patch.setattr(Unit, "finish", finishing)
    patch.setattr(World, "open", opening)


MUTANTS: list[tuple[Callable[[pytest.MonkeyPatch], None], Proof, str]] = [
    (stale_loads, everybody_writes_at_once, "dispatch gave a conversation to somebody without room for it"),
    (stale_conversations, both_take_the_same_one, "a conversation was moved from where it did not stand"),
    (sequence, dies_at_every_step, "the journal has gaps"),
    (early_ack, dies_at_every_step, "acked and lost"),
    (late_events, dies_at_every_step, "the journal's last number is not the head's"),
]


@pytest.fixture
async def furnished(database: str, tmp_path: Path) -> str:
    world = World(database, tmp_path)
    await world.open()
    await world.furnish()
    await world.close()
    return database


@pytest.mark.parametrize("proof", [dies_at_every_step, everybody_writes_at_once, both_take_the_same_one])
async def test_the_hub_as_it_is_stands_the_proofs(furnished: str, tmp_path: Path, proof: Proof) -> None:
    world = World(furnished, tmp_path)
    await world.open()
    await proof(world)
    await world.close()


@pytest.mark.parametrize(("mutate", "proof", "found"), MUTANTS, ids=lambda given: getattr(given, "__name__", ""))
async def test_a_mutant_does_not(
    furnished: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mutate: Any, proof: Proof, found: str
) -> None:
    mutate(monkeypatch)
    world = World(furnished, tmp_path)
    await world.open()
    with pytest.raises(AssertionError, match=found):
        await proof(world)
    await world.close()
