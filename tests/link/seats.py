"""A console without a screen, and a clock that stands still."""

import asyncio
import heapq
from collections.abc import Awaitable, Callable
from typing import TypeVar

from agent_tui.link.desk import LiveDesk
from agent_tui.link.model import Change

MakeDesk = Callable[..., Awaitable["Seat"]]  # on the scripted hub
SitDown = Callable[..., Awaitable["Seat"]]  # on the real one: machine, login
C = TypeVar("C")


class StillClock:
    """Stands still until `advance`; whoever sleeps wakes in order."""

    def __init__(self) -> None:
        self.at = 1000.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0

    def wall(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._sleepers, (self.at + seconds, self._count, woken))
        await woken

    def leap(self, seconds: float) -> None:
        """The machine sleeps: the time goes on, and nobody's nap is over before."""
        self.at += seconds
        self._sleepers = [(until + seconds, number, woken) for until, number, woken in self._sleepers]

    async def advance(self, seconds: float) -> None:
        until = self.at + seconds
        while self._sleepers and self._sleepers[0][0] <= until:
            self.at, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                woken.set_result(None)
            for _ in range(20):
                await asyncio.sleep(0)
        self.at = until


class Seat:
    """A desk, and everything that it has told."""

    def __init__(self, desk: LiveDesk, clock: StillClock) -> None:
        self.desk = desk
        self.clock = clock
        self.changes: list[Change] = []
        desk.subscribe(self.changes.append)

    def told(self, kind: type[C]) -> list[C]:
        return [change for change in self.changes if isinstance(change, kind)]

    async def until(self, holds: Callable[[], object], *, passing: bool = False, slowly: bool = False) -> None:
        """Return once it holds; with `passing`, time goes on meanwhile; `slowly`: at ten times the usual pace, so that
        what really takes time, like writing to disk, does not look as if it took ages."""
        async with asyncio.timeout(60 if slowly else 20):
            while not holds():
                await asyncio.sleep(0.005 if slowly else 0.002)
                if passing or slowly:
                    await self.clock.advance(0.05 if slowly else 0.1)
            await asyncio.sleep(0)  # what was about to be told has been told

    async def online(self) -> None:
        await self.until(lambda: self.desk.link.phase == "online" and not self.desk.link.stale, passing=True)
