"""Whether a row fits a tray and a filter, as far as the row tells: what the console shows before the hub has answered,
and while there is no link. The hub's own meaning is in `hub.desk.conditions`; a property test holds them together.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from hub.protocol import filter_tree as t
from hub.protocol.contact_words import contact_words
from hub.protocol.filter_fields import ME, NOBODY, Names
from hub.protocol.filter_text import read
from hub.protocol.trays import BUILT_IN
from hub.protocol.views import Row

NOTHING = Names({})
_BUILT_IN = {name: read(tray.filter, NOTHING) for name, tray in BUILT_IN.items()}
_TIMES = {"waiting": "wait", "active": "at", "created": "begun", "ended": "ended"}
_THINGS = {"queue": "q", "channel": "ch", "team": "team", "state": "state", "kind": "kind", "outcome": "out"}
_FLAGS = {"owed": "owed", "answered": "ans", "sample": "sample", "moved": "moved"}
_COUNTS = {"unread": "un", "id": "id"}


class Here(msgspec.Struct, frozen=True):
    """Whose console it is, and when: UTC milliseconds, and the desk's zone."""

    me: int
    now: int
    zone: str
    app_of: Callable[[int], str]  # the service of a channel

    @property
    def today(self) -> date:
        return datetime.fromtimestamp(self.now / 1000, ZoneInfo(self.zone or "UTC")).date()

    def start_of(self, day: date) -> int:
        return int(datetime.combine(day, time.min, ZoneInfo(self.zone or "UTC")).timestamp() * 1000)


def in_tray(name: str, node: t.Node, row: Row, here: Here) -> bool:
    """Whether it may stand in a built-in tray that a filter is laid over."""
    tray = BUILT_IN[name]
    if row.hid or row.kind not in tray.kinds or row.state not in tray.states:
        return False
    if tray.today and not t.is_dated(node) and (row.ended is None or row.ended < here.start_of(here.today)):
        return False
    return fits(t.all_of([_BUILT_IN[name], node]), row, here) is not False


def fits(node: t.Node, row: Row, here: Here) -> bool | None:
    """None where the row does not tell."""
    match node:
        case t.All(parts=parts):
            return _all(fits(part, row, here) for part in parts)
        case t.Any(parts=parts):
            return _not(_all(_not(fits(part, row, here)) for part in parts))
        case t.Not(part=part):
            return _not(fits(part, row, here))
        case t.OneOf(field=field, values=values):
            return _one_of(field, values, row, here)
        case t.Count(field=field, op=op, value=value):
            return _compared(getattr(row, _COUNTS[field]), op, value, value + 1)
        case t.Flag(field="guest"):
            return here.me in row.guests
        case t.Flag(field="offered"):
            return None
        case t.Flag(field=field):
            return bool(getattr(row, _FLAGS[field]))
        case t.Age(field=field, age=age, younger=younger):
            return _timed(field, row, lambda at: (at <= here.now - age) != younger)
        case t.Day(field=field, op=op, day=day):
            which = _day(day, here.today)
            begin, end = here.start_of(which), here.start_of(which + timedelta(days=1))
            return _timed(field, row, lambda at: _compared(at, op, begin, end))
        case t.Words(text=text):
            digits = text.isdecimal()
            return (text if digits else f" {text}") in contact_words(row.name, row.num) or (
                digits and row.id == int(text)
            )
        case _:
            raise TypeError(node)


def _one_of(field: str, values: tuple[int | str, ...], row: Row, here: Here) -> bool | None:
    match field:
        case "agent":
            people: dict[str, int | None] = {ME: here.me, NOBODY: None}
            return row.owner in [people[one] if isinstance(one, str) else one for one in values]
        case "tag":
            return any(tag in values for tag in row.tags)
        case "mention":
            return here.me in row.unseen if values == ("unseen",) else None
        case "topic":
            return any(topic in values for topic in row.topics)
        case "source":
            return here.app_of(row.ch) in values
        case "priority":
            return str(row.pri) in values
        case "language":
            said = row.lang.lower()
            return any(said == one or said.startswith(f"{one}-") for one in values)
        case _:
            return getattr(row, _THINGS[field]) in values


def _timed(field: str, row: Row, holds: Callable[[int], bool]) -> bool | None:
    if field == "customer":  # of which a row tells only while the last line is theirs
        return holds(row.at) if row.ld == "in" else None
    at = getattr(row, _TIMES[field])
    return at is not None and holds(at)


def _compared(value: int, op: t.Op, begin: int, end: int) -> bool:
    return {
        "=": begin <= value < end,
        "<": value < begin,
        "<=": value < end,
        ">": value >= end,
        ">=": value >= begin,
    }[op]


def _day(said: str, today: date) -> date:
    if said == "today":
        return today
    return today - timedelta(days=1) if said == "yesterday" else date.fromisoformat(said)


def _all(parts: Iterable[bool | None]) -> bool | None:
    said = list(parts)
    return False if False in said else None if None in said else True


def _not(said: bool | None) -> bool | None:
    return None if said is None else not said
