"""Saving what a desk is set up with: a row that is added, or changed, and the event that says so."""

from typing import Any

import msgspec
import sqlalchemy as sa

from hub.desk.registry import Context


def as_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def upsert(context: Context, table: sa.Table, row: sa.Row[Any] | None, event: str, values: dict[str, Any]) -> int:
    """Insert, or update `row`; records `event` with the id under the table's name."""
    made: int
    if row is None:
        made = context.conn.execute(sa.insert(table).values(**values, rev=0)).inserted_primary_key[0]  # type: ignore[index]
    else:
        made = row.id
    rev = context.record(event, **{table.name: made})
    context.conn.execute(sa.update(table).where(table.c.id == made).values(**values, rev=rev))
    return made
