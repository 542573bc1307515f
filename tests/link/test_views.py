"""The view: any tray, filtered and sorted, cheap on a thin line and useful on a dead one."""

import msgspec
from fake_hub import FakeHub, row
from seats import MakeDesk, Seat

from agent_tui.link.model import VIEW, CountsChanged, Look
from hub.protocol import frames, views


def asked(fake: FakeHub, w: int) -> list[frames.Sub]:
    return [sub for sub in fake.of(frames.Sub) if sub.w == w]


def shown(seat: Seat) -> list[int]:
    return [one.id for one in seat.desk.tray(VIEW).rows]


def number(seat: Seat) -> int:
    window = seat.desk._mirror.view.window
    assert window is not None
    return window.w


async def test_what_fits_is_there_at_once_and_the_hubs_answer_after_it(fake: FakeHub, sit_down: MakeDesk) -> None:
    fake.trays["pending"] = [row(1, owed=True), row(2), row(3, owed=True)]
    fake.trays["pending owed:yes"] = [row(1, owed=True), row(3, owed=True), row(9, owed=True)]
    seat = await sit_down()
    seat.desk.look(Look("pending", "owed:yes"))
    assert (shown(seat), seat.desk.tray(VIEW).partly) == ([3, 1], True)
    await seat.until(lambda: not seat.desk.tray(VIEW).partly)
    assert (shown(seat), seat.desk.tray(VIEW).count) == ([9, 3, 1], 3)
    (sub,) = asked(fake, number(seat))
    assert sub.held == [(3, 1), (1, 1)]  # what is known does not travel again
    assert [one.id for one in seat.desk.tray("pending").rows] == [3, 2, 1]


async def test_however_fast_one_types_one_question_is_on_its_way(fake: FakeHub, sit_down: MakeDesk) -> None:
    fake.trays["pending"] = [row(1, name="Ana"), row(2, name="Anahí"), row(3, name="Luis")]
    fake.trays["pending anah"] = [row(2, name="Anahí")]
    seat = await sit_down()
    fake.silent = True
    for text in ("a", "an", "ana", "anah"):
        seat.desk.look(Look("pending", text))
    assert shown(seat) == [2]
    await seat.until(lambda: asked(fake, number(seat)))
    fake.silent = False
    (first,) = asked(fake, number(seat))
    assert first.filter == "a"
    await fake.say(*fake._snap(first))
    await seat.until(lambda: not seat.desk.tray(VIEW).partly)
    assert [sub.filter for sub in asked(fake, number(seat))] == ["a", "anah"]
    assert shown(seat) == [2]


async def test_without_a_link_the_last_known_desk_is_filtered(fake: FakeHub, sit_down: MakeDesk) -> None:
    tags = [msgspec.Raw(msgspec.json.encode(views.Tag(5, 1, "vip", "#ff0000")))]
    fake.refs = [frames.Ref("tags", 3, tags)]
    fake.trays["pending"] = [row(1, tags=[5]), row(2, owner=3, state="assigned"), row(3, tags=[5])]
    seat = await sit_down()
    await seat.until(lambda: seat.desk.tags)
    await seat.desk.stop()
    await fake.stop()
    seat = await sit_down(online=False)
    assert seat.desk.names.find("tag", "VIP") == (5,)
    seat.desk.look(Look("pending", "tag:#5", "created"))
    assert (shown(seat), seat.desk.tray(VIEW).partly) == ([1, 3], True)
    seat.desk.look(Look("mine"))
    assert shown(seat) == [2]
    fake.trays["mine"] = [row(2, owner=3, state="assigned"), row(4, owner=3, state="open")]
    await fake.start()
    await seat.online()
    await seat.until(lambda: not seat.desk.tray(VIEW).partly, passing=True)
    assert shown(seat) == [4, 2]


async def test_what_the_hub_refuses_keeps_the_last_good_list_and_says_why(fake: FakeHub, sit_down: MakeDesk) -> None:
    fake.trays["pending owed:yes"] = [row(7, owed=True)]
    seat = await sit_down()
    seat.desk.look(Look("pending", "owed:yes"))
    await seat.until(lambda: not seat.desk.tray(VIEW).partly)
    fault = {"w": number(seat), "why": "unknown_value", "at": 3, "found": "x\x1b"}
    await fake.say(frames.Error(0, "bad_filter", fault))
    await seat.until(lambda: seat.desk.tray(VIEW).refused)
    refused = seat.desk.tray(VIEW).refused
    assert refused is not None
    assert (refused["code"], refused["at"]) == ("bad_filter", 3)
    assert "\x1b" not in str(refused["found"])
    assert shown(seat) == [7]
    assert not seat.desk.link.stale
    seat.desk.look(Look("pending"))
    assert seat.desk.tray(VIEW).refused is None


async def test_a_row_that_changes_takes_its_place_in_the_order_of_the_view(fake: FakeHub, sit_down: MakeDesk) -> None:
    fake.trays["live"] = [row(1, pri=3), row(2, pri=2), row(3, pri=3)]
    seat = await sit_down()
    seat.desk.look(Look("live", sort="priority"))
    await seat.until(lambda: not seat.desk.tray(VIEW).partly)
    assert shown(seat) == [2, 1, 3]
    await fake.tell(frames.RowChanged(row(3, 9, pri=1), [number(seat)]))
    await seat.until(lambda: shown(seat) == [3, 2, 1])
    await fake.tell(frames.RowChanged(row(2, 10, pri=2, state="closed"), []))
    await seat.until(lambda: shown(seat) == [3, 1])
    await fake.tell(frames.RowGone(3))
    await seat.until(lambda: shown(seat) == [1])


async def test_what_is_only_counted_brings_no_rows_and_ends_when_nobody_looks(
    fake: FakeHub, sit_down: MakeDesk
) -> None:
    fake.trays["spam"] = [row(1, state="closed"), row(2, state="closed")]
    seat = await sit_down()
    look = Look("spam")
    seat.desk.watch([look])
    assert seat.desk.counted(look) is None
    await seat.until(lambda: seat.desk.counted(look) == 2)
    (sub,) = [sub for sub in fake.of(frames.Sub) if sub.tray == "spam"]
    assert sub.count == 0
    assert seat.desk.row(1) is None
    await fake.tell(frames.CountChanged(sub.w, 5))
    await seat.until(lambda: seat.desk.counted(look) == 5)
    assert seat.told(CountsChanged)
    seat.desk.watch([])
    await seat.until(lambda: [one.w for one in fake.of(frames.Unsub)] == [sub.w])


async def test_after_a_new_connection_the_view_and_the_counts_are_asked_for_again(
    fake: FakeHub, sit_down: MakeDesk
) -> None:
    seat = await sit_down()
    seat.desk.look(Look("snoozed", "owed:yes"))
    seat.desk.watch([Look("mine")])
    await seat.until(lambda: not seat.desk.tray(VIEW).partly and seat.desk.counted(Look("mine")) == 0)
    fake.trays["mine"] = [row(4, owner=3, state="open")]
    fake.cut()
    await seat.until(lambda: seat.desk.counted(Look("mine")) == 1, passing=True)
    await seat.until(lambda: len(asked(fake, number(seat))) == 2, passing=True)


async def test_looking_at_nothing_ends_the_window(fake: FakeHub, sit_down: MakeDesk) -> None:
    seat = await sit_down()
    seat.desk.look(Look("snoozed"))
    w = number(seat)
    await seat.until(lambda: not seat.desk.tray(VIEW).partly)
    seat.desk.look(None)
    await seat.until(lambda: [one.w for one in fake.of(frames.Unsub)] == [w])
    assert shown(seat) == []


async def test_a_hub_that_does_not_count_is_not_asked_to(fake: FakeHub, sit_down: MakeDesk) -> None:
    fake.counting = False
    seat = await sit_down()
    seat.desk.watch([Look("spam")])
    seat.desk.look(Look("snoozed"))
    await seat.until(lambda: not seat.desk.tray(VIEW).partly)
    assert [sub for sub in fake.of(frames.Sub) if sub.count == 0] == []
    assert seat.desk.counted(Look("spam")) is None
