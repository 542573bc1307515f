"""What a window of a tray shows: the tray, sight and a filter together, in an order; and how it is read.

What a place decides is apart from the rest (`more`): counts of the former follow from the journal alone. With more than
a place, with what the reader handed on, or in another order, rows are gathered from branches, one for each state and
each way in which a conversation is in sight, so that each is read off one index, in its order where the sort has one,
and stops at the limit; or, where a word is looked for that few contacts have, from their conversations.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.desk import conditions as c
from hub.desk.facts import Facts, facts_of
from hub.desk.filters import AllOf, Filter, Is, Since, is_state
from hub.desk.handed_on import beyond_sight, facts_for
from hub.desk.sight import NOT_ERASED, Sight
from hub.desk.sorts import Sort
from hub.desk.sources import AS_HANDED_ON
from hub.desk.tables import conversation
from hub.desk.talk_tables import handed_on
from hub.desk.tray_filters import Reader, meaning
from hub.desk.ways import AmongFew, allows, alternatives, in_state
from hub.protocol.filter_fields import Names
from hub.protocol.filter_text import read
from hub.protocol.filter_tree import All, Node, OneOf, all_of, deepened, is_dated, leaves
from hub.protocol.states import State
from hub.protocol.trays import BUILT_IN

_PLACED = ("queue_id", "owner_id", "team_id", "state")
NOTHING = Names({})
Branch = tuple[sa.ColumnElement[bool], ...]


@dataclass(frozen=True)
class Asked:
    """`place` holds the tray, sight and what else a place decides; `more` is the rest of the filter, if any. `kept`:
    what `place` asks for beside sight, where the reader may have handed on some of it."""

    place: Filter
    states: tuple[State, ...]
    more: c.Condition | None
    sort: Sort
    sight: Sight
    kept: Filter | None = None
    by_topic: bool = False  # what is meant by a topic depends on the tree of them

    @property
    def by_place(self) -> bool:
        """Whether what there is follows from the places of conversations alone."""
        return self.more is None and self.kept is None

    @property
    def plain(self) -> bool:
        """By place alone, in the usual order."""
        return self.by_place and self.sort == Sort()

    @cached_property
    def ages(self) -> list[c.Age]:
        """What of it time alone changes."""
        return [] if self.more is None else self.more.ages()

    @cached_property
    def ways(self) -> list[tuple[Filter, ...]]:
        """In which a conversation is in place."""
        return alternatives(self.place)

    def test(self, facts: Facts, now: int) -> bool:
        return self.place.test(facts.place) and (self.more is None or self.more.test(facts, now))

    # -- reading -------------------------------------------------------------------------------------------------------

    # Whoever reads more than one of these in a transaction hands in its `branches`, which may be dear to find.

    def newest(
        self,
        conn: Connection,
        now: int,
        limit: int,
        after: tuple[int | str | None, int] | None = None,
        branches: Sequence[Branch] | None = None,
    ) -> list[Facts]:
        """The first `limit` that match, in order; of those after the row with this value and id."""
        engine = conn.dialect.name
        order = self.sort.order(engine)
        beyond = () if after is None else (self.sort.beyond(*after, engine),)
        found: dict[int, int | str | None] = {}  # by id, what they are sorted by
        for branch in self.branches(conn, now) if branches is None else branches:
            query = sa.select(conversation.c.id, self.sort.read(engine)).where(*branch, *beyond)
            edge = self._edge(found.values(), limit)
            if edge is not None:  # what stands behind all that was found need not be gone through
                query = query.where(self.sort.until(edge, engine))
            found.update((row[0], row[1]) for row in conn.execute(query.order_by(*order).limit(limit)))
        facts = [*facts_of(conn, found).values()]
        for branch in self.kept_branches(now):
            beyond = () if after is None else (self.sort.beyond(*after, engine, AS_HANDED_ON),)
            query = sa.select(handed_on.c.conversation_id).where(*branch, *beyond)
            ids = conn.scalars(query.order_by(*self.sort.order(engine, AS_HANDED_ON)).limit(limit))
            facts += facts_for(conn, self.sight.upto or 0, ids).values()
        return sorted(facts, key=self.sort.key, reverse=self.sort.down)[:limit]

    def _edge(self, values: Collection[int | str | None], limit: int) -> int | str | None:
        """What the last of the first `limit` is sorted by, where there are as many that are sorted by anything."""
        there: list[Any] = [value for value in values if value is not None]
        return sorted(there, reverse=self.sort.down)[limit - 1] if 0 < limit <= len(there) else None

    def ids(self, conn: Connection, now: int, limit: int, branches: Sequence[Branch] | None = None) -> set[int]:
        """Those that match; not more than `limit`."""
        found: set[int] = set()
        for branch in self.branches(conn, now) if branches is None else branches:
            if left := limit - len(found):
                found.update(conn.scalars(sa.select(conversation.c.id).where(*branch).limit(left)))
        for branch in self.kept_branches(now):
            if left := limit - len(found):
                found.update(conn.scalars(sa.select(handed_on.c.conversation_id).where(*branch).limit(left)))
        return found

    def next_turn(self, conn: Connection, now: int) -> int | None:
        """The soonest time at which a conversation may begin to match, or cease to, by time alone."""
        due: list[int] = []
        possible = self.branches(conn, None) if self.ages else []
        for age in self.ages:
            column: sa.ColumnElement[Any] = conversation.c[age.column]
            for branch in possible:
                query = sa.select(column).where(*branch, column > now - age.age).order_by(column).limit(1)
                due += [value + age.age for value in conn.scalars(query)]
            column = AS_HANDED_ON.c[age.column]
            for branch in self.kept_branches(None):
                query = sa.select(column).where(*branch, column > now - age.age).order_by(column).limit(1)
                due += [value + age.age for value in conn.scalars(query)]
        return min(due, default=None)

    def branches(self, conn: Connection, now: int | None) -> list[Branch]:
        """Conditions that together are what was asked for, each of one state; without a time, of what is possible.
        Where only a few can match, they are begun with, whatever their state."""
        few = None if self.more is None else self.more.few(conn)
        if few is None:
            return [(place, *self._more(now)) for place in self._by_state]
        return [(conversation.c.id.in_(sorted(few)), self._anyhow, *self._more(now))] if few else []

    # Statements are made once for all looks of a window: making them takes longer than what many of them do.

    @cached_property
    def _by_state(self) -> list[sa.ColumnElement[bool]]:
        return [
            sa.and_(in_state(way, state).sql(), *_beside_state(way))
            for way in self.ways
            for state in self.states
            if allows(way, state)
        ]

    @cached_property
    def _anyhow(self) -> sa.ColumnElement[bool]:
        found = ((way, tuple(state for state in self.states if allows(way, state))) for way in self.ways)
        ways = (sa.and_(AmongFew(states).sql(), *_beside_state(way)) for way, states in found if states)
        return sa.or_(sa.false(), *ways)

    @cached_property
    def _whenever(self) -> Branch:
        return () if self.more is None else (self.more.sql(0),)

    def _more(self, now: int | None) -> Branch:
        if self.more is None or not self.ages:
            return self._whenever
        return (self.more.possible() if now is None else self.more.sql(now),)

    def kept_branches(self, now: int | None) -> Iterator[Branch]:
        """The same of what the reader handed on, and sees no more as a whole; none where nothing of it can be meant."""
        if self.kept is not None:
            of, more = AS_HANDED_ON, self.more
            rest = () if more is None else (more.possible(of) if now is None else more.sql(now, of),)
            yield (*beyond_sight(self.sight), self.kept.sql(of), *rest)


def asked(tray: str, text: str, sort: Sort, *, sight: Sight, reader: Reader, names: Names) -> Asked:
    """Raises KeyError for an unknown tray, and BadFilter."""
    built_in = BUILT_IN[tray]
    laid = deepened(read(text, names), names.below)
    parts: list[Filter] = [is_state(built_in.states), Is("kind", built_in.kinds)]
    if built_in.today and not is_dated(laid):
        parts.append(Since("closed_at", reader.day_start(reader.today)))
    more: list[c.Condition] = []
    for node in _parts(all_of([read(built_in.filter, NOTHING), laid])):
        condition = meaning(node, reader)
        placed = _placed(condition)
        if placed is None:
            more.append(condition)
        else:
            parts.append(placed)
    kept = AllOf((*parts, NOT_ERASED)) if sight.upto is not None and built_in.handed_on else None
    place = AllOf((*parts, sight.whole))
    by_topic = any(isinstance(leaf, OneOf) and leaf.field == "topic" for leaf in leaves(laid))
    return Asked(place, built_in.states, c.Every(tuple(more)) if more else None, sort, sight, kept, by_topic)


def _beside_state(way: tuple[Filter, ...]) -> list[sa.ColumnElement[bool]]:
    return [part.sql() for part in way if not (isinstance(part, Is) and part.column == "state")]


def _parts(node: Node) -> tuple[Node, ...]:
    return node.parts if isinstance(node, All) else (node,)


def _placed(condition: c.Condition) -> Filter | None:
    """The condition as a filter over places, where it looks at nothing else."""
    if isinstance(condition, c.Placed):
        return condition.where
    if not isinstance(condition, c.OneOf) or condition.column not in _PLACED:
        return None
    if None in condition.values and len(condition.values) > 1:
        return None
    return Is(condition.column, condition.values)
