"""Emoji are found by everyday words in one's language, and take two cells wherever they are drawn."""

from opened import Open

from agent_tui import i18n
from agent_tui.emoji import catalogue
from agent_tui.screens.picker import Picker
from agent_tui.widgets.cells import width


def test_every_emoji_is_one_character_of_two_cells_and_has_one_name() -> None:
    found = catalogue()
    assert len(found) > 900
    assert all(len(one) == 1 and width(one) == 2 and name for one, name in found)
    assert len({one for one, _name in found}) == len(found)


def test_the_most_used_are_called_by_everyday_words() -> None:
    i18n.use("es")
    assert dict(catalogue())["🙏"] == "gracias, por favor"


async def test_an_emoji_goes_where_the_cursor_is(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("enter")
        await console.type("ab")
        await console.press("left", "ctrl+x", "ctrl+x")
        assert isinstance(console.app.screen, Picker)
        await console.type("graci")
        await console.press("enter")
        assert console.composer.text == "a🙏b"
        assert console.composer.has_focus
