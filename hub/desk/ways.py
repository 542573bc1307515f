"""A filter taken apart, so that each part of a list is read off one index."""

from dataclasses import dataclass

import sqlalchemy as sa

from hub.desk.filters import AllOf, AnyOf, Filter, Has, Is, Place
from hub.desk.sources import AS_IT_IS, Source
from hub.protocol.states import State


def alternatives(where: Filter) -> list[tuple[Filter, ...]]:
    """The same filter as alternatives, each of which is a list of simple conditions that all hold."""
    if isinstance(where, AnyOf):
        return [way for part in where.parts for way in alternatives(part)]
    if isinstance(where, AllOf):
        ways: list[tuple[Filter, ...]] = [()]
        for part in where.parts:
            ways = [(*way, *more) for way in ways for more in alternatives(part)]
        return ways
    return [(where,)]


def allows(way: tuple[Filter, ...], state: State) -> bool:
    return all(state.value in part.values for part in way if isinstance(part, Is) and part.column == "state")


@dataclass(frozen=True, slots=True)
class AmongFew(Filter):
    """One of the states, where a few have been picked out already: the engine is kept from going through all
    conversations of a state instead, of which there are very many that have ended."""

    states: tuple[State, ...]

    def sql(self, of: Source = AS_IT_IS) -> sa.ColumnElement[bool]:
        column: sa.ColumnElement[str] = of.c["state"]
        return column.concat("").in_([state.value for state in self.states])

    def test(self, place: Place) -> bool:
        return place.state in self.states


def in_state(way: tuple[Filter, ...], state: State) -> Filter:
    """The state as a part of that alternative, so that it is read off the right index."""
    return AmongFew((state,)) if any(isinstance(part, Has) for part in way) else Is("state", (state.value,))
