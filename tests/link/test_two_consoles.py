"""Two consoles of one agent at once are both right: drafts, reads, sends, availability."""

import pytest
from seats import Seat, SitDown
from shop import Shop, opened

from agent_tui.link.drafts import NOTED, merged
from agent_tui.link.model import DraftChanged
from agent_tui.link.shared_drafts import LONGEST
from hub.protocol import commands as c


async def pair(shop: Shop, sit: SitDown) -> tuple[Seat, Seat, int]:
    one, other = await sit("office"), await sit("home")
    thread = await opened(one, await shop.customer("ana", "hola"))
    await other.until(lambda: other.desk.row(thread.conversation) is not None)
    return one, other, thread.conversation


def drafts(number: int, *seats: Seat) -> list[str]:
    return [seat.desk.draft(number) for seat in seats]


async def agree(number: int, text: str, *seats: Seat) -> None:
    for seat in seats:
        await seat.until(lambda: drafts(number, *seats) == [text] * len(seats), passing=True)


async def test_a_draft_is_told_to_the_other_console_once_one_pauses(shop: Shop, sit: SitDown) -> None:
    one, other, number = await pair(shop, sit)
    for text in ("B", "Bu", "Bue"):
        one.desk.save_draft(number, text)
    assert drafts(number, other) == [""], "not on each key"
    await agree(number, "Bue", one, other)
    assert other.told(DraftChanged) == [DraftChanged(number, "")]
    assert one.told(DraftChanged) == [], "who types is not told"
    other.desk.save_draft(number, "Buenas")
    await agree(number, "Buenas", one, other)


async def test_a_sent_message_clears_the_draft_everywhere(shop: Shop, sit: SitDown) -> None:
    one, other, number = await pair(shop, sit)
    one.desk.save_draft(number, "Buenas")
    await agree(number, "Buenas", one, other)
    other.desk.save_draft(number, "")
    other.desk.submit("message.send", c.Send(number, "Buenas"))
    await one.until(lambda: drafts(number, one, other) == ["", ""])
    for seat in (one, other):
        await seat.until(lambda seat=seat: seat.desk.hello().drafts == {})


async def test_leaving_the_conversation_saves_at_once(shop: Shop, sit: SitDown) -> None:
    one, other, number = await pair(shop, sit)
    one.desk.save_draft(number, "Buenas")
    one.desk.close_thread(number)
    await other.until(lambda: drafts(number, other) == ["Buenas"])


async def test_two_that_were_edited_at_once_keep_the_words_of_both(shop: Shop, sit: SitDown) -> None:
    one, other, number = await pair(shop, sit)
    one.desk.save_draft(number, "del escritorio")
    other.desk.save_draft(number, "de casa")
    for seat in (one, other):
        await seat.until(lambda: len(set(drafts(number, one, other))) == 1, passing=True)
    (text,) = set(drafts(number, one, other))
    assert sorted(text.split("\n")) == ["de casa", "del escritorio"]


async def test_what_was_written_while_away_meets_what_was_written_there(shop: Shop, sit: SitDown) -> None:
    one, other, number = await pair(shop, sit)
    one.desk.save_draft(number, "Buenas")
    await agree(number, "Buenas", one, other)
    await shop.die()
    for seat in (one, other):
        await seat.until(lambda seat=seat: seat.desk.link.stale)
    one.desk.save_draft(number, "Buenas tardes")
    await shop.open()
    await one.online()
    await other.online()
    await agree(number, "Buenas tardes", one, other)


async def test_a_console_that_comes_later_gets_them_and_one_that_was_away_learns_what_was_cleared(
    shop: Shop, sit: SitDown
) -> None:
    one, other, number = await pair(shop, sit)
    one.desk.save_draft(number, "Buenas")
    await agree(number, "Buenas", one, other)
    await other.desk.stop()
    late = await sit("train")
    await late.until(lambda: drafts(number, late) == ["Buenas"])
    one.desk.save_draft(number, "")
    await late.until(lambda: drafts(number, late) == [""])
    back = await sit("home")
    await back.until(lambda: drafts(number, back) == [""])


async def test_a_restarted_console_goes_on_where_it_was_and_tells_what_it_had_not(shop: Shop, sit: SitDown) -> None:
    one, other, number = await pair(shop, sit)
    one.desk.save_draft(number, "Buenas")
    await agree(number, "Buenas", one, other)
    await one.desk.stop()
    other.desk.save_draft(number, "Buenas tardes")
    again = await sit("office")
    await agree(number, "Buenas tardes", again, other)
    again.desk.save_draft(number, "Buenas tardes, Ana")
    await again.desk.stop()  # before it has paused
    once_more = await sit("office")
    await agree(number, "Buenas tardes, Ana", once_more, other)


async def test_one_too_long_for_the_hub_stays_where_it_is_written(shop: Shop, sit: SitDown) -> None:
    one, other, number = await pair(shop, sit)
    one.desk.save_draft(number, "x" * (LONGEST + 1))
    one.desk.close_thread(number)
    one.desk.save_draft(number, "short")
    await agree(number, "short", one, other)


async def test_reading_sending_and_status_on_one_console_hold_on_the_other(shop: Shop, sit: SitDown) -> None:
    one, other, number = await pair(shop, sit)
    there = other.desk.open_thread(number)
    await shop.customer("ana", "¿y?")
    await other.until(lambda: there.row is not None and there.row.un == 2)
    one.desk.submit("conversation.read", c.Read(number, there.messages[-1].id))
    await other.until(lambda: there.row.un == 0)
    one.desk.submit("message.send", c.Send(number, "Buenas"))
    other.desk.submit("message.send", c.Send(number, "tardes"))
    here = one.desk.open_thread(number)
    for thread, seat in ((here, one), (there, other)):
        await seat.until(lambda thread=thread: len([m for m in thread.messages if m.rev and m.d == "out"]) == 2)
    assert [m.b for m in here.messages] == [m.b for m in there.messages]
    other.desk.submit("agent.status", c.SetStatus("lunch"))
    await one.until(lambda: one.desk.agents[shop.agent].status == "lunch")
    await one.desk.stop()
    assert other.desk.agents[shop.agent].reach, "one of the two is still there"


@pytest.mark.parametrize(
    ("mine", "theirs", "both"),
    [
        ("a", "b", "a\nb"),
        ("", "b", "b"),
        ("a", "", "a"),
        ("hola ana", "hola", "hola ana"),
        ("hola", "hola ana", "hola ana"),
        (f"{NOTED}a", "b", f"{NOTED}a\nb"),
        ("a", f"{NOTED}b", f"{NOTED}a\nb"),
        ("a", f"{NOTED}a", f"{NOTED}a"),
    ],
)
def test_two_drafts_become_one_that_has_the_words_of_both_and_is_a_note_if_either_was(
    mine: str, theirs: str, both: str
) -> None:
    assert merged(mine, theirs) == both
