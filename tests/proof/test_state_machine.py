"""Random commands of everybody, several at a time, again and under other keys' names, while the clock jumps and the hub
dies at any step of what it writes: whatever happens, what the hub promises holds. On both engines.

Hypothesis makes an example that fails as small as it can. By itself it is short; `make soak` looks for longer.
"""

import asyncio
import os
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from payloads import DAY, LOGINS, SECOND, encoded, payloads
from world import Order, World

from hub.desk.registry import decode
from hub.protocol.commands import REGISTRY

BUSY = ("message.receive", "conversation.open", "conversation.take", "message.send", "conversation.end", "agent.status")
NAMES = (*sorted(REGISTRY), *BUSY * 3)
JUMPS = (-30 * DAY, -DAY, -3600 * SECOND, -SECOND, SECOND, 6 * SECOND, 31 * SECOND, 3600 * SECOND, DAY, 30 * DAY)
SHORT: Any = {"database": None, "derandomize": True, "phases": [Phase.generate]}  # the same each time
STEPS = 80  # more than a group of a few commands takes
Furnished = Callable[[], AbstractAsyncContextManager[str]]


def fitting(name: str) -> st.SearchStrategy[str]:
    """Who submits it: mostly somebody who may."""
    actor = REGISTRY[name].actor
    anybody = st.sampled_from((*LOGINS, "system", "channel"))
    if actor != "agent":
        return st.one_of(*[st.just(actor)] * 4, anybody)
    if {"conversation", "message"} & {*REGISTRY[name].args.__struct_fields__}:
        return st.one_of(*[st.just("owner")] * 4, st.sampled_from(LOGINS), anybody)
    return st.one_of(*[st.sampled_from(LOGINS)] * 2, *[st.just("rosa")] * 2, anybody)


@st.composite
def orders(draw: Any) -> Order:
    name = draw(st.sampled_from(NAMES))
    again = draw(st.one_of(*[st.none()] * 4, st.integers(0, 40)))
    return Order(name, draw(fitting(name)), draw(payloads(name)), again, draw(st.booleans()))


batches = st.lists(orders(), min_size=1, max_size=6)


class Desk(RuleBasedStateMachine):
    """Every step runs to its end; between steps nothing does."""

    def __init__(self, furnished: Furnished, folder: Path, accepted: "Counter[str]") -> None:
        super().__init__()
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        self._furnished, self._folder, self._accepted = furnished, folder, accepted

    def _run(self, work: Any) -> Any:
        return self._runner.run(work)

    @initialize()
    def opens(self) -> None:
        async def begin() -> World:
            world = World(await self._stack.enter_async_context(self._furnished()), self._folder)
            await world.open()
            return world

        self.world: World = self._run(begin())

    @rule(batch=batches)
    def gives(self, batch: list[Order]) -> None:
        async def give() -> None:
            await self.world.submit(await self.world.make(batch))

        self._run(give())

    @rule(batch=batches, at=st.integers(1, STEPS))
    def dies(self, batch: list[Order], at: int) -> None:
        async def die() -> None:
            await self.world.die(await self.world.make(batch), at)

        self._run(die())

    @rule(by=st.sampled_from(JUMPS))
    def jumps(self, by: int) -> None:
        self._run(self.world.jump(by))

    @rule()
    def fires(self) -> None:
        self._run(self.world.fire())

    @rule(ear=st.integers(0, 2), conversation=st.integers(1, 4))
    def looks(self, ear: int, conversation: int) -> None:
        ears = [one for one in self.world.ears if one.bye is None]
        if ears:
            self._run(ears[ear % len(ears)].watch(conversation))

    @precondition(lambda self: not self.world.ears)
    @rule()
    def listens(self) -> None:
        self._run(self.world.listen())

    def teardown(self) -> None:
        try:
            if hasattr(self, "world"):
                self._run(self._end())
        finally:
            self._run(self._stack.aclose())
            self._runner.close()

    async def _end(self) -> None:
        try:
            await self.world.verify()
            await self.world.compare()
        finally:
            self._accepted.update(self.world.accepted)
            await self.world.close()


def run(fresh_database: Any, folder: Path, *, examples: int, steps: int, **more: Any) -> "Counter[str]":
    """How often each command was accepted in as many examples."""
    accepted: Counter[str] = Counter()
    bounds = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=[*HealthCheck], **more
    )

    async def furnish(url: str) -> None:
        world = World(url, folder)
        await world.open()
        await world.furnish()
        await world.close()

    async def furnished() -> AsyncIterator[str]:
        async with fresh_database("furnished.db") as url:
            await furnish(url)
            yield url

    with asyncio.Runner() as runner:
        model = furnished()
        copies = partial(fresh_database, "machine.db", runner.run(anext(model)))
        try:
            run_state_machine_as_test(partial(Desk, copies, folder, accepted), settings=bounds)
        finally:
            runner.run(model.aclose())
    return accepted


@pytest.mark.parametrize("name", sorted(REGISTRY))
@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_arguments_can_be_drawn_for_every_registered_command(name: str, data: st.DataObject) -> None:
    """A new command whose fields can't be drawn fails here, and never is in the machine by its name only."""
    drawn = data.draw(payloads(name))
    decode(name, encoded(drawn, defaultdict(list), 1_790_000_000_000))


@pytest.mark.timeout(600)
def test_promises_hold_whatever_happens(fresh_database: Any, engine: str, tmp_path: Path) -> None:
    """The same steps cost PostgreSQL three times as much: there, half as many."""
    accepted = run(fresh_database, tmp_path, examples=24 if engine == "sqlite" else 12, steps=40, **SHORT)
    assert len(accepted) >= len(REGISTRY) / 4, "most of it was refused: then little was tried"


@pytest.mark.soak
def test_promises_hold_whatever_happens_for_long(fresh_database: Any, tmp_path: Path) -> None:
    examples = int(os.environ.get("BANDEJA_SOAK_EXAMPLES", "300"))
    accepted = run(fresh_database, tmp_path, examples=examples, steps=60)
    assert accepted.keys() == REGISTRY.keys(), "a command was never accepted, so it was not tried"
