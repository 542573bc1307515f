"""Why a database can't be used just now: what to refuse with, and which failures that is about."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
import sqlalchemy as sa
import structlog

from hub.protocol.errors import Code, Refused

log = structlog.get_logger(__name__)
FULL = "disk_full"  # what `args.why` of the refusal says
_KNOWN = (
    *(sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError),  # the last: all readers are taken
    *(sqlite3.OperationalError, asyncpg.InterfaceError),
)
_POSTGRES_FULL = "53100"
_POSTGRES_AWAY = ("08", "53", "57", "58")  # classes: connection, resources, whoever runs it intervened, its machine


def is_away(error: BaseException) -> bool:
    """Whether it is no fault of ours, and the same may go well later. Also as the drivers say it, for what is compiled
    meets them without SQLAlchemy between."""
    if sqlite3.SQLITE_ERROR in _codes(error):  # of a statement that can't be: OperationalError, like the others
        return False
    known = isinstance(error, OSError) or any(isinstance(cause, _KNOWN) for cause in _causes(error))
    return known or _state(error).startswith(_POSTGRES_AWAY)


def is_full(error: BaseException) -> bool:
    """Whether the database has no room on its disk."""
    return sqlite3.SQLITE_FULL in _codes(error) or _state(error) == _POSTGRES_FULL


def refusal(error: Exception, **about: Any) -> Refused:
    """What to answer somebody who has met a database that is away: `busy`, which every client keeps, and why, where
    that can be told. The log tells what it was about."""
    log.warning("database_away", error=error, **about)
    return Refused(Code.BUSY, why=FULL) if is_full(error) else Refused(Code.BUSY)


@contextmanager
def refusing(**about: Any) -> Iterator[None]:
    """What meets a database that is away in here ends in its `refusal`; everything else as it does."""
    try:
        yield
    except Exception as error:
        if not is_away(error):
            raise
        raise refusal(error, **about) from error


def _codes(error: BaseException) -> set[int | None]:
    """SQLite's."""
    return {getattr(cause, "sqlite_errorcode", None) for cause in _causes(error)}


def _state(error: BaseException) -> str:
    return next((state for cause in _causes(error) if isinstance(state := getattr(cause, "sqlstate", None), str)), "")


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = getattr(cause, "orig", None) or cause.__cause__
