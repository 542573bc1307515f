"""The link tells the truth about itself, notices when it is dead, and comes back."""

import asyncio
import random

import msgspec
import pytest
from fake_hub import FakeHub, message, row
from line import Line
from seats import MakeDesk, StillClock

from agent_tui.link.address import Address, BadAddress, normal
from agent_tui.link.backoff import FIRST, LONGEST, LONGEST_LOCAL, Backoff
from agent_tui.link.dial import Socket
from agent_tui.link.model import CommandRefused, LinkChanged
from hub.protocol import frames


async def test_a_hub_that_was_killed_is_called_again_until_it_is_back(fake: FakeHub, sit_down: MakeDesk) -> None:
    fake.trays["pending"] = [row(1), row(2)]
    seat = await sit_down()
    await fake.stop()
    await seat.until(lambda: seat.desk.link.phase == "waiting")
    link = seat.desk.link
    assert (link.error, link.retry_in, link.stale, link.rtt) == ("unreachable", 1, True, None)
    assert [held.id for held in seat.desk.tray("pending").rows] == [2, 1]
    await fake.start()
    await seat.online()
    assert fake.hellos[1].cursor == (10, 555)
    held = {sub.tray: sub.held for sub in fake.of(frames.Sub)[-3:]}
    assert held == {"pending": [(2, 1), (1, 1)], "in_progress": [], "attended": []}


async def test_a_missing_event_makes_a_new_connection(fake: FakeHub, sit_down: MakeDesk) -> None:
    seat = await sit_down()
    fake.seq += 5
    fake.trays["pending"] = [row(1)]
    await fake.tell(prev=fake.seq)
    await seat.until(lambda: len(fake.hellos) == 2, passing=True)
    await seat.online()
    assert [held.id for held in seat.desk.tray("pending").rows] == [1]


async def test_a_link_without_a_sign_of_life_is_given_up(fake: FakeHub, sit_down: MakeDesk) -> None:
    seat = await sit_down()
    fake.silent = True
    await seat.clock.advance(14)
    assert seat.desk.link.silent == 0, "nothing was asked"
    await seat.clock.advance(7)
    assert seat.desk.link.silent == 5
    await seat.clock.advance(6)
    assert seat.desk.link.silent == 10, "it is told in steps"
    await seat.until(lambda: seat.desk.link.phase != "online", passing=True)
    fake.silent = False
    await seat.online()
    assert len(fake.hellos) == 2
    assert seat.desk.link.silent == 0


async def test_pings_tell_the_time_that_the_hub_has_and_how_far_away_it_is(fake: FakeHub, sit_down: MakeDesk) -> None:
    seat = await sit_down()
    assert seat.desk.now == 1_000_000 + int((seat.clock.at - 1000) * 1000) or fake.of(frames.Ping)
    await seat.until(lambda: seat.desk.link.rtt is not None)
    before = len(fake.of(frames.Ping))
    await seat.clock.advance(16)
    await seat.until(lambda: len(fake.of(frames.Ping)) == before + 1)


async def test_a_hub_that_says_when_to_come_back_is_left_alone_until_then(fake: FakeHub, sit_down: MakeDesk) -> None:
    seat = await sit_down()
    await fake.say(frames.Bye("busy", after=20_000))
    await seat.until(lambda: seat.desk.link.phase == "waiting")
    assert (seat.desk.link.error, seat.desk.link.retry_in) == ("busy", 20)
    await seat.clock.advance(10)
    assert (len(fake.hellos), seat.desk.link.retry_in) == (1, 10)
    await seat.online()
    assert len(fake.hellos) == 2


async def test_a_hub_that_lets_nobody_in_is_left_alone_as_long_as_it_says(fake: FakeHub, sit_down: MakeDesk) -> None:
    fake.closed = (429, '{"code": "too_many", "args": {"limit": "address_sockets", "most": 3}}', 40)
    seat = await sit_down(online=False)
    await seat.until(lambda: seat.desk.link.phase == "waiting", passing=True)
    link = seat.desk.link
    assert (link.error, link.limit, link.retry_in) == ("too_many", "address_sockets", 40)
    fake.closed = None
    await seat.online()


async def test_what_stands_in_front_of_a_hub_can_not_make_a_console_wait_for_ever_or_say_anything(
    fake: FakeHub, sit_down: MakeDesk
) -> None:
    fake.closed = (503, '{"code": "\\u001b]0;x", "args": {"limit": "\\u001b[2J"}}', 10**9)
    seat = await sit_down(online=False)
    await seat.until(lambda: seat.desk.link.phase == "waiting", passing=True)
    assert (seat.desk.link.error, seat.desk.link.limit) == ("unreachable", "")
    assert seat.desk.link.retry_in <= 120


async def test_a_console_with_too_much_open_says_so(fake: FakeHub, sit_down: MakeDesk) -> None:
    seat = await sit_down()
    await fake.say(frames.Error(0, "too_many", {"limit": "windows", "most": 64}))
    await seat.until(lambda: seat.told(CommandRefused))
    refused = seat.told(CommandRefused)[0]
    assert (refused.key, refused.code, refused.detail) == ("", "too_many", {"limit": "windows", "most": 64})
    await fake.say(frames.Bye("too_many", 30_000, "agent_sockets"))
    await seat.until(lambda: seat.desk.link.limit == "agent_sockets")
    await seat.online()
    assert (seat.desk.link.error, seat.desk.link.limit) == ("", "")


async def test_the_person_need_not_wait_for_the_next_try(fake: FakeHub, sit_down: MakeDesk) -> None:
    seat = await sit_down()
    await fake.say(frames.Bye("busy", after=20_000))
    await seat.until(lambda: seat.desk.link.phase == "waiting")
    seat.desk.try_now()
    await seat.until(lambda: len(fake.hellos) == 2)


async def test_a_console_that_wakes_up_calls_at_once_however_long_it_was_to_wait(
    fake: FakeHub, sit_down: MakeDesk
) -> None:
    seat = await sit_down()
    await fake.say(frames.Bye("busy", after=60_000))
    await seat.until(lambda: seat.desk.link.phase == "waiting")
    await seat.clock.advance(5)
    assert len(fake.hellos) == 1
    seat.clock.leap(9 * 3600)
    await seat.clock.advance(1)
    await seat.until(lambda: len(fake.hellos) == 2)


async def test_a_call_that_the_machine_slept_through_is_given_up(
    fake: FakeHub, sit_down: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    seat = await sit_down()
    calls: list[Address] = []

    async def nobody_answers(address: Address) -> Socket:
        calls.append(address)
        await asyncio.Event().wait()
        raise AssertionError

    real = seat.desk._connection._dial
    monkeypatch.setattr(seat.desk._connection, "_dial", nobody_answers)
    fake.cut()
    await seat.until(lambda: calls, passing=True)
    monkeypatch.setattr(seat.desk._connection, "_dial", real)
    await seat.clock.advance(5)
    assert len(fake.hellos) == 1
    seat.clock.leap(9 * 3600)
    await seat.clock.advance(2)
    await seat.until(lambda: len(fake.hellos) == 2)


async def test_a_frame_that_takes_a_minute_on_a_thin_line_is_no_silence(
    fake: FakeHub, sit_down: MakeDesk, still: StillClock
) -> None:
    seat = await sit_down()
    line = Line(fake.port, still, bits=8000, round_trip=1.0)
    await line.start()
    fake.refs = [frames.Ref("tags", 9, [msgspec.Raw(b'{"id":1,"rev":1,"name":"%s","color":""}' % (b"x" * 60_000))])]
    seat.desk.use(Address(line.url, "secret-token"))
    said: list[int] = []
    seat.desk.subscribe(lambda _: said.append(seat.desk.link.silent))
    began = still.at
    await seat.until(lambda: seat.desk.tags, passing=True)
    assert still.at - began > 60
    assert (len(fake.hellos), set(said)) == (2, {0})
    await seat.desk.stop()
    await line.stop()


async def test_a_round_trip_that_hardly_changes_is_not_written_again(fake: FakeHub, sit_down: MakeDesk) -> None:
    seat = await sit_down()
    await seat.until(lambda: seat.desk.link.rtt is not None)
    link = seat.desk._connection
    link.set(rtt=None)
    link._measured(40)
    seat.changes.clear()
    for took in (44, 38, 52, 31, 40):
        link._measured(took)
    assert seat.desk.link.rtt == 40
    link._measured(400)
    await seat.until(lambda: seat.told(LinkChanged))
    assert 200 < seat.desk.link.rtt < 240


async def test_a_round_trip_that_is_short_again_is_told_at_once(fake: FakeHub, sit_down: MakeDesk) -> None:
    seat = await sit_down()
    await seat.until(lambda: seat.desk.link.rtt is not None)
    link = seat.desk._connection
    link.set(rtt=None)
    for took in (40, 20_000, 38):
        link._measured(took)
    assert seat.desk.link.rtt == 38


@pytest.mark.parametrize("how", ["welcome", "bye"])
async def test_a_hub_of_another_protocol_is_named_and_not_called_again(
    fake: FakeHub, sit_down: MakeDesk, how: str
) -> None:
    if how == "welcome":
        fake.proto = 99
    seat = await sit_down(online=False)
    if how == "bye":
        await seat.until(lambda: fake.hellos, passing=True)
        await fake.say(frames.Bye("proto_unsupported"))
    await seat.until(lambda: seat.desk.link.phase == "unsupported")
    await seat.clock.advance(200)
    assert (len(fake.hellos), seat.desk.link.error) == (1, "proto_unsupported")


async def test_what_cannot_be_read_ends_the_connection_and_not_the_console(fake: FakeHub, sit_down: MakeDesk) -> None:
    seat = await sit_down()
    for connection in fake._connections:
        await connection.send('{"t":"ev","prev":"ten"}')
    await seat.until(lambda: len(fake.hellos) == 2, passing=True)
    await seat.online()


async def test_after_resync_every_window_is_asked_for_again(fake: FakeHub, sit_down: MakeDesk) -> None:
    fake.rows[7], fake.threads[7] = row(7), [message(1)]
    seat = await sit_down()
    thread = seat.desk.open_thread(7)
    await seat.until(lambda: thread.loaded)
    fake.seq, fake.trays["pending"], fake.threads[7] = 90, [row(1, 80)], [message(1), message(2, rev=85)]
    before = seat.desk.now
    assert seat.desk.link.as_of == 0
    await fake.say(frames.Resync((90, 1)))
    await seat.until(lambda: len(thread.messages) == 2 and seat.desk.tray("pending").rows and not seat.desk.link.stale)
    assert seat.desk.link.as_of == before
    await fake.tell(frames.RowChanged(row(2, 91), [fake.w(tray="pending")]))
    await seat.until(lambda: len(seat.desk.tray("pending").rows) == 2)
    assert len(fake.hellos) == 1


async def test_the_hub_may_come_back_at_another_address(fake: FakeHub, sit_down: MakeDesk) -> None:
    seat = await sit_down()
    await fake.stop()
    other = FakeHub()
    await other.start()
    seat.desk.use(Address(other.url, "secret-token"))
    await seat.until(lambda: len(other.hellos) == 1)
    await seat.desk.stop()
    await other.stop()


async def test_a_fault_of_the_console_itself_is_shown_and_not_hidden(
    fake: FakeHub, sit_down: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))
    seat = await sit_down()
    monkeypatch.setattr(seat.desk, "_apply", lambda ev: 1 / 0)
    await fake.tell()
    await seat.until(lambda: seat.desk.link.phase == "unsupported")
    assert seat.desk.link.error == "internal"
    assert isinstance(faults[0]["exception"], ZeroDivisionError)


async def test_nothing_is_compressed_on_loopback(fake: FakeHub, sit_down: MakeDesk) -> None:
    await sit_down()
    assert fake.extensions == ""


def test_tries_begin_within_a_blink_grow_and_stay_bounded() -> None:
    remote, local = Backoff(random.Random(1)), Backoff(random.Random(1))
    delays = [remote.next(local=False) for _ in range(40)]
    assert delays[0] < FIRST * 1.5
    assert LONGEST / 2 < max(delays) < LONGEST * 1.5
    assert max(local.next(local=True) for _ in range(40)) < LONGEST_LOCAL * 1.5
    remote.online_for(5)
    assert remote.next(local=False) > 10
    remote.online_for(60)
    assert remote.next(local=False) < FIRST * 1.5


def test_tries_of_many_consoles_are_spread() -> None:
    assert len({Backoff(random.Random(seed)).next(local=False) for seed in range(50)}) == 50


@pytest.mark.parametrize(
    ("typed", "meant", "socket"),
    [
        ("desk.example", "https://desk.example", "wss://desk.example/ws"),
        ("https://desk.example/bandeja/", "https://desk.example/bandeja", "wss://desk.example/bandeja/ws"),
        ("127.0.0.1:8080", "http://127.0.0.1:8080", "ws://127.0.0.1:8080/ws"),
        ("localhost:1", "http://localhost:1", "ws://localhost:1/ws"),
        ("http://[::1]:9", "http://[::1]:9", "ws://[::1]:9/ws"),
    ],
)
def test_an_address_is_understood_as_it_was_meant(typed: str, meant: str, socket: str) -> None:
    assert normal(typed) == meant
    assert Address(meant, "").socket == socket


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("http://desk.example", "insecure"),
        ("ftp://desk.example", "bad_address"),
        ("https://", "bad_address"),
        ("https://me:secret@desk.example", "bad_address"),
        ("https://desk.example:port", "bad_address"),
        ("https://[", "bad_address"),
        ("", "bad_address"),
    ],
)
def test_an_address_that_would_not_do_is_refused_with_the_reason(typed: str, code: str) -> None:
    with pytest.raises(BadAddress) as refusal:
        normal(typed)
    assert refusal.value.code == code


def test_a_token_is_never_in_what_is_logged() -> None:
    assert "secret" not in repr(Address("https://desk.example", "secret"))
