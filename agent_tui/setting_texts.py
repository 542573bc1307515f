"""What a desk is set up with, as a person types it: spans, opening hours, holidays. Each `read_…` takes what its
`write_…` gives, in either language, and raises BadText with what to write instead."""

import re
from collections.abc import Mapping, Sequence
from datetime import date

from agent_tui import i18n
from agent_tui.i18n import _
from agent_tui.shortcuts import fold
from hub.protocol.hours import DAYS, Holiday

UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
SPAN = re.compile(r"(?:\d{1,9}[smhd]\s*)+", re.ASCII)
MOST_SECONDS = 10**9
CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
BETWEEN = re.compile(r"(\d{1,2}):(\d{2})[-–](\d{1,2}):(\d{2})", re.ASCII)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
SPANS_A_DAY, HOLIDAYS, LABEL = 6, 400, 64
NAMES = {
    "en": ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    "es": ("lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo"),
}
SHORT = {"en": DAYS, "es": ("lun", "mar", "mié", "jue", "vie", "sáb", "dom")}
CLOSED = {"en": "closed", "es": "cerrado"}


class BadText(Exception):
    """What is wrong with a field, and what to write instead, for the person who typed it."""


def read_code(typed: str) -> str:
    code = typed.strip().lower()
    if not CODE.fullmatch(code):
        raise BadText(_("small letters, digits, - and _ only, at most 32: like ventas-1"))
    return code


def read_number(typed: str, most: int = 1000) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", typed.strip()) or int(typed) > most:
        raise BadText(_("a number from 0 to {most}").format(most=most))
    return int(typed)


def read_span(typed: str) -> int:
    """Seconds of `5m`, `1h 30m`, `90s`; 0 of nothing."""
    wanted = typed.strip().lower()
    if wanted in ("", "0"):
        return 0
    if not SPAN.fullmatch(wanted):
        raise BadText(_("“{typed}” is no span: write 90s, 5m, 2h or 1d").format(typed=wanted))
    seconds = sum(int(part[:-1]) * UNITS[part[-1]] for part in re.findall(r"\d+[smhd]", wanted))
    if seconds > MOST_SECONDS:
        raise BadText(_("at most {days} days").format(days=MOST_SECONDS // UNITS["d"]))
    return seconds


def write_span(seconds: int) -> str:
    """`1h30m`; nothing of 0."""
    parts = []
    for unit, size in UNITS.items():
        n, seconds = divmod(seconds, size)
        if n:
            parts.append(f"{n}{unit}")
    return "".join(parts)


def read_week(typed: str) -> dict[str, list[str]] | None:
    """Day → spans of lines like `mon-fri 08:00-12:00 13:30-18:00`; None of nothing: always open."""
    lines = [line.split() for line in typed.splitlines() if line.strip()]
    if not lines:
        return None
    week: dict[str, list[str]] = {}
    if [word.casefold() for line in lines for word in line] in ([word] for word in CLOSED.values()):
        return week
    for days, *times in lines:
        named = _days(days)
        spans = [] if [one.casefold() for one in times] in ([word] for word in CLOSED.values()) else _spans(times)
        if not times:
            raise BadText(_("when on “{days}”? Write {days} 08:00-12:00 13:30-18:00").format(days=days))
        for day in named:
            if day in week:
                raise BadText(_("{day} stands there twice: put all its times on one line").format(day=_short(day)))
            week[day] = spans
    return {day: week[day] for day in DAYS if week.get(day)}


def write_week(week: Mapping[str, Sequence[str]] | None) -> str:
    """Days in a row with the same times share a line."""
    if week is None:
        return ""
    groups: list[tuple[list[str], Sequence[str]]] = []
    for day, before in zip(DAYS, ("", *DAYS), strict=False):
        spans = week.get(day, [])
        if groups and groups[-1][0][-1] == before and groups[-1][1] == spans:
            groups[-1][0].append(day)
        elif spans:
            groups.append(([day], spans))
    return "\n".join(f"{_range(days)} {' '.join(spans)}" for days, spans in groups) or CLOSED[i18n.language()]


def read_holidays(typed: str) -> list[Holiday]:
    """Of lines like `2026-12-25 Navidad`, or with times between: `2026-12-24 08:00-12:00 Nochebuena`."""
    found: dict[str, Holiday] = {}
    for line in typed.splitlines():
        if not line.strip():
            continue
        day, *rest = line.split()
        if not DAY.fullmatch(day) or not _in_calendar(day):
            raise BadText(_("“{typed}” is no day: write 2026-12-25 and its name").format(typed=day))
        times = [one for one in rest if BETWEEN.fullmatch(one)]
        label = " ".join(rest[len(times) :])
        if rest[: len(times)] != times:
            raise BadText(_("write the times before the name: {day} 08:00-12:00 …").format(day=day))
        if len(label) > LABEL:
            raise BadText(_("the name of {day} has more than {most} letters").format(day=day, most=LABEL))
        if day in found:
            raise BadText(_("{day} stands there twice: put all its times on one line").format(day=day))
        found[day] = Holiday(day, _spans(times), label)
    if len(found) > HOLIDAYS:
        raise BadText(_("at most {most} days: take out those that are over").format(most=HOLIDAYS))
    return [found[day] for day in sorted(found)]


def write_holidays(holidays: Sequence[Holiday]) -> str:
    return "\n".join(" ".join([one.day, *one.spans, *([one.label] if one.label else [])]) for one in holidays)


def _in_calendar(day: str) -> bool:
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True


def _short(day: str) -> str:
    return SHORT[i18n.language()][DAYS.index(day)]


def _range(days: Sequence[str]) -> str:
    return _short(days[0]) if len(days) == 1 else f"{_short(days[0])}-{_short(days[-1])}"


def _days(typed: str) -> list[str]:
    """The days of `mon-fri`, `sat,sun`, `lunes`; a range may go over the end of the week."""
    found: list[str] = []
    for part in typed.rstrip(":").split(","):
        first, dash, last = part.partition("-")
        begin, end = _day(first), _day(last if dash else first)
        found += [DAYS[(begin + n) % 7] for n in range((end - begin) % 7 + 1)]
    return found


def _day(typed: str) -> int:
    wanted = fold(typed)
    for names in NAMES.values():
        for number, name in enumerate(names):
            if len(wanted) >= 3 and name.startswith(wanted):
                return number
    raise BadText(_("“{typed}” is no day: write {days}").format(typed=typed, days=", ".join(SHORT[i18n.language()])))


def _spans(typed: Sequence[str]) -> list[str]:
    """`08:00-12:00` of each, in order. Nothing may overlap."""
    spans: list[str] = []
    for one in typed:
        found = BETWEEN.fullmatch(one)
        begin, end = (f"{int(found[1]):02}:{found[2]}", f"{int(found[3]):02}:{found[4]}") if found else ("", "")
        whole = found is not None and int(found[2]) < 60 and int(found[4]) < 60 and begin < "24:00" and end <= "24:00"
        if not whole:
            raise BadText(_("“{typed}” are no times: write them as 08:00-12:00").format(typed=one))
        if begin >= end or (spans and begin < spans[-1][6:]):
            words = _("“{typed}” ends before it begins, or begins within the one before it: write them in order")
            raise BadText(words.format(typed=one))
        spans.append(f"{begin}-{end}")
    if len(spans) > SPANS_A_DAY:
        raise BadText(_("at most {most} times a day").format(most=SPANS_A_DAY))
    return spans
