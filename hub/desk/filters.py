"""Filters over conversations: declared once, run as SQL for lists and as a predicate in memory for events.

They look only at a `Place`, where a conversation stands; the journal carries the place before and after each change,
so that counts follow from events alone. A property test holds `sql` and `test` equal.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa

from hub.desk.involvement import COLUMNS, Involved, Part, part_of
from hub.desk.sources import AS_IT_IS, Source
from hub.desk.talk_tables import involvement
from hub.protocol import trays
from hub.protocol.states import TRAYS, State


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Where a conversation stands. Ids and times only: it is written into the journal."""

    state: str
    queue_id: int
    owner_id: int | None
    closed_at: int | None
    kind: str = "chat"
    team_id: int | None = None
    involved: Involved = ()


class Filter:
    """Base of all filters."""

    __slots__ = ()

    def sql(self, of: Source = AS_IT_IS) -> sa.ColumnElement[bool]:
        raise NotImplementedError

    def test(self, place: Place) -> bool:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Is(Filter):
    """The column has one of these values."""

    column: str
    values: tuple[Any, ...]

    def sql(self, of: Source = AS_IT_IS) -> sa.ColumnElement[bool]:
        column = of.c[self.column]
        return column == self.values[0] if len(self.values) == 1 else column.in_(self.values)

    def test(self, place: Place) -> bool:
        return getattr(place, self.column) in self.values


@dataclass(frozen=True, slots=True)
class IsNot(Filter):
    """The column, which is never empty, has another value."""

    column: str
    value: Any

    def sql(self, of: Source = AS_IT_IS) -> sa.ColumnElement[bool]:
        other: sa.ColumnElement[bool] = of.c[self.column] != self.value
        return other

    def test(self, place: Place) -> bool:
        return bool(getattr(place, self.column) != self.value)


@dataclass(frozen=True, slots=True)
class Since(Filter):
    """The time in the column is there and not before `at`."""

    column: str
    at: int

    def sql(self, of: Source = AS_IT_IS) -> sa.ColumnElement[bool]:
        return of.c[self.column] >= self.at

    def test(self, place: Place) -> bool:
        value = getattr(place, self.column)
        return value is not None and value >= self.at


@dataclass(frozen=True, slots=True)
class Has(Filter):
    """The agent has one of these parts in the conversation."""

    agent_id: int
    part: Part

    def sql(self, of: Source = AS_IT_IS) -> sa.ColumnElement[bool]:
        return of.c["id"].in_(_conversations(self.agent_id, self.part))

    def test(self, place: Place) -> bool:
        return bool(part_of(place.involved, self.agent_id) & self.part)


@dataclass(frozen=True, slots=True)
class HasNot(Filter):
    """The agent has none of these parts in the conversation."""

    agent_id: int
    part: Part

    def sql(self, of: Source = AS_IT_IS) -> sa.ColumnElement[bool]:
        mine = _conversations(self.agent_id, self.part).where(involvement.c.conversation_id == of.c["id"])
        return ~mine.exists()

    def test(self, place: Place) -> bool:
        return not part_of(place.involved, self.agent_id) & self.part


def _conversations(agent_id: int, part: Part) -> sa.Select[tuple[int]]:
    parts = [involvement.c[name] for one, name in COLUMNS.items() if one & part]
    return sa.select(involvement.c.conversation_id).where(
        involvement.c.agent_id == agent_id, sa.or_(*(column.is_(sa.true()) for column in parts))
    )


@dataclass(frozen=True, slots=True)
class AllOf(Filter):
    parts: tuple[Filter, ...]

    def sql(self, of: Source = AS_IT_IS) -> sa.ColumnElement[bool]:
        return sa.and_(sa.true(), *(part.sql(of) for part in self.parts))

    def test(self, place: Place) -> bool:
        for part in self.parts:  # noqa: SIM110 - it is asked for every change and window: a generator costs as much again
            if not part.test(place):
                return False
        return True


@dataclass(frozen=True, slots=True)
class AnyOf(Filter):
    parts: tuple[Filter, ...]

    def sql(self, of: Source = AS_IT_IS) -> sa.ColumnElement[bool]:
        return sa.or_(sa.false(), *(part.sql(of) for part in self.parts))

    def test(self, place: Place) -> bool:
        for part in self.parts:  # noqa: SIM110
            if part.test(place):
                return True
        return False


def is_state(states: Iterable[State]) -> Filter:
    return Is("state", tuple(state.value for state in states))


_STATES = {name: is_state(states) for name, states in TRAYS.items()}
TALKS = Is("kind", trays.TALKS)


def tray(name: str, *, sight: Filter, day_start: int) -> Filter:
    """A built-in tray as somebody with this sight has it. Attended means since `day_start` (UTC ms).

    Raises KeyError for an unknown name.
    """
    if name == "attended":
        return AllOf((_STATES[name], Since("closed_at", day_start), TALKS, sight))
    return AllOf((_STATES[name], TALKS, sight))
