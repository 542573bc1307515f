"""The filter line: the tray narrows as one types, and what can't be read is marked and loses nothing."""

import pytest
from fake_desk import ANA, FakeDesk
from opened import Console, Open, painted

from agent_tui import filtering, i18n
from agent_tui.link.model import Look
from agent_tui.tray_sorts import TraySorts


def shown(console: Console) -> list[int]:
    return [row.id for row in console.home.list.tray.rows]


def bar(console: Console) -> str:
    home = console.home.filter_bar
    parts = (home._mark, home.field, home._side, home._below)
    return "\n".join(painted(part) for part in parts if part.display)


async def test_the_tray_narrows_as_one_types_and_escape_brings_all_of_it_back(open_console: Open) -> None:
    async with open_console() as console:
        every = shown(console)
        await console.press("/")
        await console.type("cola:soporte")
        assert console.desk.looked[-1] == Look("pending", "queue:#2")
        assert shown(console) == [10484, 10485]
        assert painted(console.home.filter_bar._side).strip() == "2"
        await console.press("enter")
        assert console.home.focused is console.home.list
        assert console.home.list.row is not None
        assert console.home.list.row.id == 10484
        assert not console.home.filter_bar._below.display
        await console.press("escape")
        assert shown(console) == every
        assert console.desk.looked[-1] is None
        assert not console.home.filter_bar.display


async def test_a_word_that_is_being_typed_takes_nothing_away_yet(open_console: Open) -> None:
    async with open_console() as console:
        every = shown(console)
        await console.press("/")
        await console.type("cola:")
        assert shown(console) == every
        await console.type("vent")
        assert shown(console) == every
        assert "✗" not in bar(console)
        assert "Ventas" in bar(console)  # what it may become


async def test_tab_puts_in_what_the_word_may_become_in_the_persons_language(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("/")
        await console.type("eti")
        await console.press("tab")
        assert console.home.filter_bar.field.value == "etiqueta:"
        await console.type("v")
        await console.press("tab")
        assert console.home.filter_bar.field.value == "etiqueta:vip"
        assert shown(console) == [ANA]
        await console.type(" -asesor:y")
        await console.press("tab")
        assert console.home.filter_bar.field.value == "etiqueta:vip -asesor:yo"
        assert shown(console) == []
        assert "Nada coincide con el filtro: esc lo quita." in painted(console.home.list)


async def test_names_with_blanks_are_completed_in_quotes(open_console: Open) -> None:
    async with open_console(language="en") as console:
        await console.press("/")
        await console.type("agent:car")
        await console.press("tab")
        assert console.home.filter_bar.field.value == 'agent:"Carla Ríos"'
        await console.type(" queue:vent")  # the desk's name in another language
        await console.press("tab")
        assert console.home.filter_bar.field.value.endswith(" queue:Ventas")


async def test_what_cannot_be_read_is_marked_and_kept_over_the_last_good_list(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("/")
        await console.type("cola:soporte color:x")
        await console.press("enter")
        assert bar(console).startswith("▌✗")
        assert "No hay ningún campo «color» (letra 14):\n   ¿quisiste decir cola?" in bar(console)
        assert console.home.filter_bar.field.value == "cola:soporte color:x"
        assert shown(console) == [10484, 10485]
        assert console.home.filter_bar.typing  # it is there to be mended
        await console.press(*["backspace"] * 8)
        assert "✗" not in bar(console)


async def test_what_was_typed_is_kept_with_its_tray(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("/")
        await console.type("ana")
        await console.press("enter", "2")
        assert not console.home.filter_bar.display
        assert console.home.list.name_of_tray == "in_progress"
        await console.press("1")
        assert console.home.filter_bar.display
        assert console.home.filter_bar.field.value == "ana"
        assert shown(console) == [ANA]


async def test_the_command_line_filters_in_either_language(open_console: Open) -> None:
    async with open_console() as console:
        await console.type(":filter queue:ventas -agent:nobody")
        await console.press("enter")
        assert console.desk.looked[-1] == Look("pending", "queue:#1 -agent:nobody")
        await console.type(":filter cola:nada")
        await console.press("enter")
        assert console.home.filter_bar.typing
        assert "No hay ningún «nada»" in bar(console)


async def test_the_command_line_completes_a_filter(open_console: Open) -> None:
    async with open_console() as console:
        await console.type(":filter etiqueta:v")
        await console.press("tab")
        assert console.app.screen.field.value == ":filter etiqueta:vip".removeprefix(":")  # type: ignore[attr-defined]


async def test_what_the_hub_refuses_is_told_in_the_same_words(open_console: Open, desk: FakeDesk) -> None:
    async with open_console() as console:
        await console.press("/")
        await console.type("ana")
        desk.refused = {"code": "bad_filter", "why": "unknown_value", "at": 0, "found": "ana", "wants": "x"}
        desk.look(desk.looked[-1])
        await console.rest()
        assert "No hay ningún «ana» (letra 1): admite x." in bar(console)


async def test_while_the_hub_has_not_answered_no_number_is_claimed(open_console: Open, desk: FakeDesk) -> None:
    desk.partly = True
    async with open_console() as console:
        await console.press("/")
        await console.type("ana")
        assert shown(console) == [ANA]
        assert painted(console.home.filter_bar._side).strip() == ""
        await console.type("xx")
        assert "Esperando" in painted(console.home.list)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (160, 45)])
async def test_a_letter_paints_a_line_and_not_the_screen(open_console: Open, size: tuple[int, int]) -> None:
    async with open_console(size) as console:
        await console.press("/")
        await console.type("etiqueta:")
        painted_all: list[object] = []
        for widget in (console.home.top, console.home.tabs, console.home.conversation, console.home.list):
            refresh = widget.refresh
            widget.refresh = lambda *regions, refresh=refresh, **more: (  # type: ignore[method-assign]
                painted_all.append(regions) if not regions else None,
                refresh(*regions, **more),
            )[1]
        await console.type("v")
        assert painted_all == []


async def test_an_order_is_chosen_shown_and_remembered_by_tray(open_console: Open, tmp_path: object) -> None:
    sorts = TraySorts(tmp_path)  # type: ignore[arg-type]
    async with open_console(sorts=sorts) as console:
        await console.press("S")
        await console.type("nombre, de la a")
        await console.press("enter")
        assert console.desk.looked[-1] == Look("pending", "", "name")
        assert "↑ nombre" in bar(console)
        await console.press("2")
        assert not console.home.filter_bar.display
    async with open_console(sorts=TraySorts(tmp_path)) as console:  # type: ignore[arg-type]
        assert console.desk.looked[-1] == Look("pending", "", "name")
        await console.press("S")
        await console.type("actividad, lo más nuevo")
        await console.press("enter")
        assert console.desk.looked[-1] is None


async def test_an_order_that_cannot_be_kept_holds_until_one_leaves(open_console: Open, tmp_path: object) -> None:
    file = tmp_path / "file"  # type: ignore[operator]
    file.write_text("")
    async with open_console(sorts=TraySorts(file)) as console:
        await console.press("S", "down", "enter")
        assert console.desk.looked[-1] == Look("pending", "", "active")
        assert "no se puede guardar" in painted(console.home.notice)


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("", []),
        ("co", ["cola:"]),
        ("(col", ["(cola:"]),
        ("-col", ["-cola:"]),
        ('asesor:"Carla R', ['asesor:"Carla Ríos"']),
        ("cola:", ["cola:Caja", "cola:Soporte", "cola:Ventas"]),
        ("cola:sal", ["cola:Sales"]),
        ("cola:ventas,so", ["cola:ventas,Soporte"]),
        ("etiqueta:vip asesor:car", ['etiqueta:vip asesor:"Carla Ríos"']),
        ("espera:>1", ["espera:>10m", "espera:>1h"]),
        ("porresponder:s", ["porresponder:si"]),
        ("prioridad:u", ["prioridad:urgente"]),
        ("nada:x", []),
    ],
)
def test_what_a_word_may_become(line: str, offered: list[str]) -> None:
    i18n.use("es")
    assert [word.line for word in filtering.complete(line, FakeDesk().names)] == offered
