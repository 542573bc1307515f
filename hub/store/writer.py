"""The one writer: groups the commands that wait into one commit.

What is promised: jobs take effect in the order in which they were handed in; a job's future resolves after the commit
that made it durable; a refused job has written nothing. A group runs optimistically, without savepoints. When a job
fails unexpectedly the whole group is rolled back and its jobs run one by one, so a job must be repeatable until it
commits. Engines supply `attempt`, which runs jobs in one transaction and raises if any failed unexpectedly.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import structlog

from hub.protocol.errors import Code, Refused
from hub.store.unit import Unit

T = TypeVar("T")
Job = Callable[[Unit], Any]
Outcome = Any  # what the job returned, or the exception that it ended with
GROUP = 128

log = structlog.get_logger(__name__)


class Failed:
    """A job's end that must be raised to whoever handed it in."""

    __slots__ = ("error",)

    def __init__(self, error: BaseException) -> None:
        self.error = error


def run_jobs(unit: Unit, jobs: list[Job]) -> list[Outcome]:
    """Run jobs in an open transaction. A refusal is an outcome; anything else unexpected is raised."""
    outcomes: list[Outcome] = []
    for job in jobs:
        unit.next_command()
        since = unit.mark()
        try:
            outcomes.append(job(unit))
        except Refused as refusal:
            if not unit.untouched(since):
                raise RuntimeError(f"a command refused ({refusal}) after it had written") from refusal
            outcomes.append(Failed(refusal))
    unit.finish()
    return outcomes


class Writer:
    """Feeds `attempt` with groups of at most `GROUP` jobs; calls `committed(timers)` after each commit."""

    def __init__(
        self,
        attempt: Callable[[list[Job]], Awaitable[tuple[list[Outcome], Unit]]],
        committed: Callable[[Unit], None],
    ) -> None:
        self._attempt = attempt
        self._committed = committed
        self._jobs: asyncio.Queue[tuple[Job, asyncio.Future[Any]] | None] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="writer")

    async def stop(self) -> None:
        """Finish what was handed in, then stop; later jobs are refused as `busy`."""
        self._closed = True
        self._jobs.put_nowait(None)
        if self._task is not None:
            await self._task

    def hand_in(self, job: Callable[[Unit], T]) -> "asyncio.Future[T]":
        """Queue a job. Synchronous up to the queue, so callers keep their order without awaiting each other."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        if self._closed:
            future.set_exception(Refused(Code.BUSY))
        else:
            self._jobs.put_nowait((job, future))
        return future

    async def _run(self) -> None:
        while True:
            first = await self._jobs.get()
            if first is None:
                return
            group, last = [first], False
            while len(group) < GROUP and not self._jobs.empty():
                entry = self._jobs.get_nowait()
                if entry is None:
                    last = True
                    break
                group.append(entry)
            await self._commit(group)
            if last:
                return

    async def _commit(self, group: list[tuple[Job, "asyncio.Future[Any]"]]) -> None:
        jobs = [job for job, _ in group]
        try:
            outcomes, unit = await self._attempt(jobs)
        except Exception as error:
            if len(group) > 1:
                log.warning("group_failed", size=len(group), error=repr(error))
                for entry in group:
                    await self._commit([entry])
                return
            log.exception("command_failed", error=repr(error))
            _settle(group[0][1], Failed(error))
            return
        self._committed(unit)
        for (_, future), outcome in zip(group, outcomes, strict=True):
            _settle(future, outcome)


def _settle(future: "asyncio.Future[Any]", outcome: Outcome) -> None:
    if future.done():  # whoever waited has gone; the effect stays
        return
    if isinstance(outcome, Failed):
        future.set_exception(outcome.error)
    else:
        future.set_result(outcome)
