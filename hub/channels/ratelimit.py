"""How much a visitor, and an address, may ask of the hub. What is over a limit is refused, with the seconds to wait."""

import ipaddress
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, fields

from hub.limits import Bucket, Limits, Seconds, rate
from hub.limits import Limiter as Limiter
from hub.limits import Rate as Rate
from hub.protocol.limits import LIMITS

FULL = 30  # seconds after which an address with too many sockets may try again
Count = Callable[[str], None]


class Wait(int):
    """Seconds to wait, 0 for none; and which limit says so."""

    limit: str

    def __new__(cls, seconds: int = 0, limit: str = "") -> "Wait":
        made = super().__new__(cls, seconds)
        made.limit = limit
        return made


@dataclass(frozen=True, slots=True)
class Rates:
    """What one visitor and one address may do. An address may be a whole office behind one router."""

    visitor_connects: Rate = rate("visitor_connects")
    visitor_lines: Rate = rate("visitor_lines")
    visitor_bytes: Rate = rate("visitor_bytes")
    address_connects: Rate = rate("address_connects")
    address_lines: Rate = rate("address_lines")
    address_bytes: Rate = rate("address_bytes")
    visitor_frames: Rate = rate("visitor_frames")  # of one connection, lines or not
    address_pages: int = int(LIMITS["address_pages"].value)  # sockets open at once


def rates_of(limits: Limits) -> Rates:
    """As a hub's limits have it."""
    names = [field.name for field in fields(Rates) if field.name != "address_pages"]
    return Rates(**{name: limits.rate(name) for name in names}, address_pages=int(limits["address_pages"]))


class Gate:
    """The limits of one hub's web chat. `refused` is told which limit was exceeded, each time that one was."""

    def __init__(
        self,
        rates: Rates | None = None,
        clock: Callable[[], Seconds] = time.monotonic,
        refused: Count = lambda limit: None,
    ) -> None:
        self.rates = rates or Rates()
        self._refused = refused
        names = (
            "visitor_connects",
            "visitor_lines",
            "visitor_bytes",
            "address_connects",
            "address_lines",
            "address_bytes",
        )
        self._limiters = {name: Limiter(getattr(self.rates, name), clock) for name in names}
        self._clock = clock
        self._sockets: dict[str, int] = {}

    def enter(self, address: str) -> Wait:
        """A socket from an address is to be opened; whoever need not wait calls `leave` when it is closed."""
        network = network_of(address)
        if self._sockets.get(network, 0) >= self.rates.address_pages:
            return self.over("address_pages", FULL)
        wait = self._passed(address_connects=(network, 1))
        if not wait:
            self._sockets[network] = self._sockets.get(network, 0) + 1
        return wait

    def leave(self, address: str) -> None:
        network = network_of(address)
        self._sockets[network] -= 1
        if not self._sockets[network]:
            del self._sockets[network]

    def connect(self, visitor: str) -> Wait:
        return self._passed(visitor_connects=(visitor, 1))

    def line(self, visitor: str, address: str, size: int) -> Wait:
        """A line of `size` bytes."""
        network = network_of(address)
        return self._passed(
            visitor_lines=(visitor, 1),
            address_lines=(network, 1),
            visitor_bytes=(visitor, size),
            address_bytes=(network, size),
        )

    def frames(self) -> Callable[[], Wait]:
        """A limit for the frames of one connection: call it for each."""
        bucket = Bucket(self.rates.visitor_frames, self._clock)

        def passed() -> Wait:
            if wait := bucket.wait():
                return self.over("visitor_frames", math.ceil(wait))
            bucket.take()
            return Wait()

        return passed

    def _passed(self, **wanted: tuple[str, float]) -> Wait:
        """Take (key, cost) from all the buckets, or from none and say for which to wait."""
        waits = {name: self._limiters[name].wait(key, cost) for name, (key, cost) in wanted.items()}
        longest = max(waits, key=lambda name: waits[name])
        if waits[longest] > 0:
            return self.over(longest, math.ceil(waits[longest]))
        for name, (key, cost) in wanted.items():
            self._limiters[name].take(key, cost)
        return Wait()

    def over(self, limit: str, seconds: int = 0) -> Wait:
        """A limit was exceeded: counts it."""
        self._refused(limit)
        return Wait(seconds, limit)


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
