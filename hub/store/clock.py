"""The hub's clock: UTC in integer milliseconds. A port, so that tests and sample desks can set it."""

import time
from typing import Protocol


class Clock(Protocol):
    def now(self) -> int:
        """UTC milliseconds since the epoch."""


class SystemClock:
    def now(self) -> int:
        return time.time_ns() // 1_000_000


class ManualClock:
    """Stands still until it is set: `clock.at = …`."""

    def __init__(self, at: int = 1_790_000_000_000) -> None:
        self.at = at

    def now(self) -> int:
        return self.at

    def advance(self, milliseconds: int) -> None:
        self.at += milliseconds
