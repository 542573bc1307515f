"""Lines are taken back from the outbox, from the wire and from the hub, and what was typed is never lost."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fake_hub import FakeHub, lose_answer
from seats import MakeDesk, Seat, StillClock
from shop import MakeHub, Shop, opened

from agent_tui.link.address import Address
from agent_tui.link.desk import open_desk
from agent_tui.link.model import CommandRefused, DraftChanged
from agent_tui.link.place import claim
from agent_tui.link.sign_in import sign_in
from hub.protocol.commands import Note, Send
from hub.protocol.errors import Code
from hub.store.clock import ManualClock

SECONDS = 5


@pytest.fixture
async def shop(make_hub: MakeHub) -> AsyncIterator[Shop]:
    shop = Shop(make_hub, recall_seconds=SECONDS)
    await shop.open()
    await shop.furnish()
    yield shop
    await shop.die()


@pytest.fixture
async def seat(shop: Shop, still: StillClock, tmp_path: Path) -> AsyncIterator[Seat]:
    token = (await sign_in(shop.url, "luis", "secret", "test")).access
    seat = Seat(await open_desk(claim(tmp_path, "the hub", "luis"), Address(shop.url, token), clock=still), still)
    seat.desk.start()
    await seat.online()
    yield seat
    await seat.desk.stop()


async def test_a_held_message_comes_back_as_a_draft_and_leaves_the_thread(shop: Shop, seat: Seat) -> None:
    thread = await opened(seat, await shop.customer("ana", "hola"))
    number = thread.conversation
    assert not seat.desk.recallable(number)
    seat.desk.submit("message.send", Send(number, "Buenas\ntardes"))
    await seat.until(lambda: [(m.st, m.rev > 0) for m in thread.messages[1:]] == [("held", True)])
    assert thread.row is not None
    assert seat.desk.recallable(number)
    assert seat.desk.recall(number) is None
    assert not seat.desk.recallable(number), "asked for once"
    await seat.until(lambda: seat.told(DraftChanged))
    assert seat.desk.draft(number) == "Buenas\ntardes"
    await seat.until(lambda: [m.b for m in thread.messages] == ["hola"] and thread.row.last == "hola")
    assert (seat.told(CommandRefused), seat.desk.link.unsent) == ([], 0)


async def test_the_newest_comes_back_first_and_after_what_has_been_typed_since(shop: Shop, seat: Seat) -> None:
    thread = await opened(seat, await shop.customer("ana", "hola"))
    number = thread.conversation
    for body in ("uno", "dos"):
        seat.desk.submit("message.send", Send(number, body))
    await seat.until(lambda: [m.st for m in thread.messages[1:]] == ["held", "held"])
    seat.desk.save_draft(number, "tres")
    seat.desk.recall(number)
    await seat.until(lambda: [m.b for m in thread.messages] == ["hola", "uno"])
    assert seat.desk.draft(number) == "tres\ndos"
    seat.desk.recall(number)
    await seat.until(lambda: [m.b for m in thread.messages] == ["hola"])
    assert seat.desk.draft(number) == "tres\ndos\nuno"


async def test_one_that_has_gone_out_stays_and_is_told_as_such(shop: Shop, seat: Seat, clock: ManualClock) -> None:
    thread = await opened(seat, await shop.customer("ana", "hola"))
    seat.desk.submit("message.send", Send(thread.conversation, "Buenas"))
    await seat.until(lambda: [m.st for m in thread.messages[1:]] == ["held"])
    await shop.die()
    await seat.until(lambda: seat.desk.link.stale)
    seat.desk.recall(thread.conversation)
    clock.advance(SECONDS * 1000)
    await shop.open()
    await shop.hub.timers.fire_due()
    await seat.online()
    await seat.until(lambda: seat.told(CommandRefused), passing=True)
    assert [change.code for change in seat.told(CommandRefused)] == [Code.NOT_RECALLABLE]
    await seat.until(lambda: [m.st for m in thread.messages[1:]] == ["sent"])
    assert (seat.desk.draft(thread.conversation), seat.desk.recallable(thread.conversation)) == ("", False)


async def test_offline_a_line_that_has_not_left_is_taken_out_of_the_outbox(fake: FakeHub, sit_down: MakeDesk) -> None:
    seat = await sit_down()
    await fake.stop()
    await seat.until(lambda: seat.desk.link.phase == "waiting")
    seat.desk.submit("message.send", Send(7, "stays"))
    seat.desk.submit("message.send", Send(7, "goes"))
    seat.desk.submit("message.note", Note(7, "a note"))
    taken = [seat.desk.recall(7) for _ in range(2)]
    assert [(line.name, line.body) for line in taken if line] == [("message.note", "a note"), ("message.send", "goes")]
    await seat.desk.stop()
    await fake.start()
    again = await sit_down()
    await again.until(lambda: fake.bodies)
    await again.until(lambda: again.desk.link.unsent == 0, passing=True)
    assert fake.bodies == ["stays"]


async def test_a_line_that_may_have_left_is_asked_back_behind_itself_and_its_text_outlives_the_console(
    fake: FakeHub, sit_down: MakeDesk
) -> None:
    fake.recall = SECONDS
    seat = await sit_down()
    fake.script = [lose_answer(fake)]
    key = seat.desk.submit("message.send", Send(7, "perhaps"))
    await seat.until(lambda: fake.bodies == ["perhaps"], passing=True)
    await fake.stop()
    await seat.until(lambda: seat.desk.link.phase != "online", passing=True)
    assert seat.desk.recall(7) is None
    await seat.desk.settled()
    await seat.desk.stop()
    fake.commands_hang = False
    await fake.start()
    again = await sit_down()
    await again.until(lambda: again.told(DraftChanged), passing=True)
    assert fake.effects == [
        ("message.send", {"conversation": 7, "body": "perhaps"}),
        ("message.recall", {"conversation": 7, "key": key}),
    ]
    assert again.desk.draft(7) == "perhaps"


async def test_where_the_hub_holds_nothing_back_only_what_has_not_left_can_be_recalled(
    fake: FakeHub, sit_down: MakeDesk
) -> None:
    seat = await sit_down()
    fake.commands_hang = True
    seat.desk.submit("message.send", Send(7, "gone"))
    await seat.until(lambda: fake.bodies == ["gone"])
    assert not seat.desk.recallable(7)
    seat.desk.submit("message.send", Send(7, "waits for it"))
    assert seat.desk.recallable(7)
