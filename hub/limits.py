"""How the hub keeps its limits: what refuses, what makes wait, and that either is counted."""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hub.metrics import Metrics
from hub.protocol.errors import Refused
from hub.protocol.limits import LIMITS

Seconds = float
ROOM = 20_000  # buckets that a limiter remembers; about 4 MB


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` at once, then `each` a second."""

    burst: float
    each: float


def rate(name: str) -> Rate:
    """The rate that a limit of the table declares."""
    return Rate(LIMITS[name].burst, LIMITS[name].value)


class Bucket:
    """One bucket of tokens, which is full at first."""

    __slots__ = ("_as_of", "_clock", "_rate", "_tokens")

    def __init__(self, rate: Rate, clock: Callable[[], Seconds] = time.monotonic) -> None:
        self._rate, self._clock = rate, clock
        self._tokens, self._as_of = rate.burst, clock()

    def wait(self, cost: float = 1) -> Seconds:
        """Seconds until `cost` may be taken; 0 where it may be now. Takes nothing.

        A cost above the burst is let through once the bucket is full, instead of never.
        """
        lacking = min(cost, self._rate.burst) - self._now()
        return max(0.0, lacking / self._rate.each)

    def take(self, cost: float = 1) -> None:
        self._tokens, self._as_of = self._now() - cost, self._clock()

    def _now(self) -> float:
        return min(self._rate.burst, self._tokens + (self._clock() - self._as_of) * self._rate.each)


class Limiter:
    """Buckets of one rate, by key, in bounded memory.

    A bucket that nobody has drawn on for a while is full again, so that forgetting it changes nothing; the least
    recently used ones are forgotten first.
    """

    def __init__(self, rate: Rate, clock: Callable[[], Seconds] = time.monotonic, room: int = ROOM) -> None:
        self.rate = rate
        self._clock = clock
        self._room = room
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def wait(self, key: str, cost: float = 1) -> Seconds:
        """Seconds until `cost` may be taken of `key`'s bucket, as `Bucket.wait` says."""
        held = self._buckets.get(key)
        return 0.0 if held is None else held.wait(cost)

    def take(self, key: str, cost: float = 1) -> None:
        self.of(key).take(cost)

    def of(self, key: str) -> Bucket:
        """`key`'s bucket, as one that is drawn on now."""
        if (held := self._buckets.get(key)) is None:
            held = self._buckets[key] = Bucket(self.rate, self._clock)
            if len(self._buckets) > self._room:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(key)
        return held


class Limits:
    """The limits of one hub: the table's values, which a test may lower, and the count of what was over them."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._values = {name: one.value for name, one in LIMITS.items()}
        self._rates = {name: rate(name) for name, one in LIMITS.items() if one.burst}
        self._agent_commands = Limiter(self._rates["agent_commands"])

    def __getitem__(self, name: str) -> float:
        return self._values[name]

    def put(self, name: str, value: float, burst: float = 0) -> None:
        """Set a limit for what begins from now on."""
        self._values[name] = value
        if burst:
            self._rates[name] = Rate(burst, value)
            self._agent_commands = Limiter(self._rates["agent_commands"])

    def rate(self, name: str) -> Rate:
        return self._rates[name]

    def bucket(self, name: str) -> Bucket:
        """A bucket of a rate, for one who is to pass at it."""
        return Bucket(self._rates[name])

    async def command_of(self, agent: str, cost: int) -> None:
        """Return when an agent's next command may pass, from whichever connection. One that does the same to many
        conversations costs as much as if each had been sent alone."""
        await self.passed("agent_commands", self._agent_commands.of(agent), cost)

    async def passed(self, name: str, bucket: Bucket, cost: int = 1) -> None:
        """Return when the next one may pass.

        Whoever can wait is let through at the rate: the hub reads on later, and the line between holds the rest.
        """
        if wait := bucket.wait(cost):
            self._metrics.paced(name)
            while wait:
                await asyncio.sleep(wait)
                wait = bucket.wait(cost)
        bucket.take(cost)

    def refusal(self, name: str, **more: Any) -> Refused:
        """The refusal of what was over a limit, which is counted with it. Not for a limit that is paced."""
        code = LIMITS[name].code
        if code is None:
            raise ValueError(f"{name} refuses nobody")
        self.refused(name)
        return Refused(code, limit=name, most=math.ceil(self[name]), **more)

    def refused(self, name: str) -> None:
        self._metrics.refused(name)

    def paced(self, name: str) -> None:
        self._metrics.paced(name)


class Crowd:
    """Counts what is open at a time, by key, under a limit."""

    def __init__(self, name: str, limits: Limits) -> None:
        self._name = name
        self._limits = limits
        self._open: dict[str, int] = {}

    def __len__(self) -> int:
        return sum(self._open.values())

    def enter(self, key: str) -> None:
        """One more; whoever was let in calls `leave`. Raises Refused."""
        if self._open.get(key, 0) >= self._limits[self._name]:
            raise self._limits.refusal(self._name)
        self._open[key] = self._open.get(key, 0) + 1

    def leave(self, key: str) -> None:
        self._open[key] -= 1
        if not self._open[key]:
            del self._open[key]
