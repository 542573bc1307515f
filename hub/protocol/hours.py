"""Opening hours of a queue: a week in its zone, and days on which it is closed or open at other times. Pure."""

from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

import msgspec
from msgspec import Meta

from hub.protocol.patterns import END, NO_NUL

_AT = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
Span = Annotated[str, Meta(pattern=f"^{_AT}-(?:{_AT}|24:00)" + END)]
Day = Annotated[str, Meta(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])" + END)]
Spans = Annotated[list[Span], Meta(max_length=6)]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Holiday(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A day with times of its own; with none the queue is closed."""

    day: Day
    spans: Spans = []
    label: Annotated[str, Meta(max_length=64, pattern=NO_NUL)] = ""


class Hours(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """`week`: mon … sun → ["08:00-12:00", …], local times; a day that is left out is closed. `zone`: an IANA name."""

    zone: Annotated[str, Meta(min_length=1, max_length=64, pattern=NO_NUL)]
    week: dict[Annotated[str, Meta(max_length=16, pattern=NO_NUL)], Spans]
    holidays: Annotated[list[Holiday], Meta(max_length=400)] = []


def fault_of(hours: Hours) -> tuple[str, str] | None:
    """(field, what is wrong with it); None where it can be used."""
    if hours.zone not in available_timezones():
        return "hours.zone", f"there is no time zone {hours.zone!r}: write it as America/Asuncion"
    for name in hours.week:
        if name not in DAYS:
            return "hours.week", f"{name!r} is no day: write {', '.join(DAYS)}"
    spans = [(f"hours.week.{name}", of) for name, of in hours.week.items()]
    for number, holiday in enumerate(hours.holidays):
        try:
            datetime.strptime(holiday.day, "%Y-%m-%d")
        except ValueError:
            return f"hours.holidays[{number}].day", f"{holiday.day} is no day of the calendar"
        spans.append((f"hours.holidays[{number}].spans", holiday.spans))
    for field, of in spans:
        last = ""
        for begin, end in map(_ends, of):
            if begin >= end or begin < last:
                return field, f"{begin}–{end} ends before it begins, or before the one before it"
            last = end
    return None


def is_open(hours: Hours | None, now: int) -> bool:
    """Whether it is open at `now` (UTC ms); without hours it always is."""
    if hours is None:
        return True
    here = datetime.fromtimestamp(now / 1000, UTC).astimezone(ZoneInfo(hours.zone))
    at = f"{here:%H:%M}"
    return any(begin <= at < end for begin, end in _spans(hours, here))


def _spans(hours: Hours, day: datetime) -> list[tuple[str, str]]:
    date = f"{day:%Y-%m-%d}"
    for holiday in hours.holidays:
        if holiday.day == date:
            return [*map(_ends, holiday.spans)]
    return [*map(_ends, hours.week.get(DAYS[day.weekday()], []))]


def _ends(span: str) -> tuple[str, str]:
    begin, _, end = span.partition("-")
    return begin, end
