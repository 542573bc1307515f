"""Spans, hours and holidays as they are typed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent_tui import i18n
from agent_tui.setting_texts import (
    BadText,
    read_holidays,
    read_number,
    read_span,
    read_week,
    write_holidays,
    write_span,
    write_week,
)
from hub.protocol.hours import DAYS, Holiday, Hours, fault_of

TIMES = st.lists(st.integers(0, 24 * 60), min_size=2, max_size=12, unique=True).map(sorted)


def _spans(minutes: list[int]) -> list[str]:
    clock = [f"{one // 60:02}:{one % 60:02}" for one in minutes]
    return [f"{begin}-{end}" for begin, end in zip(clock[::2], clock[1::2], strict=False)]


@settings(deadline=None)
@given(st.integers(0, 10**9))
def test_a_span_is_read_as_it_is_written(seconds: int) -> None:
    assert read_span(write_span(seconds)) == seconds


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(DAYS), TIMES.map(_spans)))
def test_a_week_is_read_as_it_is_written_in_either_language(language: str, week: dict[str, list[str]]) -> None:
    i18n.use(language)
    written = write_week(week)
    for reading in i18n.LANGUAGES:
        i18n.use(reading)
        read = read_week(written)
        assert read == week
        assert fault_of(Hours("UTC", read or {})) is None


@settings(deadline=None)
@given(st.dictionaries(st.dates().map(str), TIMES.map(_spans), max_size=5))
def test_holidays_are_read_as_they_are_written(days: dict[str, list[str]]) -> None:
    holidays = [Holiday(day, spans, "Día de la Virgen") for day, spans in sorted(days.items())]
    assert read_holidays(write_holidays(holidays)) == holidays


@pytest.mark.parametrize(
    ("typed", "week"),
    [
        ("", None),
        ("  \n", None),
        ("cerrado", {}),
        ("closed", {}),
        ("lunes a", BadText),
        ("Mon-Wed: 8:00-12:00", {day: ["08:00-12:00"] for day in ("mon", "tue", "wed")}),
        ("miércoles 09:00-24:00", {"wed": ["09:00-24:00"]}),
        ("fri-mon 09:00–10:00", {day: ["09:00-10:00"] for day in ("mon", "fri", "sat", "sun")}),
        ("sab,dom 09:00-10:00\nlun cerrado", {"sat": ["09:00-10:00"], "sun": ["09:00-10:00"]}),
        ("mon", BadText),
        ("mo 09:00-10:00", BadText),
        ("mon 9-10", BadText),
        ("mon 09:00-25:00", BadText),
        ("mon 09:60-10:00", BadText),
        ("mon 24:00-24:00", BadText),
        ("mon 12:00-11:00", BadText),
        ("mon 08:00-12:00 11:00-13:00", BadText),
        ("mon 08:00-12:00\nmon-fri 13:00-14:00", BadText),
        ("mon " + " ".join(f"{n:02}:00-{n:02}:30" for n in range(7)), BadText),
    ],
)
def test_hours_are_typed_loosely_and_refused_with_the_remedy(typed: str, week: object) -> None:
    if week is BadText:
        with pytest.raises(BadText):
            read_week(typed)
    else:
        assert read_week(typed) == week


@pytest.mark.parametrize(
    "typed", ["2026-02-30 x", "25-12-2026", "2026-12-25 Navidad 08:00-12:00", "2026-12-25\n2026-12-25",
              "2026-12-25 " + "x" * 65]
)  # fmt: skip
def test_a_holiday_that_is_none_is_refused(typed: str) -> None:
    with pytest.raises(BadText):
        read_holidays(typed)


@pytest.mark.parametrize("typed", ["-1", "x", "1001", "", "1.5", "٣"])
def test_a_number_that_is_none_is_refused(typed: str) -> None:
    with pytest.raises(BadText):
        read_number(typed)


@pytest.mark.parametrize("typed", ["5", "5 minutes", "m", "-5m", "20000d"])
def test_a_span_that_is_none_is_refused(typed: str) -> None:
    with pytest.raises(BadText):
        read_span(typed)
