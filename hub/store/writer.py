"""The one writer: groups the commands that wait into one commit.

What is promised: jobs take effect in the order in which they were handed in; a job's future resolves after the commit
that made it durable; a refused job has written nothing. A group runs optimistically, without savepoints. When a job
fails unexpectedly the whole group is rolled back and its jobs run one by one, so a job must be repeatable until it
commits. Engines supply `attempt`, which runs jobs in one transaction and raises if any failed unexpectedly.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog

from hub.protocol.errors import Code, Refused
from hub.store.away import is_away, is_full
from hub.store.unit import Group, Unit

T = TypeVar("T")
Job = Callable[[Unit], Any]
Outcome = Any  # what the job returned, or the exception that it ended with
GROUP = 128
FULL = 10.0  # seconds after a commit has failed for want of room, in which the database is taken for full

log = structlog.get_logger(__name__)


class Failed:
    """A job's end that must be raised to whoever handed it in."""

    __slots__ = ("error",)

    def __init__(self, error: BaseException) -> None:
        self.error = error


@dataclass(slots=True)
class Entry:
    """A job that was handed in, and who waits for it. `name` and `key` are its command's, for the log; `since` seconds
    of the monotonic clock."""

    job: Job
    future: "asyncio.Future[Any]"
    name: str
    key: str
    since: float = field(default_factory=time.perf_counter)


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
    unit.ran = time.perf_counter()
    return outcomes


class Writer:
    """Feeds `attempt` with groups of at most `GROUP` jobs. Calls `committed(unit)` after each commit, and
    `failed(command)` for a job that was given up."""

    def __init__(
        self,
        attempt: Callable[[list[Job]], Awaitable[tuple[list[Outcome], Unit]]],
        committed: Callable[[Unit], None],
        failed: Callable[[str], None],
    ) -> None:
        self._attempt = attempt
        self._committed = committed
        self._failed = failed
        self._jobs: asyncio.Queue[Entry | None] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self._closed = False
        self._full: float | None = None  # when a commit failed last because the database has no room
        self._began: float | None = None  # when the group that is being written was begun

    @property
    def waiting(self) -> int:
        """Jobs in the queue, without the group that is being written."""
        return self._jobs.qsize()

    @property
    def busy(self) -> float:
        """Seconds since the group that is being written was begun; 0 where there is none."""
        return 0.0 if self._began is None else time.perf_counter() - self._began

    @property
    def full(self) -> bool:
        """The database has no room, or had none just now: a small commit may succeed between those that fail."""
        return self._full is not None and time.perf_counter() - self._full < FULL

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="writer")

    async def stop(self) -> None:
        """Finish what was handed in, then stop; later jobs are refused as `busy`."""
        self._closed = True
        self._jobs.put_nowait(None)
        if self._task is not None:
            await self._task

    def hand_in(self, job: Callable[[Unit], T], name: str = "", key: str = "") -> "asyncio.Future[T]":
        """Queue a job. Synchronous up to the queue, so callers keep their order without awaiting each other."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        if self._closed:
            future.set_exception(Refused(Code.BUSY))
        else:
            self._jobs.put_nowait(Entry(job, future, name, key))
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

    async def _commit(self, group: list[Entry]) -> None:
        began = self._began = time.perf_counter()
        try:
            outcomes, unit = await self._attempt([entry.job for entry in group])
        except Exception as error:
            if is_full(error):
                self._full = time.perf_counter()
            if len(group) == 1 and is_away(error):
                log.warning("database_away", command=group[0].name, key=group[0].key, error=error)
            elif len(group) == 1:
                log.exception("command_failed", command=group[0].name, key=group[0].key)
            else:
                log.warning("group_failed", size=len(group), error=error)
            await self._recover(group, error)
            return
        finally:
            self._began = None
        ended = time.perf_counter()
        unit.group = Group(len(group), began - group[0].since, unit.ran - began, ended - unit.ran)
        self._committed(unit)
        for entry, outcome in zip(group, outcomes, strict=True):
            _settle(entry.future, outcome)

    async def _recover(self, group: list[Entry], error: Exception) -> None:
        """Run the jobs of a failed group one by one; one that fails by itself is given up."""
        if len(group) > 1:
            for entry in group:
                await self._commit([entry])
            return
        self._failed(group[0].name)
        _settle(group[0].future, Failed(error))


def _settle(future: "asyncio.Future[Any]", outcome: Outcome) -> None:
    if future.done():  # whoever waited has gone; the effect stays
        return
    if isinstance(outcome, Failed):
        future.set_exception(outcome.error)
    else:
        future.set_result(outcome)
