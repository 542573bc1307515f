"""What clients have asked of a hub and what they were told, held against what the database says afterwards."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from hub.desk.projections import check
from hub.desk.tables import message
from hub.store.clock import SystemClock
from hub.store.engine import open_store
from hub.store.schema import head, idempotency, journal

T = TypeVar("T")


@dataclass
class Ledger:
    """By a command's key: its body where it is a line, and its outcome once it was told."""

    asked: dict[str, str] = field(default_factory=dict)
    done: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def open(self) -> int:
        """Asked, and not answered yet."""
        return len(self.asked) - len(self.done) - len(self.refused)

    def ask(self, key: str, body: str = "") -> None:
        self.asked[key] = body

    def told(self, key: str, result: Mapping[str, Any]) -> None:
        self.done[key] = result

    def refuse(self, key: str, code: str) -> None:
        self.refused[key] = code

    def faults(self, conn: Connection) -> list[str]:
        """What was lost, doubled or made up, a line each; and what the hub's own check finds."""
        bodies = Counter(conn.scalars(sa.select(message.c.body)))
        results = {
            key: msgspec.json.decode(result)
            for key, result in conn.execute(sa.select(idempotency.c.key, idempotency.c.result))
        }
        rows = defaultdict(list)
        for seq, key in conn.execute(sa.select(journal.c.seq, journal.c.key).order_by(journal.c.seq)):
            rows[key].append(seq)
        found = []
        for key, body in self.asked.items():
            times, seqs = bodies[body] if body else None, rows[key]
            if key in self.done:
                known = results.get(key)
                if known is None or self.done[key].items() - known.items() or times == 0:
                    found.append(f"lost: {key} {body!r}, told {self.done[key]}, kept {known}")
            elif key in self.refused and (seqs or times):
                found.append(f"refused as {self.refused[key]}, and done: {key} {body!r} at {seqs}")
            if (times or 0) > 1 or (seqs and seqs[-1] - seqs[0] != len(seqs) - 1):
                found.append(f"doubled: {key} {body!r}, {times} times, at {seqs}")
        numbers = [seq for seqs in rows.values() for seq in seqs]
        last = conn.scalar(sa.select(head.c.seq))
        if sorted(numbers) != list(range(1, (last or 0) + 1)):
            found.append(f"the journal has {len(numbers)} rows up to {last}")
        return [*found, *_torn(conn), *map(str, check(conn))]

    def summary(self) -> str:
        lines = sum(1 for key in self.done if self.asked[key])
        return f"{len(self.done)} acked ({lines} lines), {len(self.refused)} refused, {self.open} open"


def _torn(conn: Connection) -> Iterator[str]:
    """Where a conversation goes on from another place than it had come to: two have moved it at once."""
    at: dict[int, Any] = {}
    moves = sa.select(journal.c.seq, journal.c.conversation_id, journal.c.data).order_by(journal.c.seq)
    for seq, conversation, data in conn.execute(moves.where(journal.c.kind == "conversation.changed")):
        place = msgspec.json.decode(data)
        if at.get(conversation) != place["was"]:
            yield f"conversation {conversation} was {at.get(conversation)}, and at {seq} {place['was']}"
        at[conversation] = place["now"]


async def read(database: str, fn: Callable[[Connection], T]) -> T:
    """Read a desk that others serve."""
    store = open_store(database, SystemClock())
    try:
        return await store.read(fn)
    finally:
        await store.stop()
