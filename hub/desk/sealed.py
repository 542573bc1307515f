"""Every column that holds sealed secrets, so that all of them can be wrapped by another key."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.desk.account_tables import factor
from hub.desk.hook_tables import api_channel, webhook
from hub.sealing import Keys, key_of
from hub.store.unit import Unit


@dataclass(frozen=True, slots=True)
class Sealed:
    """A column of sealed texts, empty or NULL where there is none. A row's purpose is `purpose:ID`."""

    column: sa.Column[Any]
    purpose: str

    @property
    def id(self) -> sa.Column[Any]:
        (key,) = self.column.table.primary_key.columns
        return key


SEALED = (  # whoever seals a column enters it here
    Sealed(webhook.c.secret, "webhook"),
    Sealed(webhook.c.old_secret, "webhook"),
    Sealed(api_channel.c.secret, "channel"),
    Sealed(api_channel.c.old_secret, "channel"),
    Sealed(factor.c.sealed, "totp"),
)


def _texts(conn: Connection, one: Sealed) -> list[tuple[int, str]]:
    rows = conn.execute(sa.select(one.id, one.column).where(one.column != "").order_by(one.id))
    return [(row_id, text) for row_id, text in rows]


def used_keys(conn: Connection) -> Counter[str]:
    """How many secrets each key seals, by the key's id."""
    return Counter(key_of(text) for one in SEALED for _, text in _texts(conn, one))


def rewrapped(conn: Connection, keys: Keys) -> list[tuple[Sealed, int, str]]:
    """(column, row, text) of every secret that another key than the current one has wrapped, wrapped by that.

    Raises `NotOpened` where none of the keys has.
    """
    return [
        (one, row_id, keys.rewrap(text, f"{one.purpose}:{row_id}"))
        for one in SEALED
        for row_id, text in _texts(conn, one)
        if keys.stale(text)
    ]


def rewrap(unit: Unit, keys: Keys) -> int:
    """Wrap every secret by the current key; returns how many were not."""
    changed = rewrapped(unit.conn, keys)
    for one, row_id, text in changed:
        unit.conn.execute(sa.update(one.column.table).where(one.id == row_id).values({one.column.name: text}))
    return len(changed)
