"""A desk with people at it: made on a hub in this process, and then served by others."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from clients import Agent, Client, Customer, Where
from ledger import Ledger
from small_desk import SmallDesk, build

from hub.auth import start_session
from hub.desk.principal import SYSTEM
from hub.hub import Hub
from hub.protocol.commands import SaveAgent

MakeHub = Callable[..., Awaitable[Hub]]
WITHIN = 120.0  # seconds for anything, on a busy machine


class Crowd:
    """Clients at work until they are told to finish."""

    def __init__(self, ledger: Ledger, customers: list[Customer], agents: list[Agent]) -> None:
        self.ledger, self.customers, self.agents = ledger, customers, agents
        self.clients: list[Client] = [*customers, *agents]
        self._tasks = [asyncio.create_task(client.run(), name=client.name) for client in self.clients]

    async def until(self, holds: Callable[[], object]) -> None:
        """Return once it holds; raises what a client has failed of."""
        late = time.monotonic() + WITHIN
        while not holds():
            self.look()
            assert time.monotonic() < late, self.told()
            await asyncio.sleep(0.01)

    async def answers(self, more: int) -> None:
        """Return once so many more commands were answered."""
        wanted = len(self.ledger.done) + more
        await self.until(lambda: len(self.ledger.done) >= wanted)

    async def finish(self) -> None:
        """Everybody gets an answer to what they have asked, and to something at least, and goes."""
        await self.until(lambda: all(client.answered for client in self.clients))
        for client in self.clients:
            client.finishing = True
        await self.until(lambda: all(task.done() for task in self._tasks))
        self.look()
        assert self.ledger.open == 0

    def has_heard_everything(self) -> None:
        """No agent was told to start over: each went on from its cursor, on every connection but its first."""
        for agent in self.agents:
            assert set(agent.resumed) <= {"fresh", "resumed"}, agent.resumed
            assert (agent.resumed["fresh"], agent.resyncs) == (1, 0)

    def look(self) -> None:
        for task in self._tasks:
            if task.done() and not task.cancelled() and (fault := task.exception()) is not None:
                raise fault

    async def leave(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def told(self) -> str:
        resumed = sum((agent.resumed for agent in self.agents), Counter[str]())
        lost = sum((client.lost for client in self.clients), Counter[str]())
        put_off = sum((client.put_off for client in self.clients), Counter[str]())
        counts = {"resumed": resumed, "lost": lost, "put off": put_off}
        return "; ".join([self.ledger.summary(), *(f"{name} {dict(count)}" for name, count in counts.items() if count)])


class Staff:
    """Agents with tokens, on a small desk that anybody can serve."""

    def __init__(self, desk: SmallDesk, tokens: dict[int, str]) -> None:
        self.desk, self.tokens = desk, tokens

    @asynccontextmanager
    async def at_work(
        self,
        where: Callable[[int], Where],
        chance: random.Random,
        *,
        customers: int = 6,
        agents: bool = True,
        pace: float = 0.02,
    ) -> AsyncIterator[Crowd]:
        """`where` gives the n-th client the address that it calls, anew each time that it does."""
        ledger = Ledger()
        people = [Customer(n, self.desk.web, where(n), ledger, chance, pace) for n in range(customers)]
        staff = [
            Agent(n, token, agent, list(self.tokens), where(n), ledger, chance, pace)
            for n, (agent, token) in enumerate(self.tokens.items() if agents else ())
        ]
        crowd = Crowd(ledger, people, staff)
        try:
            yield crowd
        finally:
            await crowd.leave()


async def furnish(hub: Hub, *, capacity: int = 3, open_within: int = 0) -> Staff:
    desk = await build(hub, capacity=capacity, open_within=open_within)
    tokens = {}
    for login, agent in desk.ids.items():
        await desk.run(SYSTEM, "agent.save", SaveAgent(login, login.title(), "supervisor"))  # who may hand on
        tokens[agent] = await start_session(hub, agent, "soak")
    return Staff(desk, tokens)
