"""The help: every key that works here, and finding one by what it does."""

from opened import Open, painted

from agent_tui.screens.help import HelpScreen


async def test_what_is_typed_behind_a_slash_narrows_the_help(open_console: Open) -> None:
    async with open_console((80, 24), language="en") as console:
        await console.press("?")
        screen = console.app.screen
        assert isinstance(screen, HelpScreen)
        whole = screen.page.found
        await console.press("slash")
        await console.type("queue")
        assert "Put the conversation back into its queue" in painted(screen.page)
        assert "Choose the conversation below" not in painted(screen.page)
        assert 0 < screen.page.found < whole
        assert "/ queue" in painted(screen.sought)
        await console.press("enter", "j", "escape")
        assert console.app.screen is screen, "Escape first takes away what was sought"
        assert screen.page.found == whole
        await console.press("escape")
        assert console.home.is_current


async def test_accents_don_t_matter_and_a_key_is_found_by_itself(open_console: Open) -> None:
    async with open_console((80, 24)) as console:
        await console.press("?", "slash")
        screen = console.app.screen
        assert isinstance(screen, HelpScreen)
        await console.type("atencion atendida")
        assert "Reabre una atención atendida." in painted(screen.page)
        for _ in "atencion atendida":
            await console.press("backspace")
        await console.type("F11")
        assert screen.page.found == 1
        await console.type("xyz")
        assert "Nada con ese nombre." in painted(screen.page)


async def test_the_help_goes_to_its_ends_by_the_keys_of_the_style(open_console: Open) -> None:
    async with open_console((80, 24), style="vim") as console:
        await console.press("?", "G")
        page = console.app.screen.query_one("HelpPage")
        assert page.scroll_offset.y == page.max_scroll_y > 0
        await console.press("g", "g")
        assert page.scroll_offset.y == 0
        await console.press("ctrl+d")
        assert page.scroll_offset.y > 0


async def test_the_help_s_footer_tells_how_to_find_and_how_to_leave(open_console: Open) -> None:
    async with open_console((80, 24), language="en") as console:
        await console.press("?")
        screen = console.app.screen
        assert isinstance(screen, HelpScreen)
        said = painted(screen.footer)
        assert "/ find" in said
        assert said.rstrip().endswith("esc close")
