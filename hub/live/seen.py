"""When each session was last seen, to a minute, for as long as its console is connected. Not journaled."""

import asyncio
from collections.abc import Callable, Collection

import sqlalchemy as sa

from hub.desk.tables import session
from hub.live.loops import Loop
from hub.store.engine import Store
from hub.store.unit import Unit

EVERY = 60.0  # seconds


class Seen:
    """`connected` tells the ids of the sessions that are connected to this hub now."""

    def __init__(self, store: Store, connected: Callable[[], Collection[int]]) -> None:
        self._store = store
        self._connected = connected
        self._loop = Loop("seen", self._step)

    def start(self) -> None:
        self._loop.start()

    async def stop(self) -> None:
        await self._loop.stop()

    async def _step(self) -> None:
        await asyncio.sleep(EVERY)
        await self.note()

    async def note(self) -> None:
        ids = set(self._connected())
        if ids:
            await self._store.write(lambda unit: _note(unit, ids))


def _note(unit: Unit, ids: set[int]) -> None:
    unit.conn.execute(sa.update(session).where(session.c.id.in_(ids)).values(seen_at=unit.now))
