"""A unit of work: what a command writes through, inside the writer's open transaction."""

import secrets
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from hub.store.clock import Clock
from hub.store.schema import head, idempotency, journal

_lock_head = sa.select(head.c.seq, head.c.epoch, head.c.nonce).where(head.c.id == 1).with_for_update()
_known = sa.select(idempotency.c.digest, idempotency.c.result).where(
    idempotency.c.principal == sa.bindparam("p"), idempotency.c.key == sa.bindparam("k")
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
    """

    conn: Connection
    clock: Clock
    seq: int = 0
    epoch: str = ""
    nonce: int = 0
    now: int = 0  # UTC milliseconds; one command happens at one time
    timers: bool = False  # a timer was set, so the earliest may have changed
    key: str = ""  # of the command that runs: what it records bears it, so that its whole way can be found again
    done: list[Done] = field(default_factory=list)
    ran: float = 0.0  # when its jobs had run, by the monotonic clock
    group: Group | None = None  # set after the commit
    _journal: list[dict[str, Any]] = field(default_factory=list)
    _results: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    _result_rows: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def begin(cls, conn: Connection, clock: Clock) -> "Unit":
        seq, epoch, nonce = conn.execute(_lock_head).one()
        return cls(conn, clock, seq, epoch, nonce, clock.now())

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
        if (held := self._results.get((principal, key))) is not None:
            return held
        row = self.conn.execute(_known, {"p": principal, "k": key}).first()
        return None if row is None else (row.digest, row.result)

    def remember(self, principal: str, key: str, digest: str, result: str) -> None:
        self._results[(principal, key)] = (digest, result)
        self._result_rows.append(
            {"principal": principal, "key": key, "digest": digest, "result": result, "at": self.now}
        )

    def mark(self) -> tuple[int, int]:
        """Where a command began; `untouched` tells whether it has recorded anything since."""
        return self.seq, len(self._result_rows)

    def untouched(self, since: tuple[int, int]) -> bool:
        return self.mark() == since

    def finish(self) -> None:
        """Write the journal, the results and the head row. The commit follows at once."""
        if self._journal:
            self.conn.execute(sa.insert(journal), self._journal)
            self.conn.execute(sa.update(head).where(head.c.id == 1).values(seq=self.seq, nonce=self.nonce))
        if self._result_rows:
            self.conn.execute(sa.insert(idempotency), self._result_rows)
