"""The conversation: opening, states of messages, the place one reads at, ending, going on to the next."""

import re

from fake_desk import LUIS, ME, NOW, FakeDesk
from opened import Open, painted

from agent_tui.link import model
from hub.protocol import commands


async def test_enter_on_a_pending_one_of_mine_opens_it_and_one_can_write_at_once(open_console: Open) -> None:
    async with open_console() as console:
        console.desk.carry_out = False  # the link is slow
        await console.press("enter")
        assert console.commands("conversation.open") == [commands.Open(conversation=10482)]
        assert console.composer.has_focus
        await console.type("ya")
        await console.press("enter")
        assert [name for name, _ in console.desk.submitted] == [
            "conversation.open",
            "conversation.read",
            "message.send",
        ]


async def test_enter_on_an_attended_one_only_shows_it(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("3", "enter")
        assert console.home.shown == 10400
        assert not console.commands("conversation.open", "conversation.reopen")
        assert "Terminada: r reabrir" in painted(console.home.conversation.hint)
        await console.press("r")
        assert console.commands("conversation.reopen") == [commands.Reopen(conversation=10400)]
        assert console.composer.has_focus


async def test_the_thread_has_one_heading_a_run_days_and_a_rule_at_the_first_unread(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("enter")
        thread = painted(console.home.conversation.thread)
        assert thread.count("Ana 18:02") == 1
        assert thread.count("Vos 18:04") == 1
        assert thread.index("ayer") < thread.index("Ana 18:02") < thread.index("hoy")
        assert thread.index("Nota · Luis Duarte 14:10") < thread.index(" nuevo ") < thread.index("Ana 14:29")


async def test_every_state_of_a_message_has_a_sign_of_its_own(open_console: Open, desk: FakeDesk) -> None:
    for n, (state, error) in enumerate([("queued", ""), ("sent", ""), ("delivered", ""), ("uncertain", ""),
                                        ("failed", "blocked")]):  # fmt: skip
        desk.message(10470, "out", f"mensaje {n}", NOW - 1000, by=ME, st=state, err=error)
    desk.threads[10470].outgoing.append(model.Outgoing("k1", "message.send", 10470, "en camino", NOW))
    desk.threads[10470].outgoing.append(model.Outgoing("k0", "message.send", 10470, "aún no guardado", NOW, "typed"))
    desk.threads[10470].outgoing.append(
        model.Outgoing("k2", "message.send", 10470, "rechazado", NOW, "failed", "window_closed")
    )
    async with open_console() as console:
        console.home.show(10470)
        await console.rest()
        thread = painted(console.home.conversation.thread)
        for line in ("mensaje 0 ○", "mensaje 1 ✓", "mensaje 2 ✓✓", "mensaje 3 ?", "mensaje 4 ✗", "en camino ○",
                     "rechazado ✗"):  # fmt: skip
            assert line in thread, line
        assert re.search(r"aún no guardado *$", thread, re.MULTILINE), "no mark before the console's end can't lose it"
        assert "puede que haya llegado o no · ^R reintentar" in thread
        assert "no salió: el cliente nos bloqueó" in thread
        assert thread.count("^R") == 1, "the key is about the first one"
        assert "escriba · F7 recuperar" in thread
        await console.press("f7")
        assert console.composer.text == "rechazado", "what was refused is taken back whatever else is in trouble"


async def test_a_failed_message_is_tried_again_by_its_key(open_console: Open, desk: FakeDesk) -> None:
    failed = desk.message(10470, "out", "no salió", by=ME, st="failed", err="unreachable")
    async with open_console() as console:
        console.home.show(10470)
        await console.press("ctrl+r")
        assert console.commands("message.retry") == [commands.Retry(message=failed.id)]


async def test_a_refused_message_is_taken_back_into_the_composer(open_console: Open, desk: FakeDesk) -> None:
    refused = model.Outgoing("k2", "message.note", 10470, "para adentro", NOW, "failed", "busy")
    desk.threads[10470].outgoing.append(refused)
    async with open_console() as console:
        console.home.show(10470)
        await console.press("f7")
        assert console.composer.text == "para adentro"
        assert console.composer.note  # it was a note, and stays one
        assert not desk.threads[10470].outgoing


async def test_earlier_messages_come_as_one_scrolls_up_and_the_place_is_kept(
    open_console: Open, desk: FakeDesk
) -> None:
    desk.threads[10470].more = True
    for n in range(60):
        desk.message(10470, "in", f"línea {n}", NOW - (60 - n) * 1000)
    async with open_console() as console:
        console.home.show(10470)
        await console.rest()
        assert desk.asked_messages == []
        thread = console.home.conversation.thread
        for _ in range(6):
            before = painted(thread).split("\n")
            await console.press("pageup")
            if desk.asked_messages:
                break
        assert desk.asked_messages == [10470]
        kept = [line for line in before if line.strip()][:1]
        assert kept[0] in painted(thread)


async def test_at_the_end_one_stays_at_the_end_above_it_one_is_told(open_console: Open, desk: FakeDesk) -> None:
    for n in range(60):
        desk.message(10470, "in", f"línea {n}", NOW - (60 - n) * 1000)
    async with open_console() as console:
        console.home.show(10470)
        await console.rest()
        thread = console.home.conversation.thread
        desk.receive(10470, "la última")
        await console.rest()
        assert "la última" in painted(thread)
        await console.press("pageup")
        before = painted(thread).split("\n")[:-1]
        desk.receive(10470, "aún otra")
        await console.rest()
        shown = painted(thread).split("\n")
        assert shown[:-1] == before
        assert "1 nuevo abajo" in shown[-1]
        await console.press("pagedown", "pagedown")
        assert "aún otra" in painted(thread)


async def test_ending_asks_in_the_footer_and_names_the_draft(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("enter")
        await console.type("a medias")
        await console.press("f8")
        footer = painted(console.home.footer)
        assert "¿Terminar la atención de Ana López? Queda un borrador." in footer
        await console.press("n")
        assert not console.commands("conversation.end")
        assert console.composer.has_focus
        assert console.composer.text == "a medias"
        await console.press("f8", "s")
        assert console.commands("conversation.end") == [commands.End(conversation=10482)]


async def test_reopening_from_the_tray_shows_it_ready_to_write(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("3", "r")
        assert console.commands("conversation.reopen") == [commands.Reopen(conversation=10400)]
        assert console.home.shown == 10400
        assert console.composer.has_focus


async def test_a_question_takes_any_other_key_and_a_hasty_one_for_no(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("e", "x", "s")
        assert not console.commands("conversation.end")
        console.home.reading_time = 60.0
        await console.press("e", "s")
        assert not console.commands("conversation.end")


async def test_letters_are_no_orders_when_the_composer_goes_from_under_the_hands(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("enter")
        await console.type("ya")
        await console.press("enter")
        console.desk.submitted.clear()
        console.desk.change(10482, state="held")
        await console.rest()
        await console.type("b es c te")
        assert not console.desk.submitted
        assert "Acá ya no se puede escribir" in painted(console.home.notice)
        await console.press("down", "c")
        assert console.commands("conversation.resume") == [commands.Resume(conversation=10482)]


async def test_hold_resume_requeue(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("enter", "f9")
        assert console.desk.rows[10482].state == "held"
        assert "En pausa: c seguir" in painted(console.home.conversation.hint)
        await console.press("escape", "2", "c")
        assert console.desk.rows[10482].state == "open"
        await console.press("b")
        assert "¿Devolver la atención de Ana López a su cola?" in painted(console.home.footer)
        await console.press("s")
        assert console.desk.rows[10482].state == "waiting"


async def test_next_and_previous_work_while_composing_and_serve_nobody(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("2", "enter")
        assert console.composer.has_focus
        await console.press("ctrl+down")
        assert console.home.shown == 10471
        await console.press("ctrl+up")
        assert console.home.shown == 10470
        await console.press("escape", "1", "ctrl+down")
        assert not console.commands("conversation.open")


async def test_the_head_says_who_where_how_long_and_who_has_it(open_console: Open, desk: FakeDesk) -> None:
    async with open_console((150, 40)) as console:
        await console.press("enter")
        head = painted(console.home.conversation.header).split("\n")[0]
        assert "Ana López  WhatsApp · Ventas" in head
        assert "quedan 21 h 39" in head
        assert "#10482" in head
        console.home.show(10486)
        desk.threads[10486].typing = True
        await console.rest()
        head = painted(console.home.conversation.header).split("\n")[0]
        assert "con Luis" in head
        assert "escribe…" in head
        desk.threads[10486].typing = False
        desk.change(10486, until=NOW - 1)
        await console.rest()
        assert "plazo vencido" in painted(console.home.conversation.header)


async def test_a_conversation_that_goes_out_of_sight_is_closed_and_said(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("enter")
        console.desk.tell(model.ThreadGone(10482))
        await console.rest()
        assert console.home.shown is None
        assert "#10482" in painted(console.home.notice)
        assert console.home.list.has_focus


async def test_a_refusal_names_what_where_and_what_to_do(open_console: Open) -> None:
    async with open_console() as console:
        console.desk.tell(model.CommandRefused("k", "conversation.take", "not_owner", None, {"owner": LUIS}, 10482))
        await console.rest()
        words = "✗ Ana López #10482: la atención está ahora con Luis Duarte: hablale, o dejá una nota."
        assert " ".join(painted(console.home.notice).split()) == words
        await console.press("down")
        assert not console.home.notice.display


async def test_each_message_that_did_not_go_out_has_its_own_mark(open_console: Open, desk: FakeDesk) -> None:
    for body in ("uno", "dos"):
        desk.message(10470, "out", body, by=ME, st="failed", err="blocked")
    async with open_console((80, 24)) as console:
        console.home.show(10470)
        await console.rest()
        lines = [line for line in painted(console.home.conversation.thread).splitlines() if line.endswith("✗")]
        assert [line.split()[0] for line in lines] == ["uno", "dos"]
