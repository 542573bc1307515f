"""Taking back what was just sent: by a key that is shown while it works, into the composer."""

import pytest
from fake_desk import FakeDesk
from opened import Open, painted

from agent_tui.keymap import load
from agent_tui.link import model
from hub.protocol import commands

ANA, CARLOS = 10482, 10470


async def test_a_held_message_is_marked_steadily_and_a_key_takes_it_back(open_console: Open, desk: FakeDesk) -> None:
    async with open_console() as console:
        console.home.show(CARLOS)
        await console.rest()
        assert "F5 retirar" not in painted(console.home.footer)
        desk.message(CARLOS, "out", "Buenas tardes", by=1, st="held", key="key-of-it")
        desk.tell(model.ThreadChanged(CARLOS))
        await console.rest()
        assert "Buenas tardes ◷" in painted(console.home.conversation.thread)
        assert "F5 retirar" in painted(console.home.footer)
        await console.press("f5")
        assert console.commands("message.recall") == [commands.Recall(CARLOS, "key-of-it")]
        desk.threads[CARLOS].messages.pop()
        desk.drafts[CARLOS] = "Buenas tardes"
        desk.tell(model.DraftChanged(CARLOS))
        await console.rest()
        assert (console.composer.text, console.composer.has_focus) == ("Buenas tardes", True)
        assert "F5 retirar" not in painted(console.home.footer)


async def test_a_line_that_had_not_left_comes_back_at_once_before_what_is_being_written(
    open_console: Open, desk: FakeDesk
) -> None:
    desk.carry_out = False
    async with open_console() as console:
        console.home.show(CARLOS)
        await console.rest()
        await console.type("uno")
        await console.press("enter")
        await console.type("dos")
        await console.press("f5")
        assert console.composer.text == "uno\ndos"
        assert desk.threads[CARLOS].outgoing == []
        assert not console.composer.note


async def test_a_note_that_had_not_left_comes_back_as_a_note(open_console: Open, desk: FakeDesk) -> None:
    desk.carry_out = False
    async with open_console() as console:
        console.home.show(CARLOS)
        await console.rest()
        await console.press("ctrl+n")
        await console.type("ojo")
        await console.press("enter")
        console.composer.set_note(False)
        await console.press("f5")
        assert console.composer.text == "ojo"
        assert console.composer.note


async def test_the_draft_of_another_conversation_leaves_the_composer_alone(open_console: Open, desk: FakeDesk) -> None:
    async with open_console() as console:
        console.home.show(CARLOS)
        await console.rest()
        await console.type("hola")
        desk.tell(model.DraftChanged(ANA))
        await console.rest()
        assert console.composer.text == "hola"


@pytest.mark.parametrize("style", ["default", "vim", "emacs"])
def test_every_style_has_a_key_for_it_where_one_writes_and_where_one_reads(style: str) -> None:
    keymap = load(style=style)
    assert keymap.key_of(("composer", "global"), "message.recall")
    assert keymap.key_of(("thread", "global"), "message.recall")
    assert keymap.find(("composer", "global"), "ctrl+z") is None, "it undoes what is typed"
