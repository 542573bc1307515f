"""Themes: complete, readable, and all of what is wrong told at once."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from opened import Open, painted

from agent_tui import data
from agent_tui.theme import ANSI, CONTRAST, GROUNDS, ROLES, SPOKEN, ThemeFault, contrast, load, parse
from agent_tui.widgets.paint import Palette, nearest_ansi

NAMES = sorted(path.stem for path in data.folder("themes").glob("*.toml"))
DARK = (data.folder("themes") / "dark.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_every_theme_defines_every_role(name: str) -> None:
    assert set(load(name).colors) == set(ROLES)


@pytest.mark.parametrize("name", [name for name in NAMES if not load(name).ansi])
def test_every_role_that_speaks_is_readable_on_every_ground_it_stands_on(name: str) -> None:
    colors = load(name).colors
    for role, grounds in SPOKEN.items():
        for ground in grounds:
            assert contrast(colors[role], colors[ground]) >= CONTRAST, (role, ground)


def test_high_contrast_holds_what_its_name_promises() -> None:
    colors = load("high-contrast").colors
    assert min(contrast(colors[role], colors[on]) for role, grounds in SPOKEN.items() for on in grounds) >= 7


@pytest.mark.parametrize("color", ["#1f9d57", "#7b818c", "#c2417c", "#7a7a7a", "#000000", "#ffffff"])
def test_a_channels_letter_is_as_readable_as_all_the_rest(color: str) -> None:
    for name in ("dark", "high-contrast"):
        style = Palette(load(name)).chip(color)
        assert style.color is not None
        assert style.bgcolor is not None
        ink, ground = style.color.get_truecolor().hex, style.bgcolor.get_truecolor().hex
        assert contrast(ink, ground) >= load(name).contrast


def test_a_theme_is_held_to_the_contrast_that_it_asks_for() -> None:
    with pytest.raises(ThemeFault, match=r"faint on ground: contrast 4\.\d, below 7"):
        parse("strict", "contrast = 7\n" + DARK)
    with pytest.raises(ThemeFault, match="contrast: 2 is not a number from"):
        parse("lax", "contrast = 2\n" + DARK)


def test_mono_has_no_colour_and_tells_every_state_by_something_else() -> None:
    palette = Palette(load("mono"))
    styles = [palette.style(role, ground) for role in ROLES for ground in GROUNDS] + [palette.chip("#1f9d57")]
    assert all(style.color is not None and style.color.is_default for style in styles)
    assert all(style.bgcolor is not None and style.bgcolor.is_default for style in styles)
    assert palette.style("text", "tint").reverse
    assert not palette.style("text").reverse
    assert len({str(palette.style(role)) for role in ("text", "strong", "line", "note", "chip")}) == 5


def test_every_role_but_grounds_and_hairlines_must_be_readable() -> None:
    assert set(ROLES) - set(SPOKEN) == {*GROUNDS, "line"}


def test_contrast_is_what_wcag_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_all_faults_of_a_theme_are_named_together() -> None:
    text = DARK.replace('quiet = "#9aa4b2"', 'quiet = "grey"').replace("need =", "nedd =") + "\nblink = true\n"
    with pytest.raises(ThemeFault) as fault:
        parse("mine", text)
    told = str(fault.value)
    assert "mine: quiet: 'grey' is not #rrggbb" in told
    assert "mine: no colour for need" in told
    assert "mine: there is no role nedd" in told
    assert "mine: there is no role blink" in told
    with pytest.raises(ThemeFault, match="mine: need: 'blink' is not made of bold, dim"):
        parse("mine", DARK + '\n[styles]\nneed = "blink"\n')


def test_what_can_not_be_read_is_refused_with_the_ratio() -> None:
    with pytest.raises(ThemeFault, match=r"quiet on ground: contrast 1\.\d, below 4\.5"):
        parse("dim", DARK.replace("#9aa4b2", "#1c2026"))


def test_a_person_s_own_theme_comes_first(tmp_path: Path) -> None:
    (tmp_path / "dark.toml").write_text(DARK.replace("#14171c", "#000000"), encoding="utf-8")
    assert load("dark", (tmp_path,)).colors["ground"] == "#000000"
    with pytest.raises(ThemeFault, match="there are ansi, dark, high-contrast, light, mono"):
        load("darkk")


def test_the_terminal_s_own_theme_uses_only_its_sixteen_colours() -> None:
    raw = tomllib.loads((data.folder("themes") / "ansi.toml").read_text(encoding="utf-8"))
    assert set(raw["colors"].values()) <= ANSI


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "dark"),
        ({"TERM": "xterm-256color"}, "dark"),
        ({"TERM": "xterm"}, "ansi"),
        ({"TERM": "linux"}, "ansi"),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, "mono"),
    ],
)
def test_the_terminal_chooses_where_the_person_does_not(environ: dict[str, str], name: str) -> None:
    code = "from agent_tui.appearance import chosen; print(chosen('').name)"
    environ = {"PATH": os.environ["PATH"], **environ}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == name


@pytest.mark.parametrize("name", NAMES)
async def test_the_console_opens_in_every_theme(open_console: Open, name: str) -> None:
    async with open_console(theme=name) as console:
        await console.press("enter", "f1", "escape", "ctrl+p", "escape", "f2", "n", "escape", "escape")
        assert "Ana López" in painted(console.home.conversation.header)


@pytest.mark.parametrize(
    ("color", "name"),
    [("#1f9d57", "green"), ("#2b86c9", "cyan"), ("#c2417c", "magenta"), ("#7b818c", "default"), ("#ff0000", "red")],
)
def test_a_channels_colour_has_its_like_among_the_terminals_own(color: str, name: str) -> None:
    assert nearest_ansi(color) == name
