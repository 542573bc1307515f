"""Whatever is painted, the terminal shows through page and glass what it would have shown of the original."""

import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len, set_cell_size

sys.path.insert(0, str(Path(__file__).parent))

from emulator import Emulator, differences

from agent_tui.terminal.abilities import Abilities
from agent_tui.terminal.glass import Glass
from agent_tui.terminal.page import Page

WIDTH, HEIGHT = 40, 6
COLORS = ["", "31", "97", "38;5;200", "38;2;86;194;180", "38;2;255;255;255"]
GROUNDS = ["", "44", "100", "48;5;17", "48;2;20;23;28", "48;2;31;42;51"]
ALPHABET = "ab hola  ¿ñé─━●▌…✓ 配送は日本 xxxxxxxxxxxxxxxxxx                          "

styles = st.builds(
    lambda marks, fg, bg: ";".join([*map(str, sorted(marks)), *filter(None, (fg, bg))]),
    st.sets(st.sampled_from([1, 3, 4, 5, 7, 9]), max_size=2),
    st.sampled_from(COLORS),
    st.sampled_from(GROUNDS),
)
texts = st.one_of(
    st.text(st.sampled_from(ALPHABET), min_size=1, max_size=12),
    st.builds(lambda char, count: char * count, st.sampled_from("─ x配"), st.integers(1, WIDTH)),
)


@st.composite
def spans(draw: st.DrawFn) -> str:
    """Some styled text at a place, as Textual paints it; never across the right edge."""
    x, y = draw(st.integers(0, WIDTH - 1)), draw(st.integers(0, HEIGHT - 1))
    painted, room = f"\x1b[{y + 1};{x + 1}H", WIDTH - x
    for style, text in draw(st.lists(st.tuples(styles, texts), min_size=1, max_size=4)):
        fitting = set_cell_size(text, min(cell_len(text), room))
        room -= cell_len(fitting)
        painted += f"\x1b[{style}m{fitting}\x1b[0m" if style else fitting
    return painted


abilities = st.builds(Abilities, tints=st.booleans(), repeats=st.booleans(), wide_locale=st.booleans())
losses = st.sampled_from(["none"] * 5 + ["perhaps", "surely"])
paintings = st.lists(st.tuples(losses, st.lists(spans(), min_size=1, max_size=6)), min_size=1, max_size=8)
GROUND = "".join(f"\x1b[{y + 1};1H\x1b[48;2;20;23;28m{' ' * WIDTH}\x1b[0m" for y in range(HEIGHT))


def show(page: Page, glass: Glass, loss: str) -> str:
    written = ""
    if loss != "none":
        glass.forget(page.width, page.height)
    if loss == "surely":
        written = glass.clear(page)
        page.touched = set(range(page.height))
    lines, page.touched = sorted(page.touched), set()
    written += glass.bring(page, lines)
    written += glass.place.way(page.x, page.y)
    glass.place.x, glass.place.y = page.x, page.y
    return written


@settings(max_examples=80, deadline=None)
@given(abilities, paintings)
def test_every_cell_looks_as_if_it_had_been_written_directly(
    able: Abilities, painted: list[tuple[str, list[str]]]
) -> None:
    direct, thrifty = Emulator(WIDTH, HEIGHT), Emulator(WIDTH, HEIGHT)
    page, glass = Page(WIDTH, HEIGHT), Glass(able)
    for emulator in (direct, thrifty):
        emulator.feed("\x1b[?7l")
    for loss, parts in [("surely", [GROUND]), *painted]:
        data = "".join([*parts, "\x1b[2;3H"])
        direct.feed(data)
        page.take(data)
        thrifty.feed(show(page, glass, loss))
        assert differences(direct.screen, thrifty.screen) == []
        assert direct.screen.where == thrifty.screen.where


@settings(max_examples=30, deadline=None)
@given(paintings)
def test_painting_the_same_again_writes_nothing(painted: list[tuple[str, list[str]]]) -> None:
    page, glass = Page(WIDTH, HEIGHT), Glass(Abilities())
    page.take(GROUND)
    show(page, glass, "surely")
    for _, parts in painted:
        page.take("".join(parts))
        show(page, glass, "none")
        page.take("".join(parts[-1:]))
        show(page, glass, "none")
        x, y = page.x, page.y
        page.take(parts[-1])
        page.x, page.y = x, y
        assert show(page, glass, "none") == ""


@pytest.mark.parametrize("glyph", ["👩\u200d💻", "❤\ufe0f", "🌸", "e\u0301", "☀", "🇵🇾", "👍🏽", "▶", "\U0001fae8"])
def test_what_stands_behind_a_doubtful_glyph_is_placed_by_its_column(glyph: str) -> None:
    page, glass = Page(WIDTH, 1), Glass(Abilities())
    page.take(f"\x1b[1;1Hab{glyph}|end")
    written = show(page, glass, "surely")
    column = cell_len(glyph) + 3
    assert f"{glyph}\x1b[{column}G|end" in written


@pytest.mark.parametrize("glyph", ["👩\u200d💻", "☀"])
def test_what_a_doubtful_glyph_may_have_covered_is_written_again_when_it_goes(glyph: str) -> None:
    page, glass = Page(WIDTH, 1), Glass(Abilities())
    page.take(f"\x1b[1;1H{glyph}|end" + " " * 20)
    show(page, glass, "surely")
    page.take("\x1b[1;1H" + "xy"[: cell_len(glyph)])
    assert "xy"[: cell_len(glyph)] + "|" in show(page, glass, "none")
