"""Themes while the console runs: previewed, remembered, worn anew when their file changes."""

import json
import os
from pathlib import Path

import pytest
from opened import Open, painted

from agent_tui import data
from agent_tui.looks import Looks
from agent_tui.theme import ThemeFault

DARK = (data.folder("themes") / "dark.toml").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A config folder with a theme of the person's own and one that has faults, in a terminal with all colours."""
    monkeypatch.setattr("agent_tui.looks.usual", lambda: "dark")
    (tmp_path / "themes").mkdir()
    (tmp_path / "themes" / "own.toml").write_text(DARK.replace("#14171c", "#010203"), encoding="utf-8")
    (tmp_path / "themes" / "broken.toml").write_text("blink = 1\n", encoding="utf-8")
    (tmp_path / "config.toml").write_text("# mine\ntheme = 'dark'\n", encoding="utf-8")
    return tmp_path


def rewrite(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(1, path.stat().st_mtime_ns + 1_000_000))


async def test_a_theme_is_shown_while_it_is_marked_and_taken_off_when_nothing_is_chosen(
    open_console: Open, folder: Path
) -> None:
    async with open_console(looks=Looks(folder)) as console:
        wearing = console.app.wearing
        await console.press("enter", "f11")
        await console.type("light")
        assert wearing.file.name == "light"
        assert str(console.home.styles.background.hex).lower() == wearing.file.colors["ground"]
        thread = console.home.conversation.thread
        grounds = {s.style.bgcolor.name for y in range(5) for s in thread.render_line(y) if s.style and s.style.bgcolor}
        assert grounds == {wearing.file.colors["ground"]}
        await console.press("escape")
        assert wearing.file.name == "dark"
        assert not (folder / "looks.json").exists()


async def test_a_choice_is_kept_beside_what_the_person_wrote(open_console: Open, folder: Path) -> None:
    before = (folder / "config.toml").read_text(encoding="utf-8")
    async with open_console(looks=Looks(folder)) as console:
        await console.press("f11")
        await console.type("own")
        await console.press("enter")
        assert console.app.wearing.file.name == "own"
    assert Looks(folder).opening().name == "own"
    assert (folder / "config.toml").read_text(encoding="utf-8") == before
    assert Looks(folder, "light").opening().name == "light"  # the settings come first


async def test_who_chooses_against_their_settings_is_told_how_long_it_lasts(open_console: Open, folder: Path) -> None:
    async with open_console(language="en", looks=Looks(folder, "dark")) as console:
        await console.press("f11")
        await console.type("mono")
        await console.press("enter")
        assert "the settings name dark" in painted(console.home.notice)


async def test_a_theme_with_faults_is_not_worn_and_all_of_them_are_told(open_console: Open, folder: Path) -> None:
    async with open_console(looks=Looks(folder)) as console:
        await console.press("f11")
        await console.type("broken")
        await console.press("enter")
        assert console.app.wearing.file.name == "dark"
        assert "no colour for ground" in console.home.notice.words
        assert "there is no setting blink" in console.home.notice.words
    assert not (folder / "looks.json").exists()


async def test_a_theme_is_worn_anew_when_its_file_changes(open_console: Open, folder: Path) -> None:
    path = folder / "themes" / "own.toml"
    looks = Looks(folder, "own")
    async with open_console(theme=looks.opening(), looks=looks) as console:
        wearing = console.app.wearing
        rewrite(path, DARK.replace("#14171c", "#040506"))
        wearing.glance()
        await console.rest()
        assert str(console.home.styles.background.hex).lower() == "#040506"
        rewrite(path, DARK.replace("quiet", "quite").replace('need = "', 'need = "!'))
        wearing.glance()
        assert wearing.file.colors["ground"] == "#040506"
        assert all(word in console.home.notice.words for word in ("no role quite", "no colour for quiet", "need: '!"))
        path.unlink()
        wearing.glance()
        assert wearing.file.colors["ground"] == "#040506"


async def test_between_the_terminals_own_colours_and_all_of_them_everything_changes(
    open_console: Open, folder: Path
) -> None:
    async with open_console(looks=Looks(folder)) as console:
        await console.press("f11")
        typed = 0
        for name, native in (("mono", True), ("light", False), ("ansi", True), ("high-contrast", False)):
            await console.press(*["backspace"] * typed)
            await console.type(name)
            typed = len(name)
            assert console.app.wearing.file.name == name
            assert console.app.native_ansi_color is native
            assert len([one for one in console.app.available_themes if one.startswith("bandeja")]) == 1


def test_a_pick_that_is_gone_is_told_and_what_fits_stands_in(folder: Path) -> None:
    (folder / "looks.json").write_text(json.dumps({"dark": "gone"}), encoding="utf-8")
    looks = Looks(folder)
    assert looks.opening().name == "dark"
    assert "gone: no such theme" in looks.trouble
    with pytest.raises(ThemeFault, match="gone: no such theme"):
        Looks(folder, "gone").opening()
    (folder / "looks.json").write_text("{", encoding="utf-8")
    damaged = Looks(folder)
    assert damaged.opening().name == "dark"
    assert "looks.json" in damaged.trouble


def test_a_pick_holds_for_terminals_of_its_kind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Looks(folder).keep("light")
    monkeypatch.setattr("agent_tui.looks.usual", lambda: "ansi")
    assert Looks(folder).opening().name == "ansi"
    Looks(folder).keep("mono")
    assert Looks(folder).opening().name == "mono"
    monkeypatch.setattr("agent_tui.looks.usual", lambda: "dark")
    assert Looks(folder).opening().name == "light"
