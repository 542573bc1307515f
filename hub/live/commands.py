"""The commands of one connection, on their way to the writer and their answers on the way back.

They are handed in in the order in which they came, without waiting for each other; answers go out as they become
durable. What comes faster than the limits allow waits: the connection reads its next frame when this one was taken.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import msgspec
import structlog

from hub.desk.principal import Principal
from hub.desk.registry import Result, decode
from hub.hub import Hub
from hub.limits import Limits
from hub.protocol import frames
from hub.protocol.bulk import cost_of
from hub.protocol.errors import Code, Refused
from hub.store import away

log = structlog.get_logger(__name__)
Send = Callable[[frames.HubFrame], Awaitable[None]]


class Work:
    """What a connection has under way: at most so many commands and drafts, and frames on their way out."""

    __slots__ = ("_limits", "_most", "_slots", "_tasks")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._most = int(limits["commands_in_flight"])
        self._slots = asyncio.Semaphore(self._most)
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    @property
    def crowded(self) -> bool:
        """So much that what nobody misses had better not be begun."""
        return len(self) >= 2 * self._most

    async def slot(self) -> None:
        """Wait for one of the places; whoever got one calls `free`."""
        if self._slots.locked():
            self._limits.paced("commands_in_flight")
        await self._slots.acquire()

    def free(self) -> None:
        self._slots.release()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def done(self, hurry: asyncio.Event | None = None) -> None:
        """Return when all that is under way now has ended, or `hurry` is set."""
        under_way = [*self._tasks]
        if hurry is not None:
            hurried = asyncio.create_task(hurry.wait())
            ended = asyncio.create_task(self.done())
            await asyncio.wait({hurried, ended}, return_when=asyncio.FIRST_COMPLETED)
            hurried.cancel()
            ended.cancel()
        elif under_way:
            await asyncio.wait(under_way)


class Commands:
    __slots__ = ("_hub", "_pace", "_send", "_work")

    def __init__(self, hub: Hub, work: Work, send: Send) -> None:
        self._hub = hub
        self._work = work
        self._send = send
        self._pace = hub.limits.bucket("connection_commands")

    async def take(self, who: Principal, frame: frames.Cmd) -> None:
        """Hand a command in. Its answer follows by itself."""
        try:
            spec, args = decode(frame.name, frame.args)
        except Refused as refusal:
            self._hub.metrics.unheard(frame.name, refusal.code.value)
            await self._send(error_of(frame.id, refusal))
            return
        await self._hub.limits.passed("connection_commands", self._pace)
        await self._hub.limits.command_of(who.name, cost_of(args))
        await self._work.slot()
        if self._hub.draining:
            self._work.free()
            await self._send(error_of(frame.id, Refused(Code.BUSY)))
            return
        self._work.start(self._answer(who, frame, self._hub.hand_in(who, spec.name, args, frame.key)))

    async def _answer(self, who: Principal, frame: frames.Cmd, result: "asyncio.Future[Result]") -> None:
        """In a task of its own, so that what is bound here stands on this command's lines only."""
        structlog.contextvars.bind_contextvars(command=frame.name, key=frame.key, agent=who.id)
        try:
            answer = await _outcome(frame.id, result)
            log.info("command", outcome="ok" if isinstance(answer, frames.Ok) else answer.code)
            await self._send(answer)
        except ConnectionError:
            log.debug("answer_not_delivered")  # the client asks again, under the same key
        finally:
            self._work.free()


async def _outcome(re: int, result: "asyncio.Future[Result]") -> frames.Ok | frames.Error:
    try:
        with away.refusing():
            return frames.Ok(re, await result)
    except Refused as refusal:
        return error_of(re, refusal)
    except Exception:
        log.exception("command_failed")
        return error_of(re, Refused(Code.HUB_FAULT))


def error_of(re: int, refusal: Refused) -> frames.Error:
    return frames.Error(re, refusal.code.value, refusal.detail, refusal.field)


def number_of(data: str) -> int:
    """The id of a command, so that whoever sent it learns which one was refused; 0 where it is another frame."""
    try:
        frame = frames.decode_client.decode(data)
    except msgspec.MsgspecError:
        return 0
    return frame.id if isinstance(frame, frames.Cmd) else 0
