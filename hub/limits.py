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


class Limiter:
    """Token buckets of one rate, by key, in bounded memory.

    A bucket that nobody has drawn on for a while is full again, so that forgetting it changes nothing; the least
    recently used ones are forgotten first.
    """

    def __init__(self, rate: Rate, clock: Callable[[], Seconds] = time.monotonic, room: int = ROOM) -> None:
        self.rate = rate
        self._clock = clock
        self._room = room
        self._buckets: OrderedDict[str, tuple[float, Seconds]] = OrderedDict()  # (tokens, as of)

    def __len__(self) -> int:
        return len(self._buckets)

    def wait(self, key: str, cost: float = 1) -> Seconds:
        """Seconds until `cost` may be taken; 0 where it may be now. Takes nothing.

        A cost above the burst is let through once the bucket is full, instead of never.
        """
        lacking = min(cost, self.rate.burst) - self._tokens(key)
        return max(0.0, lacking / self.rate.each)

    def take(self, key: str, cost: float = 1) -> None:
        self._buckets[key] = (self._tokens(key) - cost, self._clock())
        self._buckets.move_to_end(key)
        if len(self._buckets) > self._room:
            self._buckets.popitem(last=False)

    def _tokens(self, key: str) -> float:
        held = self._buckets.get(key)
        if held is None:
            return self.rate.burst
        tokens, at = held
        return min(self.rate.burst, tokens + (self._clock() - at) * self.rate.each)


class Turnstile:
    """Lets through at a limit's rate whoever can wait: the hub reads on later, and the line between holds the rest."""

    def __init__(self, name: str, limits: "Limits", rate: Rate, room: int = ROOM) -> None:
        self._name = name
        self._limits = limits
        self._limiter = Limiter(rate, room=room)

    async def passed(self, key: str = "") -> None:
        """Return when it is `key`'s turn."""
        if wait := self._limiter.wait(key):
            self._limits.paced(self._name)
            while wait:
                await asyncio.sleep(wait)
                wait = self._limiter.wait(key)
        self._limiter.take(key)


class Limits:
    """The limits of one hub: the table's values, which a test may lower, and the count of what was over them."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._values = {name: one.value for name, one in LIMITS.items()}
        self._rates = {name: rate(name) for name, one in LIMITS.items() if one.burst}
        self.agent_commands = self.turnstile("agent_commands")

    def __getitem__(self, name: str) -> float:
        return self._values[name]

    def put(self, name: str, value: float, burst: float = 0) -> None:
        """Set a limit for what begins from now on."""
        self._values[name] = value
        if burst:
            self._rates[name] = Rate(burst, value)
            self.agent_commands = self.turnstile("agent_commands")

    def rate(self, name: str) -> Rate:
        return self._rates[name]

    def turnstile(self, name: str, room: int = ROOM) -> Turnstile:
        return Turnstile(name, self, self._rates[name], room)

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
