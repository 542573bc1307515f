"""Links as they are away from the office: half open, hardly there, and asleep for a night."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from line import Line
from seats import Seat, StillClock
from shop import Shop
from tap import Tap

from agent_tui.link.address import Address
from agent_tui.link.desk import open_desk
from agent_tui.link.place import claim
from agent_tui.link.sign_in import sign_in
from hub.protocol import commands, frames

HOUR = 3600.0
Away = Callable[..., Awaitable[tuple[Line, Seat, Tap]]]


@pytest.fixture
async def away(shop: Shop, still: StillClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Away]:
    """A console far from its hub, on a line of so many bits a second."""
    monkeypatch.setattr(Address, "local", property(lambda self: False))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    async with AsyncExitStack() as stack:

        async def go(*, bits: int = 0, round_trip: float = 0.0) -> tuple[Line, Seat, Tap]:
            token = (await sign_in(shop.url, "luis", "secret", "test")).access
            line, tap = Line(shop.port, still, bits=bits, round_trip=round_trip), Tap()
            await line.start()
            stack.push_async_callback(line.stop)
            place = claim(tmp_path / "consoles", shop.url, "luis")
            seat = Seat(await open_desk(place, Address(line.url, token), clock=still, dial=tap), still)
            stack.push_async_callback(seat.desk.stop)
            seat.desk.start()
            await seat.until(lambda: seat.desk.link.phase == "online" and not seat.desk.link.stale, slowly=True)
            return line, seat, tap

        yield go


async def serve(shop: Shop, seat: Seat, person: str) -> Any:
    """Open a conversation with a person and its thread."""
    conversation = await shop.customer(person, "hola")
    seat.desk.submit("conversation.take", commands.Take(conversation))
    seat.desk.submit("conversation.open", commands.Open(conversation))
    thread = seat.desk.open_thread(conversation)
    await seat.until(lambda: thread.loaded and thread.row and thread.row.state == "open", slowly=True)
    return thread


async def same_as_fresh(shop: Shop, seat: Seat, still: StillClock, folder: Path) -> bool:
    """Whether the console shows what one that has just been opened shows."""
    token = (await sign_in(shop.url, "luis", "secret")).access
    fresh = Seat(await open_desk(claim(folder, "x", "luis"), Address(shop.url, token), clock=still), still)
    fresh.desk.start()
    await fresh.until(lambda: not fresh.desk.link.stale, slowly=True)
    trays = [(fresh.desk.tray(name), seat.desk.tray(name)) for name in ("pending", "in_progress", "attended")]
    same = all((one.rows, one.count, one.more) == (two.rows, two.count, two.more) for one, two in trays)
    await fresh.desk.stop()
    return same


async def test_a_half_open_link_is_told_given_up_and_what_was_typed_on_it_goes_out_once(shop: Shop, away: Away) -> None:
    line, seat, _tap = await away()
    thread = await serve(shop, seat, "ana")
    line.half_open()
    for n in range(3):
        seat.desk.submit("message.send", commands.Send(thread.conversation, f"line {n}"))
    said: list[int] = []
    seat.desk.subscribe(lambda _: said.append(seat.desk.link.silent))
    await seat.until(lambda: seat.desk.link.phase != "online", slowly=True)
    assert set(said) == {0, *range(5, 45, 5)}
    assert seat.desk.link.unsent == 3
    await seat.until(lambda: seat.desk.link.unsent == 0 and all(m.rev for m in thread.messages), slowly=True)
    assert [m.b for m in thread.messages] == ["hola", "line 0", "line 1", "line 2"]
    assert line.connections == 2


async def test_a_line_that_breaks_between_an_answer_and_its_arrival_doubles_nothing(shop: Shop, away: Away) -> None:
    line, seat, _tap = await away()
    thread = await serve(shop, seat, "ana")
    line.round_trip = 4.0
    seat.desk.submit("message.send", commands.Send(thread.conversation, "once"))
    line_of = shop.hub.tail.seq
    await seat.until(lambda: shop.hub.tail.seq > line_of, slowly=True)
    line.cut()
    line.round_trip = 0.0
    await seat.until(lambda: seat.desk.link.unsent == 0 and all(m.rev for m in thread.messages), slowly=True)
    assert [m.b for m in thread.messages] == ["hola", "once"]


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_8_kbit_a_second_and_a_second_each_way_and_back_is_a_line_to_work_on(shop: Shop, away: Away) -> None:
    for n in range(40):
        await shop.customer(f"person{n}", f"¿Me confirman si el pedido {n} sale hoy? Hice la transferencia el lunes.")
    line, seat, tap = await away(bits=8000, round_trip=1.0)
    began = seat.clock.at
    first = line.bytes  # both ways, with sign-in's headers
    assert len(seat.desk.tray("pending").rows) + len(seat.desk.tray("in_progress").rows) == 40
    assert first < 4000, f"the first desk took {first} bytes"
    thread = await serve(shop, seat, "ana")
    for n in range(5):
        seat.desk.submit("message.send", commands.Send(thread.conversation, f"line {n}"))
    await shop.customer("ana", "¿y mi pedido?")
    await seat.until(lambda: seat.desk.link.unsent == 0 and len(thread.messages) == 7, slowly=True)
    await seat.until(lambda: all(m.rev for m in thread.messages), slowly=True)
    await seat.until(lambda: seat.clock.at - began > 60, slowly=True)
    assert sorted(m.b for m in thread.messages) == sorted(["hola", "¿y mi pedido?", *(f"line {n}" for n in range(5))])
    assert [m.b for m in thread.messages if m.d == "out"] == [f"line {n}" for n in range(5)]
    assert line.connections == 1, "nothing was taken for dead"
    assert seat.desk.link.rtt is not None
    assert seat.desk.link.rtt >= 1000
    assert tap.of(frames.Resync) == []


@pytest.mark.parametrize("bits", [0, 8000])
@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_lid_closed_for_a_night_is_opened_on_the_desk_as_it_is_now(
    shop: Shop, away: Away, still: StillClock, tmp_path: Path, bits: int
) -> None:
    line, seat, tap = await away(bits=bits, round_trip=1.0 if bits else 0.0)
    held = await serve(shop, seat, "ana")
    for n in range(20):
        await shop.customer(f"person{n}", "hola")
    await seat.until(lambda: len(seat.desk.tray("pending").rows) == 20, slowly=True)
    line.half_open()  # what the hub says does not reach a machine that sleeps
    seat.desk.submit("message.send", commands.Send(held.conversation, "typed as the lid went down"))
    await seat.desk.settled()
    await shop.die()
    await shop.open()
    night = [await shop.customer(name, "buen día") for name in ("person3", "luz")]
    tap.heard.clear()

    still.leap(9 * HOUR)
    woke = still.at
    await seat.until(lambda: line.connections == 2, slowly=True)
    assert still.at - woke < 2, "it is called at once"
    await seat.until(lambda: not seat.desk.link.stale and seat.desk.link.unsent == 0, slowly=True)
    await seat.until(lambda: len(held.messages) == 2 and all(m.rev for m in held.messages), slowly=True)
    assert [m.b for m in held.messages] == ["hola", "typed as the lid went down"]
    assert [welcome.resume for welcome in tap.of(frames.Welcome)] == ["resumed"]
    assert tap.of(frames.Resync) == []
    rows, messages = tap.carried
    assert rows <= {*night, held.conversation}, "nothing comes again that was held"
    assert not messages & {held.messages[0].id}
    assert await same_as_fresh(shop, seat, still, tmp_path)


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_an_hour_away_and_a_restart_cost_no_resync_however_much_happened(
    shop: Shop, away: Away, still: StillClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.live.tail.KEEP", 8)  # what the hub keeps in memory is not what a console lives on
    line, seat, tap = await away()
    quiet = [await shop.customer(f"quiet{n}", "hola") for n in range(30)]
    await seat.until(lambda: len(seat.desk.tray("pending").rows) == 30, slowly=True)
    line.half_open()
    busy = {await shop.customer(f"busy{n % 7}", f"line {n}") for n in range(60)}
    await shop.die()
    await shop.open()
    busy |= {await shop.customer(f"busy{n % 9}", f"later {n}") for n in range(60)}
    tap.heard.clear()
    still.leap(HOUR)
    await seat.until(lambda: line.connections == 2 and not seat.desk.link.stale, slowly=True)
    assert [welcome.resume for welcome in tap.of(frames.Welcome)] == ["resumed"]
    assert tap.of(frames.Resync) == []
    rows, messages = tap.carried
    assert rows == busy
    assert not rows & set(quiet)
    assert messages == set()
    assert await same_as_fresh(shop, seat, still, tmp_path)
