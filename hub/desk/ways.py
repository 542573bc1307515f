"""A filter taken apart, so that each part of a list is read off one index."""

from hub.desk.filters import AllOf, AnyOf, Filter, Is
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
