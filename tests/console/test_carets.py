"""The terminal's cursor stands where the work is on every screen, for braille lines and input methods."""

from collections.abc import Iterator

import pytest
from admin_desk import STEPS as SETTINGS
from admin_desk import admin_desk
from fake_desk import FakeDesk
from fake_reports import with_reports
from opened import Console, Open, painted, screen_lines
from test_pseudo_locale import STEPS
from textual.widgets import Input, TextArea

from agent_tui import glyphs, names, reports
from agent_tui.i18n import _
from agent_tui.screens.fields import Check
from agent_tui.screens.help import HelpPage
from agent_tui.screens.jump import JumpScreen
from agent_tui.screens.keyed import KeyedScreen
from agent_tui.screens.notices import LABELS, NAMES, NoticesScreen
from agent_tui.screens.picker import Picker
from agent_tui.screens.register import RegisterScreen
from agent_tui.screens.reports import TableRows
from agent_tui.screens.shortcut_list import ShortcutRows
from agent_tui.screens.sign_in import SignInApp
from agent_tui.terminal.caret import caret
from agent_tui.widgets.cells import cut
from agent_tui.widgets.thread import ThreadView
from agent_tui.widgets.tray import TrayList


@pytest.fixture(autouse=True)
def unicode_afterwards() -> Iterator[None]:
    yield
    glyphs.use("unicode")


PICKERS = (["ctrl+g"], ["ctrl+p"], ["f11"], ["f3"])


def meant(console: Console) -> str:
    """A part of what stands in the line that the work is in, as the data have it; empty where the widget is enough."""
    screen, focused = console.app.screen, console.app.focused
    assert isinstance(screen, KeyedScreen)
    if screen._question is not None:
        return screen._question.words.split()[0]
    if isinstance(screen, RegisterScreen):
        return screen.words.split()[0]
    if isinstance(screen, Picker):
        return screen.typed if screen.writing else screen.found[screen.marked].label
    if isinstance(screen, NoticesScreen):
        return _(LABELS[NAMES[screen.marked]])
    if isinstance(focused, TrayList) and focused.row is not None:
        return names.customer(focused.row)
    if isinstance(focused, ShortcutRows) and focused.marked is not None:
        return f"/{focused.marked.code}"
    if isinstance(focused, TableRows) and focused.marked is not None:
        return reports.lasted(getattr(focused.marked, "attention", focused.marked).waited)
    return ""


def check(console: Console, where: str) -> str:
    """What kind of place the cursor stands in; fails where it stands elsewhere."""
    screen, at = console.app.screen, caret(console.app)
    assert isinstance(screen, KeyedScreen)
    assert at is not None, where
    line = screen_lines(console.app)[at.y]
    assert cut(meant(console), 12).rstrip("…") in line, f"{where}: {meant(console)!r} is not in {line!r}"
    if screen._question is not None or isinstance(screen, RegisterScreen):
        assert screen.footer.region.contains_point(at), where
        return "question"
    if isinstance(screen, JumpScreen):
        assert next(iter(screen.marks.values())).region.right == at.x, where
        return "letters"
    focused = console.app.focused
    here = screen.window if isinstance(screen, Picker | NoticesScreen) else focused or console.home.sheet
    assert here.region.contains_point(at), where
    if isinstance(focused, ThreadView) and focused.marked:
        assert focused._laid[at.y - focused.region.y + focused.scroll_offset.y].anchor == focused.marked, where
        return "message"
    if not isinstance(focused, Input | TextArea | Check):  # an empty box has a blank between its brackets
        windows = isinstance(screen, Picker | NoticesScreen)
        assert line[at.x : at.x + 1].strip() or windows, f"{where}: nothing to read at the cursor"
    return type(here).__name__


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_cursor_stands_in_the_row_that_is_meant_on_every_screen(
    open_console: Open, size: tuple[int, int]
) -> None:
    seen = set()
    async with open_console(size, language="en", desk=with_reports(FakeDesk())) as console:
        for number, keys in enumerate(STEPS):
            await console.press(*keys)
            seen.add(check(console, f"step {number} {keys} on {type(console.app.screen).__name__}"))
    assert seen >= {
        "TrayList",
        "Composer",
        "HelpPage",
        "PickerWindow",
        "NoticesWindow",
        "ShortcutRows",
        "TableRows",
        "Field",
        "question",
        "letters",
    }


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_it_stands_so_on_all_pages_of_the_desks_settings(open_console: Open, size: tuple[int, int]) -> None:
    seen = set()
    async with open_console(size, language="en", desk=admin_desk()) as console:
        for number, keys in enumerate(SETTINGS):
            await console.press(*keys)
            seen.add(check(console, f"step {number} {keys} on {type(console.app.screen).__name__}"))
    assert seen >= {
        "SettingRows",
        "Field",
        "TextField",
        "Check",
        "Pick",
        "Several",
        "PickerWindow",
        "question",
        "letters",
    }


async def test_the_cursor_follows_the_choice_in_lists(open_console: Open) -> None:
    async with open_console() as console:
        for keys in (["down"], ["down"], ["G"], ["3"], ["G"], ["up"], ["pageup"], ["f2"], ["down"], ["down"]):
            await console.press(*keys)
            check(console, str(keys))


@pytest.mark.parametrize("keys", PICKERS)
async def test_in_a_picker_it_stands_at_the_choice_and_behind_what_is_typed(
    open_console: Open, keys: list[str]
) -> None:
    async with open_console() as console:
        await console.press(*keys)
        check(console, "opened")
        await console.press("down")
        first = caret(console.app)
        await console.press("down")
        assert caret(console.app) != first
        check(console, "moved")
        await console.type("a")
        check(console, "typed")
        line, at = screen_lines(console.app)[caret(console.app).y], caret(console.app)
        assert line[: at.x].endswith("› a")
        await console.press("down")
        picker, at = console.app.screen, caret(console.app)
        assert isinstance(picker, Picker)
        assert cut(picker.found[picker.marked].label, 12).rstrip("…") in screen_lines(console.app)[at.y]


async def test_emoji_and_addresses_have_it_too(open_console: Open) -> None:
    async with open_console() as console:
        console.desk.receive(10482, "https://desk.example/a y https://desk.example/b")
        await console.press("enter", "ctrl+x", "ctrl+x", "down")
        check(console, "emoji")
        await console.press("escape")
        console.home.perform("conversation.links")
        await console.rest()
        await console.press("down")
        check(console, "addresses")


async def test_in_a_conversation_it_stands_at_the_chosen_message(open_console: Open) -> None:
    async with open_console((80, 24)) as console:
        await console.press("enter", "ctrl+f")
        for _ in range(6):
            assert check(console, "choosing") == "message"
            await console.press("up")
        await console.press("escape")
        assert check(console, "left") == "Composer"


async def test_an_empty_tray_is_read_from_its_first_words(open_console: Open) -> None:
    async with open_console(language="en") as console:
        for number in list(console.desk.rows):
            console.desk.change(number, state="closed")
        await console.press("1")
        at = caret(console.app)
        assert at is not None
        assert "Nobody waits" in screen_lines(console.app)[at.y]


async def test_the_help_is_read_from_the_first_line_in_view(open_console: Open) -> None:
    async with open_console((80, 24)) as console:
        await console.press("f1", "pagedown")
        page, at = console.app.focused, caret(console.app)
        assert isinstance(page, HelpPage)
        assert at is not None
        first = next(y for y, line in enumerate(painted(page).split("\n")) if line.strip())
        assert at.y == page.region.y + first


async def test_a_box_to_tick_has_it_between_its_brackets(open_console: Open) -> None:
    async with open_console(desk=FakeDesk(role="supervisor")) as console:
        await console.press("f2", "n", "tab", "tab")
        at = caret(console.app)
        assert at is not None
        assert screen_lines(console.app)[at.y][at.x - 1 : at.x + 2] == "[ ]"


async def test_signing_in_has_it_in_its_fields() -> None:
    async def never(url: str, login: str, password: str) -> None:
        raise AssertionError

    app = SignInApp(never, language="en", theme="dark")
    async with app.run_test(size=(80, 24)) as pilot:
        for field in (app.url, app.login, app.password):
            field.focus()
            await pilot.pause()
            at = caret(app)
            assert at is not None
            assert field.region.contains_point(at)


@pytest.mark.parametrize("keys", [["f3", "down"], ["ctrl+p", "down"], ["ctrl+x", "a"]])
@pytest.mark.parametrize("drawing", ["unicode", "ascii"])
async def test_in_a_framed_window_it_stands_inside_the_frame(open_console: Open, keys: list[str], drawing: str) -> None:
    async with open_console((80, 24), theme="ansi", drawing=drawing) as console:
        await console.press(*keys)
        at = caret(console.app)
        assert at is not None
        assert screen_lines(console.app)[at.y][at.x] not in "│|▌> "
