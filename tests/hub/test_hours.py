"""Opening hours: when a queue is open, and what whoever writes outside them is told."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from small_desk import SmallDesk

from hub.desk.principal import SYSTEM
from hub.desk.projections import check
from hub.desk.tables import conversation, message
from hub.protocol import commands as c
from hub.protocol.errors import Code, Refused
from hub.protocol.hours import Holiday, Hours, is_open
from hub.store.clock import ManualClock

WEEK = {"mon": ["08:00-12:00", "13:00-18:00"], "tue": ["08:00-24:00"]}
HOURS = Hours("America/Asuncion", WEEK, [Holiday("2026-12-08"), Holiday("2026-12-06", ["09:00-10:00"])])


def at(text: str) -> int:
    """UTC ms of a time in Asunción, which is three hours behind UTC."""
    return int(datetime.fromisoformat(f"{text}:00-03:00").astimezone(UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("2026-11-30T07:59", False),  # a Monday
        ("2026-11-30T08:00", True),
        ("2026-11-30T12:00", False),
        ("2026-11-30T17:59", True),
        ("2026-12-01T23:59", True),  # a Tuesday
        ("2026-12-02T10:00", False),  # no such day
        ("2026-12-08T10:00", False),  # a Tuesday, and a holiday
        ("2026-12-06T09:30", True),  # a Sunday that is open
    ],
)
def test_it_is_open_at_its_own_times_and_on_holidays_at_theirs(when: str, expected: bool) -> None:
    assert is_open(HOURS, at(when)) is expected


def test_without_hours_it_is_always_open() -> None:
    assert is_open(None, at("2026-12-06T03:00"))


@pytest.mark.parametrize(
    ("hours", "field"),
    [
        (Hours("Asuncion", {}), "hours.zone"),
        (Hours("UTC", {"lunes": []}), "hours.week"),
        (Hours("UTC", {"mon": ["18:00-08:00"]}), "hours.week.mon"),
        (Hours("UTC", {}, [Holiday("2026-02-30")]), "hours.holidays[0].day"),
    ],
)
async def test_hours_that_can_not_be_are_refused_by_the_field(desk: SmallDesk, hours: Hours, field: str) -> None:
    with pytest.raises(Refused) as refusal:
        await desk.run(SYSTEM, "queue.save", c.SaveQueue("otra", {"es": "Otra"}, hours=hours))
    assert (refusal.value.code, refusal.value.field) == (Code.BAD_ARGS, field)


async def test_who_begins_to_wait_outside_the_hours_is_told_once_and_still_owed_an_answer(
    desk: SmallDesk, clock: ManualClock
) -> None:
    closed = Hours("UTC", {})
    told = {"es": "Volvemos el lunes", "en": "Back on Monday"}
    save = c.SaveQueue("ventas", {"es": "Ventas"}, primary=[desk.ids["ana"]], hours=closed, closed_text=told)
    await desk.run(SYSTEM, "queue.save", save)
    await desk.say("p1", "Hola", visit=c.Visit(language="en-GB"))
    await desk.say("p1", "¿Hay alguien?")
    lines = sa.select(message.c.direction, message.c.body, message.c.author_id).order_by(message.c.id)
    found = await desk.hub.store.read(lambda conn: [tuple(row) for row in conn.execute(lines)])
    assert found == [("in", "Hola", None), ("out", "Back on Monday", None), ("in", "¿Hay alguien?", None)]
    await desk.reach("ana")
    marks = sa.select(conversation.c.owed, conversation.c.answered, conversation.c.unread)
    assert tuple(await desk.hub.store.read(lambda conn: conn.execute(marks).one())) == (True, False, 2)
    assert await desk.hub.store.read(check) == []
