"""What a console did last is taken back at the real hub, unless the desk has moved on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from seats import Seat, StillClock
from shop import Shop, opened

from agent_tui.link.address import Address
from agent_tui.link.desk import open_desk
from agent_tui.link.model import CommandDone, CommandRefused, Undone
from agent_tui.link.place import claim
from agent_tui.link.sign_in import sign_in
from agent_tui.link.undo import DEPTH
from hub.protocol import bulk
from hub.protocol import commands as c


@pytest.fixture
async def seat(shop: Shop, still: StillClock, tmp_path: Path) -> AsyncIterator[Seat]:
    token = (await sign_in(shop.url, "luis", "secret", "test")).access
    seat = Seat(await open_desk(claim(tmp_path, "the hub", "luis"), Address(shop.url, token), clock=still), still)
    seat.desk.start()
    await seat.online()
    await seat.until(lambda: seat.desk.agents and seat.desk.tags)
    yield seat
    await seat.desk.stop()


async def test_commands_are_taken_back_newest_first_and_others_are_left_alone(shop: Shop, seat: Seat) -> None:
    thread = await opened(seat, await shop.customer("ana", "hola"))
    number, desk = thread.conversation, seat.desk
    (tag,) = desk.tags
    desk.submit("conversation.tag", c.SetTags(number, [tag]))
    await seat.until(lambda: thread.row.tags == [tag])
    desk.submit("conversation.hold", c.Hold(number))
    desk.submit("message.note", c.Note(number, "nothing takes this back"))
    desk.submit("agent.status", c.SetStatus("lunch"))
    await seat.until(lambda: thread.row.state == "held" and desk.link.unsent == 0)
    await seat.until(lambda: desk.agents[shop.agent].status == "lunch")
    assert desk.undo() == Undone("agent.status", 0, "undone")
    assert desk.undo() == Undone("conversation.hold", number, "undone")
    await seat.until(lambda: desk.agents[shop.agent].status == "online" and thread.row.state == "open")
    assert desk.undo() == Undone("conversation.tag", number, "undone")
    await seat.until(lambda: thread.row.tags == [] and desk.link.unsent == 0)
    assert [change.name for change in seat.told(CommandRefused)] == []
    assert len(thread.messages) == 2


async def test_what_has_moved_on_is_left_alone(shop: Shop, seat: Seat) -> None:
    thread = await opened(seat, await shop.customer("ana", "hola"))
    number = thread.conversation
    seat.desk.submit("conversation.hold", c.Hold(number))
    await seat.until(lambda: thread.row.state == "held" and seat.desk.link.unsent == 0)
    await shop.system("conversation.end", c.End(number))
    await seat.until(lambda: thread.row.state == "closed")
    before = len(seat.told(CommandDone))
    assert seat.desk.undo() == Undone("conversation.hold", number, "moved_on")
    assert seat.desk.link.unsent == 0
    assert len(seat.told(CommandDone)) == before


async def test_what_the_hub_has_not_answered_waits_and_what_it_refused_is_forgotten(shop: Shop, seat: Seat) -> None:
    thread = await opened(seat, await shop.customer("ana", "hola"))
    number = thread.conversation
    assert not seat.desk.undoable
    await seat.until(lambda: seat.desk.link.unsent == 0)
    seat.desk.submit("conversation.resume", c.Resume(number))
    assert seat.desk.undo() == Undone("conversation.resume", number, "waiting")
    await seat.until(lambda: seat.told(CommandRefused))
    assert not seat.desk.undoable


async def test_what_was_done_to_many_is_taken_back_at_once_as_far_as_each_has_not_moved_on(
    shop: Shop, seat: Seat
) -> None:
    desk = seat.desk
    threads = [await opened(seat, await shop.customer(person, "hola")) for person in ("ana", "eva", "paz")]
    numbers = [thread.conversation for thread in threads]
    (tag,) = desk.tags
    desk.submit("conversation.tag", c.SetTags(numbers[0], [tag]))
    await seat.until(lambda: threads[0].row.tags == [tag] and desk.link.unsent == 0)
    key = desk.submit("conversation.bulk", bulk.Bulk(numbers, bulk.EachTag([tag])))
    assert desk.undo() == Undone("conversation.tag", 0, "waiting", 2)
    await seat.until(lambda: all(thread.row.tags == [tag] for thread in threads) and desk.link.unsent == 0)
    assert desk.taken_back(key) == 2, "one had it before"
    undone = desk.undo()
    assert (undone.state, undone.of, undone.each, len(undone.keys)) == ("undone", 2, 2, 1)
    await seat.until(lambda: [thread.row.tags for thread in threads] == [[tag], [], []] and desk.link.unsent == 0)

    until = desk.now + 3_600_000
    desk.submit("conversation.bulk", bulk.Bulk(numbers, bulk.EachSnooze(until)))
    await seat.until(lambda: {thread.row.state for thread in threads} == {"snoozed"} and desk.link.unsent == 0)
    await shop.system("conversation.end", c.End(numbers[2]))
    await seat.until(lambda: threads[2].row.state == "closed")
    undone = desk.undo()
    assert (undone.of, undone.each) == (3, 2)
    await seat.until(lambda: [thread.row.state for thread in threads] == ["open", "open", "closed"])
    await seat.until(lambda: desk.link.unsent == 0)
    done = {one.key: one.result for one in seat.told(CommandDone)}
    assert [(done[one]["done"], bulk.refused_rows(done[one])) for one in undone.keys] == [(2, [])]

    desk.submit("conversation.bulk", bulk.Bulk(numbers[:2], bulk.EachEnd()))
    await seat.until(lambda: {thread.row.state for thread in threads} == {"closed"} and desk.link.unsent == 0)
    assert desk.undo().each == 2
    await seat.until(lambda: [thread.row.state for thread in threads] == ["open", "open", "closed"])
    assert [change.name for change in seat.told(CommandRefused)] == []


async def test_no_more_than_so_many_are_remembered(shop: Shop, seat: Seat) -> None:
    for n in range(DEPTH + 1):
        status = ("lunch", "online")[n % 2]
        seat.desk.submit("agent.status", c.SetStatus(status))  # type: ignore[arg-type]
        await seat.until(lambda status=status: seat.desk.agents[shop.agent].status == status)
        await seat.until(lambda: seat.desk.link.unsent == 0)
    for _ in range(DEPTH):
        seat.desk.undo()
        await seat.until(lambda: seat.desk.link.unsent == 0)
    assert not seat.desk.undoable
    await seat.until(lambda: seat.desk.agents[shop.agent].status == "lunch")
