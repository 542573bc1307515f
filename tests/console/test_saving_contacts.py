"""Adding whoever writes to the contacts, by key and by the command line."""

import pytest
from fake_desk import ANA, FakeDesk, replace
from opened import Open, painted

from hub.protocol import commands


async def test_the_key_asks_for_a_name_in_the_line(open_console: Open, desk: FakeDesk) -> None:
    async with open_console() as console:
        await console.press("down", "up", "w", "c")
        await console.type("Ana López")
        await console.press("enter")
        assert console.commands("conversation.contact") == [commands.SaveContact(ANA, "Ana López")]
        assert desk.rows[ANA].saved


async def test_it_is_typed_as_contact(open_console: Open) -> None:
    async with open_console() as console:
        await console.press(":")
        await console.type("contact Ana María")
        await console.press("enter")
        assert console.commands("conversation.contact") == [commands.SaveContact(ANA, "Ana María")]


@pytest.mark.parametrize("language", ["es", "en"])
async def test_head_and_sheet_say_who_is_not_saved_and_with_which_key(
    open_console: Open, desk: FakeDesk, language: str
) -> None:
    desk.rows[ANA] = replace(desk.rows[ANA], tags=[])
    words = "no agendado  w c" if language == "es" else "not in contacts  w c"
    async with open_console((80, 24), language=language) as console:
        await console.press("enter")
        assert words in painted(console.home.conversation.header)
        await console.press("f4")
        not_yet = "no está en los contactos" if language == "es" else "not in the contacts"
        assert not_yet in painted(console.home.sheet)
        await console.press("f4", "ctrl+x", ":")
        await console.type("contact Ana")
        await console.press("enter")
        assert words not in painted(console.home.conversation.header)
        await console.press("f4")
        assert ("en los contactos" if language == "es" else "in the contacts") in painted(console.home.sheet)


async def test_where_there_is_no_room_the_head_leaves_it_out(open_console: Open, desk: FakeDesk) -> None:
    desk.rows[ANA] = replace(desk.rows[ANA], name="Ana López de la Fuente Benítez Giménez")
    async with open_console((80, 24)) as console:
        await console.press("enter")
        assert "no agendado" not in painted(console.home.conversation.header)
