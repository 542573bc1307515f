"""What runs for as long as the hub does: a loop that outlives our faults, and a database that is away."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

import sqlalchemy as sa
import structlog

from hub.protocol.errors import Code, Refused
from hub.store.away import is_away

log = structlog.get_logger(__name__)
PAUSE = 1.0  # seconds after a failure
AGAIN = 1.0  # seconds after which a task that was cancelled and goes on is cancelled once more


async def end(tasks: Iterable["asyncio.Task[None]"]) -> None:
    """Cancel tasks until they have ended: one that a library was just answering may have missed the first time."""
    running = {task for task in tasks if not task.done()}
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=AGAIN)


class Loop:
    """Calls `step` again and again until it is stopped. `step` waits for its work by itself."""

    def __init__(self, name: str, step: Callable[[], Awaitable[None]]) -> None:
        self._name = name
        self._step = step
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name=self._name)

    async def stop(self) -> None:
        if self._task is not None:
            await end([self._task])

    async def _run(self) -> None:
        while True:
            try:
                await self._step()
            except Exception as error:
                if isinstance(error, sa.exc.SQLAlchemyError) or is_away(error):
                    log.warning("loop_failed", loop=self._name, error=error)
                elif not isinstance(error, Refused) or error.code is not Code.BUSY:  # not just a stopping hub
                    log.exception("loop_failed", loop=self._name)
                await asyncio.sleep(PAUSE)
