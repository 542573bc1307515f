"""The trays: what a row says, and that Enter opens what is marked, whatever moves."""

import pytest
from fake_desk import ANA, CARLA, LUIS, ME, NOW, VENTAS, FakeDesk, replace
from opened import Console, Open, painted
from textual import events

from agent_tui.glyphs import DRAWN
from agent_tui.link import model
from agent_tui.widgets import tray_row
from agent_tui.widgets.cells import width
from hub.protocol import commands, views


def chosen(console: Console) -> int | None:
    return console.home.list.chosen


async def test_the_mark_stays_on_its_conversation_when_the_tray_is_reordered(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("down")
        assert chosen(console) == 10483
        console.desk.now += 60_000
        console.desk.receive(10487, "hola?")
        console.desk.receive(10486, "hola?")
        await console.rest()
        assert chosen(console) == 10483
        assert [row.id for row in console.desk.tray("pending").rows][:2] == [10487, 10486]
        await console.press("enter")
        assert console.commands("conversation.open") == [commands.Open(conversation=10483)]


async def test_when_the_marked_one_leaves_nothing_is_opened_in_its_place(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("down")
        console.desk.change(10483, state="open", owner=LUIS)
        await console.rest()
        assert chosen(console) is None
        await console.press("enter")
        assert not console.commands("conversation.open")
        await console.press("down")
        assert chosen(console) == 10484  # what stands there now


async def test_a_row_says_who_what_when_and_what_is_owed(open_console: Open) -> None:
    async with open_console() as console:
        first, second, *_ = painted(console.home.list).split("\n")
        assert first.startswith("▌●  W  Ana López  vip")
        assert first.split()[-2:] == ["2", "14:31"]
        assert second.startswith("▌      ¿Me confirman si el pedido sale ho…")
        assert second.endswith("Ventas")


async def test_who_has_it_stands_at_the_right_where_it_is_not_me(open_console: Open) -> None:
    async with open_console() as console:
        assert "Luis · Ventas" in painted(console.home.list)


async def test_a_row_says_who_else_looks_at_it_as_they_come_and_go(open_console: Open, desk: FakeDesk) -> None:
    async with open_console() as console:
        assert "◉" not in painted(console.home.list)
        desk.visiting[ANA] = [LUIS]
        desk.tell(model.VisitorsChanged(ANA))
        await console.rest()
        first = [line for line in painted(console.home.list).splitlines() if "◉" in line]
        assert len(first) == 1
        assert first[0].split("◉")[1].split()[0] == "Luis"
        del desk.visiting[ANA]
        desk.tell(model.VisitorsChanged(ANA))
        await console.rest()
        assert "◉" not in painted(console.home.list)


async def test_a_hidden_conversation_shows_only_who_has_it(open_console: Open, desk: FakeDesk) -> None:
    desk.add(replace(views.Row(7, 1, "chat", "assigned", 1, VENTAS, "Secreta", NOW, NOW, num="123", last="clave"),
                     owner=CARLA, hid=True))  # fmt: skip
    async with open_console() as console:
        shown = painted(console.home.list)
        assert "con Carla Ríos" in shown
        assert "Secreta" not in shown
        assert "clave" not in shown


async def test_answered_rows_bear_a_check_until_the_customer_writes_again(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("2")
        assert "✓" in painted(console.home.list).split("\n")[0]
        console.desk.receive(10470, "una cosa más")
        await console.rest()
        assert "✓" not in painted(console.home.list).split("\n")[0]


async def test_wide_letters_do_not_misalign_a_row(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("2")
        for y in range(console.home.list.size.height):
            assert console.home.list.render_line(y).cell_length == console.home.list.size.width


async def test_counts_are_live_and_stop_at_999(open_console: Open) -> None:
    async with open_console() as console:
        assert "Pendientes 6   En curso 3   Atendidos 41" in painted(console.home.tabs)
        tray = console.desk.tray
        console.desk.tray = lambda name: model.Tray(name, 1000, tray(name).rows, True, True)  # type: ignore[method-assign]
        console.desk.tell(model.TrayChanged("attended"))
        await console.rest()
        assert "Atendidos 999+" in painted(console.home.tabs)


async def test_further_rows_are_loaded_before_the_end_is_reached(open_console: Open) -> None:
    async with open_console() as console:
        console.desk.page = 20
        await console.press("3")
        assert console.desk.asked_rows == []
        await console.press("pagedown")
        assert console.desk.asked_rows == ["attended"]
        assert len(console.home.list.tray.rows) == 41


async def test_only_rows_that_changed_are_painted_again(open_console: Open) -> None:
    async with open_console() as console:
        painted_regions: list[object] = []
        refresh = console.home.list.refresh
        console.home.list.refresh = lambda *regions, **options: (  # type: ignore[method-assign]
            painted_regions.extend(regions or ["all"]),
            refresh(*regions, **options),
        )[1]
        console.desk.change(10484, un=5)
        await console.rest()
        assert [(region.y, region.height) for region in painted_regions] == [(6, 2)]  # type: ignore[attr-defined]


async def test_keys_1_2_3_and_arrows_go_between_trays(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("2")
        assert console.home.list.name_of_tray == "in_progress"
        await console.press("right")
        assert console.home.list.name_of_tray == "attended"
        await console.press("right")
        assert console.home.views.key == "awaiting"  # the others go on from there
        await console.press("left", "left", "left", "left")
        assert console.home.list.name_of_tray == "pending"


async def test_an_empty_tray_says_what_would_be_here_and_the_key(open_console: Open) -> None:
    desk = FakeDesk()
    desk.rows.clear()
    async with open_console(desk=desk) as console:
        assert "Nadie espera" in painted(console.home.list)
        await console.press("2")
        assert "Abrí una pendiente: 1" in painted(console.home.list)


async def test_the_next_unread_is_found_also_in_another_tray(open_console: Open) -> None:
    async with open_console() as console:
        for row in list(console.desk.rows.values()):
            if row.state in ("waiting", "assigned"):
                console.desk.change(row.id, un=0)
        await console.rest()
        await console.press("u")
        assert console.home.list.name_of_tray == "in_progress"
        assert console.home.shown == 10471


async def test_a_supervisors_look_takes_nothing_and_leaves_the_unread_mark(open_console: Open) -> None:
    desk = FakeDesk(role="supervisor")
    desk.change(10482, owner=LUIS)
    desk.change(10471, owner=LUIS)
    async with open_console(desk=desk) as console:
        await console.press("enter")
        assert console.home.shown == 10482
        await console.press("escape", "2", "down", "enter")
        assert console.home.shown == 10471
        assert not console.commands("conversation.open", "conversation.read", "conversation.take")
        await console.press("t")
        assert console.commands("conversation.take") == [commands.Take(conversation=10471)]


async def test_reading_is_told_once_by_the_owner_with_the_end_in_view(open_console: Open) -> None:
    async with open_console() as console:
        last = console.desk.threads[10482].messages[-1].id
        await console.press("enter")
        assert console.commands("conversation.read") == [commands.Read(conversation=10482, message=last)]
        assert console.desk.rows[10482].owner == ME


async def test_nothing_is_told_as_read_while_another_window_has_the_keyboard(open_console: Open) -> None:
    async with open_console() as console:
        console.app.app_focus = False
        console.home.show(10471)
        await console.rest()
        assert not console.commands("conversation.read")


async def test_a_first_click_marks_and_serves_nobody_a_second_opens(open_console: Open) -> None:
    async with open_console() as console:
        await console.pilot.click(console.home.list, offset=(10, 4))
        await console.rest()
        assert chosen(console) == 10483
        assert not console.commands("conversation.open")
        await console.pilot.click(console.home.list, offset=(10, 3))
        await console.rest()
        assert console.commands("conversation.open") == [commands.Open(conversation=10483)]


async def test_coming_back_to_the_terminal_reads_what_is_in_view(open_console: Open) -> None:
    async with open_console() as console:
        console.app.post_message(events.AppBlur())
        await console.rest()
        console.home.show(10471)
        await console.rest()
        assert not console.commands("conversation.read")
        console.app.post_message(events.AppFocus())
        await console.rest()
        assert len(console.commands("conversation.read")) == 1


async def test_a_row_bears_a_sign_for_urgency_transfer_and_being_set_aside(open_console: Open, desk: FakeDesk) -> None:
    desk.change(10482, pri=1, moved=True)
    desk.change(10483, pri=2)
    desk.change(10484, pri=4)
    desk.change(10485, state="snoozed", pri=1)
    async with open_console() as console:
        lines = painted(console.home.list).split("\n")
        assert "⇄⚑ 2  14:31" in lines[0]
        assert "⚐ 1  13:51" in lines[3]
        assert "↓ 1  13:40" in lines[6]
        await console.press("6")
        assert "◔⚑ 3  13:37" in painted(console.home.list)


async def test_a_row_says_whose_team_it_is_with_the_queue_where_there_is_room(
    open_console: Open, desk: FakeDesk
) -> None:
    desk.teams[7] = views.Team(7, 1, "norte", {"es": "Norte"}, [ME])
    desk.change(10482, team=7)
    desk.change(10486, team=7)
    async with open_console() as console:
        assert "⌂ Norte · Ventas" in painted(console.home.list)
        assert "Luis · ⌂ Norte" in painted(console.home.list)  # there is no room for the queue
    async with open_console((80, 24)) as console:
        assert "Luis · ⌂ Norte · Ventas" in painted(console.home.list)


async def test_each_sign_is_one_cell_wide_and_another_one_in_ascii() -> None:
    rows = [views.Row(1, 1, "chat", state, 1, 1, "", 0, 0, pri=pri, moved=True)
            for state in ("snoozed", "open") for pri in (1, 2, 3, 4)]  # fmt: skip
    found = {glyph for row in rows for glyph, _role in tray_row.signs(row)} | {"⌂", "●", "○", "◷", "✓"}
    assert all(width(glyph) == 1 for glyph in found)
    assert len({DRAWN[glyph] for glyph in found}) == len(found)


@pytest.mark.parametrize("key", ["4", "5", "9"])
async def test_without_an_answer_a_tray_shows_no_more_than_its_own(
    open_console: Open, desk: FakeDesk, key: str
) -> None:
    """Comments are counted in their tray only, and nothing else in it."""
    comment = desk.add(replace(desk.rows[ANA], id=10999, kind="comment", name="Bajo un aviso"))
    async with open_console() as console:
        await console.press(key)
        ids = [row.id for row in console.home.list.tray.rows]
        assert (comment.id in ids) == (key == "9")
        assert (ANA in ids) == (key == "4")


async def test_empty_trays_say_what_would_be_there(open_console: Open, desk: FakeDesk) -> None:
    async with open_console((80, 24)) as console:
        await console.press("8")
        assert "con @marta, aparece acá" in painted(console.home.list)
