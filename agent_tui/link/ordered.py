"""Rows in one of the orders of `hub.protocol.trays`, each found by its id: the console's order is the hub's."""

from collections.abc import Iterable
from typing import Any

from hub.protocol.contact_words import contact_words
from hub.protocol.views import Row

_FIELDS = {"active": "at", "waiting": "wait", "created": "begun", "priority": "pri"}
Key = tuple[bool, Any, int]


class Ordered:
    """`rows` is the list that is kept in order. Ties go by id, the same way round; what has no value stands last."""

    def __init__(self, sort: str, words: dict[int, str]) -> None:
        """`words`: what names are sorted by, by conversation, where the name that is shown here does not tell."""
        self.by, self.down = sort.removeprefix("-"), sort.startswith("-")
        self.rows: list[Row] = []
        self._words = words
        self._keys: dict[int, Key] = {}

    def __contains__(self, conversation: int) -> bool:
        return conversation in self._keys

    def fill(self, rows: Iterable[Row]) -> None:
        found = list(rows)
        self._keys = {row.id: self._key(row) for row in found}
        self.rows[:] = sorted(found, key=lambda row: self._keys[row.id], reverse=self.down)

    def put(self, row: Row, *, more: bool) -> bool:
        """Place a row, or a newer version of it; whether it is there now. Beyond the last of a list that goes on, it is
        left out: a gap would go unseen."""
        self.take(row.id)
        key = self._key(row)
        if more and self.rows and self._before(self._keys[self.rows[-1].id], key):
            return False
        self.rows.insert(self._place(key), row)
        self._keys[row.id] = key
        return True

    def take(self, conversation: int) -> bool:
        """Take a row out; whether it was there."""
        key = self._keys.get(conversation)
        if key is None:
            return False
        del self.rows[self._place(key)], self._keys[conversation]
        return True

    def _key(self, row: Row) -> Key:
        value = self._name(row) if self.by == "name" else getattr(row, _FIELDS[self.by])
        there = value is not None
        return (there if self.down else not there, value if there else 0, row.id)

    def _name(self, row: Row) -> str:
        return self._words[row.id] if row.id in self._words else contact_words(row.name, row.num)

    def _before(self, one: Key, other: Key) -> bool:
        return one > other if self.down else one < other

    def _place(self, key: Key) -> int:
        """Of the first row that does not stand before the key."""
        low, high = 0, len(self.rows)
        while low < high:
            middle = (low + high) // 2
            if self._before(self._keys[self.rows[middle].id], key):
                low = middle + 1
            else:
                high = middle
        return low
