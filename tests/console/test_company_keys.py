"""Mentions, guests, spam, offers, reminders and scheduled messages, by key and by the command line."""

from typing import Any

import pytest
from fake_desk import ANA, LUIS, ME, NOW, VENTAS, FakeDesk, replace
from opened import Console, Open, painted

from agent_tui import people, rights
from agent_tui.link.model import RefsChanged, RowMoved
from agent_tui.notify.watch import Watch
from agent_tui.suggesting import suggest
from hub.protocol import commands
from hub.protocol.company import Postpone
from hub.protocol.plans import CancelPlan
from hub.protocol.spam import Mute
from hub.protocol.views import Plan, Row


def listed(console: Console) -> list[str]:
    return [one.name for one in console.composer._found]


def offer(desk: FakeDesk, **fields: Any) -> int:
    """One that waits in a queue of mine that offers; its number."""
    desk.queues[VENTAS] = replace(desk.queues[VENTAS], handout="offer")
    found = next(row for row in desk.rows.values() if row.q == VENTAS and row.state == "waiting")
    desk.rows[found.id] = replace(found, **fields)
    return found.id


@pytest.mark.parametrize(
    ("before", "part"),
    [("@", ""), ("ojo @lu", "lu"), ("(@ana", "ana"), ("a@ana", None), ("@luis ", None), ("@luis.m", "luis.m")],
)
def test_a_name_is_asked_for_after_an_at_sign_that_begins_a_word(before: str, part: str | None) -> None:
    assert people.typed(before) == part


def test_colleagues_are_found_by_any_word_of_their_name_and_offered_in_notes_only() -> None:
    desk = FakeDesk()
    desk.agents[9] = replace(desk.agents[LUIS], id=9, login="gone", name="Ríos Gone", active=False)
    staff = list(desk.agents.values())
    assert [(one.name, one.text) for one in suggest("ojo @rio", (), staff)] == [("@Carla Ríos", "@Carla Ríos ")]
    assert [one.name for one in suggest("@", (), staff, ME)] == ["@Carla Ríos", "@Luis Duarte"]
    assert suggest("ojo @rio", ()) == []


async def test_names_are_completed_in_a_note(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("enter")
        await console.type("@du")
        assert listed(console) == [], "an answer mentions nobody"
        await console.press("ctrl+u")
        console.composer.clear()
        await console.press("ctrl+n")
        await console.type("ojo, @du")
        assert listed(console) == ["@Luis Duarte"]
        await console.press("enter")
        assert console.composer.text == "ojo, @Luis Duarte "
        await console.press("enter")
        assert console.commands("message.note") == [commands.Note(ANA, "ojo, @Luis Duarte")]


async def test_what_takes_a_name_or_a_time_opens_the_command_line(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("2", "w", "i")
        assert console.app.screen.field.value == "invite "  # type: ignore[attr-defined]
        await console.type("luis")
        await console.press("enter")
        (args,) = console.commands("conversation.invite")
        assert (args.conversation, args.agent) == (console.home.list.row.id, LUIS)  # type: ignore[attr-defined, union-attr]
        await console.press("w", "r")
        await console.type("30m llamar")
        await console.press("enter")
        (remind,) = console.commands("conversation.remind")
        assert (remind.at, remind.text) == (NOW + 30 * 60_000, "llamar")  # type: ignore[attr-defined]
        await console.press("w", "e")
        await console.type("1h Buen día")
        await console.press("enter")
        (later,) = console.commands("message.schedule")
        assert (later.at, later.body) == (NOW + 60 * 60_000, "Buen día")  # type: ignore[attr-defined]


async def test_spam_is_asked_for_and_mute_is_not(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("2")
        number = console.home.list.row.id  # type: ignore[union-attr]
        await console.press("w", "m")
        assert console.commands("conversation.mute") == [Mute(number, True)]
        await console.press("w", "s")
        assert not console.commands("conversation.spam")
        await console.press("s")
        assert console.commands("conversation.spam") == [commands.Spam(number)]


async def test_an_offer_is_put_off_by_key(open_console: Open, desk: FakeDesk) -> None:
    number = offer(desk)
    async with open_console() as console:
        console.home.list.choose(number)
        await console.press("w", "p")
        assert console.commands("offer.postpone") == [Postpone(number)]


def of_luis(desk: FakeDesk) -> Row:
    """An open one of Luis's that I was invited to."""
    row = next(one for one in desk.rows.values() if one.state == "open" and one.id != ANA)
    return desk.add(replace(row, owner=LUIS, guests=[ME]))


async def test_a_guest_leaves_by_key(open_console: Open, desk: FakeDesk) -> None:
    guest = of_luis(desk)
    async with open_console() as console:
        await console.press("2")
        console.home.list.choose(guest.id)
        await console.press("w", "l")
        assert console.commands("conversation.leave") == [commands.Leave(guest.id)]


async def test_its_agent_says_which_guest_is_to_go(open_console: Open, desk: FakeDesk) -> None:
    desk.rows[ANA] = replace(desk.rows[ANA], owner=ME, state="open", guests=[LUIS])
    async with open_console() as console:
        await console.press("2")
        console.home.list.choose(ANA)
        await console.press("w", "l")
        await console.type("luis")
        await console.press("enter")
        assert console.commands("conversation.leave") == [commands.Leave(ANA, LUIS)]


async def test_an_answer_over_a_line_that_is_not_in_view_is_sent_at_the_second_enter(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("enter")
        await console.type("Dale")
        console.composer.behind = lambda: True
        await console.press("enter")
        assert not console.commands("message.send")
        assert "mientras" in console.home.notice.words
        await console.press("enter")
        assert len(console.commands("message.send")) == 1


def test_a_guest_answers_only_where_the_queue_lets_guests() -> None:
    desk = FakeDesk()
    row = of_luis(desk)
    assert not rights.may_answer(desk, row)
    desk.queues[row.q] = replace(desk.queues[row.q], guests_reply=True)
    assert rights.may_answer(desk, row)


def test_one_is_notified_of_a_mention_and_of_an_offer_that_comes_back() -> None:
    desk = FakeDesk()
    watch = Watch(desk)
    row = desk.rows[ANA]
    mentioned = replace(row, unseen=[ME])
    assert [one.kind for one in watch.hear(RowMoved(row, mentioned))] == ["mentioned"]
    assert watch.hear(RowMoved(mentioned, mentioned)) == []
    waits = desk.rows[offer(desk, later=[ME])]
    assert [one.kind for one in watch.hear(RowMoved(waits, replace(waits, later=[])))] == ["waiting"]
    assert watch.hear(RowMoved(replace(waits, later=[]), waits)) == []


def plans(desk: FakeDesk, **first: Any) -> None:
    one = Plan(1, 1, ANA, "message", ME, NOW + 3_600_000, "Buen día")
    desk.told["plans"] = [replace(one, **first), Plan(2, 1, ANA, "reminder", ME, NOW + 60_000, "llamar")]


async def test_a_scheduled_message_is_taken_back_into_the_composer(open_console: Open, desk: FakeDesk) -> None:
    plans(desk)
    async with open_console() as console:
        await console.press("enter")
        await console.type("ya")
        await console.press("escape", "w", "w")
        await console.type("buen")
        await console.press("enter")
        assert (console.home.shown, console.composer.text) == (ANA, "Buen día\nya")
        assert console.commands("plan.cancel") == [CancelPlan(1)]


async def test_a_reminder_is_cancelled_after_asking(open_console: Open, desk: FakeDesk) -> None:
    plans(desk)
    async with open_console() as console:
        await console.press("w", "w", "enter")
        assert not console.commands("plan.cancel")
        await console.press("s")
        assert console.commands("plan.cancel") == [CancelPlan(2)]


async def test_one_that_came_back_is_told_once_with_its_reason(open_console: Open, desk: FakeDesk) -> None:
    plans(desk, why="wrong_state")
    async with open_console() as console:
        desk.tell(RefsChanged("plans"))
        await console.rest()
        assert "programaste" in console.home.notice.words
        console.home.notice.hush()
        desk.tell(RefsChanged("plans"))
        await console.rest()
        assert not console.home.notice.words


async def test_the_text_of_one_whose_conversation_is_out_of_sight_is_not_lost(
    open_console: Open, desk: FakeDesk
) -> None:
    plans(desk, why="not_owner", c=99_999)
    async with open_console() as console:
        await console.press("w", "w", "enter")
        assert console.app.clipboard == "Buen día"
        assert not console.commands("plan.cancel")


@pytest.mark.parametrize(("language", "words"), [("es", "invitados: Luis"), ("en", "guests: Luis")])
async def test_guests_and_a_muted_customer_stand_in_the_head(
    open_console: Open, desk: FakeDesk, language: str, words: str
) -> None:
    desk.rows[ANA] = replace(desk.rows[ANA], guests=[LUIS], muted=True)
    async with open_console((160, 45), language=language) as console:
        console.home.show(ANA)
        await console.rest()
        head = painted(console.home.conversation.header)
        assert words in head
        assert ("silenciado" if language == "es" else "muted") in head
        assert "Luis Duarte" in painted(console.home.sheet)


async def test_an_answer_says_which_line_its_author_had_seen_but_on_a_dead_link(
    open_console: Open, desk: FakeDesk
) -> None:
    async with open_console() as console:
        await console.press("enter")
        await console.type("uno")
        await console.press("enter")
        last = max(line.id for line in desk.threads[ANA].messages if line.d == "in")
        desk.link = replace(desk.link, phase="waiting")
        await console.type("dos")
        await console.press("enter")
        sent = [args for _, args in desk.submitted if isinstance(args, commands.Send)]
        assert [(one.body, one.seen) for one in sent] == [("uno", last), ("dos", None)]
