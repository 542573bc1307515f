"""Keys that arrive several at a time, as over a slow line, do what they would do one by one."""

import pytest
from opened import Console, Open
from textual import events

from agent_tui.screens.command_line import CommandLine
from agent_tui.screens.picker import Picker
from hub.protocol import commands


async def at_once(console: Console, *keys: str) -> None:
    for key in keys:
        event = events.Key(key, key if len(key) == 1 else {"space": " ", "colon": ":"}.get(key))
        event.set_sender(console.app)
        console.app.post_message(event)
    await console.rest()
    await console.rest()


async def test_what_is_typed_behind_a_colon_is_for_the_command_line(open_console: Open) -> None:
    async with open_console() as console:
        await at_once(console, "colon", *"tag", "space", *"vip")
        line = console.app.screen
        assert isinstance(line, CommandLine)
        assert line.field.value == "tag vip"
        await at_once(console, "enter", "down")
        assert console.home.is_current
        assert [type(args) for args in console.commands("conversation.tag")] == [commands.SetTags]
        assert not console.commands("conversation.take", "conversation.open")


async def test_what_is_typed_behind_a_key_that_opens_a_list_narrows_the_list(open_console: Open) -> None:
    async with open_console() as console:
        await at_once(console, "ctrl+g", *"benit")
        assert isinstance(console.app.screen, Picker)
        assert console.app.screen.typed == "benit"
        await at_once(console, "enter", "escape", "ctrl+g", *"10471", "enter")
        assert console.home.shown == 10471


async def test_orders_and_letters_in_one_go_each_find_their_place(open_console: Open) -> None:
    async with open_console(style="vim") as console:
        await at_once(console, "enter", "i", *"hola", "escape", "g", "g", "i", *"che")
        assert console.composer.text == "holache"


@pytest.mark.parametrize("key", ["f1", "f2", "f3", "f11", "ctrl+p"])
async def test_the_keyboard_is_never_lost_with_a_window_that_closes(open_console: Open, key: str) -> None:
    async with open_console() as console:
        await at_once(console, key, "escape", key, "escape", "down")
        assert console.home.is_current
        assert console.home.list.chosen == console.desk.tray("pending").rows[1].id


async def test_in_a_form_a_tab_and_what_is_typed_behind_it_go_to_the_next_field(open_console: Open) -> None:
    async with open_console() as console:
        await at_once(console, "f2", "n", *"hola", "tab", *"buenas")
        texts = [field.text for field in console.app.screen.query("TextField")]
        codes = [field.value for field in console.app.screen.query("Field")]
        assert "buenas" in texts
        assert "hola" in codes


async def test_keys_of_one_order_in_the_composer_open_what_takes_the_next_ones(open_console: Open) -> None:
    async with open_console() as console:
        await at_once(console, "enter", "a", "ctrl+x", "ctrl+x", *"ris")
        assert isinstance(console.app.screen, Picker)
        assert console.app.screen.typed == "ris"
        assert console.composer.text == "a"
