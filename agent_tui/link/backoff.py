"""How long to wait before the next try to reach the hub."""

import random

import msgspec

FIRST = 0.2  # seconds: a hub that was started again at once is back within a blink
FACTOR = 1.8
LONGEST = 30.0
LONGEST_LOCAL = 1.0  # asking one's own machine costs nothing
STEADY = 10.0  # seconds online after which a loss counts as the first again


class Backoff(msgspec.Struct):
    """Grows with every failed try and spreads the tries of many consoles, so that a hub that comes back is not run
    over by all of them at once."""

    chance: random.Random = msgspec.field(default_factory=random.Random)
    tries: int = 0

    def next(self, *, local: bool) -> float:
        """Seconds until the next try."""
        longest = LONGEST_LOCAL if local else LONGEST
        delay = min(longest, FIRST * FACTOR ** min(self.tries, 20))
        self.tries += 1
        return delay * self.chance.uniform(0.75, 1.25)

    def forget(self) -> None:
        """What failed before says nothing about now."""
        self.tries = 0

    def online_for(self, seconds: float) -> None:
        if seconds >= STEADY:
            self.tries = 0
