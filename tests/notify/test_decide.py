"""In which ways a thing is told: quiet hours, focus, what was chosen, and nothing else."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_tui.notify import quiet
from agent_tui.notify.decide import IDLE, attentive, wanted
from agent_tui.notify.kinds import BELL, DESKTOP, KINDS, WAYS
from agent_tui.notify.preferences import (
    CHOICES,
    DEFAULTS,
    QUIET,
    WAYS_OF,
    is_valid,
    parse_ways,
    preferences,
    write_ways,
)

minutes = st.integers(0, quiet.DAY - 1)
ranges = st.lists(st.tuples(minutes, st.integers(0, quiet.DAY)).filter(lambda one: one[0] != one[1]), max_size=4)
some_ways = st.frozensets(st.sampled_from(WAYS)).map(write_ways)
chosen = st.fixed_dictionaries(
    {
        **{name: st.sampled_from(choices) for name, choices in CHOICES.items()},
        **dict.fromkeys(WAYS_OF, some_ways),
        QUIET: ranges.map(quiet.shown),
    }
)
kinds = st.lists(st.sampled_from(list(KINDS)), min_size=1)


@given(kinds, chosen, st.booleans(), minutes)
def test_nothing_is_told_to_who_refused_nor_in_quiet_hours(
    some: list[str], values: Mapping[str, str], there: bool, minute: int
) -> None:
    found = wanted(some, preferences(values), there=there, minute=minute)
    if values["notify"] == "off" or quiet.within(quiet.parse(values[QUIET]) or (), minute):
        assert found == frozenset()
    else:
        assert found == wanted(some, preferences({**values, QUIET: "off"}), there=there, minute=0)


@given(kinds, chosen, minutes)
def test_only_chosen_ways_are_used_and_being_there_never_adds_one(
    some: list[str], values: Mapping[str, str], minute: int
) -> None:
    prefs = preferences(values)
    away, there = (wanted(some, prefs, there=here, minute=minute) for here in (False, True))
    assert there <= away <= frozenset().union(*(prefs.ways[kind] for kind in some))


@given(kinds, minutes)
def test_who_is_there_hears_at_most_the_bell_of_what_is_given_to_them(some: list[str], minute: int) -> None:
    usual = preferences({"notify": "on"})
    assert wanted(some, usual, there=True, minute=minute) == ({BELL} if "assigned" in some else set())
    assert DESKTOP in wanted(some, usual, there=False, minute=minute)


def test_before_one_is_asked_the_decision_is_as_if_one_had_agreed() -> None:
    assert wanted(["wrote"], preferences({}), there=False, minute=0) == {DESKTOP}


@pytest.mark.parametrize(
    ("focused", "idle", "there"),
    [(True, 9999.0, True), (False, 0.0, False), (None, 0.0, True), (None, IDLE, False)],
)
def test_a_terminal_that_tells_nothing_of_its_focus_is_left_after_a_while(
    focused: bool | None, idle: float, there: bool
) -> None:
    assert attentive(focused, idle) is there


# -- quiet hours -------------------------------------------------------------------------------------------------------


@given(ranges)
def test_quiet_hours_are_read_as_they_are_written(some: list[quiet.Range]) -> None:
    assert quiet.parse(quiet.shown(some)) == tuple(some)


@given(ranges, minutes)
def test_a_minute_is_quiet_if_it_comes_after_a_beginning_before_its_end(some: list[quiet.Range], minute: int) -> None:
    def walked(start: int, end: int) -> bool:
        length = (end - start) % quiet.DAY or quiet.DAY
        return (minute - start) % quiet.DAY < length

    assert quiet.within(some, minute) == any(walked(*one) for one in some)


def test_hours_that_cross_midnight_and_several_ranges() -> None:
    found = quiet.parse(" 22-7:30,13:00 - 14:00 ")
    assert found == ((1320, 450), (780, 840))
    assert [quiet.within(found, minute) for minute in (1319, 1320, 0, 449, 450, 779, 780, 839, 840)] == [
        False, True, True, True, False, False, True, True, False,
    ]  # fmt: skip
    assert quiet.parse("off") == quiet.parse("") == ()
    assert quiet.within(quiet.parse("00:00-24:00") or (), 1439)


@pytest.mark.parametrize("text", ["25-7", "22", "22:60-7", "7-7", "24-7", "22:00-07:00,", "a-b", "22-25", "-", "²²-7"])
def test_what_is_no_hours_of_the_day_is_none(text: str) -> None:
    assert quiet.parse(text) is None


# -- preferences -------------------------------------------------------------------------------------------------------


@given(chosen)
def test_every_value_that_can_be_chosen_is_one_that_the_settings_take(values: Mapping[str, str]) -> None:
    assert values.keys() == DEFAULTS.keys()
    assert all(is_valid(name, value) for name, value in values.items())
    assert not is_valid("colour", "red")


def test_ways_are_read_in_any_order_and_off_is_none() -> None:
    assert parse_ways("desktop , BELL") == {BELL, DESKTOP}
    assert parse_ways("off") == frozenset()
    assert parse_ways("bell, whistle") is None
