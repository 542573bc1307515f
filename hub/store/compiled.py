"""Statements of the hottest commands, compiled once to the driver's SQL.

SQLAlchemy spends longer on a small statement than SQLite does. What is written here with Core is compiled at its
first use on an engine, and from then on goes straight to the driver's cursor, in the transaction of the connection that
it is given. Values travel as the driver takes them: declare no statement here whose columns need converting (all of
the hub's are integers, texts and booleans; SQLite answers booleans as 0 and 1).
"""

from collections import namedtuple
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Dialect
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler

Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Form:
    """A statement as a driver takes it. `row` makes a row of what the cursor answers."""

    sql: str
    names: tuple[str, ...]  # of the parameters, in their order
    fixed: dict[str, Any]  # those that the statement brings itself

    def values(self, params: Params) -> tuple[Any, ...]:
        if not self.fixed:
            return tuple(map(params.__getitem__, self.names))
        given = {**self.fixed, **params}
        return tuple(map(given.__getitem__, self.names))


class Compiled:
    """One statement. Its rows are tuples in the order of its columns; `table` is the one that it writes to."""

    def __init__(self, statement: ClauseElement) -> None:
        self.table = str(statement.table) if isinstance(statement, sa.Insert | sa.Update | sa.Delete) else ""
        self._statement = statement
        self._forms: dict[str, Form] = {}

    def first(self, conn: Connection, params: Params) -> tuple[Any, ...] | None:
        """The first row, if there is one."""
        cursor = self._run(conn, params)
        row = cursor.fetchone()
        cursor.close()
        return None if row is None else tuple(row)

    def all(self, conn: Connection, params: Params) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.rows(conn, params)]

    def rows(self, conn: Connection, params: Params) -> Sequence[Sequence[Any]]:
        """As the driver gives them, each a sequence of its columns."""
        cursor = self._run(conn, params)
        rows: Sequence[Sequence[Any]] = cursor.fetchall()
        cursor.close()
        return rows

    def run(self, conn: Connection, params: Params) -> None:
        self._run(conn, params).close()

    def run_many(self, conn: Connection, rows: Sequence[Params]) -> None:
        """Run it for each of these, in their order."""
        form = self._form(conn.dialect)
        cursor = _cursor(conn)
        cursor.executemany(form.sql, [form.values(row) for row in rows])
        cursor.close()

    def _run(self, conn: Connection, params: Params) -> Any:
        form = self._form(conn.dialect)
        cursor = _cursor(conn)
        cursor.execute(form.sql, form.values(params))
        return cursor

    def _form(self, dialect: Dialect) -> Form:
        form = self._forms.get(dialect.name)
        if form is None:
            form = self._forms[dialect.name] = _form_of(self._statement, dialect)
        return form


class Listed:
    """A query for the rows whose `column` is one of some numbers. It is compiled for lists of 1, 2, 4, … numbers, and a
    list is filled up to the next of those with its last one, so that the database sees a few statements, not many."""

    def __init__(self, query: sa.Select[Any], column: sa.ColumnElement[int]) -> None:
        self._query, self._column = query, column
        self._sizes: dict[int, Compiled] = {}
        self.row: Any = namedtuple("row", query.selected_columns.keys())  # type: ignore[misc]

    def all(self, conn: Connection, numbers: Sequence[int]) -> list[Any]:
        """The rows with their columns by name; none for no numbers."""
        if not numbers:
            return []
        size = 1 << (len(numbers) - 1).bit_length()
        names = [f"n{i}" for i in range(size)]
        query = self._sizes.get(size)
        if query is None:
            within = self._column.in_([sa.bindparam(name, type_=sa.Integer) for name in names])
            query = self._sizes[size] = Compiled(self._query.where(within))
        given = dict(zip(names, [*numbers, *[numbers[-1]] * (size - len(numbers))], strict=True))
        return [*map(self.row._make, query.rows(conn, given))]


def _form_of(statement: ClauseElement, dialect: Dialect) -> Form:
    compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    assert isinstance(compiled, SQLCompiler)
    assert compiled.positiontup is not None, "the drivers of both engines take parameters by position"
    fixed = {name: bind.effective_value for bind, name in compiled.bind_names.items() if not bind.required}
    return Form(str(compiled), tuple(compiled.positiontup), fixed)


def _cursor(conn: Connection) -> Any:
    """A cursor of the driver, in the connection's transaction."""
    return conn.connection.cursor()
