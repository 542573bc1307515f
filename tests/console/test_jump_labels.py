"""Letters over everything in view: never ambiguous, the home row first, and typing one goes there."""

import pytest
from opened import Console, Open, screen_lines

from agent_tui.data import STYLES
from agent_tui.keymap import load
from agent_tui.screens.desk import DeskScreen
from agent_tui.screens.jump import LETTERS, JumpScreen, labels
from agent_tui.screens.shortcut_list import ShortcutScreen
from agent_tui.terminal.caret import caret


def jump(console: Console) -> JumpScreen:
    screen = console.app.screen
    assert isinstance(screen, JumpScreen)
    return screen


def letters(console: Console, target: str) -> str:
    return jump(console).marks[target].letters


@pytest.mark.parametrize("count", [0, 1, 25, 26, 27, 51, 52, 100, 676])
def test_no_label_begins_another(count: int) -> None:
    found = labels(count)
    assert len(found) == len(set(found)) == count
    assert not [(one, other) for one in found for other in found if one != other and other.startswith(one)]
    assert max(map(len, found), default=1) == (1 if count <= len(LETTERS) else 2)


def test_the_home_row_comes_first_and_the_order_is_always_the_same() -> None:
    assert labels(9) == list("asdfghjkl")
    assert labels(12)[:9] == labels(9)


@pytest.mark.parametrize("style", STYLES)
def test_every_style_has_a_key_for_it(style: str) -> None:
    keymap = load(style=style)
    for context in ("tray", "thread", "mark", "composer", "shortcuts"):
        assert keymap.keys_for(context, "jump"), context
    assert keymap.keys_for("jump", "jump.leave")


@pytest.mark.parametrize(("size", "drawing", "theme"), [((80, 24), "ascii", "mono"), ((120, 40), "unicode", "light")])
async def test_every_label_is_painted_whole_where_its_target_is(
    open_console: Open, size: tuple[int, int], drawing: str, theme: str
) -> None:
    async with open_console(size, drawing=drawing, theme=theme) as console:
        await console.press("f")
        lines = screen_lines(console.app)
        assert len(jump(console).marks) >= 9
        for target in jump(console).targets():
            label = letters(console, target.id)
            assert lines[target.at.y][target.at.x : target.at.x + len(label)] == label, target


async def test_a_row_is_chosen_and_not_opened(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("f", letters_of(console, 3))
        assert isinstance(console.app.screen, DeskScreen)
        assert console.home.list.chosen == console.desk.tray("pending").rows[3].id
        assert console.home.list.has_focus
        assert not console.desk.submitted


def letters_of(console: Console, index: int) -> str:
    """The letter of a tray's row, as it will be: rows get the first ones where the keyboard is in the tray."""
    return labels(len(console.desk.tray("pending").rows))[index]


async def test_a_tray_is_shown(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("f")
        await console.press(letters(console, "tray attended"))
        assert console.home.list.name_of_tray == "attended"


async def test_a_message_is_chosen_and_an_address_copied(open_console: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    async with open_console((80, 24)) as console:
        console.desk.receive(10482, "miren https://desk.example/pedidos/48213, por favor")
        await console.press("enter", "ctrl+f", "f")
        message = console.desk.threads[10482].messages[-2]
        await console.press(*letters(console, f"message m{message.id}"))
        assert console.home.selecting.message == message
        await console.press("f")
        link = next(name for name in jump(console).marks if name.startswith("link "))
        await console.press(*letters(console, link))
        assert console.app.clipboard == "https://desk.example/pedidos/48213"


async def test_from_the_composer_and_back_to_it(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("enter")
        await console.type("hola ")
        await console.press("ctrl+x", "ctrl+f")
        await console.press(*letters(console, "read"))
        assert console.home.conversation.thread.has_focus
        await console.press("f")
        await console.press(*letters(console, "write"))
        assert console.composer.has_focus
        assert console.composer.text == "hola ", "letters of labels are not typed"


async def test_escape_leaves_and_an_unknown_letter_does_nothing(open_console: Open) -> None:
    async with open_console() as console:
        chosen = console.home.list.chosen
        await console.press("f", "5", "enter")
        at = caret(console.app)
        assert at is not None
        assert screen_lines(console.app)[at.y][at.x - 1] == "a"
        await console.press("escape")
        assert isinstance(console.app.screen, DeskScreen)
        assert console.home.list.chosen == chosen


async def test_a_label_stays_with_its_row_when_the_tray_is_reordered(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("f")
        wanted = console.desk.tray("pending").rows[2].id
        label = letters(console, f"row {wanted}")
        console.desk.receive(wanted, "hola?")
        await console.rest()
        target = next(one for one in jump(console).targets() if one.id == f"row {wanted}")
        line = screen_lines(console.app)[target.at.y]
        assert line[target.at.x] == label
        await console.press(label)
        assert console.home.list.chosen == wanted


async def test_two_letters_where_one_is_not_enough(open_console: Open) -> None:
    async with open_console((120, 80)) as console:
        await console.press("3", "f")
        pairs = [name for name, mark in jump(console).marks.items() if len(mark.letters) == 2]
        first, second = letters(console, pairs[1])
        await console.press(first)
        shown = [mark for mark in jump(console).marks.values() if mark.display]
        assert {mark.letters[0] for mark in shown} == {first}
        await console.press(second)
        assert isinstance(console.app.screen, DeskScreen)


async def test_shortcuts_have_them_too(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("f2", "f", "d")
        assert isinstance(console.app.screen, ShortcutScreen)
        rows = console.app.screen.list
        assert rows.chosen == rows.rows[2].id
