"""The orders of a tray: as SQL, and as keys of facts that compare as the rows are sorted.

Ties go by id, the same way round. What a row has no value for stands last, whichever way round the others are.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from hub.desk.conditions import COLUMNS
from hub.desk.facts import Facts
from hub.desk.sources import AS_IT_IS, Source
from hub.desk.tables import contact, conversation
from hub.protocol.trays import DEFAULT_SORT, SORTS

_COLUMN = {"active": "last_at", "waiting": "waiting_since", "created": "created_at", "priority": "priority"}
Key = tuple[bool, Any, int]


@dataclass(frozen=True, slots=True)
class Sort:
    """By which of SORTS, and whether the greatest comes first."""

    by: str = DEFAULT_SORT.removeprefix("-")
    down: bool = DEFAULT_SORT.startswith("-")

    def value(self, facts: Facts) -> Any:
        """What it is sorted by; None where it has none."""
        return facts.folded if self.by == "name" else COLUMNS[_COLUMN[self.by]](facts)

    def key(self, facts: Facts) -> Key:
        value = self.value(facts)
        there = value is not None
        return (there if self.down else not there, value if there else 0, facts.row.id)

    def within(self, key: Key, edge: Key) -> bool:
        """Whether a row with that key stands no later than one with the other."""
        return key >= edge if self.down else key <= edge

    def edge(self, keys: Any) -> Key:
        """Of the row that stands last."""
        last: Key = min(keys) if self.down else max(keys)
        return last

    def beyond(
        self, value: int | str | None, number: int, engine: str, of: Source = AS_IT_IS
    ) -> sa.ColumnElement[bool]:
        """What stands after a row with that value and id."""
        column, nullable = self._column(engine, of)
        behind: sa.ColumnElement[bool] = of.c["id"] < number if self.down else of.c["id"] > number
        if value is None:
            return sa.and_(column.is_(None), behind)
        further = column < value if self.down else column > value
        absent = [column.is_(None)] if nullable else []
        return sa.or_(further, sa.and_(column == value, behind), *absent)

    def until(self, value: int | str, engine: str) -> sa.ColumnElement[bool]:
        """What may stand no later than a row with that value."""
        column, _ = self._column(engine, AS_IT_IS)
        return column >= value if self.down else column <= value

    def read(self, engine: str) -> sa.ColumnElement[Any]:
        """The value, of a query."""
        return self._column(engine, AS_IT_IS)[0]

    def order(self, engine: str, of: Source = AS_IT_IS) -> list[sa.ColumnElement[Any]]:
        number = of.c["id"].desc() if self.down else of.c["id"].asc()
        column, nullable = self._column(engine, of)
        way = column.desc() if self.down else column.asc()
        return [way.nulls_last() if nullable else way, number]

    def _column(self, engine: str, of: Source) -> tuple[sa.ColumnElement[Any], bool]:
        """What is sorted by, and whether it may be absent. Names are compared as Python does, by code point, on both
        engines."""
        if self.by == "name":
            name = sa.select(contact.c.folded).where(contact.c.id == of.c["contact_id"]).scalar_subquery()
            return sa.collate(name, "C" if engine == "postgresql" else "BINARY"), False
        by = _COLUMN[self.by]
        return of.c[by], bool(conversation.c[by].nullable)


def sort_of(text: str) -> Sort:
    """Raises ValueError for one that there is not."""
    by, down = text.removeprefix("-"), text.startswith("-")
    if text and by not in SORTS:
        raise ValueError(text)
    return Sort(by, down) if text else Sort()
