"""What is submitted goes out once, in order, whatever dies in between."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_hub import FakeHub, lose, lose_answer, message, refuse, row
from seats import MakeDesk

from agent_tui.link.model import CommandDone, CommandRefused, Submitted, ThreadChanged
from hub.protocol import frames
from hub.protocol.commands import Note, Open, Send, SetStatus
from hub.protocol.errors import Code

KILLED = """
import asyncio, sys
from pathlib import Path
from agent_tui.link.address import Address
from agent_tui.link.desk import open_desk
from agent_tui.link.model import LinkChanged
from agent_tui.link.place import claim
from hub.protocol.commands import Send

async def main(folder):
    desk = await open_desk(claim(Path(folder), "the hub", "luis"), Address("http://127.0.0.1:1", "t"))
    desk.start()
    for n in range(5):
        desk.submit("message.send", Send(7, f"line {n}"))
    desk.save_draft(8, "half a sen")
    await desk.settled()
    print("typed", flush=True)
    await asyncio.sleep(60)

asyncio.run(main(sys.argv[1]))
"""


async def test_what_was_submitted_offline_goes_out_in_order_when_the_link_is_back(
    fake: FakeHub, sit_down: MakeDesk
) -> None:
    seat = await sit_down()
    await fake.stop()
    await seat.until(lambda: seat.desk.link.phase == "waiting")
    for n in range(6):
        seat.desk.submit("message.send", Send(7 + n % 2, f"line {n}"))
    await seat.until(lambda: seat.desk.link.unsent == 6)
    await fake.start()
    await seat.until(lambda: seat.desk.link.unsent == 0, passing=True)
    for conversation in (7, 8):
        bodies = [args["body"] for _, args in fake.effects if args["conversation"] == conversation]
        assert bodies == sorted(bodies)
    assert sorted(fake.bodies) == [f"line {n}" for n in range(6)]


async def test_what_is_submitted_is_told_before_its_answer_with_its_conversation(
    fake: FakeHub, sit_down: MakeDesk
) -> None:
    seat = await sit_down()
    keys = [seat.desk.submit("message.send", Send(7, "one")), seat.desk.submit("agent.status", SetStatus("lunch"))]
    await seat.until(lambda: len(seat.told(CommandDone)) == 2)
    sent = [(change.key, change.name, change.conversation) for change in seat.told(Submitted)]
    assert sent == [(keys[0], "message.send", 7), (keys[1], "agent.status", 0)]
    order = [type(change) for change in seat.changes if isinstance(change, Submitted | CommandDone)]
    assert order.index(Submitted) < order.index(CommandDone)


@pytest.mark.parametrize("how", [lose, lose_answer])
async def test_a_command_takes_effect_once_when_the_link_dies_around_it(
    fake: FakeHub, sit_down: MakeDesk, how: Callable[[FakeHub], Callable[[frames.Cmd], None]]
) -> None:
    seat = await sit_down()
    fake.script.append(how(fake))  # type: ignore[arg-type]
    for n in range(4):
        seat.desk.submit("message.send", Send(7, f"line {n}"))
    await seat.until(lambda: len(fake.hellos) == 2, passing=True)
    fake.commands_hang = False
    fake.cut()
    await seat.until(lambda: len(seat.told(CommandDone)) == 4, passing=True)
    assert fake.bodies == [f"line {n}" for n in range(4)]
    assert seat.desk.link.unsent == 0


async def test_a_killed_console_loses_nothing_that_was_submitted(
    fake: FakeHub, sit_down: MakeDesk, tmp_path: Path
) -> None:
    console = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, str(tmp_path / "consoles"), stdout=asyncio.subprocess.PIPE
    )
    assert console.stdout is not None
    assert await console.stdout.readline() == b"typed\n"
    os.kill(console.pid, signal.SIGKILL)
    await console.wait()
    seat = await sit_down(online=False)
    assert [line.body for line in seat.desk.open_thread(7).outgoing] == [f"line {n}" for n in range(5)]
    assert seat.desk.draft(8) == "half a sen"
    await seat.online()
    await seat.until(lambda: seat.desk.link.unsent == 0)
    assert fake.bodies == [f"line {n}" for n in range(5)]


async def test_what_another_console_left_unsent_is_taken_over(fake: FakeHub, sit_down: MakeDesk) -> None:
    await fake.stop()
    first = await sit_down(online=False)
    second = await sit_down(online=False)
    second.desk.submit("message.send", Send(7, "from the second"))
    second.desk.save_draft(7, "second draft")
    await second.desk.stop()
    first.desk.save_draft(7, "first draft")
    await first.desk.stop()
    third = await sit_down(online=False)
    assert [line.body for line in third.desk.open_thread(7).outgoing] == ["from the second"]
    assert third.desk.draft(7) == "first draft\nsecond draft"


async def test_two_consoles_of_one_agent_never_send_the_same_outbox(fake: FakeHub, sit_down: MakeDesk) -> None:
    await fake.stop()
    first = await sit_down(online=False)
    first.desk.submit("message.send", Send(7, "only once"))
    second = await sit_down(online=False)
    assert second.desk.link.unsent == 0


async def test_lines_of_one_conversation_wait_for_a_busy_hub_in_order(fake: FakeHub, sit_down: MakeDesk) -> None:
    seat = await sit_down()
    fake.script += [refuse(Code.BUSY), refuse(Code.RATE_LIMITED, seconds=3)]
    for n in range(3):
        seat.desk.submit("message.send", Send(7, f"line {n}"))
    await seat.until(lambda: len(fake.of(frames.Cmd)) == 1)
    assert seat.desk.link.unsent == 3
    await seat.until(lambda: seat.desk.link.unsent == 0, passing=True)
    assert fake.bodies == ["line 0", "line 1", "line 2"]
    assert not seat.told(CommandRefused)


async def test_a_hub_that_says_why_it_puts_everything_off_is_believed_until_it_takes_something(
    fake: FakeHub, sit_down: MakeDesk
) -> None:
    seat = await sit_down()
    fake.script += [refuse(Code.BUSY, why="disk_full")] * 2
    seat.desk.submit("message.send", Send(7, "hello"))
    await seat.until(lambda: seat.desk.link.why == "disk_full")
    assert (seat.desk.link.phase, seat.desk.link.unsent) == ("online", 1)
    await seat.until(lambda: seat.desk.link.unsent == 0, passing=True)
    assert seat.desk.link.why == ""
    assert fake.bodies == ["hello"]


async def test_a_line_for_a_conversation_that_went_to_somebody_else_becomes_a_draft(
    fake: FakeHub, sit_down: MakeDesk
) -> None:
    seat = await sit_down()
    seat.desk.open_thread(7)
    seat.desk.save_draft(7, "typed since")
    fake.script.append(refuse(Code.NOT_OWNER, owner=4))
    key = seat.desk.submit("message.send", Send(7, "hello"))
    await seat.until(lambda: seat.told(CommandRefused))
    (refusal,) = seat.told(CommandRefused)
    assert (refusal.key, refusal.code, refusal.draft, refusal.detail) == (key, "not_owner", "hello", {"owner": 4})
    assert seat.desk.draft(7) == "typed since\nhello"
    assert seat.desk.open_thread(7).outgoing == []
    await seat.desk.stop()
    again = await sit_down()
    assert again.desk.draft(7) == "typed since\nhello"
    assert fake.effects == []


async def test_an_answer_that_came_after_a_newer_line_stays_and_goes_out_when_it_is_sent_again(
    fake: FakeHub, sit_down: MakeDesk
) -> None:
    fake.rows[7] = row(7)
    seat = await sit_down()
    seat.desk.open_thread(7)
    fake.script.append(refuse(Code.NEWER_LINE, lines=1))
    key = seat.desk.submit("message.send", Send(7, "hello", seen=3))
    await seat.until(lambda: seat.told(CommandRefused))
    assert [(line.key, line.state) for line in seat.desk.open_thread(7).outgoing] == [(key, "failed")]
    seat.desk.retry(key)
    await seat.until(lambda: seat.desk.link.unsent == 0 and fake.bodies == ["hello"])
    *_, last = fake.of(frames.Cmd)
    assert b"seen" not in bytes(last.args)


async def test_a_refused_line_stays_as_failed_until_it_is_sent_again_or_discarded(
    fake: FakeHub, sit_down: MakeDesk
) -> None:
    fake.rows[7] = row(7)
    seat = await sit_down()
    thread = seat.desk.open_thread(7)
    fake.script += [refuse(Code.WINDOW_CLOSED)] * 2
    first = seat.desk.submit("message.send", Send(7, "one"))
    second = seat.desk.submit("message.send", Send(7, "two"))
    await seat.until(lambda: len(seat.told(CommandRefused)) == 2)
    await seat.desk.stop()

    seat = await sit_down()
    thread = seat.desk.open_thread(7)
    assert [(line.body, line.state, line.code) for line in thread.outgoing] == [
        ("one", "failed", "window_closed"),
        ("two", "failed", "window_closed"),
    ]
    assert seat.desk.discard(second) == "two"
    seat.desk.retry(first)
    await seat.until(lambda: fake.bodies == ["one"])
    assert first not in fake.keys
    await seat.until(lambda: thread.outgoing == [])
    assert seat.desk.discard(first) == ""


async def test_a_refused_action_is_told_and_gone(fake: FakeHub, sit_down: MakeDesk) -> None:
    seat = await sit_down()
    fake.script.append(refuse(Code.FORBIDDEN, verb="agent.status\x1b["))
    seat.desk.submit("agent.status", SetStatus("lunch"))
    await seat.until(lambda: seat.told(CommandRefused))
    (refusal,) = seat.told(CommandRefused)
    assert (refusal.name, refusal.code, refusal.detail) == ("agent.status", "forbidden", {"verb": "agent.status�["})
    assert seat.desk.link.unsent == 0


async def test_a_sent_line_turns_into_a_message_without_ever_being_absent(fake: FakeHub, sit_down: MakeDesk) -> None:
    fake.rows[7] = row(7)
    fake.threads[7] = [message(1)]
    seat = await sit_down()
    thread = seat.desk.open_thread(7)
    await seat.until(lambda: thread.loaded)
    seen: list[tuple[int, int]] = []
    seat.desk.subscribe(
        lambda change: (
            seen.append((len(thread.messages) - 1, len(thread.outgoing))) if isinstance(change, ThreadChanged) else None
        )
    )
    key = seat.desk.submit("message.send", Send(7, "hello"))
    assert [line.body for line in thread.outgoing] == ["hello"]
    await seat.until(lambda: not thread.outgoing)
    assert [(m.id, m.b, m.st, m.key, m.by) for m in thread.messages[1:]] == [(901, "hello", "queued", key, 3)]
    made = message(901, rev=11, d="out", b="hello", st="sent", key=key)
    await fake.tell(frames.MessageChanged(made))
    await seat.until(lambda: thread.messages[-1].st == "sent")
    assert set(seen) == {(0, 1), (1, 0)}


async def test_an_event_that_overtakes_its_answer_shows_the_line_once(fake: FakeHub, sit_down: MakeDesk) -> None:
    fake.rows[7] = row(7)
    seat = await sit_down()
    thread = seat.desk.open_thread(7)
    await seat.until(lambda: thread.loaded)
    fake.commands_hang = True
    key = seat.desk.submit("message.send", Send(7, "hello"))
    await seat.until(lambda: fake.effects)
    await fake.tell(frames.MessageChanged(message(901, rev=11, d="out", b="hello", st="sent", key=key)))
    await seat.until(lambda: thread.messages)
    assert (len(thread.messages), thread.outgoing, seat.desk.link.unsent) == (1, [], 1)
    (sent,) = fake.of(frames.Cmd)
    await fake.say(frames.Ok(sent.id, {"message": 901}))
    await seat.until(lambda: seat.desk.link.unsent == 0)
    assert [m.st for m in thread.messages] == ["sent"]


async def test_a_snapshot_asked_for_before_the_answer_does_not_take_the_line_away(
    fake: FakeHub, sit_down: MakeDesk
) -> None:
    fake.rows[7] = row(7)
    seat = await sit_down()
    thread = seat.desk.open_thread(7)
    await seat.until(lambda: thread.loaded)
    window = fake.w(thread=7)
    seat.desk.submit("message.send", Send(7, "hello"))
    await seat.until(lambda: not thread.outgoing)
    seat.desk._mirror.windows.get(window).asked = 1  # type: ignore[union-attr]  # an earlier question, answered late
    await fake.say(frames.Snap(window, 0, True, fake.seq, rows=[row(7)]))
    await fake.tell()
    await seat.until(lambda: seat.desk.hello().cursor == (fake.seq, fake.nonce))
    assert [m.b for m in thread.messages] == ["hello"]


async def test_after_a_restored_database_the_outbox_waits_for_a_person(fake: FakeHub, sit_down: MakeDesk) -> None:
    seat = await sit_down()
    await fake.stop()
    seat.desk.submit("message.send", Send(7, "maybe"))
    seat.desk.submit("conversation.open", Open(8))
    fake.resume, fake.epoch = "restored", "second"
    await fake.start()
    await seat.until(lambda: seat.desk.link.review == 2, passing=True)
    fake.resume = ""
    await seat.online()
    assert fake.hellos[-1].cursor is None
    seat.desk.submit("message.send", Send(9, "after it"))
    await seat.until(lambda: fake.bodies == ["after it"])
    await seat.desk.stop()

    seat = await sit_down()
    assert (seat.desk.link.review, fake.bodies) == (2, ["after it"])
    seat.desk.release_review()
    await seat.until(lambda: fake.bodies == ["after it", "maybe"] and seat.desk.link.review == 0)


async def test_what_was_held_back_can_be_dropped(fake: FakeHub, sit_down: MakeDesk) -> None:
    seat = await sit_down()
    await fake.stop()
    seat.desk.submit("message.send", Send(7, "maybe"))
    fake.resume = "restored"
    await fake.start()
    await seat.until(lambda: seat.desk.link.review == 1, passing=True)
    fake.resume = ""
    seat.desk.drop_review()
    await seat.online()
    assert (seat.desk.link.review, seat.desk.link.unsent, fake.effects) == (0, 0, [])


async def test_a_command_goes_out_only_when_it_is_on_disk(fake: FakeHub, sit_down: MakeDesk) -> None:
    seat = await sit_down()
    await seat.desk.settled()
    await seat.desk._disk._connection.execute("DROP TABLE outbox")
    seat.desk.open_thread(7)
    seat.desk.submit("message.send", Send(7, "hello"))
    await seat.until(lambda: seat.told(CommandRefused))
    assert [change.code for change in seat.told(CommandRefused)] == ["not_stored"]
    assert [(line.body, line.state) for line in seat.desk.open_thread(7).outgoing] == [("hello", "failed")]
    assert fake.of(frames.Cmd) == []


async def test_a_line_is_on_its_way_from_when_the_end_of_the_console_can_not_lose_it_any_more(
    fake: FakeHub, sit_down: MakeDesk
) -> None:
    seat = await sit_down()
    await fake.stop()
    await seat.until(lambda: seat.desk.link.phase == "waiting")
    seat.desk.open_thread(7)
    seat.desk.submit("message.send", Send(7, "hello"))
    assert [line.state for line in seat.desk.open_thread(7).outgoing] == ["typed"]
    before = len(seat.told(ThreadChanged))
    await seat.desk.settled()
    assert [line.state for line in seat.desk.open_thread(7).outgoing] == ["sending"]
    assert seat.told(ThreadChanged)[before:] == [ThreadChanged(7)]


async def test_the_console_logs_each_command_under_the_key_that_the_hub_knows_it_by_and_not_what_it_says(
    fake: FakeHub, sit_down: MakeDesk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    seat = await sit_down()
    fake.script += [refuse("wrong_state")]
    refused = seat.desk.submit("message.send", Send(7, "secreto"))
    await seat.until(lambda: seat.desk.link.unsent == 0)
    sent = seat.desk.submit("message.note", Note(7, "secreto"))
    await seat.until(lambda: seat.desk.link.unsent == 0)
    said = [record.getMessage() for record in caplog.records if record.name == "agent_tui.link.sender"]
    assert said == [
        f"message.send is {refused}",
        f"{refused} is refused: wrong_state",
        f"message.note is {sent}",
        f"{sent} has taken effect",
    ]
    assert [frame.key for frame in fake.of(frames.Cmd)] == [refused, sent]
    assert "secreto" not in caplog.text
