"""Panes by width, both languages, footer and help read off what works now."""

import re
from functools import partial

import pytest
from fake_desk import ANA, HOUR, FakeDesk, replace
from opened import Open, painted
from textual.widget import Widget

from agent_tui.i18n import _
from agent_tui.link import model
from agent_tui.screens.help import HelpScreen
from agent_tui.screens.picker import Picker
from agent_tui.widgets.paint import Line


def seen(widget: Widget) -> bool:
    return bool(widget.size.area) and all(one.display for one in widget.ancestors_with_self if isinstance(one, Widget))


async def test_80_columns_show_one_pane_at_a_time(open_console: Open) -> None:
    async with open_console((80, 24)) as console:
        assert seen(console.home.list)
        assert not seen(console.home.conversation.thread)
        await console.press("enter")
        assert not seen(console.home.list)
        assert seen(console.home.conversation.thread)
        assert "¿Me confirman" in painted(console.home.conversation.thread)  # the end of it
        await console.press("escape")
        assert seen(console.home.list)
        assert not seen(console.home.conversation.thread)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_address_of_the_web_chat_is_shown_at_any_width(open_console: Open, size: tuple[int, int]) -> None:
    async with open_console(size, chat="http://127.0.0.1:1/chat/demo") as console:
        shown = painted(console.home.notice) + painted(console.home.conversation.thread)
        assert shown.count("http://127.0.0.1:1/chat/demo") == 1


async def test_120_columns_show_two_panes_160_the_sheet_too(open_console: Open) -> None:
    async with open_console((120, 40)) as console:
        await console.press("enter")
        assert seen(console.home.list)
        assert seen(console.home.conversation.thread)
        assert not seen(console.home.sheet)
    async with open_console((160, 45)) as console:
        console.home.show(10485)
        await console.rest()
        assert seen(console.home.sheet)
        sheet = painted(console.home.sheet)
        assert "es-PY" in sheet
        assert "checkout" in sheet.replace("\n", "").replace(" ", "")


async def test_the_sheet_is_reachable_at_any_width(open_console: Open) -> None:
    for size in ((80, 24), (120, 40)):
        async with open_console(size) as console:
            console.home.show(10485)
            await console.press("f4")
            assert seen(console.home.sheet)
            assert "google.com" in painted(console.home.sheet)
            assert console.home.focused is None or seen(console.home.focused)
            await console.press("escape")
            assert not seen(console.home.sheet)


async def test_in_one_pane_the_sheet_is_about_what_is_marked_in_the_tray_and_so_are_the_keys(
    open_console: Open,
) -> None:
    async with open_console((80, 24)) as console:
        await console.press("enter", "escape", "down")
        marked, shown = console.home.list.chosen, console.home.shown
        assert marked != shown
        await console.press("s")
        assert console.home.sheet.conversation == marked
        situation = console.home.situation()
        assert situation.row is not None
        assert situation.row.id == marked
        await console.press("escape")
        assert seen(console.home.list)
        assert (console.home.list.chosen, console.home.shown) == (marked, shown)
        await console.press("s", "i")
        assert console.home.shown == marked, "whoever writes from the sheet writes to the one it is about"


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (120, 40), (160, 45), (60, 20)])
@pytest.mark.parametrize("language", ["es", "en"])
async def test_no_line_is_longer_or_shorter_than_its_place(
    open_console: Open, size: tuple[int, int], language: str
) -> None:
    async with open_console(size, language=language) as console:
        for conversation in (10482, 10471, 10485):
            console.home.show(conversation)
            await console.rest()
            for widget in console.home.query("*").results(Widget):
                if widget.size.area and not widget.children and widget is not console.composer:
                    for y in range(widget.size.height):
                        assert widget.render_line(y).cell_length == widget.size.width, (widget, y)


async def test_a_resize_keeps_conversation_draft_and_focus(open_console: Open) -> None:
    async with open_console((120, 40)) as console:
        await console.press("enter", "a")
        await console.pilot.resize_terminal(80, 24)
        await console.rest()
        assert console.composer.has_focus
        assert seen(console.home.conversation.thread)
        assert not seen(console.home.list)
        assert console.composer.text == "a"


async def test_the_footer_tells_the_truth_about_the_link(open_console: Open) -> None:
    async with open_console() as console:
        link = console.desk.link
        for change, words in (
            ({"rtt": 38.0}, "● 38 ms  todo enviado"),
            ({"unsent": 2}, "⇅ 2 por enviar"),
            ({"silent": 15}, "sin respuesta hace 15 s"),
            ({"phase": "waiting", "retry_in": 4}, "✗ sin conexión, reintento en 4 s"),
            ({"error": "keyring"}, "✗ el llavero no responde, reintento en 4 s"),
            ({"stale": True}, "última copia"),
            ({"as_of": console.desk.now - 4 * HOUR}, "última copia: 10:32"),
            ({"as_of": console.desk.now - 24 * HOUR}, "última copia: ayer"),
            ({"phase": "signed_out"}, "sesión terminada: salí para volver a ingresar"),
            ({"phase": "unsupported", "error": "internal"}, "falló la consola: salí y abrila de nuevo"),
        ):
            for name, value in change.items():
                setattr(link, name, value)
            console.desk.tell(model.LinkChanged())
            await console.rest()
            assert words in painted(console.home.footer), words


async def test_what_only_the_person_can_mend_is_said_once(open_console: Open) -> None:
    async with open_console() as console:
        link = console.desk.link
        link.review = 3
        console.desk.tell(model.LinkChanged())
        await console.rest()
        assert "hay 3 retenidos. F12 los envía" in painted(console.home.notice)
        await console.press("f12")
        assert "¿Enviar 3 retenidos?" in painted(console.home.footer)
        await console.press("s")
        assert link.review == 0
        link.phase, link.error = "signed_out", "signed_out"
        console.desk.tell(model.LinkChanged())
        await console.rest()
        assert "Tu sesión terminó" in painted(console.home.notice)
        await console.press("down")
        console.desk.tell(model.LinkChanged())
        await console.rest()
        assert not console.home.notice.display


async def test_the_queues_where_somebody_waits_stay_on_a_narrow_top_line(open_console: Open) -> None:
    async with open_console((60, 20)) as console:
        top = painted(console.home.top)
        assert "Ventas 2" in top
        assert "Caja" not in top


async def test_the_footer_offers_only_keys_that_work_now(open_console: Open) -> None:
    async with open_console() as console:
        assert "t tomar" not in painted(console.home.footer)  # it is mine already
        await console.press("down")
        assert "t tomar" in painted(console.home.footer)
        await console.press("enter")
        assert "enviar" not in painted(console.home.footer)  # nothing is written
        await console.press("a")
        assert "⏎ enviar" in painted(console.home.footer)


async def test_narrow_footers_keep_the_first_keys_and_help(open_console: Open) -> None:
    async with open_console((60, 20)) as console:
        footer = painted(console.home.footer)
        assert footer.endswith("ayuda")
        assert "⏎ abrir" in footer


async def test_f1_helps_while_composing_and_the_question_mark_only_outside_text(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("question_mark")
        assert isinstance(console.app.screen, HelpScreen)
        assert "En las bandejas" in painted(console.app.screen.page)
        await console.press("escape", "enter", "question_mark")
        assert console.composer.text == "?"
        await console.press("f1")
        assert isinstance(console.app.screen, HelpScreen)
        assert "Al escribir" in painted(console.app.screen.page)


async def test_the_palette_finds_and_does_what_applies(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("ctrl+p")
        assert isinstance(console.app.screen, Picker)
        await console.type("en curso")
        await console.press("enter")
        await console.rest()
        assert console.home.list.name_of_tray == "in_progress"


async def test_the_status_is_changed_in_a_small_list(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("f3", "down", "down", "enter")
        assert console.desk.agents[1].status == "lunch"
        assert "Almorzando ahora" in painted(console.home.top)


async def test_english_is_spoken_where_it_is_asked_for(open_console: Open) -> None:
    async with open_console(language="en") as console:
        assert "Pending 6   In progress 3   Attended 41" in painted(console.home.tabs)
        assert "Online 1 h 12" in painted(console.home.top)
        assert "Sales 2" in painted(console.home.top)


async def test_leaving_asks_and_says_what_is_not_sent(open_console: Open, desk: FakeDesk) -> None:
    desk.link.unsent = 2
    async with open_console() as console:
        await console.press("q")
        assert "¿Salir de Bandeja? 2 sin enviar" in painted(console.home.footer)
        await console.press("escape")
        assert console.app.is_running


def _note(painted_again: list[str], name: str, *_: object, **__: object) -> None:
    painted_again.append(name)


async def test_a_change_that_shows_nothing_new_paints_nothing(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("enter")
        painted_again: list[str] = []
        for widget in console.home.query("*").results(Widget):
            widget.refresh = partial(_note, painted_again, type(widget).__name__)  # type: ignore[method-assign]
        for change in (
            model.LinkChanged(),
            model.TrayChanged("pending"),
            model.ThreadChanged(10482),
            model.CommandDone("k", "conversation.read", {}),
        ):
            console.home.changed(change)
        assert painted_again == []


@pytest.mark.parametrize("language", ["es", "en"])
async def test_what_answers_a_question_is_always_there(open_console: Open, language: str) -> None:
    async with open_console((60, 20), language=language) as console:
        console.home.ask("¿" + "Terminar la atención de Visitante 13? " * 3, lambda: None)
        await console.rest()
        line = painted(console.home.footer)
        assert ("s sí" if language == "es" else "y yes") in line
        assert "n no" in line
        assert "…" in line


@pytest.mark.parametrize("language", ["es", "en"])
async def test_questions_about_a_customer_and_about_leaving_fit_into_80_columns(
    open_console: Open, desk: FakeDesk, language: str
) -> None:
    desk.link.unsent = 12
    desk.change(10470, name="Compañía Agropecuaria del Chaco")
    async with open_console((80, 24), language=language) as console:
        console.home.show(10470)
        await console.type("x")
        await console.press("f8")
        whole = _("End the conversation with {name}?").format(name="Compañía Agropecu…") + " " + _("Its draft stays.")
        assert f" {whole}   " in painted(console.home.footer)
        await console.press("n", "f4", "b")
        whole = _("Put {name} back into the queue?").format(name="Compañía Agropecu…")
        assert f" {whole}   " in painted(console.home.footer)
        await console.press("n", "f10")
        whole = _("Leave Bandeja?") + " " + _("{n} not sent yet: kept, and sent next time.").format(n=12)
        assert f" {whole}   " in painted(console.home.footer)


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_help_stays_whole_beside_every_word_about_the_link(
    open_console: Open, size: tuple[int, int], language: str
) -> None:
    async with open_console(size, language=language) as console:
        link = console.desk.link
        link.unsent, link.review, link.stale, link.as_of = 12, 3, True, console.desk.now - 4 * HOUR
        troubles = (
            ("connecting", ""),
            ("waiting", ""),
            ("waiting", "keyring"),
            ("signed_out", ""),
            ("unsupported", "internal"),
        )
        for phase, error in troubles:
            link.phase, link.error, link.retry_in = phase, error, 45  # type: ignore[assignment]
            console.desk.tell(model.LinkChanged())
            await console.rest()
            footer = painted(console.home.footer)
            assert footer.endswith(" ? " + _("help")), footer
            assert "45" in footer or phase != "waiting", footer


async def test_keys_that_may_follow_and_have_no_room_are_said_to_be_more(open_console: Open) -> None:
    async with open_console((80, 24)) as console:
        await console.press("enter", "ctrl+x")
        assert painted(console.home.footer).endswith("   …   esc cancelar")
    async with open_console((260, 45)) as console:
        await console.press("enter", "ctrl+x")
        footer = painted(console.home.footer)
        assert footer.startswith(" ^X …")
        assert footer.count("…") == 1
    async with open_console((120, 40), style="emacs") as console:
        await console.press("ctrl+x")
        assert painted(console.home.footer).count("grabar") == 1


async def test_a_note_is_kept_and_not_sent_in_the_footer_either(open_console: Open) -> None:
    async with open_console((80, 24)) as console:
        await console.press("enter", "ctrl+n", "a")
        footer = painted(console.home.footer)
        assert "⏎ guardar" in footer
        assert "^N respuesta" in footer
        await console.press("ctrl+n")
        footer = painted(console.home.footer)
        assert "⏎ enviar" in footer
        assert "^N nota" in footer


async def test_the_next_unread_one_is_offered_while_there_is_another(open_console: Open, desk: FakeDesk) -> None:
    for number, row in desk.rows.items():
        desk.rows[number] = replace(row, un=1 if number == 10482 else 0)
    async with open_console((80, 24)) as console:
        assert console.home.list.chosen == 10482
        assert "no leída" not in painted(console.home.footer)
        await console.press("down")
        assert "u sin leer" in painted(console.home.footer)
        await console.press("u")
        assert console.home.shown == 10482
        assert "no leída" not in painted(console.home.footer)
        desk.receive(10471, "¿Hola?")
        await console.rest()
        await console.press("escape")
        assert "u sin leer" in painted(console.home.footer)


async def test_a_name_that_fills_its_line_leaves_a_gap_before_the_number(open_console: Open, desk: FakeDesk) -> None:
    desk.change(10470, name="Compañía Agropecuaria del Gran Chaco Paraguayo y Asociados Sociedad Anónima")
    async with open_console((80, 24)) as console:
        console.home.show(10470)
        await console.rest()
        assert "…  #10470" in painted(console.home.conversation.header)


async def test_what_the_head_says_stands_apart_at_every_width(open_console: Open) -> None:
    async with open_console((80, 24)) as console:
        console.home.show(ANA)
        header = console.home.conversation.header
        row = console.desk.row(ANA)
        assert row is not None
        whole = {part for part in re.split(r" {2,}", header._head(Line(200, header.palette), row).strip().text) if part}
        assert len(whole) >= 4
        for cells in range(24, 120):
            head = header._head(Line(cells, header.palette), row).strip().text
            assert {part for part in re.split(r" {2,}", head) if part} <= whole | {"Ventas"}, cells


@pytest.mark.parametrize("key", ["v", "i", "n"])
async def test_what_is_done_with_a_conversation_from_its_sheet_brings_it_into_view(
    open_console: Open, key: str
) -> None:
    async with open_console((80, 24)) as console:
        console.home.show(10470)
        await console.press("f4")
        assert seen(console.home.sheet)
        await console.press(key)
        assert not seen(console.home.sheet)
        assert console.home.focused is not None
        assert seen(console.home.focused)
        assert console.composer.note == (key == "n")


async def test_a_note_begun_from_a_marked_one_s_sheet_is_a_note_there(open_console: Open) -> None:
    async with open_console((80, 24)) as console:
        await console.press("2", "enter", "escape", "down")
        marked = console.home.list.chosen
        assert marked != console.home.shown
        await console.press("s", "n")
        assert console.home.shown == marked
        assert console.composer.note
        assert console.composer.has_focus


async def test_what_is_told_of_a_hub_of_another_version_has_no_blanks(open_console: Open) -> None:
    async with open_console((80, 24)) as console:
        console.desk.link.phase, console.desk.link.error = "unsupported", "proto_unsupported"
        console.desk.tell(model.LinkChanged())
        await console.rest()
        assert "El hub habla otra versión" in painted(console.home.notice)
        assert "—" not in painted(console.home.notice)
