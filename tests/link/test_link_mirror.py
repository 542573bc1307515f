"""The mirror is what the hub says, in the order in which it became so, and nothing that should not be seen."""

import random

import msgspec
import pytest
from fake_hub import FakeHub, message, row
from seats import MakeDesk

from agent_tui.link.mirror import THREADS
from agent_tui.link.model import RefsChanged, ThreadGone, TrayChanged
from agent_tui.link.typed import EVERY, FADES
from hub.protocol import frames, views


def raw(*items: views.View) -> list[msgspec.Raw]:
    return [msgspec.Raw(msgspec.json.encode(item)) for item in items]


async def test_a_tray_is_newest_first_and_follows_its_events(fake: FakeHub, sit_down: MakeDesk) -> None:
    fake.trays["pending"] = [row(1), row(2), row(3)]
    seat = await sit_down()
    tray, w, other = seat.desk.tray("pending"), fake.w(tray="pending"), fake.w(tray="in_progress")
    assert ([r.id for r in tray.rows], tray.count, tray.more) == ([3, 2, 1], 3, False)
    seat.changes.clear()
    await fake.tell(frames.RowChanged(row(1, 20, at=9000), [w]), frames.CountChanged(w, 4))
    await fake.tell(frames.RowChanged(row(3, 21, state="open"), [other]))
    await fake.tell(frames.RowChanged(row(4, 22, at=9000), [w]))
    await seat.until(lambda: [r.id for r in tray.rows] == [4, 1, 2])
    assert tray.count == 4
    assert [r.id for r in seat.desk.tray("in_progress").rows] == [3]
    assert {change.name for change in seat.told(TrayChanged)} == {"pending", "in_progress"}
    assert seat.desk.tray("pending") is tray


async def test_an_older_version_never_replaces_a_newer_one(fake: FakeHub, sit_down: MakeDesk) -> None:
    fake.rows[7], fake.threads[7] = row(7, 8, last="new"), [message(1, rev=9, b="new")]
    fake.trays["pending"] = [fake.rows[7]]
    seat = await sit_down()
    thread = seat.desk.open_thread(7)
    await seat.until(lambda: thread.loaded)
    w = fake.w(tray="pending")
    await fake.tell(frames.RowChanged(row(7, 5, last="old"), []), frames.MessageChanged(message(1, rev=4, b="old")))
    await fake.tell(frames.RowChanged(row(1, 12), [w]))
    await seat.until(lambda: len(seat.desk.tray("pending").rows) == 2)
    assert seat.desk.row(7).last == "new"
    assert thread.messages[0].b == "new"


async def test_events_between_the_question_and_the_answer_are_not_lost(fake: FakeHub, sit_down: MakeDesk) -> None:
    fake.trays["pending"] = [row(n) for n in range(1, 61)]
    seat = await sit_down()
    tray, w = seat.desk.tray("pending"), fake.w(tray="pending")
    assert (len(tray.rows), tray.more, tray.count) == (50, True, 60)
    fake.silent = True
    seat.desk.more_rows("pending")
    await seat.until(lambda: len(fake.of(frames.Sub)) == 4)
    fake.silent = False
    at = fake.seq
    await fake.tell(frames.RowChanged(row(60, 70, state="open"), []))  # left the tray
    await fake.tell(frames.RowChanged(row(61, 71), [w]), frames.CountChanged(w, 60))  # came into it
    rows = sorted(fake.trays["pending"], key=lambda r: -r.at)
    await fake.say(
        frames.Snap(w, 0, False, at, order=[r.id for r in rows], rows=rows[:30], count=60),
        frames.Snap(w, 1, True, at, rows=rows[30:]),
    )
    await seat.until(lambda: not tray.more)
    assert [r.id for r in tray.rows] == [61, *range(59, 0, -1)]
    assert tray.count == 60


async def test_the_next_hello_says_the_newest_that_was_heard(fake: FakeHub, sit_down: MakeDesk) -> None:
    """Also where it came in a snapshot: a hub that was restored to a time in between would not be found out."""
    desk = (await sit_down()).desk
    before = desk.hello().cursor
    assert before is not None
    desk.heard(frames.Snap(99, 0, True, before[0] + 5, nonce=4711))
    assert desk.hello().cursor == (before[0] + 5, 4711)
    desk.heard(frames.Snap(99, 0, True, before[0] + 1, nonce=11))
    assert desk.hello().cursor == (before[0] + 5, 4711)


async def test_a_snapshot_in_pages_is_shown_whole(fake: FakeHub, sit_down: MakeDesk) -> None:
    fake.trays["pending"], fake.page = [row(n) for n in range(1, 41)], 7
    seat = await sit_down()
    lengths = {len(seat.desk.tray("pending").rows)}
    assert lengths == {40}


async def test_a_row_beyond_the_loaded_page_is_not_shown_out_of_place(fake: FakeHub, sit_down: MakeDesk) -> None:
    fake.trays["pending"] = [row(n) for n in range(1, 61)]
    seat = await sit_down()
    tray, w = seat.desk.tray("pending"), fake.w(tray="pending")
    await fake.tell(frames.RowChanged(row(5, 70, tags=[1]), [w]))
    await fake.tell(frames.RowChanged(row(61, 71), [w]))
    await seat.until(lambda: tray.rows[0].id == 61)
    assert [r.id for r in tray.rows] == list(range(61, 10, -1))
    seat.desk.more_rows("pending")
    await seat.until(lambda: not tray.more)
    assert [r.id for r in tray.rows][-5:] == [5, 4, 3, 2, 1]


async def test_what_is_out_of_sight_is_gone_from_everywhere(fake: FakeHub, sit_down: MakeDesk) -> None:
    fake.rows[7], fake.threads[7], fake.trays["pending"] = row(7), [message(1)], [row(7)]
    seat = await sit_down()
    thread = seat.desk.open_thread(7)
    await seat.until(lambda: thread.loaded)
    await fake.tell(frames.RowGone(7))
    await seat.until(lambda: seat.told(ThreadGone))
    assert (seat.desk.row(7), seat.desk.thread(7), seat.desk.tray("pending").rows) == (None, None, [])
    await seat.desk.stop()
    fake.trays["pending"] = []
    await fake.stop()
    again = await sit_down(online=False)
    assert (again.desk.row(7), again.desk.thread(7), again.desk.tray("pending").rows) == (None, None, [])


async def test_the_last_known_desk_is_shown_before_the_hub_answers_and_marked(
    fake: FakeHub, sit_down: MakeDesk
) -> None:
    fake.rows[7], fake.threads[7] = row(7, name="Ana"), [message(1), message(2)]
    fake.trays["pending"] = [row(7, name="Ana"), row(8)]
    fake.refs = [frames.Ref("agents", 4, raw(views.Agent(3, 1, "luis", "Luis", "agent", "online", 0)))]
    seat = await sit_down()
    seat.desk.open_thread(7)
    await seat.until(lambda: seat.desk.thread(7).loaded)
    await seat.desk.stop()
    await fake.stop()

    seat = await sit_down(online=False)
    desk = seat.desk
    assert desk.link.stale
    assert [r.name for r in desk.tray("pending").rows] == ["Customer 8", "Ana"]
    assert (desk.tray("pending").loaded, desk.tray("pending").count) == (True, 2)
    assert [m.id for m in desk.open_thread(7).messages] == [1, 2]
    assert (desk.agents[3].name, desk.me.entity) == ("Luis", "Acme")

    fake.trays["pending"], fake.threads[7] = [row(7, name="Ana")], [message(1), message(2, rev=9, b="x"), message(3)]
    await fake.start()
    await seat.online()
    await seat.until(lambda: len(desk.thread(7).messages) == 3)
    assert [r.id for r in desk.tray("pending").rows] == [7]
    assert [m.b for m in desk.thread(7).messages] == ["line 1", "x", "line 3"]
    assert fake.hellos[-1].refs == {"agents": 4}
    (asked,) = [sub for sub in fake.of(frames.Sub)[-4:] if sub.thread]
    assert asked.held == [(1, 1), (2, 1)]


async def test_earlier_messages_come_a_page_at_a_time(fake: FakeHub, sit_down: MakeDesk) -> None:
    fake.rows[7], fake.threads[7] = row(7), [message(n) for n in range(1, 121)]
    seat = await sit_down()
    thread = seat.desk.open_thread(7)
    await seat.until(lambda: thread.loaded)
    assert (len(thread.messages), thread.more) == (50, True)
    seat.desk.more_messages(7)
    seat.desk.more_messages(7)  # asked for already
    await seat.until(lambda: len(thread.messages) == 100)
    seat.desk.more_messages(7)
    await seat.until(lambda: not thread.more)
    assert [m.id for m in thread.messages] == list(range(1, 121))
    assert len([sub for sub in fake.of(frames.Sub) if sub.thread == 7]) == 3


async def test_an_early_message_that_changes_leaves_no_gap(fake: FakeHub, sit_down: MakeDesk) -> None:
    fake.rows[7], fake.threads[7] = row(7), [message(n) for n in range(1, 121)]
    seat = await sit_down()
    thread = seat.desk.open_thread(7)
    await seat.until(lambda: thread.loaded)
    await fake.tell(frames.MessageChanged(message(3, rev=50)), frames.MessageChanged(message(121, rev=50)))
    await seat.until(lambda: thread.messages[-1].id == 121)
    assert [m.id for m in thread.messages] == list(range(71, 122))


async def test_the_unread_mark_stands_where_reading_ended_when_the_thread_was_opened(
    fake: FakeHub, sit_down: MakeDesk
) -> None:
    fake.rows[7], fake.read[7] = row(7, un=2), 2
    fake.threads[7] = [message(1), message(2), message(3, d="out"), message(4), message(5)]
    seat = await sit_down()
    thread = seat.desk.open_thread(7)
    await seat.until(lambda: thread.loaded)
    assert thread.first_unread == 4
    await fake.tell(frames.RowChanged(row(7, 12, un=0)), frames.MessageChanged(message(6, rev=12)))
    await seat.until(lambda: thread.messages[-1].id == 6)
    assert thread.first_unread == 4
    seat.desk.close_thread(7)
    await fake.tell(frames.RowChanged(row(7, 13, un=1)), frames.MessageChanged(message(7, rev=13)))
    await seat.until(lambda: thread.messages[-1].id == 7)
    assert seat.desk.open_thread(7).first_unread == 7
    seat.desk.close_thread(7)
    await fake.tell(frames.RowChanged(row(7, 14, un=0)))
    await seat.until(lambda: seat.desk.row(7).un == 0)
    assert seat.desk.open_thread(7).first_unread is None


async def test_closed_threads_stay_live_for_a_while_and_the_oldest_go(fake: FakeHub, sit_down: MakeDesk) -> None:
    for c in range(1, THREADS + 3):
        fake.rows[c], fake.threads[c] = row(c), [message(c, c=c)]
    seat = await sit_down()
    for c in fake.rows:
        seat.desk.open_thread(c)
        await seat.until(lambda c=c: seat.desk.thread(c).loaded)
        if c > 1:
            seat.desk.close_thread(c)
    await seat.until(lambda: fake.of(frames.Unsub))
    assert seat.desk.thread(1) is not None
    assert seat.desk.thread(2) is None
    await fake.tell(frames.MessageChanged(message(100, c=3, rev=40)))
    await seat.until(lambda: len(seat.desk.thread(3).messages) == 2)
    await seat.desk.settled()
    stored = await seat.desk._disk.load()
    assert {name for name in stored.kept if name.startswith("thread:")} == {f"thread:{c}" for c in fake.rows if c != 2}


async def test_reference_data_comes_whole_and_by_change(fake: FakeHub, sit_down: MakeDesk) -> None:
    tags = [views.Tag(1, 1, "vip", "#ff0000"), views.Tag(2, 1, "late\x1b[2J", "#00ff00")]
    fake.refs = [frames.Ref("tags", 3, raw(*tags)), frames.Ref("moods", 1, raw(tags[0]))]
    seat = await sit_down()
    await seat.until(lambda: len(seat.desk.tags) == 2)
    assert seat.desk.tags[2].name == "late�[2J"
    await fake.tell(frames.RefChanged("tags", 11, raw(views.Tag(3, 11, "new", "#0000ff")), [1]))
    await seat.until(lambda: set(seat.desk.tags) == {2, 3})
    assert {change.name for change in seat.told(RefsChanged)} == {"tags"}
    fake.cut()
    await seat.until(lambda: len(fake.hellos) == 2, passing=True)
    assert fake.hellos[1].refs == {"tags": 11}


async def test_a_restored_database_replaces_everything(fake: FakeHub, sit_down: MakeDesk) -> None:
    fake.rows[7], fake.threads[7], fake.trays["pending"] = row(7, 9), [message(1, rev=9, b="later")], [row(7, 9)]
    fake.refs = [frames.Ref("tags", 3, raw(views.Tag(1, 3, "vip", "#ff0000")))]
    seat = await sit_down()
    thread = seat.desk.open_thread(7)
    await seat.until(lambda: thread.loaded)
    await fake.stop()
    fake.epoch, fake.seq, fake.resume = "second", 5, "restored"
    fake.rows[7], fake.threads[7], fake.trays["pending"] = row(7, 2), [message(1, rev=2, b="earlier")], [row(7, 2)]
    fake.refs = [frames.Ref("tags", 3, raw(views.Tag(1, 1, "old", "#ff0000")))]
    await fake.start()
    await seat.until(lambda: len(fake.hellos) == 2, passing=True)
    fake.resume = ""
    await seat.online()
    await seat.until(lambda: [m.b for m in thread.messages] == ["earlier"])
    assert (seat.desk.row(7).rev, seat.desk.tags[1].name) == (2, "old")
    assert seat.desk.hello().epoch == "second"


async def test_a_change_is_told_once_a_turn(fake: FakeHub, sit_down: MakeDesk) -> None:
    seat = await sit_down()
    w = fake.w(tray="pending")
    seat.changes.clear()
    await fake.tell(*(frames.RowChanged(row(n, 20), [w]) for n in range(1, 30)))
    await seat.until(lambda: len(seat.desk.tray("pending").rows) == 29 and seat.told(TrayChanged))
    assert len(seat.told(TrayChanged)) == 1


async def test_typing_is_told_at_most_every_few_seconds_and_never_queued(fake: FakeHub, sit_down: MakeDesk) -> None:
    seat = await sit_down()
    for _ in range(5):
        seat.desk.type_in(7, True)
    await seat.clock.advance(EVERY)
    seat.desk.type_in(7, True)
    seat.desk.type_in(7, False)
    seat.desk.type_in(7, False)
    await seat.until(lambda: len(fake.of(frames.Typing)) == 3)
    assert [frame.on for frame in fake.of(frames.Typing)] == [True, True, False]
    await fake.stop()
    await seat.until(lambda: seat.desk.link.phase == "waiting")
    seat.desk.type_in(7, True)
    await fake.start()
    await seat.online()
    assert len(fake.of(frames.Typing)) == 3


async def test_of_notes_only_a_hub_that_keeps_it_from_customers_is_told(fake: FakeHub, sit_down: MakeDesk) -> None:
    seat = await sit_down()
    seat.desk.type_in(7, True, note=True)
    seat.desk.type_in(7, True)
    seat.desk.type_in(7, True, note=True)
    await seat.until(lambda: len(fake.of(frames.Typing)) == 2)
    assert fake.of(frames.Typing) == [frames.Typing(7), frames.Typing(7, on=False)]
    await fake.stop()
    await seat.until(lambda: seat.desk.link.phase == "waiting")
    fake.notes = True
    await fake.start()
    await seat.online()
    seat.desk.type_in(7, True)
    for _ in range(3):
        seat.desk.type_in(7, True, note=True)
    seat.desk.type_in(7, True)
    seat.desk.type_in(7, False)
    await seat.until(lambda: len(fake.of(frames.Typing)) == 7)
    assert fake.of(frames.Typing)[2:] == [
        frames.Typing(7),
        frames.Typing(7, on=False),
        frames.Typing(7, note=True),
        frames.Typing(7),
        frames.Typing(7, on=False),
    ]


async def test_the_customers_typing_fades(fake: FakeHub, sit_down: MakeDesk) -> None:
    fake.rows[7] = row(7)
    seat = await sit_down()
    thread = seat.desk.open_thread(7)
    await seat.until(lambda: thread.loaded)
    await fake.say(frames.Typed(7))
    await seat.until(lambda: thread.typing)
    await seat.clock.advance(FADES + 1)
    assert not thread.typing
    await fake.say(frames.Typed(7))
    await seat.until(lambda: thread.typing)
    await fake.tell(frames.MessageChanged(message(1, rev=12)))
    await seat.until(lambda: not thread.typing)


async def test_a_thread_that_may_not_be_seen_is_told_as_gone(fake: FakeHub, sit_down: MakeDesk) -> None:
    seat = await sit_down()
    seat.desk.open_thread(99)
    await seat.until(lambda: seat.told(ThreadGone))
    assert seat.desk.thread(99) is None


async def test_hostile_text_never_enters_the_mirror(fake: FakeHub, sit_down: MakeDesk) -> None:
    evil = "\x1b]52;c;aGFjaw==\x07\u202e"
    fake.rows[7] = row(7, name=evil, last=evil)
    fake.trays["pending"], fake.threads[7] = [fake.rows[7]], [message(1, b=f"{evil}\nsecond")]
    seat = await sit_down()
    thread = seat.desk.open_thread(7)
    await seat.until(lambda: thread.loaded)
    await fake.tell(frames.MessageChanged(message(2, rev=12, b=evil)), frames.RowChanged(row(8, 12, name=evil)))
    await seat.until(lambda: len(thread.messages) == 2)
    harmless = "�]52;c;aGFjaw==�"
    assert [m.b for m in thread.messages] == [f"{harmless}\nsecond", harmless]
    assert (seat.desk.row(7).name, seat.desk.row(7).last) == (harmless, harmless)


@pytest.mark.parametrize("seed", range(6))
async def test_after_any_sequence_of_changes_and_cuts_the_mirror_equals_the_hub(
    fake: FakeHub, sit_down: MakeDesk, seed: int
) -> None:
    dice = random.Random(seed)
    seat = await sit_down()
    for rev in range(20, 120):
        conversation, name = dice.randint(1, 90), dice.choice(list(fake.trays))
        changed = row(conversation, rev, at=dice.randint(0, 50) * 1000)
        for rows in fake.trays.values():
            rows[:] = [held for held in rows if held.id != conversation]
        fake.trays[name].append(changed)
        if dice.random() < 0.1:
            seat.desk.more_rows(dice.choice(list(fake.trays)))
        if dice.random() < 0.04:
            fake.cut()
            await seat.until(lambda: seat.desk.link.stale)
            await seat.online()
            continue
        counts = [frames.CountChanged(fake.w(tray=tray), len(rows)) for tray, rows in fake.trays.items()]
        await fake.tell(frames.RowChanged(changed, [fake.w(tray=name)]), *counts)
        await seat.until(lambda: seat.desk.hello().cursor == (fake.seq, fake.nonce))
    for name, rows in fake.trays.items():
        tray = seat.desk.tray(name)
        expected = [(r.id, r.rev) for r in sorted(rows, key=lambda r: (r.at, r.id), reverse=True)]
        assert [(r.id, r.rev) for r in tray.rows] == expected[: len(tray.rows)]
        assert tray.count == len(rows)
        seat.desk.more_rows(name)
        await seat.until(lambda tray=tray: not tray.more)
        assert [(r.id, r.rev) for r in tray.rows] == expected
