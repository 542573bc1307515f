"""Fires the timers: rows that say which command is due when.

Promised: a timer takes effect once, soon after it is due or after the restart. It is fired in one transaction that runs
its command and deletes its row; a second hub finds no row any more. A timer whose conversation has moved on since
it was set is dropped without effect.
"""

import sqlalchemy as sa
import structlog
from sqlalchemy import Connection

from hub.desk.execute import execute
from hub.desk.principal import SYSTEM
from hub.desk.registry import decode
from hub.desk.tables import conversation
from hub.live.loops import Loop
from hub.live.wake import POLL, LocalWake
from hub.protocol.errors import Refused
from hub.store.away import is_away
from hub.store.engine import Store
from hub.store.schema import timer
from hub.store.unit import Unit

log = structlog.get_logger(__name__)


class Timers:
    """`wake` is notified by the hub when a commit has set a timer."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._loop = Loop("timers", self._step)
        self.wake = LocalWake()

    def start(self) -> None:
        self._loop.start()

    async def stop(self) -> None:
        await self._loop.stop()

    async def _step(self) -> None:
        await self.fire_due()
        await self.wake.wait(POLL)

    async def fire_due(self) -> None:
        """Fire everything that is due by the hub's clock. One that fails is left for the next round."""
        failed: set[int] = set()

        def due(conn: Connection) -> list[int]:
            now = self._store.clock.now()
            query = sa.select(timer.c.id).where(timer.c.due <= now, timer.c.id.not_in(failed))
            return list(conn.scalars(query.order_by(timer.c.due, timer.c.id).limit(100)))

        while ids := await self._store.read(due):
            for timer_id in ids:
                try:
                    await self._store.write(lambda unit, i=timer_id: fire(unit, i))  # type: ignore[misc]
                except Refused as refusal:
                    log.info("timer_refused", timer=timer_id, error=refusal)
                    await self._store.write(lambda unit, i=timer_id: drop(unit, i))  # type: ignore[misc]
                except Exception as error:
                    if is_away(error):  # all of them would fail
                        log.warning("timers_put_off", error=error)
                        return
                    log.exception("timer_failed", timer=timer_id)
                    failed.add(timer_id)


def fire(unit: Unit, timer_id: int) -> None:
    """Run the timer's command under the timer's id as key. A refusal leaves the row."""
    row = unit.conn.execute(sa.select(timer).where(timer.c.id == timer_id)).first()
    if row is None:
        return
    generation = unit.conn.scalar(sa.select(conversation.c.generation).where(conversation.c.id == row.conversation_id))
    if row.conversation_id is None or generation == row.generation:
        _, args = decode(row.command, row.args.encode())
        execute(unit, SYSTEM, row.command, args, f"timer:{timer_id}")
    drop(unit, timer_id)


def drop(unit: Unit, timer_id: int) -> None:
    unit.conn.execute(sa.delete(timer).where(timer.c.id == timer_id))
