"""Making, editing and deleting shortcuts, by role."""

from fake_desk import FakeDesk
from opened import Open, painted

from agent_tui.link import model
from agent_tui.screens.shortcut_form import ShortcutForm
from agent_tui.screens.shortcut_list import ShortcutScreen
from hub.protocol import commands


async def test_one_makes_a_shortcut_of_ones_own(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("f2", "n")
        form = console.app.screen
        assert isinstance(form, ShortcutForm)
        assert not form.shared.is_attached  # sharing takes a supervisor
        await console.press(*"gracias", "tab", *"Gracias", "f8")
        assert console.commands("shortcut.save") == [commands.SaveShortcut(code="gracias", body="Gracias")]
        assert isinstance(console.app.screen, ShortcutScreen)
        assert "/gracias" in painted(console.app.screen.list)


async def test_a_supervisor_shares_one_with_the_desk(open_console: Open) -> None:
    async with open_console(desk=FakeDesk(role="supervisor")) as console:
        await console.press("f2", "n", *"fin", "tab", *"Chau", "tab", "space", "f8")
        assert console.commands("shortcut.save") == [commands.SaveShortcut(code="fin", body="Chau", shared=True)]


async def test_an_agent_changes_only_ones_own(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("f2", "down", "d")
        screen = console.app.screen
        assert isinstance(screen, ShortcutScreen)
        assert "/envio-demora no es tuyo" in painted(screen.notice)
        await console.press("up", "d", "s")
        assert console.commands("shortcut.delete") == [commands.DeleteShortcut(shortcut=6)]
        assert "/caja" not in painted(screen.list)


async def test_the_form_stays_open_with_the_reason_when_the_hub_refuses(open_console: Open) -> None:
    async with open_console() as console:
        console.desk.carry_out = False
        await console.press("f2", "n", *"saludo", "tab", *"Hola", "f8")
        form = console.app.screen
        assert isinstance(form, ShortcutForm)
        console.desk.tell(model.CommandRefused(form._sent, "shortcut.save", "duplicate", "code", {"what": "shortcut"}))
        await console.rest()
        assert console.app.screen is form
        assert "el código ya está en uso" in painted(form.notice)


async def test_what_is_not_saved_is_asked_for_before_it_is_lost(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("f2", "n", "a", "escape")
        assert isinstance(console.app.screen, ShortcutForm)
        assert "¿Salir sin guardar?" in painted(console.app.screen.footer)
        await console.press("s")
        assert isinstance(console.app.screen, ShortcutScreen)


async def test_the_footer_offers_to_change_only_what_one_may_change(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("f2")
        listed = console.app.screen
        assert isinstance(listed, ShortcutScreen)
        for _row in listed.list.rows:
            marked = listed.list.marked
            assert marked is not None
            assert ("borrar" in painted(listed.footer)) == (marked.owner == 1 and not marked.shared)
            await console.press("down")
        console.desk.shortcuts.clear()
        console.desk.tell(model.RefsChanged("shortcuts"))
        await console.rest()
        assert "editar" not in painted(listed.footer)
        assert "n nuevo" in painted(listed.footer)
