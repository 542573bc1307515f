"""What one only notices by looking: gaps, ends of lines, keys that would do nothing, a cursor beside the text."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest
from fake_desk import ANA, ME, NOW, FakeDesk
from opened import Open, painted, screen_lines
from textual.widget import Widget

import agent_tui
from agent_tui import glyphs, i18n, refusals
from agent_tui.link import model
from agent_tui.screens.picker import Picker
from agent_tui.screens.sign_in import SignInApp
from agent_tui.terminal.caret import caret


@pytest.fixture(autouse=True)
def unicode_afterwards() -> Iterator[None]:
    yield
    glyphs.use("unicode")


LONG = "María de los Ángeles Concepción Fernández de la Vega y Bustamante"


def test_no_two_widgets_share_the_name_by_which_styles_find_them() -> None:
    for module in pkgutil.walk_packages(agent_tui.__path__, "agent_tui."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found: dict[str, set[str]] = {}
    waiting = list(Widget.__subclasses__())
    while waiting:
        one = waiting.pop()
        waiting += one.__subclasses__()
        if one.__module__.startswith("agent_tui."):
            found.setdefault(one.__name__, set()).add(one.__module__)
    assert found
    assert {name: modules for name, modules in found.items() if len(modules) > 1} == {}


@pytest.mark.parametrize("size", [(120, 40), (160, 45)])
async def test_the_cursor_stays_behind_the_text_when_the_lines_break_elsewhere(
    open_console: Open, size: tuple[int, int]
) -> None:
    async with open_console(size) as console:
        await console.press("enter")
        console.composer.put_back("uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce fin")
        for _ in range(3):
            await console.rest()
            at = caret(console.app)
            assert at is not None
            assert screen_lines(console.app)[at.y][: at.x].endswith("fin")
            await console.press("f4")


@pytest.mark.parametrize("size", [(120, 40), (160, 45)])
async def test_a_conversation_is_painted_for_its_new_width_at_once(open_console: Open, size: tuple[int, int]) -> None:
    async with open_console(size) as console:
        console.home.show(10470)
        await console.rest()
        thread = console.home.conversation.thread
        for _ in range(2):
            narrow = thread.size.width
            console.home.jumps.zoom()
            console.home._refresh_layout()
            first = painted(thread)  # before anything was told of its new size
            await console.rest()
            assert thread.size.width != narrow
            assert first == painted(thread)


async def test_a_long_name_keeps_its_distance_from_what_follows_it(open_console: Open, desk: FakeDesk) -> None:
    desk.change(ANA, name=LONG, un=128)
    desk.change(10483, name="Compras Hotel Paraná", last="Gracias")
    async with open_console() as console:
        row = next(line for line in painted(console.home.list).split("\n") if "María" in line)
        assert "…  128 " in row
        await console.press("ctrl+g")
        assert isinstance(console.app.screen, Picker)
        assert "Compras Hotel Paraná  #10483" in painted(console.app.screen.window)


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("columns", [80, 100, 120, 160])
async def test_what_was_refused_reads_as_one_sentence_and_no_line_of_it_ends_in_a_sign(
    open_console: Open, desk: FakeDesk, columns: int, language: str
) -> None:
    refused = model.Outgoing("k", "message.send", 10470, "rechazado", NOW, "failed", "window_closed")
    desk.threads[10470].outgoing.append(refused)
    async with open_console((columns, 40), language=language) as console:
        console.home.show(10470)
        await console.rest()
        thread = painted(console.home.conversation.thread)
        reason = refusals.clause(desk, "window_closed")
        assert reason[0].islower()
        assert f": {reason}".rstrip(".") in " ".join(thread.split())
        assert "^R" in thread
        assert "F7" in thread
        assert [line for line in thread.split("\n") if line.rstrip().endswith("·")] == []


def test_a_clause_keeps_what_is_written_in_capitals() -> None:
    i18n.use("en")
    assert refusals.clause(None, "insecure")[0] == refusals.sentence(None, "insecure")[0].lower()
    assert refusals.clause(None, "hub_fault").startswith("the hub")


@pytest.mark.parametrize("size", [(120, 40), (160, 45)])
async def test_the_sheet_comes_and_goes_without_taking_the_keyboard_from_who_reads(
    open_console: Open, size: tuple[int, int]
) -> None:
    async with open_console(size) as console:
        await console.press("enter")
        console.home.modes.read()
        for _ in range(2):
            await console.press("s")
            assert console.home.focused is console.home.conversation.thread
        assert console.composer.text == ""


async def test_where_there_are_three_panes_the_sheet_leaves_the_keyboard_in_the_trays(open_console: Open) -> None:
    async with open_console((160, 45)) as console:
        await console.press("enter", "escape", "s")
        assert not console.home.sheet.display
        assert console.home.list.has_focus
        await console.press("s")
        assert console.home.sheet.display
        assert console.home.list.has_focus


async def test_where_the_sheet_covers_the_trays_its_key_puts_it_away_again(open_console: Open) -> None:
    async with open_console((120, 40)) as console:
        await console.press("enter", "escape", "s")
        assert console.home.sheet.display
        await console.press("s")
        assert not console.home.sheet.display
        assert console.composer.text == ""


async def test_an_empty_sheet_says_what_will_stand_there(open_console: Open) -> None:
    async with open_console((160, 45), language="en") as console:
        assert "What is known of a customer" in " ".join(painted(console.home.sheet).split())
        await console.press("enter")
        assert "What is known of a customer" not in " ".join(painted(console.home.sheet).split())


@pytest.mark.parametrize("style", ["default", "vim", "emacs"])
async def test_the_line_in_place_of_the_composer_and_the_footer_name_the_same_keys(
    open_console: Open, style: str
) -> None:
    async with open_console((160, 45), language="en", style=style) as console:
        await console.press("3", "enter")
        hint, footer = painted(console.home.conversation.hint), painted(console.home.footer)
        for label in ("reopen", "note"):
            assert (key := hint.partition(f" {label}")[0].split()[-1])
            assert f"{key} {label}" in footer


async def test_the_help_offers_its_own_way_out_once(open_console: Open) -> None:
    async with open_console((80, 24), language="en") as console:
        await console.press("f1")
        footer = painted(console.app.screen.footer)
        assert "esc close" in footer
        assert "help" not in footer


async def test_without_colour_the_chosen_message_is_reversed_like_a_chosen_row(
    open_console: Open, desk: FakeDesk
) -> None:
    desk.message(ANA, "out", "Sale hoy", by=ME, st="read")
    async with open_console(theme="mono") as console:
        await console.press("enter", "ctrl+f")
        thread = console.home.conversation.thread
        strips = [thread.render_line(y) for y in range(thread.size.height)]
        line = next(strip for strip in strips if "Sale hoy" in strip.text)
        assert all(segment.style is not None and segment.style.reverse for segment in line)


@pytest.mark.parametrize(("drawing", "bar"), [("unicode", "│"), ("ascii", "|")])
@pytest.mark.parametrize("theme", ["ansi", "mono"])
async def test_a_field_is_seen_where_the_colours_give_it_no_ground(
    open_console: Open, theme: str, drawing: str, bar: str
) -> None:
    async with open_console(theme=theme, drawing=drawing, language="en") as console:
        await console.press("f2", "n")
        lines, at = screen_lines(console.app), caret(console.app)
        assert at is not None
        assert lines[at.y][: at.x].strip() == bar
        assert sum(line.strip().startswith(bar) for line in lines) == 1 + 8
        glyphs.use(drawing)
        app = SignInApp(never, url="https://desk.example", login="ana", language="en", theme=theme)
        async with app.run_test(size=(120, 40)) as pilot:
            await pilot.pause()
            assert sum(line.strip().startswith(bar) for line in screen_lines(app)) == 3


async def never(url: str, login: str, password: str, code: str) -> None:
    raise AssertionError
