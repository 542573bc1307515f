"""What a machine does with bare parts, and what those did where the bars were set.

A bar in milliseconds or lines a second is one for the machine it was set on. Where a bare part takes twice as long as
it took there, so may we: `slower` is that factor, measured in the same run, and never below 1.
"""

import asyncio
import json
import sqlite3
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

ROWS = 4000
GROUP = 50
KNOWN_FAN_OUT = 34.0  # ms until the last of 1,000 bare aiohttp sockets has a message, p99 (28 to 40)
KNOWN_COMMIT = 0.5  # ms until one bare row is durable, handed to a thread
KNOWN_LINES = 2_800.0  # customers' lines a second by SQLAlchemy Core, in groups, with a savepoint each


def slower(factor: float) -> float:
    """`factor`: what a thing takes here, over what it took there."""
    return max(1.0, factor)


def bare_table(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    database.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t (id INTEGER PRIMARY KEY, b)"
    )
    return database


async def single_commits(path: Path, rate: float, seconds: float) -> list[int]:
    """Nanoseconds until one row is durable, written in a thread at a steady rate."""
    database, loop, took = bare_table(path), asyncio.get_running_loop(), []
    for _ in range(int(rate * seconds)):
        await asyncio.sleep(1 / rate)
        begun = time.monotonic_ns()
        await loop.run_in_executor(None, database.execute, "INSERT INTO t (b) VALUES (?)", ("x" * 60,))
        took.append(time.monotonic_ns() - begun)
    database.close()
    return took


def group_commit(path: Path) -> float:
    """Rows a second that SQLite itself takes in groups, with synchronous=FULL."""
    database = bare_table(path)
    begun = time.perf_counter()
    for _ in range(ROWS // GROUP):
        database.execute("BEGIN IMMEDIATE")
        database.executemany("INSERT INTO t (b) VALUES (?)", [("x" * 60,)] * GROUP)
        database.execute("COMMIT")
    return ROWS / (time.perf_counter() - begun)


_meta = sa.MetaData()
_head = sa.Table("head", _meta, sa.Column("id", sa.Integer, primary_key=True), sa.Column("seq", sa.Integer))
_talk = sa.Table(
    "talk",
    _meta,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("last_at", sa.Integer, index=True),
    sa.Column("unread", sa.Integer),
    sa.Column("snippet", sa.String),
)
_line = sa.Table(
    "line",
    _meta,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("talk_id", sa.Integer, index=True),
    sa.Column("body", sa.String),
    sa.Column("key", sa.String, index=True),
)
_event = sa.Table("event", _meta, sa.Column("seq", sa.Integer, primary_key=True), sa.Column("data", sa.String))
_done = sa.Table("done", _meta, sa.Column("key", sa.String, primary_key=True), sa.Column("result", sa.Integer))


_was_done = sa.select(_done.c.result).where(_done.c.key == sa.bindparam("k"))
_its_talk = sa.select(_talk).where(_talk.c.id == sa.bindparam("number"))
_changed = (
    sa.update(_talk)
    .where(_talk.c.id == sa.bindparam("number"))
    .values(last_at=sa.bindparam("at"), unread=_talk.c.unread + 1, snippet=sa.bindparam("start"))
)
_next = sa.update(_head).where(_head.c.id == 1).values(seq=_head.c.seq + 1).returning(_head.c.seq)
_add_line, _add_event, _add_done = sa.insert(_line), sa.insert(_event), sa.insert(_done)


def _take_line(conn: sa.Connection, n: int, talks: int) -> None:
    """One customer's line in seven statements: no permissions, no search index, no audit, no reader."""
    key, number, body = f"line-{n}", n % talks + 1, f"¿Me confirman si el pedido {n} sale hoy por la tarde?"
    if conn.execute(_was_done, {"k": key}).first() is not None:
        return
    conn.execute(_its_talk, {"number": number}).one()
    made = conn.execute(_add_line, {"talk_id": number, "body": body, "key": key}).inserted_primary_key
    assert made is not None
    conn.execute(_changed, {"number": number, "at": n, "start": body[:40]})
    seq = conn.scalar(_next)
    conn.execute(_add_event, {"seq": seq, "data": json.dumps({"talk": number, "line": made[0], "body": body})})
    conn.execute(_add_done, {"key": key, "result": made[0]})


def core_lines(path: Path, lines: int = 2_000, talks: int = 500, group: int = 64) -> float:
    """Lines a second that SQLAlchemy Core takes in groups, each in a savepoint of its own."""
    engine = sa.create_engine(f"sqlite:///{path}")

    @sa.event.listens_for(engine, "connect")
    def durable(connection: Any, _: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")

    @sa.event.listens_for(engine, "begin")
    def immediate(conn: sa.Connection) -> None:
        conn.exec_driver_sql("BEGIN IMMEDIATE")

    _meta.create_all(engine)
    with engine.begin() as conn:
        conn.execute(sa.insert(_head).values(id=1, seq=0))
        conn.execute(sa.insert(_talk), [{"id": n + 1, "last_at": 0, "unread": 0, "snippet": ""} for n in range(talks)])
    begun = time.perf_counter()
    for first in range(0, lines, group):
        with engine.begin() as conn:
            for n in range(first, min(first + group, lines)):
                with conn.begin_nested():
                    _take_line(conn, n, talks)
    took = time.perf_counter() - begun
    engine.dispose()
    return lines / took
