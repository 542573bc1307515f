"""Undoing: one key, which says what it took back, or why it can't."""

import pytest
from fake_desk import ME, FakeDesk
from opened import Open, painted

from agent_tui.keymap import load
from agent_tui.screens.taking_back import DEEDS
from hub.protocol import commands
from hub.protocol.commands import REGISTRY

CARLOS = 10470


async def test_a_key_takes_back_what_was_done_last_and_says_what(open_console: Open, desk: FakeDesk) -> None:
    async with open_console() as console:
        await console.press("2", "home", "U")
        assert desk.submitted == [], "nothing to undo yet"
        await console.press("p")
        assert desk.rows[CARLOS].state == "held"
        await console.press("U")
        assert desk.rows[CARLOS].state == "open"
        assert "Deshecho: pausar (Carlos Benítez)." in painted(console.home.notice)
        await console.press("U")
        assert [name for name, _ in desk.submitted] == ["conversation.hold", "conversation.resume"]


async def test_what_has_moved_on_is_refused_with_a_sentence(open_console: Open, desk: FakeDesk) -> None:
    async with open_console() as console:
        desk.submit("conversation.hold", commands.Hold(CARLOS))
        desk.change(CARLOS, owner=ME + 1)
        await console.rest()
        await console.press("U")
        assert "Ya no se puede deshacer" in painted(console.home.notice)
        assert console.commands("conversation.resume") == []


async def test_it_works_while_writing_too(open_console: Open, desk: FakeDesk) -> None:
    async with open_console() as console:
        console.home.show(CARLOS)
        await console.rest()
        desk.submit("conversation.tag", commands.SetTags(CARLOS, [1]))
        await console.type("hola")
        await console.press("ctrl+x", "u")
        assert (desk.rows[CARLOS].tags, console.composer.text) == ([], "hola")


def test_every_command_that_can_be_taken_back_has_a_name_to_say_so() -> None:
    assert DEEDS.keys() == {name for name, spec in REGISTRY.items() if spec.inverse is not None}


@pytest.mark.parametrize("style", ["default", "vim", "emacs"])
def test_every_style_has_a_key_for_it(style: str) -> None:
    keymap = load(style=style)
    assert all(keymap.key_of((place, "global"), "undo") for place in ("tray", "thread", "composer"))
