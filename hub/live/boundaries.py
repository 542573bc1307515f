"""Windows that time alone changes: one timer for all of them.

A window with a filter like `waiting:>10m` knows the soonest time at which a conversation may begin to match or cease
to; it is looked at again then, and finds its next. Consoles are told of it to the second.
"""

from collections.abc import Collection
from typing import Protocol

from hub.live.loops import Loop
from hub.live.wake import LocalWake
from hub.store.clock import Clock

LEAST = 1.0  # seconds between two looks
MOST = 60.0  # and at most: a timer stands still while the machine sleeps


class Dated(Protocol):
    """A connection, as far as this has to do with it."""

    @property
    def due(self) -> int | None:
        """When one of its windows is to be looked at again."""

    async def look_again(self) -> None:
        """Tell the client what the windows that are due show now."""


class Boundaries:
    def __init__(self, clock: Clock, connections: Collection[Dated]) -> None:
        self._clock = clock
        self._connections = connections
        self._loop = Loop("boundaries", self._step)
        self._sooner = LocalWake()
        self._next: int | None = None

    def start(self) -> None:
        self._loop.start()

    async def stop(self) -> None:
        await self._loop.stop()

    def note(self, due: int | None) -> None:
        """A window is to be looked at then."""
        if due is not None and (self._next is None or due < self._next):
            self._next = due
            self._sooner.notify()

    async def _step(self) -> None:
        left = MOST if self._next is None else (self._next - self._clock.now()) / 1000
        await self._sooner.wait(min(MOST, max(LEAST, left)))
        await self.look()

    async def look(self) -> None:
        """Look again at whatever is due by the hub's clock."""
        if self._next is None or self._next > self._clock.now():
            return
        self._next = None
        for connection in list(self._connections):
            if connection.due is not None and connection.due <= self._clock.now():
                await connection.look_again()
            self.note(connection.due)
