"""How much a visitor, and an address, may ask of the hub: token buckets in bounded memory.

A bucket that nobody has drawn on for a while is full again, so that forgetting it changes nothing; the least recently
used ones are forgotten first. What is over the limit is refused with the seconds after which it is welcome.
"""

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

Seconds = float
ROOM = 20_000  # buckets that a limiter remembers; about 4 MB


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` at once, then `each` a second."""

    burst: float
    each: float


class Limiter:
    """Token buckets of one rate, by key."""

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


@dataclass(frozen=True, slots=True)
class Rates:
    """What one visitor and one address may do. An address may be a whole office behind one router."""

    visitor_connects: Rate = Rate(20, 0.5)
    visitor_lines: Rate = Rate(10, 0.5)
    visitor_bytes: Rate = Rate(128 * 1024, 4 * 1024)
    address_connects: Rate = Rate(60, 2)
    address_lines: Rate = Rate(100, 5)
    address_bytes: Rate = Rate(1024 * 1024, 64 * 1024)
    frames: Rate = Rate(60, 5)  # of one connection, lines or not
    sockets: int = 200  # open at once, an address


class Gate:
    """The limits of one hub's web chat. Answers are seconds to wait; 0 lets through, and counts it."""

    def __init__(self, rates: Rates | None = None, clock: Callable[[], Seconds] = time.monotonic) -> None:
        self.rates = rates or Rates()
        self._clock = clock
        self._connects = (
            Limiter(self.rates.visitor_connects, clock),
            Limiter(self.rates.address_connects, clock),
        )
        self._lines = Limiter(self.rates.visitor_lines, clock), Limiter(self.rates.address_lines, clock)
        self._bytes = Limiter(self.rates.visitor_bytes, clock), Limiter(self.rates.address_bytes, clock)
        self._sockets: dict[str, int] = {}

    def enter(self, address: str) -> int:
        """A socket from an address is to be opened; whoever got 0 calls `leave` when it is closed."""
        network = network_of(address)
        if self._sockets.get(network, 0) >= self.rates.sockets:
            return 30
        wait = _pass([(self._connects[1], network, 1)])
        if wait == 0:
            self._sockets[network] = self._sockets.get(network, 0) + 1
        return wait

    def leave(self, address: str) -> None:
        network = network_of(address)
        self._sockets[network] -= 1
        if not self._sockets[network]:
            del self._sockets[network]

    def connect(self, visitor: str) -> int:
        return _pass([(self._connects[0], visitor, 1)])

    def line(self, visitor: str, address: str, size: int) -> int:
        """A line of `size` bytes."""
        network = network_of(address)
        return _pass(
            [
                (self._lines[0], visitor, 1),
                (self._lines[1], network, 1),
                (self._bytes[0], visitor, size),
                (self._bytes[1], network, size),
            ]
        )

    def frames(self) -> Limiter:
        """A limiter for the frames of one connection."""
        return Limiter(self.rates.frames, self._clock, room=1)


def _pass(wanted: list[tuple[Limiter, str, float]]) -> int:
    """Take from all the buckets, or from none and say how many seconds to wait."""
    wait = max(limiter.wait(key, cost) for limiter, key, cost in wanted)
    if wait > 0:
        return math.ceil(wait)
    for limiter, key, cost in wanted:
        limiter.take(key, cost)
    return 0


def network_of(address: str) -> str:
    """What counts as one address: an IPv4 address, but of IPv6 the /64, which one customer usually has whole."""
    try:
        ip = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)
