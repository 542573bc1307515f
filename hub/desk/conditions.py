"""What a filter's text comes down to: conditions on a conversation, run as SQL for lists and in memory for events.

They look at `Facts`, which is more than the place that `hub.desk.filters` looks at. The passing of time alone can
change some of them, so both ways are asked with the time; `turns` says when that will next happen. A property test
holds `sql` and `test` equal, on both engines. No condition is ever unknown: a time that is not there is neither long
ago nor lately, and a negation is true of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.desk import contact_search
from hub.desk.facts import Facts
from hub.desk.filters import Filter
from hub.desk.sources import AS_IT_IS, Source, about, tagged
from hub.desk.tables import channel, contact, conversation

Clause = sa.ColumnElement[bool]
COLUMNS = {  # of a conversation, with where facts have them
    "id": attrgetter("row.id"),
    "queue_id": attrgetter("row.q"),
    "owner_id": attrgetter("row.owner"),
    "channel_id": attrgetter("row.ch"),
    "state": attrgetter("row.state"),
    "team_id": attrgetter("row.team"),
    "priority": attrgetter("row.pri"),
    "transferred": attrgetter("row.moved"),
    "kind": attrgetter("row.kind"),
    "outcome": attrgetter("row.out"),
    "unread": attrgetter("row.un"),
    "owed": attrgetter("row.owed"),
    "answered": attrgetter("row.ans"),
    "sample": attrgetter("row.sample"),
    "waiting_since": attrgetter("row.wait"),
    "created_at": attrgetter("row.begun"),
    "last_at": attrgetter("row.at"),
    "last_in_at": attrgetter("last_in_at"),
    "closed_at": attrgetter("row.ended"),
}
_OWED = sa.select(conversation.c.id).where(conversation.c.owed)  # each of these two is read off an index of its own
_UNREAD = sa.select(conversation.c.id).where(conversation.c.unread > sa.literal_column("0"))
_person, _line = contact.alias("person").c, channel.alias("line").c  # a query may have joined the tables themselves


class Condition:
    """Base of all conditions."""

    __slots__ = ()

    def sql(self, now: int, of: Source = AS_IT_IS) -> Clause:
        raise NotImplementedError

    def test(self, facts: Facts, now: int) -> bool:
        raise NotImplementedError

    def possible(self, of: Source = AS_IT_IS) -> Clause:
        """Holds at least wherever the condition holds at some time, if nothing but time goes by."""
        return self.sql(0, of)

    def turns(self, facts: Facts, now: int) -> int | None:
        """The next time at which time alone may change what `test` says; None: it never does."""
        return None

    def ages(self) -> list["Age"]:
        """The parts that time changes."""
        return []

    def few(self, conn: Connection) -> frozenset[int] | None:
        """Conversations among which are all that it ever holds for, where those are few and quickly found."""
        return None


@dataclass(frozen=True, slots=True)
class OneOf(Condition):
    """The column has one of these values; None stands for none."""

    column: str
    values: tuple[Any, ...]

    def sql(self, now: int, of: Source = AS_IT_IS) -> Clause:
        column = of.c[self.column]
        there = [value for value in self.values if value is not None]
        found: Clause = sa.and_(column.is_not(None), column.in_(there)) if there else sa.false()
        if len(there) < len(self.values):
            found = sa.or_(column.is_(None), found) if there else column.is_(None)
        return found

    def test(self, facts: Facts, now: int) -> bool:
        return COLUMNS[self.column](facts) in self.values

    def few(self, conn: Connection) -> frozenset[int] | None:
        return _few_of(conn, _OWED) if self.column == "owed" and self.values == (True,) else None


@dataclass(frozen=True, slots=True)
class Placed(Condition):
    """What a place alone decides."""

    where: Filter

    def sql(self, now: int, of: Source = AS_IT_IS) -> Clause:
        return self.where.sql(of)

    def test(self, facts: Facts, now: int) -> bool:
        return self.where.test(facts.place)


@dataclass(frozen=True, slots=True)
class Between(Condition):
    """The number or time in the column is there, not less than `least`, and less than `below`."""

    column: str
    least: int | None
    below: int | None

    def sql(self, now: int, of: Source = AS_IT_IS) -> Clause:
        column = of.c[self.column]
        parts = [] if self.least is None else [column >= self.least]
        parts += [] if self.below is None else [column < self.below]
        return sa.and_(column.is_not(None), *parts)

    def test(self, facts: Facts, now: int) -> bool:
        value = COLUMNS[self.column](facts)
        return (
            value is not None
            and (self.least is None or value >= self.least)
            and (self.below is None or value < self.below)
        )

    def few(self, conn: Connection) -> frozenset[int] | None:
        return _few_of(conn, _UNREAD) if self.column == "unread" and (self.least or 0) > 0 else None


@dataclass(frozen=True, slots=True)
class Age(Condition):
    """The time in the column lies `age` milliseconds back, or more."""

    column: str
    age: int

    def sql(self, now: int, of: Source = AS_IT_IS) -> Clause:
        column = of.c[self.column]
        return sa.and_(column.is_not(None), column <= now - self.age)

    def test(self, facts: Facts, now: int) -> bool:
        value = COLUMNS[self.column](facts)
        return value is not None and value <= now - self.age

    def possible(self, of: Source = AS_IT_IS) -> Clause:
        return sa.true()

    def turns(self, facts: Facts, now: int) -> int | None:
        value = COLUMNS[self.column](facts)
        return value + self.age if value is not None and value + self.age > now else None

    def ages(self) -> list["Age"]:
        return [self]


@dataclass(frozen=True, slots=True)
class Tagged(Condition):
    """It has one of these tags."""

    tags: tuple[int, ...]

    def sql(self, now: int, of: Source = AS_IT_IS) -> Clause:
        return of.tagged(self.tags)

    def test(self, facts: Facts, now: int) -> bool:
        return any(tag in self.tags for tag in facts.row.tags)

    def few(self, conn: Connection) -> frozenset[int] | None:
        return _few_of(conn, tagged(self.tags))


@dataclass(frozen=True, slots=True)
class About(Condition):
    """It has one of these topics."""

    topics: tuple[int, ...]

    def sql(self, now: int, of: Source = AS_IT_IS) -> Clause:
        return of.about(self.topics)

    def test(self, facts: Facts, now: int) -> bool:
        return any(topic in self.topics for topic in facts.row.topics)

    def few(self, conn: Connection) -> frozenset[int] | None:
        return _few_of(conn, about(self.topics))


@dataclass(frozen=True, slots=True)
class From(Condition):
    """Its channel is of one of these services."""

    apps: tuple[str, ...]

    def sql(self, now: int, of: Source = AS_IT_IS) -> Clause:
        return sa.exists().where(_line.id == of.c["channel_id"], _line.app.in_(self.apps))

    def test(self, facts: Facts, now: int) -> bool:
        return facts.app in self.apps


@dataclass(frozen=True, slots=True)
class Speaks(Condition):
    """The customer's language is one of these; `es` is also that of `es-PY`."""

    languages: tuple[str, ...]

    def sql(self, now: int, of: Source = AS_IT_IS) -> Clause:
        said = sa.func.lower(of.c["language"])
        return sa.or_(*(sa.or_(said == one, said.startswith(f"{one}-", autoescape=True)) for one in self.languages))

    def test(self, facts: Facts, now: int) -> bool:
        said = facts.row.lang.lower()
        return any(said == one or said.startswith(f"{one}-") for one in self.languages)


@dataclass(frozen=True, slots=True)
class Called(Condition):
    """A word of the contact's name begins so; digits are also looked for anywhere in their number, and as the
    conversation's own number. The text is folded: words and blanks."""

    text: str

    def sql(self, now: int, of: Source = AS_IT_IS) -> Clause:
        found = sa.exists().where(_person.id == of.c["contact_id"], _person.folded.like(f"%{self._part}%"))
        return sa.or_(found, of.c["id"] == self._number) if self._number else found

    def test(self, facts: Facts, now: int) -> bool:
        return self._part in facts.folded or (bool(self._number) and facts.row.id == self._number)

    def few(self, conn: Connection) -> frozenset[int] | None:
        return _few_called(conn, [self])

    @property
    def _part(self) -> str:
        return self.text if self.text.isdecimal() else f" {self.text}"

    @property
    def _number(self) -> int:
        return int(self.text) if self.text.isdecimal() and len(self.text) <= 15 else 0


def _few_of(conn: Connection, ids: sa.Select[Any]) -> frozenset[int] | None:
    found = frozenset(conn.scalars(ids.limit(contact_search.FEW + 1)))
    return found if len(found) <= contact_search.FEW else None


def _few_called(conn: Connection, called: "Sequence[Called]") -> frozenset[int] | None:
    """Among which are all that are called each of these; one's own number may stand for a word."""
    found = contact_search.conversations(conn, [word for one in called for word in one.text.split()])
    return None if found is None else found.union(one._number for one in called if one._number)


@dataclass(frozen=True, slots=True)
class Neither(Condition):
    """What is inside does not hold."""

    part: Condition

    def sql(self, now: int, of: Source = AS_IT_IS) -> Clause:
        return sa.not_(self.part.sql(now, of))

    def test(self, facts: Facts, now: int) -> bool:
        return not self.part.test(facts, now)

    def possible(self, of: Source = AS_IT_IS) -> Clause:
        return sa.true() if self.part.ages() else self.sql(0, of)

    def turns(self, facts: Facts, now: int) -> int | None:
        return self.part.turns(facts, now)

    def ages(self) -> list[Age]:
        return self.part.ages()


@dataclass(frozen=True, slots=True)
class Group(Condition):
    parts: tuple[Condition, ...]

    def turns(self, facts: Facts, now: int) -> int | None:
        return min((due for part in self.parts if (due := part.turns(facts, now)) is not None), default=None)

    def ages(self) -> list[Age]:
        return [age for part in self.parts for age in part.ages()]


@dataclass(frozen=True, slots=True)
class Every(Group):
    def sql(self, now: int, of: Source = AS_IT_IS) -> Clause:
        return sa.and_(sa.true(), *(part.sql(now, of) for part in self.parts))

    def test(self, facts: Facts, now: int) -> bool:
        return all(part.test(facts, now) for part in self.parts)

    def possible(self, of: Source = AS_IT_IS) -> Clause:
        return sa.and_(sa.true(), *(part.possible(of) for part in self.parts))

    def few(self, conn: Connection) -> frozenset[int] | None:
        called = [part for part in self.parts if isinstance(part, Called)]
        others = (part.few(conn) for part in self.parts if not isinstance(part, Called))
        found = _few_called(conn, called)
        return found if found is not None else next((some for some in others if some is not None), None)


@dataclass(frozen=True, slots=True)
class Some(Group):
    def sql(self, now: int, of: Source = AS_IT_IS) -> Clause:
        return sa.or_(sa.false(), *(part.sql(now, of) for part in self.parts))

    def test(self, facts: Facts, now: int) -> bool:
        return any(part.test(facts, now) for part in self.parts)

    def possible(self, of: Source = AS_IT_IS) -> Clause:
        return sa.or_(sa.false(), *(part.possible(of) for part in self.parts))

    def few(self, conn: Connection) -> frozenset[int] | None:
        found: set[int] = set()
        for part in self.parts:
            some = part.few(conn)
            if some is None or len(found) > contact_search.FEW:
                return None
            found |= some
        return frozenset(found)
