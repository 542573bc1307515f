"""Hours in which nothing sounds and nothing shows: ranges of the day by the desk's clock, also across midnight."""

import re
from collections.abc import Iterable, Sequence

Range = tuple[int, int]  # minutes of the day, from and up to; a range that ends before it begins crosses midnight
DAY = 24 * 60
NONE = "off"
_RANGE = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*-\s*(\d{1,2})(?::(\d{2}))?")


def parse(text: str) -> tuple[Range, ...] | None:
    """Ranges from "22:00-07:00, 13-14"; none from "off". None where the text can't be read, or a range is empty."""
    text = text.strip().lower()
    if text in ("", NONE):
        return ()
    found = [_range(part) for part in text.split(",")]
    return None if None in found else tuple(one for one in found if one is not None)


def _range(text: str) -> Range | None:
    match = _RANGE.fullmatch(text.strip())
    if match is None:
        return None
    hours, minutes = (int(match[1]), int(match[3])), (int(match[2] or 0), int(match[4] or 0))
    start, end = hours[0] * 60 + minutes[0], hours[1] * 60 + minutes[1]
    if max(minutes) > 59 or start >= DAY or end > DAY or start == end:
        return None
    return start, end


def within(ranges: Iterable[Range], minute: int) -> bool:
    """Whether a minute of the day lies in one of the ranges. The minute at which one ends does not."""
    return any(start <= minute < end if start < end else minute >= start or minute < end for start, end in ranges)


def shown(ranges: Sequence[Range]) -> str:
    """As `parse` reads it."""
    return ", ".join(f"{_clock(start)}-{_clock(end)}" for start, end in ranges) or NONE


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
