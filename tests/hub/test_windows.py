"""What a client hears through its windows, also when it is slow, far behind, or there is more than it asked for."""

import asyncio
from typing import Any

import pytest
from small_desk import Served

from hub.desk.principal import SYSTEM, Principal
from hub.live import tail
from hub.live.connection import Connection
from hub.protocol import commands as c
from hub.protocol import frames
from hub.protocol.states import Delivery
from hub.store.clock import ManualClock


async def test_pages_of_a_snapshot_stay_under_16_kib(served: Served) -> None:
    for n in range(120):
        await served.desk.say(f"p{n}", "á" * 400, name=f"Persona número {n}")
    watcher = await served.join("sofia")
    watcher._put(frames.Sub(9, tray="pending", count=200))
    await watcher.until(lambda: any(isinstance(f, frames.Snap) and f.w == 9 and f.last for f in watcher.seen))
    pages = [f for f in watcher.seen if isinstance(f, frames.Snap) and f.w == 9]
    assert len(pages) > 1
    assert max(len(frames.encode(page)) for page in pages) <= 16 * 1024
    assert sorted(row.id for page in pages for row in page.rows) == sorted(pages[0].order)
    assert len(pages[0].order) == 120


async def test_a_client_too_far_behind_starts_over(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    watcher = await served.join("sofia")
    connection = next(iter(served.hub.connections))
    served.hub.tail._kept = type(served.hub.tail._kept)(maxlen=4)
    async with connection._turn:  # a slow client: its events can't go out
        for n in range(12):
            await served.desk.say(f"p{n}", "Hola")
    await served.settle()
    await watcher.until(lambda: watcher.mirror.trays["pending"].count == 12)
    assert watcher.resyncs >= 1
    assert tail.KEEP > 1000


async def stuck(served: Served, connection: Connection) -> None:
    """Whoever holds the connection's turn: a first change waits to be told, and those that follow pile up."""
    await served.desk.say("p0", "Hola")
    while not connection._turn._waiters:  # type: ignore[attr-defined]
        await asyncio.sleep(0)


async def test_a_client_too_far_behind_gets_the_reference_data_that_it_missed(served: Served) -> None:
    watcher = await served.join("sofia")
    connection = next(iter(served.hub.connections))
    served.hub.tail._kept = type(served.hub.tail._kept)(maxlen=4)
    async with connection._turn:
        await stuck(served, connection)
        await served.desk.run(SYSTEM, "tag.save", c.SaveTag("urgente", "#ff0000"))
        for n in range(12):
            await served.desk.say(f"p{n}", "Hola")
    await watcher.until(lambda: watcher.resyncs and watcher.mirror.trays["pending"].count == 12)
    await watcher.until(lambda: [tag.name for tag in watcher.mirror.refs.items("tags")] == ["urgente"])


async def test_a_client_too_far_behind_is_signed_out_if_its_session_has_ended(served: Served) -> None:
    watcher = await served.join("ana")
    (connection,) = served.hub.connections
    served.hub.tail._kept = type(served.hub.tail._kept)(maxlen=4)
    async with connection._turn:
        await stuck(served, connection)
        await served.desk.run("ana", "session.end", c.EndSession(connection.who.session))
        for n in range(12):
            await served.desk.say(f"p{n}", "Hola")
    await watcher.until(lambda: watcher.bye is not None)
    assert watcher.bye == frames.Bye("signed_out")


async def test_counts_above_999_stay_at_the_cap_and_come_down_from_it(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("snapshots", "windows"):
        monkeypatch.setattr(f"hub.live.{name}.CAP", 5)
    for n in range(7):
        await served.desk.say(f"p{n}", "Hola")
    watcher = await served.join("sofia")
    watcher._put(frames.Sub(9, tray="pending", count=3))
    await watcher.until(lambda: any(isinstance(f, frames.Snap) and f.w == 9 for f in watcher.seen))
    snap = next(f for f in watcher.seen if isinstance(f, frames.Snap) and f.w == 9)
    assert (snap.count, snap.more) == (5, True)
    for left in (6, 5, 4):
        await served.desk.run("sofia", "conversation.end", c.End(left))
    await served.settle()
    counts = [e.n for f in watcher.seen if isinstance(f, frames.Ev) for e in f.events if getattr(e, "w", 0) == 9]
    assert counts[-1] == 4


async def test_a_count_comes_down_from_the_cap_by_as_many_as_went(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("snapshots", "windows"):
        monkeypatch.setattr(f"hub.live.{name}.CAP", 5)
    for n in range(12):
        await served.desk.say(f"p{n}", "Hola")
    watcher = await served.join("sofia")
    (connection,) = served.hub.connections
    watcher._put(frames.Sub(9, tray="pending", count=3))
    await watcher.until(lambda: any(isinstance(f, frames.Snap) and f.w == 9 for f in watcher.seen))
    async with connection._turn:
        await stuck(served, connection)
        for conversation in (1, 2, 3):
            await served.desk.run("sofia", "conversation.end", c.End(conversation))
    await served.settle()
    assert connection.windows.trays[9].count == 5
    async with connection._turn:
        await stuck(served, connection)
        for conversation in range(4, 10):
            await served.desk.run("sofia", "conversation.end", c.End(conversation))
    await served.settle()
    assert connection.windows.trays[9].count == 4  # the first customer has come back


async def test_a_window_may_be_closed_while_its_count_is_read(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.live.windows.CAP", 1)
    watcher = await served.join("sofia")
    (connection,) = served.hub.connections
    watcher._put(frames.Sub(9, tray="pending", count=3))
    await watcher.until(lambda: any(isinstance(f, frames.Snap) and f.w == 9 for f in watcher.seen))
    read = served.hub.store.read

    async def close_and_read(fn: Any) -> Any:
        watcher._put(frames.Unsub(9))
        await asyncio.wait([asyncio.create_task(asyncio.sleep(0.05))])
        return await read(fn)

    async with connection._turn:
        await stuck(served, connection)
        monkeypatch.setattr(served.hub.store, "read", close_and_read)
    await served.settle()
    await watcher.until(lambda: not connection.windows.trays.get(9))
    assert watcher.bye is None


async def test_a_thread_hears_nothing_of_messages_before_its_window(served: Served) -> None:
    made = await served.desk.say("p1", "Hola", served.desk.whatsapp)
    conversation, channel = int(made["conversation"] or 0), Principal.channel(served.desk.whatsapp)
    await served.desk.run("ana", "conversation.open", c.Open(conversation))
    sent = [
        int((await served.desk.run("ana", "message.send", c.Send(conversation, f"{n}")))["message"] or 0)
        for n in range(5)
    ]
    watcher = await served.join("ana")
    watcher._put(frames.Sub(9, thread=conversation, count=2))
    await watcher.until(lambda: any(isinstance(f, frames.Snap) and f.w == 9 for f in watcher.seen))
    for message in (sent[0], sent[4]):
        await served.desk.run(channel, "message.delivery", c.Report(message, Delivery.SENT))
    await served.settle()
    heard = [e.m.id for f in watcher.seen if isinstance(f, frames.Ev) for e in f.events if hasattr(e, "m")]
    assert heard == [sent[4]]


async def test_typing_that_a_slow_client_does_not_take_is_dropped(served: Served) -> None:
    made = await served.desk.say("p1", "Hola")
    conversation = int(made["conversation"] or 0)
    ana = await served.join("ana")
    await ana.watch(conversation)
    (connection,) = served.hub.connections
    async with connection._sending:
        for n in range(1000):
            served.hub.presence.typing(conversation, None, n % 2 == 0)
        assert 0 < len(connection._work) < 200
    await ana.until(lambda: any(isinstance(f, frames.Typed) for f in ana.seen))


async def test_at_midnight_what_counts_as_today_is_asked_for_again(
    served: Served, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the machine slept over it."""
    made = await served.desk.say("p1", "Hola")
    await served.desk.run("sofia", "conversation.end", c.End(int(made["conversation"] or 0)))
    watcher = await served.join("sofia")
    assert watcher.mirror.trays["attended"].count == 1
    monkeypatch.setattr("hub.hub.LOOK", 0)
    await served.hub._await_midnight()
    assert watcher.resyncs == 0
    clock.advance(36 * 3_600_000)
    await served.hub._await_midnight()
    await watcher.until(lambda: watcher.mirror.trays["attended"].count == 0)
