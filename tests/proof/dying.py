"""A hub that dies while it writes: at a statement, just before the commit, or between the commit and its answer.

Once dead it says and does nothing any more, until it is opened again from the database. That the transaction is rolled
back, when it had not been committed, is what the database does by itself for a process that is gone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from hub.hub import Hub
from hub.store.compiled import Compiled


class Died(Exception):
    """The process is gone: whoever waited for an answer never gets one."""


class Fate:
    """Counts what the writer asks of the database, and ends it at step `at`; 0: never. The steps of a transaction are
    its statements, then `before` its commit, then `after` it."""

    def __init__(self, at: int = 0) -> None:
        self.at = at
        self.steps: list[str] = []
        self.dead = False

    def step(self, what: str) -> None:
        if self.dead:
            raise Died
        self.steps.append(what)
        if len(self.steps) == self.at:
            self.dead = True
            raise Died


@contextmanager
def fated(hub: Hub, at: int = 0) -> Iterator[Fate]:
    """The hub's writer meets its fate at this step; what reads is not touched."""
    fate, engine = Fate(at), writing_engine(hub)
    run, run_many, commit = Compiled._run, Compiled.run_many, engine.dialect.do_commit

    def before_statement(conn: Any, cursor: Any, statement: str, *_: Any) -> None:
        fate.step(statement)

    def compiled(self: Compiled, conn: Any, params: Any) -> Any:
        if conn.engine is engine:
            fate.step(self.table or "compiled")
        return run(self, conn, params)

    def compiled_many(self: Compiled, conn: Any, rows: Any) -> None:
        if conn.engine is engine:
            fate.step(self.table)
        run_many(self, conn, rows)

    def committing(connection: Any) -> None:
        fate.step("before")
        commit(connection)
        fate.step("after")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Compiled, "_run", compiled)
        patch.setattr(Compiled, "run_many", compiled_many)
        patch.setattr(engine.dialect, "do_commit", committing)
        sa.event.listen(engine, "before_cursor_execute", before_statement)
        try:
            yield fate
        finally:
            sa.event.remove(engine, "before_cursor_execute", before_statement)


def writing_engine(hub: Hub) -> sa.Engine:
    engine = hub.store._engine  # type: ignore[attr-defined]
    return engine if isinstance(engine, sa.Engine) else engine.sync_engine  # type: ignore[no-any-return]
