"""Looks and the ways between them."""

from hypothesis import given
from hypothesis import strategies as st

from agent_tui.terminal.pen import MARKS, PLAIN, Pen, after, change

COLORS = ["", "31", "97", "38;5;200", "38;2;86;194;180"]
GROUNDS = ["", "44", "107", "48;5;17", "48;2;20;23;28"]
pens = st.builds(
    Pen, st.sampled_from(COLORS), st.sampled_from(GROUNDS), st.frozensets(st.sampled_from(sorted(MARKS)), max_size=4)
)


def applied(pen: Pen, sequence: str) -> Pen:
    return after(pen, sequence[2:-1]) if sequence else pen


@given(pens, pens)
def test_a_change_leads_from_any_look_to_any_other(before: Pen, pen: Pen) -> None:
    assert applied(before, change(before, pen)) == pen
    assert applied(before, change(None, pen)) == pen


@given(pens, pens)
def test_no_change_is_longer_than_starting_over(before: Pen, pen: Pen) -> None:
    assert len(change(before, pen)) <= len(change(None, pen))


def test_styles_are_read_as_terminals_read_them() -> None:
    assert after(PLAIN, "1;38;2;1;2;3;48;5;9") == Pen("38;2;1;2;3", "48;5;9", frozenset({1}))
    assert after(Pen("31", "", frozenset({1, 2})), "22") == Pen("31")
    assert after(Pen("31", "41", frozenset({4})), "39;49") == Pen("", "", frozenset({4}))
    assert after(Pen("31"), "") == PLAIN
    assert after(Pen("31"), "38;5") == Pen("31")  # cut short
    assert after(Pen("31"), "58;2;1;2;3;77") == Pen("31")  # unknown here
