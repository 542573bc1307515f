"""A desk of a hundred thousand conversations and a million lines: trays, filters and searches; and handing out.

    make bench ARGS=tests/bench/test_bench_desk.py      BENCH_DESK=10000 for a smaller one

At the hub: from what a client asks for to the frames that answer it, on warm pages, each for an agent and for a
supervisor.
"""

import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).parent))
from conftest import Figure, Record
from wide_desk import AGENTS, COMMON, QUEUES, RARE, fill
from yardsticks import KNOWN_LINES, core_lines, slower

from hub.desk.ask import ask
from hub.desk.asked import asked
from hub.desk.people import by_agent
from hub.desk.principal import SYSTEM, Principal
from hub.desk.sight import sight_of
from hub.desk.sorts import sort_of
from hub.desk.tables import agent, conversation
from hub.desk.tray_filters import names
from hub.hub import Hub
from hub.live import snapshots
from hub.live.windows import TrayWindow
from hub.protocol import commands as c
from hub.protocol.queries import QUERIES, Search
from hub.store.clock import SystemClock
from hub.store.unit import Unit

SIZE, LINES = int(os.environ.get("BENCH_DESK", "100000")), 10
TRAYS = ("pending", "in_progress", "attended", "mine", "unassigned", "awaiting", "all")
FILTERS = (
    "queue:q7", "tag:t3", "-agent:me priority:urgent", "queue:q7 or tag:t3", "waiting:>10m", "owed:yes -tag:t1",
    "ana", "nadiesellamaasi", "595900012", "ended:>2026-01-01 tag:t2",
)  # fmt: skip
SORTS = ("-active", "waiting", "priority", "created")
TIMES = 5
BAR = 100  # ms, p95
WAITING, HANDS = 10_000, 200


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


@pytest.mark.bench
@pytest.mark.timeout(3600)
async def test_lists_of_a_big_desk(
    make_hub: Callable[..., Awaitable[Hub]], engine: str, record: Record, tmp_path: Path
) -> None:
    less = slower(KNOWN_LINES / core_lines(tmp_path / "core.db"))
    hub = await make_hub(clock=SystemClock())
    await fill(hub, SIZE, LINES)
    await hub.store.write(_settle)
    people = [await hub.store.read(lambda conn, n=n: by_agent(conn, n)) for n in (1, 2)]
    known = await hub.store.read(names)

    async def tray(who: Principal, of: str, text: str, sort: str) -> float:
        wanted = asked(of, text, sort_of(sort), sight=sight_of(who), reader=hub.reader(who), names=known)
        begun = time.perf_counter()
        window = TrayWindow(1, wanted, 50)
        await hub.store.read(lambda conn: snapshots.tray(conn, window, {}, hub.clock.now()))
        return (time.perf_counter() - begun) * 1000

    async def found(who: Principal, words: str) -> float:
        begun = time.perf_counter()
        await hub.store.read(lambda conn: ask(hub.asking(conn, who), QUERIES["search"], Search(words=words)))
        return (time.perf_counter() - begun) * 1000

    for role, who in zip(("agent", "supervisor"), people, strict=True):
        assert who is not None
        opens = {of: [await tray(who, of, "", "-active") for _ in range(TIMES)] for of in TRAYS}
        _told(record, f"{engine}, {role}: a tray opens", opens, less)
        applied = {text: [await tray(who, "live", text, "-active") for _ in range(TIMES)] for text in FILTERS}
        _told(record, f"{engine}, {role}: a filter applies", applied, less)
        everywhere = {text: [await tray(who, "all", text, "-active") for _ in range(TIMES)] for text in FILTERS}
        _told(record, f"{engine}, {role}: a filter over all there ever was", everywhere, less)
        sorted_ = {sort: [await tray(who, "live", "", sort) for _ in range(TIMES)] for sort in SORTS}
        _told(record, f"{engine}, {role}: an order", sorted_, less)
        hits = {w: [await found(who, w) for _ in range(TIMES)] for w in (RARE, COMMON, f"{COMMON} {RARE}", "nadadeeso")}
        _told(record, f"{engine}, {role}: a full-text hit shows", hits, less)


def _told(record: Record, name: str, took: dict[str, list[float]], less: float) -> None:
    """The p95 of all, and beside it the slowest kind."""
    worst = max(took, key=lambda one: statistics.median(took[one]))
    every = [value for values in took.values() for value in values]
    of = f"ms, {worst!r}"
    record(Figure(name, p95(every), "ms", BAR, statistics.median(took[worst]), of, less))


def _settle(unit: Unit) -> None:
    """As after a night: the engine knows what is in its tables. The second agent is a supervisor."""
    unit.conn.exec_driver_sql("ANALYZE")
    unit.conn.execute(sa.update(agent).where(agent.c.id == 2).values(role="supervisor"))


@pytest.mark.bench
@pytest.mark.timeout(1200)
async def test_handing_out(make_hub: Callable[..., Awaitable[Hub]], engine: str, record: Record) -> None:
    """All at once: ten thousand wait when the queues are given room."""
    hub = await make_hub(clock=SystemClock())
    await fill(hub, 1, 1)
    await hub.store.write(_crowd)
    each = WAITING // HANDS
    began = time.perf_counter()
    for number in range(1, QUEUES + 1):
        mine = [(number - 1) * 4 + k + 1 for k in range(4)]
        args = c.SaveQueue(f"q{number}", {"es": f"Cola {number}"}, primary=mine, capacity=each)
        await hub.submit(SYSTEM, "queue.save", args, f"give-room-{number}")
    took = time.perf_counter() - began
    owned = sa.select(conversation.c.owner_id).where(conversation.c.state == "assigned")
    held = Counter(await hub.store.read(lambda conn: list(conn.scalars(owned))))
    assert sum(held.values()) == WAITING
    assert max(held.values()) <= each, "nobody beyond their capacity"
    assert len(held) == AGENTS
    record(Figure(f"{engine}: {WAITING:,} waiting handed to {HANDS} agents", WAITING / took, "/s"))


def _crowd(unit: Unit) -> None:
    now = unit.clock.now()
    (seen,) = unit.conn.execute(sa.select(conversation)).mappings()
    row = {**seen, "state": "waiting", "owner_id": None, "closed_at": None, "outcome": None, "last_message_id": None}
    unit.conn.execute(sa.update(conversation).values(state="closed"))
    unit.conn.execute(
        sa.insert(conversation),
        [
            {**row, "id": 10 + n, "queue_id": n % QUEUES + 1, "waiting_since": now - n, "created_at": now - n}
            for n in range(WAITING)
        ],
    )
