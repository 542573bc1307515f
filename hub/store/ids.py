"""Ids that are known before their row is written, from the same source as the database's own: none is used twice."""

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.store.compiled import Compiled

BLOCK = 64  # ids taken from a PostgreSQL sequence at once; what is left of them at the end is never used
_last = Compiled(sa.text("SELECT seq FROM sqlite_sequence WHERE name = :name"))
_next = Compiled(
    sa.text(
        "SELECT nextval(pg_get_serial_sequence(CAST(:name AS text), 'id')::regclass) "
        "FROM generate_series(1, CAST(:block AS integer))"
    )
)


class Ids:
    """Of one transaction of the writer, which no other writer can come between."""

    def __init__(self) -> None:
        self._ready: dict[str, list[int]] = {}  # by table, the next one last
        self._known: dict[str, int] = {}  # on SQLite by table: the last id that is used

    def take(self, conn: Connection, table: sa.Table) -> int:
        if conn.dialect.name == "sqlite":
            return self._after_last(conn, table.name)
        ready = self._ready.get(table.name)
        if not ready:
            ready = [row[0] for row in reversed(_next.all(conn, {"name": table.name, "block": BLOCK}))]
            self._ready[table.name] = ready
        return ready.pop()

    def forget(self) -> None:
        """The rows are written; from now on others may be, by the database's own numbers, and ids keep the order."""
        self._known.clear()
        self._ready.clear()

    def _after_last(self, conn: Connection, name: str) -> int:
        """SQLite keeps the last id of an AUTOINCREMENT table, and brings it up to ids that rows are given."""
        last = self._known.get(name)
        if last is None:
            row = _last.first(conn, {"name": name})
            last = 0 if row is None else int(row[0])
        self._known[name] = last + 1
        return last + 1
