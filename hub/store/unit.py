"""A unit of work: what a command writes through, inside the writer's open transaction."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from hub.store.clock import Clock
from hub.store.compiled import Compiled, Params
from hub.store.ids import Ids
from hub.store.schema import head, idempotency, journal

Row = tuple[Any, ...]
_lock_head = sa.select(head.c.seq, head.c.epoch, head.c.nonce).where(head.c.id == 1).with_for_update()
_known = Compiled(
    sa.select(idempotency.c.digest, idempotency.c.result).where(
        idempotency.c.principal == sa.bindparam("p"), idempotency.c.key == sa.bindparam("k")
    )
)
_events, _answers = Compiled(sa.insert(journal)), Compiled(sa.insert(idempotency))
_advance = Compiled(
    sa.update(head).where(head.c.id == 1).values(seq=sa.bindparam("last"), nonce=sa.bindparam("random"))
)


@dataclass(frozen=True, slots=True)
class Group:
    """How one commit went, in seconds: `waited` is how long the first of its `size` jobs had, `ran` what the jobs took,
    `committed` what making them durable took after that."""

    size: int
    waited: float
    ran: float
    committed: float


class Done(NamedTuple):
    """A command that ran in a unit: its name, `ok`, `repeated` or the code it was refused with, and its seconds."""

    command: str
    outcome: str
    seconds: float


@dataclass(slots=True)
class Unit:
    """One transaction of the writer, shared by the commands of a group.

    Opened by locking the head row, so that on every engine nobody else can be between its reads and its commit. Journal
    rows and results are collected and written together at the end, just before the commit: the numbers handed out here
    are theirs, because the head row is ours until then.

    What the hottest commands write is put off as well (`later`), so that a group writes it at once. Whoever asks for
    `conn` finds it written; `peek` reads past it, and is for what no put-off write can change. Such rows can be read
    for the whole group at once (`foresee`); they are forgotten as soon as anybody asks for `conn`, who may change them.
    """

    _conn: Connection
    clock: Clock
    seq: int = 0
    epoch: str = ""
    nonce: int = 0
    now: int = 0  # UTC milliseconds; one command happens at one time
    timers: bool = False  # a timer was set, so the earliest may have changed
    audit: tuple[int, str] | None = None  # number and hash of the audit trail's last entry, once it is known
    _foreseen: dict[Compiled, dict[tuple[Any, ...], Row]] = field(default_factory=dict)
    _ids: Ids = field(default_factory=Ids)
    _later: dict[str, list[tuple[Compiled, list[Params]]]] = field(default_factory=dict)  # by table
    key: str = ""  # of the command that runs: what it records bears it, so that its whole way can be found again
    done: list[Done] = field(default_factory=list)
    ran: float = 0.0  # when its jobs had run, by the monotonic clock
    group: Group | None = None  # set after the commit
    _journal: list[dict[str, Any]] = field(default_factory=list)
    _results: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    _fresh: set[tuple[str, str]] = field(default_factory=set)  # keys that had no result when the group began
    _result_rows: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def begin(cls, conn: Connection, clock: Clock) -> "Unit":
        seq, epoch, nonce = conn.execute(_lock_head).one()
        return cls(conn, clock, seq, epoch, nonce, clock.now())

    @property
    def conn(self) -> Connection:
        """The transaction, with everything in it that was put off so far."""
        self._foreseen.clear()
        if self._later:
            self._write()
        return self._conn

    def foresee(self, statement: Compiled, many: sa.Select[Any], names: tuple[str, ...]) -> None:
        """Read what `peek` will be asked of `statement`: a row of `many` begins with the values of these parameters."""
        rows = self._conn.execute(many).all()
        width = len(names)
        self._foreseen[statement] = {tuple(row[:width]): tuple(row[width:]) for row in rows}

    def peek(self, statement: Compiled, params: Params) -> Row | None:
        """The first row of what no put-off write can change."""
        foreseen = self._foreseen.get(statement)
        row = None if foreseen is None else foreseen.get(tuple(params.values()))
        return row if row is not None else statement.first(self._conn, params)

    def later(self, statement: Compiled, params: Params) -> None:
        """Write this before anything is read or written through `conn`, and before the commit. What is written to one
        table keeps its order; the tables follow in the order in which they were first written to."""
        lane = self._later.setdefault(statement.table, [])
        if lane and lane[-1][0] is statement:
            lane[-1][1].append(params)
        else:
            lane.append((statement, [params]))

    def new_id(self, table: sa.Table) -> int:
        """The id of a row that is written `later`: none that was ever used."""
        return self._ids.take(self._conn, table)

    def _write(self) -> None:
        put_off, self._later = self._later, {}
        for lane in put_off.values():
            for statement, rows in lane:
                statement.run_many(self._conn, rows)
        self._ids.forget()

    def next_command(self) -> None:
        """What follows happens now, and not before what went before."""
        self.key = ""
        self.now = max(self.now, self.clock.now())

    def record(self, kind: str, actor: str, conversation: int | None, data: dict[str, Any]) -> int:
        """Add an event to the journal; returns its number. `data`: ids and non-personal values only."""
        self.seq += 1
        self.nonce = secrets.randbits(31) | 1
        self._journal.append(
            {
                "seq": self.seq,
                "nonce": self.nonce,
                "at": self.now,
                "kind": kind,
                "version": 1,
                "actor": actor,
                "conversation_id": conversation,
                "data": msgspec.json.encode(data).decode(),
                "key": self.key,
            }
        )
        return self.seq

    def known(self, principal: str, key: str) -> tuple[str, str] | None:
        """(digest, result as JSON) of a command that has taken effect under this key, in this group or before."""
        if (held := self._results.get((principal, key))) is not None or (principal, key) in self._fresh:
            return held
        row = self.peek(_known, {"p": principal, "k": key})
        return None if row is None else (row[0], row[1])

    def look_up(self, keys: list[tuple[str, str]]) -> None:
        """Find out at once which of these (principal, key) have taken effect before."""
        k = idempotency.c
        pair = sa.tuple_(k.principal, k.key)
        for row in self._conn.execute(sa.select(k.principal, k.key, k.digest, k.result).where(pair.in_(keys))):
            self._results[row.principal, row.key] = row.digest, row.result
        self._fresh.update(key for key in keys if key not in self._results)

    def remember(self, principal: str, key: str, digest: str, result: str) -> None:
        self._results[(principal, key)] = (digest, result)
        self._result_rows.append(
            {"principal": principal, "key": key, "digest": digest, "result": result, "at": self.now}
        )

    def forget(self, principal: str, is_meant: Callable[[str], bool]) -> None:
        """Drop the results of commands of this group that are not written yet, by their keys."""
        for one, key in [known for known in self._results if known[0] == principal and is_meant(known[1])]:
            del self._results[one, key]
        self._result_rows = [r for r in self._result_rows if r["principal"] != principal or not is_meant(r["key"])]

    def keys_of(self, conversation: int, kind: str) -> set[tuple[str, str]]:
        """(principal, key) of the commands that recorded such events of a conversation."""
        j = journal.c
        there = self.conn.execute(
            sa.select(j.actor, j.key).where(j.conversation_id == conversation, j.kind == kind, j.key != "")
        )
        mine = [row for row in self._journal if row["conversation_id"] == conversation and row["kind"] == kind]
        return {(row.actor, row.key) for row in there} | {(row["actor"], row["key"]) for row in mine}

    def unname(self, conversation: int) -> None:
        """Take the commands' keys from what is recorded of a conversation so far: a page's bear part of its visitor."""
        self.conn.execute(sa.update(journal).where(journal.c.conversation_id == conversation).values(key=""))
        for row in self._journal:
            if row["conversation_id"] == conversation:
                row["key"] = ""

    def mark(self) -> tuple[int, int, tuple[int, str] | None]:
        """Where a command began; `untouched` tells whether it has recorded anything since."""
        return self.seq, len(self._result_rows), self.audit

    def untouched(self, since: tuple[int, int, tuple[int, str] | None]) -> bool:
        return self.mark() == since

    def finish(self) -> None:
        """Write the journal, the results and the head row. The commit follows at once."""
        self._write()
        if self._journal:
            _events.run_many(self._conn, self._journal)
            _advance.run(self._conn, {"last": self.seq, "random": self.nonce})
        if self._result_rows:
            _answers.run_many(self._conn, self._result_rows)
