"""The driver of sample channels: a made-up service that takes every message, delivers it, and shows it to somebody.

Its answers take a moment, as a real one's do. It refuses messages to a recipient whose key ends in `-blocked`, so that
a sample desk can show what a failed message looks like.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable

from hub.channels import Handed, Outgoing, Reporter
from hub.protocol.states import Delivery

BLOCKED = "-blocked"


class SampleDriver:
    """`sleep` and `chance` are parameters so that tests need not wait or guess."""

    def __init__(
        self, chance: random.Random | None = None, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._chance = chance or random.Random()  # noqa: S311 - only paces made-up answers
        self._sleep = sleep
        self._report: Reporter | None = None
        self._news: set[asyncio.Task[None]] = set()

    async def start(self, report: Reporter) -> None:
        self._report = report

    async def stop(self) -> None:
        for task in self._news:
            task.cancel()
        await asyncio.gather(*self._news, return_exceptions=True)

    async def send(self, outgoing: Outgoing) -> Handed:
        await self._sleep(self._chance.uniform(0.1, 0.5))
        if outgoing.recipient.endswith(BLOCKED):
            return Handed(Delivery.FAILED, "blocked")
        task = asyncio.create_task(self._tell(outgoing))
        self._news.add(task)
        task.add_done_callback(self._news.discard)
        return Handed(Delivery.SENT)

    async def _tell(self, outgoing: Outgoing) -> None:
        for state, least, most in ((Delivery.DELIVERED, 0.4, 1.2), (Delivery.READ, 1.0, 3.0)):
            await self._sleep(self._chance.uniform(least, most))
            if self._report is not None:
                await self._report(outgoing, state, "")
