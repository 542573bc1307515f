"""How the hub is: whether it is ready for work, and what can be looked up about it when somebody asks for metrics."""

import asyncio

import sqlalchemy as sa
import structlog
from sqlalchemy import Connection

from hub.hub import Hub
from hub.store.away import FULL
from hub.store.migrate import newest, revision_of
from hub.store.schema import head, timer

PATIENCE = 2.0  # seconds that the database has to answer
STUCK = 10.0  # seconds at one group of commands, after which the writer is taken for stuck

log = structlog.get_logger(__name__)


async def unready(hub: Hub) -> list[str]:
    """Why the hub should be given no work, a code each: `draining`, `writer_stuck`, `database_away`, `schema_differs`,
    `disk_full`. Empty where it is ready.
    """
    reasons = []
    if hub.draining:
        reasons.append("draining")
    if hub.store.writer.busy >= STUCK:
        reasons.append("writer_stuck")
    if hub.store.writer.full:
        reasons.append(FULL)
    try:
        async with asyncio.timeout(PATIENCE):
            if await hub.store.read(revision_of) != newest():
                reasons.append("schema_differs")
    except (sa.exc.SQLAlchemyError, OSError) as error:
        log.warning("database_away", error=error)
        reasons.append("database_away")
    return reasons


async def look(hub: Hub) -> None:
    """Bring the gauges of the hub's metrics up to the present. What the database doesn't tell keeps its last value."""
    gauges, writer = hub.metrics.gauges, hub.store.writer
    gauges["writer_queue_jobs"].set(writer.waiting)
    gauges["writer_busy_seconds"].set(writer.busy)
    gauges["windows"].set(sum(len(client.windows) for client in hub.connections))
    gauges["draining"].set(hub.draining)
    gauges["database_full"].set(writer.full)
    hub.metrics.sockets.labels("agents").set(len(hub.connections))
    hub.metrics.sockets.labels("visitors").set(len(hub.pages))
    slowest = min((client.cursor for client in hub.connections), default=hub.tail.seq)
    gauges["slowest_connection_lag_rows"].set(max(0, hub.tail.seq - slowest))
    try:
        async with asyncio.timeout(PATIENCE):
            found = await hub.store.read(lambda conn: _look(conn, hub.clock.now()))
    except (sa.exc.SQLAlchemyError, OSError) as error:
        log.warning("database_away", error=error)
        gauges["database_up"].set(0)
        return
    gauges["database_up"].set(1)
    seq = found.pop("seq")
    gauges["tail_lag_rows"].set(max(0, seq - hub.tail.seq))
    for name, value in found.items():
        gauges[name].set(value)


def _look(conn: Connection, now: int) -> dict[str, float]:
    overdue, oldest = conn.execute(sa.select(sa.func.count(), sa.func.min(timer.c.due)).where(timer.c.due <= now)).one()
    return {
        "seq": conn.scalar(sa.select(head.c.seq)) or 0,
        "timers": conn.scalar(sa.select(sa.func.count()).select_from(timer)) or 0,
        "timers_overdue": overdue,
        "timers_overdue_seconds": (now - oldest) / 1000 if overdue else 0,
        "database_bytes": _size(conn),
    }


def _size(conn: Connection) -> int:
    """Bytes; of SQLite without the journal beside the file."""
    if conn.dialect.name == "sqlite":
        pages, page = (conn.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("page_count", "page_size"))
        return int(pages * page)
    return int(conn.scalar(sa.select(sa.func.pg_database_size(sa.func.current_database()))) or 0)
