"""The mirror stays small, in memory and on disk, whatever a hub says."""

import asyncio
from pathlib import Path

from fake_hub import FakeHub, message, row
from seats import MakeDesk

from agent_tui.link import kept
from agent_tui.link.mirror import THREADS
from agent_tui.link.windows import KEPT, MOST, PAGE
from hub.protocol import frames, views


def on_disk(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


async def test_a_hundred_thousand_conversations_leave_no_more_than_a_tray_holds(
    fake: FakeHub, sit_down: MakeDesk, tmp_path: Path
) -> None:
    seat = await sit_down()
    pending, mirror = fake.w(tray="pending"), seat.desk._mirror
    for n in range(1, 100_001):
        mirror.event(fake.seq + n, frames.RowChanged(row(n, fake.seq + n, last=f"line {n}"), [pending]))
    tray = seat.desk.tray("pending")
    assert (len(tray.rows), tray.rows[0].id, tray.more) == (MOST, 100_000, True)
    assert len(mirror.rows) <= MOST + PAGE
    await seat.desk.settled()
    await seat.desk.stop()
    assert on_disk(tmp_path / "consoles") < 2**20
    fake.trays["pending"] = [*tray.rows[:3]]
    again = await sit_down(online=False)
    assert (len(again.desk.tray("pending").rows), again.desk.tray("pending").more) == (KEPT, True)


async def test_threads_that_are_closed_are_few_and_short(fake: FakeHub, sit_down: MakeDesk, tmp_path: Path) -> None:
    seat = await sit_down()
    for c in range(1, 3 * THREADS):
        fake.rows[c], fake.threads[c] = row(c), [message(c * 10_000, c)]
        thread = seat.desk.open_thread(c)
        await seat.until(lambda thread=thread: thread.loaded)
        for n in range(1, KEPT * 2):
            seat.desk._mirror.event(fake.seq, frames.MessageChanged(message(c * 10_000 + n, c)))
        assert len(thread.messages) == KEPT * 2
        seat.desk.close_thread(c)
        assert (len(thread.messages), thread.more) == (KEPT, True)
    assert len(seat.desk._mirror.held) == THREADS
    await seat.desk.settled()
    stored = await seat.desk._disk.load()
    assert sum(name.startswith("thread:") for name in stored.kept) == THREADS
    assert on_disk(tmp_path / "consoles") < 3 * 2**20


async def test_a_thread_that_never_ends_keeps_what_is_newest(fake: FakeHub, sit_down: MakeDesk) -> None:
    fake.rows[7], fake.threads[7] = row(7), [message(1)]
    seat = await sit_down()
    thread = seat.desk.open_thread(7)
    await seat.until(lambda: thread.loaded)
    long: list[views.Message] = [message(n, b="x" * 20_000) for n in range(2, 50)]
    for one in [*long, *(message(n) for n in range(50, MOST + 60))]:
        seat.desk._mirror.event(fake.seq, frames.MessageChanged(one))
    assert (len(thread.messages), thread.messages[-1].id, thread.more) == (MOST, MOST + 59, True)
    thread.messages[:] = long
    packed = kept.pack(seat.desk._mirror, "thread:7")
    assert packed is not None
    assert len(packed) < kept.BYTES + 1024
    assert b'"id":49,' in packed
    assert b'"id":2,' not in packed


async def test_threads_that_nobody_looks_at_are_asked_for_one_by_one_after_what_one_sees(
    fake: FakeHub, sit_down: MakeDesk
) -> None:
    seat = await sit_down()
    for c in range(1, 6):
        fake.rows[c], fake.threads[c] = row(c), [message(c * 10, c)]
        thread = seat.desk.open_thread(c)
        await seat.until(lambda thread=thread: thread.loaded)
        if c != 3:
            seat.desk.close_thread(c)
    fake.heard.clear()
    fake.cut()
    await seat.until(lambda: len(fake.of(frames.Sub)) == 8, passing=True)
    await asyncio.sleep(0)
    asked = [sub.tray or sub.thread for sub in fake.of(frames.Sub)]
    assert asked == ["pending", "in_progress", "attended", 3, 5, 4, 2, 1]
