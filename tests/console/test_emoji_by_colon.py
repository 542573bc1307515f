"""`:name` while writing: listed as one types, put in by a key or by the closing colon, never in the way."""

import pytest
from opened import Console, Open, painted

from agent_tui import emoji, i18n
from agent_tui.widgets.cells import width
from hub.protocol import commands


def listed(console: Console) -> list[str]:
    return [one.name for one in console.composer._found]


@pytest.mark.parametrize(
    ("before", "name"),
    [(":so", "so"), ("hola :so", "so"), ("hola\n:so", "so"), (":corazón_az", "corazón_az"), (":s", None), (":", None),
     ("a las 10:30", None), ("10:ab", None), ("http://ab", None), ("mailto:ana", None), (":)", None), (":-)", None),
     (":D", None), ("son :50", None), (":: ", None), (":so ", None), (":so,", None)],
)  # fmt: skip
def test_only_a_colon_that_begins_a_word_and_two_letters_ask_for_emoji(before: str, name: str | None) -> None:
    assert emoji.typed(before) == name


def test_names_are_found_in_spanish_and_in_english() -> None:
    i18n.use("es")
    assert emoji.find("sonr")[0][0] == emoji.find("smil")[0][0] == "😊"
    assert emoji.find("GRACIAS")[0] == ("🙏", "gracias, por favor")
    assert emoji.find("corazon_az")[0][0] == "💙", "without accents, and with words joined as they are typed"
    assert "🐢" in [one for one, _name in emoji.find("turtle")]
    assert len(emoji.find("fa")) == emoji.LIMIT
    assert emoji.find("xyzzy") == []


async def test_they_are_listed_while_one_types_and_tab_or_enter_puts_one_in(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("enter")
        await console.type("hola :g")
        assert not listed(console)
        await console.type("rac")
        assert listed(console)[0] == "🙏"
        assert "gracias, por favor" in painted(console.home.conversation.suggestions)
        await console.press("enter")
        assert console.composer.text == "hola 🙏"
        await console.type(" :fies")
        await console.press("tab")
        assert console.composer.text == "hola 🙏 🎉"
        assert not console.commands("message.send"), "nothing was sent"


async def test_arrows_choose_and_escape_dismisses(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("enter")
        await console.type(":cor")
        await console.press("down")
        second = listed(console)[1]
        await console.press("enter")
        assert console.composer.text == second
        await console.type(" :cor")
        await console.press("escape")
        assert not listed(console)
        await console.type("a")
        assert not listed(console), "it stays away for this word"
        await console.type(" :co")
        assert listed(console)


async def test_a_name_typed_whole_becomes_the_emoji_at_its_closing_colon(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("enter")
        await console.type(":sonrisa:")
        assert console.composer.text == "😊"
        await console.type(" :thanks:")
        assert console.composer.text == "😊 🙏"
        await console.type(" :nosuchthing:")
        assert console.composer.text == "😊 🙏 :nosuchthing:"


async def test_ordinary_colons_are_left_alone(open_console: Open) -> None:
    text = "a las 10:30 en https://desk.example/a:b: :) :D nota:sonrisa: listo :"
    async with open_console() as console:
        await console.press("enter")
        await console.type(text)
        assert console.composer.text == text
        await console.press("enter")
        assert [one.body for one in console.commands("message.send") if isinstance(one, commands.Send)] == [text]


async def test_in_a_note_too_and_in_a_draft_that_comes_back_nothing_is_changed(open_console: Open) -> None:
    async with open_console((80, 24)) as console:
        console.desk.save_draft(10482, ":sonrisa:")
        await console.press("enter")
        assert console.composer.text == ":sonrisa:"
        await console.press("ctrl+n", *["backspace"] * 9)
        await console.type(":graci")
        await console.press("tab")
        assert console.composer.text == "🙏"
        assert console.composer.note


@pytest.mark.parametrize("drawing", ["unicode", "ascii"])
async def test_every_line_of_the_list_is_as_wide_as_the_pane(open_console: Open, drawing: str) -> None:
    async with open_console((80, 24), drawing=drawing, theme="mono") as console:
        await console.press("enter")
        await console.type(":cora")
        lines = painted(console.home.conversation.suggestions).split("\n")
        assert len(lines) == len(listed(console)) > 1
        assert all(width(line) <= 80 for line in lines)
