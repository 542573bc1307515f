"""In keys that have a mode for writing, who reads goes on reading wherever they move to: no order is typed as text."""

import pytest
from opened import Console, Open, painted
from textual import events

from agent_tui.screens.shortcut_form import ShortcutForm


def reads(console: Console) -> bool:
    return console.home.focused is console.home.conversation.thread


@pytest.mark.parametrize(
    "keys",
    [
        ("right_square_bracket", "c"),
        ("right_square_bracket", "u"),
        ("space", "f", *"benit", "enter"),
        ("space", "s", "space", "s"),
        ("space", "s", "escape"),
        ("v", "k", "escape"),
        ("v", "s", "escape", "escape"),
    ],
    ids=" ".join,
)
async def test_who_reads_goes_on_reading(open_console: Open, keys: tuple[str, ...]) -> None:
    async with open_console((80, 24), style="vim") as console:
        await console.press("enter", *keys)
        assert reads(console)
        await console.press(*"jk")
        assert console.composer.text == ""


async def test_a_click_into_the_lines_goes_to_read_where_writing_is_a_mode_and_to_write_elsewhere(
    open_console: Open,
) -> None:
    for style in ("vim", "default"):
        async with open_console(style=style) as console:
            await console.press("enter", "escape", "escape")
            assert not reads(console)
            await console.pilot.click(console.home.conversation.thread, offset=(10, 4))
            assert reads(console) == (style == "vim")


async def test_moving_twice_is_two_moves_and_no_text(open_console: Open) -> None:
    async with open_console((80, 24), style="vim") as console:
        rows = [row.id for row in console.desk.tray("in_progress").rows]
        await console.press("2", "enter", "right_square_bracket", "c", "right_square_bracket", "c")
        assert console.home.shown == rows[2]
        await console.press("left_square_bracket", "c", "ctrl+o")
        assert console.home.shown == rows[2]
        assert console.composer.text == ""


@pytest.mark.parametrize("keys", [("enter",), ("2", "enter"), ("2", "enter", "escape", "tab")], ids=" ".join)
async def test_what_is_opened_from_the_trays_is_read_until_one_begins_to_write(
    open_console: Open, keys: tuple[str, ...]
) -> None:
    async with open_console((80, 24), style="vim", language="en") as console:
        await console.press(*keys)
        await console.rest()
        assert reads(console)
        assert console.home.conversation.writing.display
        assert "i write" in painted(console.home.footer)
        await console.press("j", "i", "j")
        assert console.composer.text == "j"


async def test_from_the_trays_the_next_unread_one_is_shown_to_read(open_console: Open) -> None:
    async with open_console(style="vim") as console:
        await console.press("right_square_bracket", "u")
        assert reads(console)


async def test_who_writes_goes_on_writing_in_the_next_one(open_console: Open) -> None:
    for style in ("vim", "default"):
        async with open_console(style=style) as console:
            rows = console.desk.tray("in_progress").rows
            await console.press("2", "enter", *("i" if style == "vim" else ""), "ctrl+down")
            assert console.home.shown == rows[1].id
            assert console.composer.has_focus
            await console.press("f4", "f4", "ctrl+f", "escape")
            assert console.composer.has_focus


async def test_a_shortcut_of_a_message_that_is_given_up_leaves_the_message_chosen(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("enter", "ctrl+f", "k")
        chosen = console.home.conversation.thread.marked
        await console.press("s")
        assert isinstance(console.app.screen, ShortcutForm)
        await console.press("escape")
        assert console.home.conversation.thread.marked == chosen
        assert console.home.contexts[0] == "mark"


async def test_what_is_pasted_while_one_reads_is_to_be_written(open_console: Open) -> None:
    async with open_console((80, 24), style="vim", language="en") as console:
        await console.press("2", "enter")
        console.app.post_message(events.Paste("two\nlines"))
        await console.rest()
        assert console.composer.text == "two\nlines"
        assert console.composer.has_focus
        await console.press("escape", "h")
        console.app.post_message(events.Paste("lost"))
        await console.rest()
        assert "There is no place here for what was pasted." in painted(console.home.notice)
        assert console.composer.text == "two\nlines"


async def test_who_reads_is_told_how_to_write_again(open_console: Open) -> None:
    async with open_console((80, 24), style="vim", language="en") as console:
        await console.press("2", "enter")
        assert "i write" in painted(console.home.footer)
        await console.press("i")
        assert console.composer.has_focus
    async with open_console((80, 24), style="vim", language="en") as console:
        rows = console.desk.tray("pending").rows
        await console.press("right_square_bracket", "c")
        assert console.home.shown == rows[1].id
        assert "i write" not in painted(console.home.footer), "it is not being served yet"
