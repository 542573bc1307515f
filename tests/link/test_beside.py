"""What comes beside a thread or a row and is kept nowhere: who types there, and who looks at it."""

from fake_hub import FakeHub, row
from seats import MakeDesk

from agent_tui.link.typed import FADES
from hub.protocol import frames


async def test_colleagues_who_type_are_known_until_they_stop_fall_silent_or_leave(
    fake: FakeHub, sit_down: MakeDesk
) -> None:
    fake.rows[7] = row(7)
    seat = await sit_down()
    thread = seat.desk.open_thread(7)
    seat.desk.attend(7)
    await seat.until(lambda: thread.loaded)
    await fake.say(frames.Looking(7, [4, 5]), frames.Typed(7, by=5), frames.Typed(7, by=4))
    await seat.until(lambda: thread.writing == [4, 5])
    assert not thread.typing
    await fake.say(frames.Typed(7, by=5, on=False))
    await seat.until(lambda: thread.writing == [4])
    await fake.say(frames.Looking(7, [5]))
    await seat.until(lambda: thread.writing == [])
    await fake.say(frames.Typed(7, by=5))
    await seat.until(lambda: thread.writing == [5])
    await seat.clock.advance(FADES + 1)
    assert thread.writing == []


async def test_who_visits_a_row_is_known_until_they_leave_one_looks_oneself_or_the_link_is_lost(
    fake: FakeHub, sit_down: MakeDesk
) -> None:
    fake.rows |= {number: row(number) for number in (7, 8)}
    seat = await sit_down()
    visitors = seat.desk.visitors
    await fake.say(frames.Looking(7, [4]), frames.Looking(8, [5]))
    await seat.until(lambda: (visitors(7), visitors(8)) == ([4], [5]))
    await fake.say(frames.Looking(7))
    await seat.until(lambda: visitors(7) == [])
    thread = seat.desk.open_thread(8)
    seat.desk.attend(8)
    assert visitors(8) == []
    await seat.until(lambda: thread.loaded)
    await fake.say(frames.Looking(8, [5, 6]), frames.Looking(7, [4]))
    await seat.until(lambda: (visitors(7), visitors(8)) == ([4], [5, 6]))
    fake.cut()
    await seat.until(lambda: visitors(7) == [])
