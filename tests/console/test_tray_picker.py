"""Trays beyond the three: by key, by a part of their name, as tabs; and those that one saves."""

from pathlib import Path

import pytest
from fake_desk import LUIS, ME, FakeDesk
from opened import Open, painted, screen_lines

from agent_tui.link.model import Look, RefsChanged
from agent_tui.tray_sorts import TraySorts
from hub.protocol import commands, views


def text(console: object) -> str:
    return "\n".join(screen_lines(console.app))  # type: ignore[attr-defined]


async def test_a_tray_is_found_by_a_part_of_its_name_with_live_counts(open_console: Open, desk: FakeDesk) -> None:
    desk.teams[7] = views.Team(7, 1, "norte", {"es": "Norte"}, [ME])
    async with open_console() as console:
        await console.press("B")
        lines = [line for line in screen_lines(console.app) if "Sin asignar" in line]
        assert lines
        assert "3" in lines[0]
        desk.change(10483, state="assigned", owner=LUIS)
        await console.rest()
        assert "2" in next(line for line in screen_lines(console.app) if "Sin asignar" in line)
        await console.type("nort")
        await console.press("enter")
        assert console.home.views.key == "team:7"
        assert desk.looked[-1] == Look("live", "team:#7")
        assert "Norte" in painted(console.home.tabs)


async def test_only_what_is_in_view_is_counted_and_nothing_once_the_list_is_closed(
    open_console: Open, desk: FakeDesk
) -> None:
    for number in range(1, 51):
        desk.saved_trays[number] = views.SavedTray(number, 1, f"t{number:02}", "live", ME)
    async with open_console() as console:
        assert desk.watched == []  # the three are live anyway
        await console.press("B")
        assert 0 < len(desk.watched) <= 12
        await console.press("escape")
        assert desk.watched == []


@pytest.mark.parametrize(
    ("key", "look"),
    [("4", "mine"), ("5", "unassigned"), ("6", "snoozed"), ("7", "spam"), ("9", "comments"), ("A", "awaiting")],
)
async def test_each_has_a_key(open_console: Open, key: str, look: str) -> None:
    async with open_console() as console:
        await console.press(key)
        assert console.desk.looked[-1] == Look(look)
        assert console.home.views.key == look
        await console.press("1")
        assert console.desk.looked[-1] is None


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (160, 45)])
async def test_the_shown_tray_is_always_among_the_tabs(
    open_console: Open, size: tuple[int, int], language: str
) -> None:
    async with open_console(size, language=language) as console:
        for key in ("1", "2", "3", "4", "5", "6", "7", "A"):
            await console.press(key)
            spans = console.home.tabs.spans()
            assert console.home.views.key in [name for name, *_ in spans]
            assert all(end <= console.home.tabs.size.width for *_, end in spans)


async def test_offered_is_there_where_a_queue_of_mine_offers(open_console: Open, desk: FakeDesk) -> None:
    async with open_console() as console:
        await console.press("B")
        assert "Ofrecidas" not in text(console)
        await console.press("escape")
        desk.queues[1].handout = "offer"
        await console.press("B")
        assert "Ofrecidas" in text(console)
        await console.type("ofre")
        await console.press("enter")
        assert desk.looked[-1] == Look("offered")


async def test_what_is_shown_is_saved_in_one_step_and_shown_as_saved(open_console: Open, desk: FakeDesk) -> None:
    async with open_console() as console:
        await console.press("/")
        await console.type("cola:ventas")
        await console.press("enter", "W")
        await console.type("Ventas ya")
        await console.press("enter")
        (saved,) = console.commands("tray.save")
        assert saved == commands.SaveTray("Ventas ya", "pending", "queue:#1", "-active")
        assert console.home.views.key == "saved:1"
        assert not console.home.views.filtered
        assert "Ventas ya" in painted(console.home.tabs)
        assert desk.looked[-1] == Look("pending", "queue:#1")


async def test_a_filter_is_laid_over_a_saved_tray(open_console: Open, desk: FakeDesk) -> None:
    desk.saved_trays[1] = views.SavedTray(1, 1, "Dos", "pending", ME, "queue:#1 or queue:#2", "name")
    async with open_console() as console:
        console.home.show_tray("saved:1")
        await console.press("/")
        await console.type("etiqueta:vip")
        assert desk.looked[-1] == Look("pending", "(queue:#1 or queue:#2) tag:#1", "name")


async def test_saving_under_a_name_of_ones_own_asks_and_replaces(open_console: Open, desk: FakeDesk) -> None:
    desk.saved_trays[1] = views.SavedTray(1, 1, "Mías ya", "pending", ME, shared=False, team=7)
    async with open_console() as console:
        await console.type(":save mias ya")
        await console.press("enter")
        assert "¿Reemplazar la bandeja Mías ya?" in text(console)
        await console.press("s")
        (saved,) = console.commands("tray.save")
        assert isinstance(saved, commands.SaveTray)
        assert (saved.tray, saved.team) == (1, 7)


async def test_deleting_asks_first_and_only_ones_own_can_be(open_console: Open, desk: FakeDesk) -> None:
    desk.saved_trays[1] = views.SavedTray(1, 1, "Mía", "pending", ME)
    desk.saved_trays[2] = views.SavedTray(2, 1, "Ajena", "pending", LUIS, shared=True)
    async with open_console() as console:
        console.home.show_tray("saved:2")
        await console.press("D")
        assert not console.home.asking
        console.home.show_tray("saved:1")
        await console.press("D")
        assert "¿Borrar la bandeja Mía?" in text(console)
        await console.press("n")
        assert not console.commands("tray.delete")
        await console.press("D", "s")
        assert console.commands("tray.delete") == [commands.DeleteTray(1)]
        assert console.home.views.key == "pending"
        assert "Esa bandeja ya no está." in text(console)


async def test_a_saved_tray_is_shared_with_a_team_everybody_or_nobody(open_console: Open, desk: FakeDesk) -> None:
    desk.teams[7] = views.Team(7, 1, "norte", {"es": "Norte"}, [ME])
    desk.saved_trays[1] = views.SavedTray(1, 1, "Mía", "pending", ME, "tag:#1")
    async with open_console() as console:
        console.home.show_tray("saved:1")
        for typed in ("norte", "todos", "nadie", "sur"):
            await console.type(f":share {typed}")
            await console.press("enter")
        shared = [(one.team, one.shared, one.filter) for one in console.commands("tray.save")]  # type: ignore[attr-defined]
        assert shared == [(7, False, "tag:#1"), (None, True, "tag:#1"), (None, False, "tag:#1")]
        assert "«sur» puede ser" in text(console)


async def test_a_tray_that_somebody_changes_is_shown_as_it_is_now(open_console: Open, desk: FakeDesk) -> None:
    desk.saved_trays[1] = views.SavedTray(1, 1, "De todos", "pending", LUIS, "tag:#1", shared=True)
    async with open_console() as console:
        console.home.show_tray("saved:1")
        desk.saved_trays[1] = views.SavedTray(1, 2, "De todos", "pending", LUIS, "tag:#2", shared=True)
        desk.tell(RefsChanged("trays"))
        await console.rest()
        assert desk.looked[-1] == Look("pending", "tag:#2")


async def test_orders_that_cant_be_read_are_said_and_the_usual_ones_stand(open_console: Open, tmp_path: Path) -> None:
    (tmp_path / "trays.json").write_text("{", encoding="utf-8")
    async with open_console(language="en", sorts=TraySorts(tmp_path)) as console:
        assert "can't be read" in console.home.notice.words
        assert console.home.views.sort == "-active"
