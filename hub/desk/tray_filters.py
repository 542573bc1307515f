"""What a filter's tree means to somebody on a day: the fields of `hub.protocol.filter_fields` as conditions."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from hub.desk import conditions as c
from hub.desk.filters import AllOf, AnyOf, Filter, Has, HasNot, Is, is_state
from hub.desk.form_tables import topic
from hub.desk.involvement import Part
from hub.desk.tables import agent, channel, queue, tag, team
from hub.protocol import filter_tree as t
from hub.protocol.errors import Code, Refused
from hub.protocol.filter_fields import ME, NOBODY, Named, Names
from hub.protocol.filter_text import BadFilter
from hub.protocol.states import State

TIMES = {
    "waiting": "waiting_since",
    "active": "last_at",
    "customer": "last_in_at",
    "created": "created_at",
    "ended": "closed_at",
}
IDS = {"queue": "queue_id", "agent": "owner_id", "channel": "channel_id", "team": "team_id"}
FLAGS = {"moved": "transferred"}


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose `me` it is, what day it is for them, and which queues offer to them."""

    me: int
    today: date
    zone: ZoneInfo
    offers: frozenset[int] = frozenset()

    def day_start(self, day: date) -> int:
        return int(datetime.combine(day, time.min, self.zone).timestamp() * 1000)


def meaning(node: t.Node, reader: Reader) -> c.Condition:
    match node:
        case t.All(parts=parts):
            return c.Every(tuple(meaning(part, reader) for part in parts))
        case t.Any(parts=parts):
            return c.Some(tuple(meaning(part, reader) for part in parts))
        case t.Not(part=part):
            return c.Neither(meaning(part, reader))
        case t.OneOf(field=field, values=values):
            return _one_of(field, values, reader)
        case t.Count(field=field, op=op, value=value):
            return c.Between(field, *_bounds(op, value, value + 1))
        case t.Flag(field="offered"):
            return c.Placed(_offered(reader))
        case t.Flag(field="guest"):
            return c.Placed(Has(reader.me, Part.GUEST))
        case t.Flag(field=field):
            return c.OneOf(FLAGS.get(field, field), (True,))
        case t.Age(field=field, age=age, younger=younger):
            old = c.Age(TIMES[field], age)
            there = c.Between(TIMES[field], None, None)
            return c.Every((there, c.Neither(old))) if younger else old
        case t.Day(field=field, op=op, day=day):
            which = _day(day, reader)
            begin, end = reader.day_start(which), reader.day_start(which + timedelta(days=1))
            return c.Between(TIMES[field], *_bounds(op, begin, end))
        case t.Words(text=text):
            return c.Called(text)
        case _:
            raise TypeError(node)


def _one_of(field: str, values: tuple[int | str, ...], reader: Reader) -> c.Condition:
    match field:
        case "mention":
            unseen, mentioned = Has(reader.me, Part.UNSEEN), Has(reader.me, Part.MENTIONED)
            seen = AllOf((mentioned, HasNot(reader.me, Part.UNSEEN)))
            return c.Placed(mentioned if len(set(values)) > 1 else unseen if values[0] == "unseen" else seen)
        case "tag":
            return c.Tagged(tuple(value for value in values if isinstance(value, int)))
        case "topic":
            return c.About(tuple(value for value in values if isinstance(value, int)))
        case "source":
            return c.From(tuple(map(str, values)))
        case "language":
            return c.Speaks(tuple(map(str, values)))
        case "priority":
            return c.OneOf("priority", tuple(int(value) for value in values))
        case "agent":
            people = {ME: reader.me, NOBODY: None}
            return c.OneOf("owner_id", tuple(people[v] if isinstance(v, str) else v for v in values))
        case _:
            return c.OneOf(IDS.get(field, field), values)


def _offered(reader: Reader) -> Filter:
    """What waits in a queue that offers to them, and was not put off by them."""
    of = Is("queue_id", tuple(sorted(reader.offers))) if reader.offers else AnyOf(())
    return AllOf((is_state((State.WAITING,)), of, HasNot(reader.me, Part.POSTPONED)))


def _bounds(op: t.Op, begin: int, end: int) -> tuple[int | None, int | None]:
    """(least, below) for a value that `begin` … `end` - 1 stand for."""
    return {
        "=": (begin, end),
        "<": (None, begin),
        "<=": (None, end),
        ">": (end, None),
        ">=": (begin, None),
    }[op]


def _day(said: str, reader: Reader) -> date:
    if said == "today":
        return reader.today
    return reader.today - timedelta(days=1) if said == "yesterday" else date.fromisoformat(said)


# -- what can be named -------------------------------------------------------------------------------------------------


def names(conn: Connection) -> Names:
    """All that filters can name, as it stands; small tables, read whole."""
    return Names(
        {
            "queue": _named(conn, queue, lambda row: (row.code, msgspec.json.decode(row.name))),
            "agent": _named(conn, agent, lambda row: (row.login, {"": row.name})),
            "channel": _named(conn, channel, lambda row: (row.slug, msgspec.json.decode(row.name))),
            "team": _named(conn, team, lambda row: (row.code, msgspec.json.decode(row.name))),
            "topic": [
                Named(row.id, "", {**msgspec.json.decode(row.name), "": row.code}, row.parent_id)
                for row in conn.execute(sa.select(topic).where(topic.c.id > 0).order_by(topic.c.id))
            ],
            "tag": _named(conn, tag, lambda row: ("", {"": row.name})),
        }
    )


def _named(
    conn: Connection, of: sa.Table, said: Callable[[sa.Row[tuple[object, ...]]], tuple[str, dict[str, str]]]
) -> list[Named]:
    return [Named(row.id, *said(row)) for row in conn.execute(sa.select(of).where(of.c.id > 0).order_by(of.c.id))]


def bad_filter(fault: BadFilter, **more: int) -> Refused:
    """The refusal of a filter that can't be read, with the place."""
    return Refused(
        Code.BAD_FILTER,
        field="filter",
        why=fault.why,
        at=fault.at,
        end=fault.end,
        found=fault.found,
        wants=fault.wants,
        instead=fault.instead,
        **more,
    )
