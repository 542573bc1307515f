"""Keys pressed one after the other, in every place; and a keymap that changes under one's hands."""

from pathlib import Path

import pytest
from opened import Open, painted

from agent_tui.chord import Chord
from agent_tui.keymap import Keymap, load
from agent_tui.link import model
from agent_tui.own_keys import OwnKeys
from agent_tui.screens.keyed import KeyedScreen

KEYS = Keymap({"tray": {"g g": "tray.first", "g u": "load", "space e": "quit"}, "global": {"g": "help", "f1": "help"}})


@pytest.fixture
def chord() -> Chord:
    return Chord(KEYS)


def test_the_last_key_completes_what_the_first_began(chord: Chord) -> None:
    assert chord.press(("tray", "global"), "g") == (None, True)
    assert chord.pending == "g"
    assert chord.press(("tray", "global"), "g") == ("tray.first", True)
    assert chord.pending == ""


def test_escape_gives_up_and_a_key_that_leads_nowhere_means_nothing(chord: Chord) -> None:
    for last in ("escape", "f1"):
        chord.press(("tray",), "g")
        assert chord.press(("tray", "global"), last) == (None, True)
        assert chord.pending == ""
    assert chord.press(("tray", "global"), "f1") == ("help", True)
    assert chord.press(("tray", "global"), "x") == (None, False)


def test_the_nearest_place_decides_whether_more_keys_follow(chord: Chord) -> None:
    assert chord.press(("global", "tray"), "g") == ("help", True)


async def test_begun_keys_and_what_may_follow_stand_in_the_footer(open_console: Open) -> None:
    async with open_console(language="en", style="vim") as console:
        console.home.list.choose_at(3)
        await console.press("g")
        assert painted(console.home.footer).split() == ["g", "…", "g", "first", "esc", "cancel"]
        await console.press("escape")
        assert "…" not in painted(console.home.footer)
        await console.press("g", "g")
        assert console.home.list.row == console.home.list.tray.rows[0]


async def test_an_order_of_two_keys_in_the_composer_types_neither(open_console: Open) -> None:
    async with open_console(language="en", style="emacs") as console:
        await console.press("enter")
        await console.type("hola")
        await console.press("ctrl+c", "x")
        assert console.composer.text == "hola", "a key that leads nowhere is not typed"
        await console.pilot.press("ctrl+c", "ctrl+c")
        await console.rest()
        assert [args.body for args in console.commands("message.send")] == ["hola"]  # type: ignore[attr-defined]
        await console.press("ctrl+x", "o")
        assert console.home.focused is console.home.list


async def test_escape_in_vim_s_composer_goes_to_the_lines_and_i_goes_back(open_console: Open) -> None:
    async with open_console(style="vim") as console:
        await console.press("enter", "i")
        assert console.home.focused is console.composer
        await console.press("escape")
        assert console.home.focused is console.home.conversation.thread
        await console.press("i")
        assert console.home.focused is console.composer


async def test_a_changed_keymap_works_at_once_and_its_faults_are_told(open_console: Open, tmp_path: Path) -> None:
    own = tmp_path / "keymap.toml"
    async with open_console(language="en", keys=OwnKeys(own)) as console:
        own.write_text('[tray]\nwrite = ["x"]\nhelp = ["f99"]\n', encoding="utf-8")
        console.app.follow_keys()
        await console.rest()
        assert f"{own}:3: there is no key 'f99'" in painted(console.home.notice).replace("\n   ", "")
        assert console.app.keymap.find(("tray",), "x") == "write"
        own.unlink()
        console.app.follow_keys()
        assert console.app.keymap.keys == load().keys


def test_a_file_that_can_not_be_read_is_a_fault_and_the_style_works(tmp_path: Path) -> None:
    keymap = OwnKeys(tmp_path, "vim").read()
    assert keymap.style == "vim"
    assert "can't be read" in keymap.faults[0] or "no se puede leer" in keymap.faults[0]


async def test_who_went_to_read_stays_there_when_one_can_write_again(open_console: Open) -> None:
    """Otherwise the next orders would be typed, and sent to the customer."""
    async with open_console(style="vim") as console:
        await console.press("enter", "i", "escape")
        assert console.app.focused is console.home.conversation.thread
        await console.press("space", "p")
        assert not console.home.conversation.writing.display
        await console.press("space", "c")
        assert console.home.conversation.writing.display
        assert console.app.focused is console.home.conversation.thread
        await console.press("i")
        assert console.app.focused is console.composer


async def test_who_waits_is_shown_every_key_that_may_follow(
    open_console: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KeyedScreen, "thinking_time", 0.01)
    async with open_console((80, 24), style="vim", language="en") as console:
        await console.press("enter")
        height = console.home.conversation.thread.size.height
        await console.press("space")
        further = console.home.further
        while not further.display:
            await console.pilot.pause(0.01)
        await console.rest()
        said = painted(further)
        for label in ("s sheet", "o status", "t edit shortcuts", "a notifications", "␣ commands"):
            assert label in said
        assert painted(console.home.footer).split() == ["␣", "…", "esc", "cancel"], "nothing stands there twice"
        console.desk.tell(model.TrayChanged("pending"))
        await console.rest()
        assert "s sheet" in painted(further), "what happens at the desk does not take it away"
        assert console.home.conversation.thread.size.height == height, "nothing is laid out again for it"
        await console.press("s")
        assert not further.display
        assert console.home.has_class("-sheet")


async def test_what_has_room_in_the_footer_stands_there_only(
    open_console: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KeyedScreen, "thinking_time", 0.01)
    async with open_console((80, 24), style="vim") as console:
        await console.press("enter", "g")
        await console.pilot.pause(0.05)
        assert not console.home.footer.cut
        assert not console.home.further.display
