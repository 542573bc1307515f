"""The answers of all queries. Each registers itself here under the name of its query; `hub.desk.ask` gives them.

A list's answer returns at most one row more than was asked for, each with its place in the order; that one tells
whether there is another page, and is cut off.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import UNSET
from sqlalchemy import Connection

from hub.desk.principal import Principal
from hub.desk.tray_filters import Reader
from hub.protocol import views
from hub.protocol.queries import QUERIES, Page

Key = tuple[int | str, ...]  # a row's place in the order of its list
Placed = tuple[Key, msgspec.Struct]
FIRST = 2**53  # above every id and time


@dataclass(frozen=True, slots=True)
class Asking:
    """What an answer is made from: the transaction, who asks, when the desk's day began, since when a session must
    have been seen to be alive, the time, and who reads a filter."""

    conn: Connection
    who: Principal
    me: views.Me
    day_start: int
    seen_since: int
    now: int
    reader: Reader


Answer = Callable[[Asking, Any], Any]
ANSWERS: dict[str, Answer] = {}


def answers(name: str) -> Callable[[Answer], Answer]:
    """Enter the answer of a query: a struct for one thing, a list of `Placed` for a page."""

    def enter(answer: Answer) -> Answer:
        if name not in QUERIES or name in ANSWERS:
            raise ValueError(f"{name} is no query, or has an answer already")
        ANSWERS[name] = answer
        return answer

    return enter


def after(params: Page) -> tuple[int, ...] | None:
    """The place to go on from; None at the beginning."""
    return tuple(int(part) for part in params.after.split(".")) if params.after is not UNSET else None
