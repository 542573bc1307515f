"""What clients have asked of a hub and what they were told, held against what the database says afterwards."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from hub.desk.projections import check
from hub.desk.tables import conversation, message
from hub.protocol.states import State
from hub.store.schema import head, idempotency, journal


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
        for name, at in conn.execute(
            sa.select(conversation.c.identity_id, sa.func.count())
            .where(conversation.c.state != State.CLOSED.value)
            .group_by(conversation.c.identity_id)
            .having(sa.func.count() > 1)
        ):
            found.append(f"identity {name} has {at} conversations at once")
        return [*found, *map(str, check(conn))]

    def summary(self) -> str:
        lines = sum(1 for key in self.done if self.asked[key])
        return f"{len(self.done)} acked ({lines} lines), {len(self.refused)} refused, {self.open} open"
