"""The quick switcher, the last place, and one pane full."""

from fake_desk import FakeDesk, replace
from opened import Open, painted, screen_lines

from agent_tui.screens.picker import Picker


async def test_any_conversation_is_found_by_a_part_of_its_name_number_or_id(open_console: Open) -> None:
    async with open_console() as console:
        for typed, wanted in (("benit", 10470), ("10471", 10471), ("981123457", 10483), ("gime", 10472)):
            await console.press("ctrl+g")
            await console.type(typed)
            await console.press("enter")
            assert console.home.shown == wanted
            assert console.home.list.chosen == wanted, "it is marked in its tray too"
        assert not console.commands("conversation.open"), "looking does not begin to serve"


async def test_the_switcher_offers_first_where_one_was_before(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("enter", "ctrl+down")
        first, second = console.home.jumps.before, console.home.shown
        await console.press("ctrl+g")
        picker = console.app.screen
        assert isinstance(picker, Picker)
        assert picker.found[0].id == str(first)
        assert picker.found[-1].id == str(second)
        await console.press("enter")
        assert console.home.shown == first


async def test_last_place_goes_to_and_fro(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("enter", "ctrl+down")
        there, here = console.home.jumps.before, console.home.shown
        console.home.perform("conversation.last")
        assert console.home.shown == there
        console.home.perform("conversation.last")
        assert console.home.shown == here


async def test_zoom_gives_the_pane_with_the_keyboard_the_whole_screen(open_console: Open) -> None:
    async with open_console((120, 40)) as console:
        home = console.home
        await console.press("z")
        assert home.list.size.width == 120
        assert not home.conversation.display
        await console.press("enter")
        assert home.conversation.size.width == 120
        home.perform("zoom")
        await console.rest()
        assert home.list.size.width < 60 < home.conversation.size.width
        home.perform("zoom")
        await console.rest()
        assert home.conversation.size.width == 120


async def test_where_there_is_one_pane_zoom_is_not_offered(open_console: Open) -> None:
    async with open_console((80, 24), language="en") as console:
        await console.press("z")
        assert not console.home.zoomed
        await console.press("ctrl+p")
        await console.type("zoom")
        assert "Nothing by that name." in painted(console.app.screen.window)


async def test_the_letters_that_match_are_marked(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("ctrl+g")
        await console.type("benit")
        picker = console.app.screen
        assert isinstance(picker, Picker)
        accent = console.app.cockpit.palette.style("accent", "tint", bold=True)
        assert "Benít" in [segment.text for segment in picker.window.render_line(3) if segment.style == accent]


async def test_a_list_is_framed_where_the_colours_give_it_no_ground_and_nothing_peeps_out_beside_it(
    open_console: Open,
) -> None:
    for theme, framed in (("ansi", True), ("mono", True), ("dark", False), ("light", False)):
        async with open_console((80, 24), theme=theme) as console:
            await console.press("ctrl+p")
            lines = screen_lines(console.app)
            assert ("┌" in lines[3]) is framed
            assert all(line.startswith("│" if framed else " ") for line in lines[4:10])
            assert "Elige el mensaje" not in "".join(lines), "no message is being chosen"


async def test_the_frame_of_a_list_runs_past_the_row_that_is_marked(open_console: Open) -> None:
    async with open_console((80, 24), theme="mono") as console:
        await console.press("ctrl+p")
        assert isinstance(console.app.screen, Picker)
        left, *row, right = console.app.screen.window.render_line(3)
        assert left.text == right.text == "│"
        assert not any(side.style and side.style.reverse for side in (left, right))
        assert all(part.style and part.style.reverse for part in row)


async def test_the_switcher_has_the_marks_of_the_trays_and_its_numbers_in_a_column(
    open_console: Open, desk: FakeDesk
) -> None:
    desk.add(replace(desk.rows[10472], id=7))
    async with open_console((80, 24)) as console:
        await console.press("ctrl+g")
        picker = console.app.screen
        assert isinstance(picker, Picker)
        glyphs = {choice.id: choice.glyph for choice in picker.choices}
        assert (glyphs["10482"], glyphs["10472"], glyphs["10470"]) == ("●", "◷", " ")
        ends = {choice.hint.index(f"#{choice.id} ") + len(choice.id) for choice in picker.choices}
        assert len(ends) == 1, "the numbers end below each other"
