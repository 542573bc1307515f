"""The console's link and the real hub, over a real socket."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from line import Line
from seats import Seat, StillClock
from shop import Shop, opened

from agent_tui.link.address import Address
from agent_tui.link.desk import open_desk
from agent_tui.link.model import CommandDone, CommandRefused
from agent_tui.link.place import claim
from agent_tui.link.sign_in import NotSignedIn, sign_in
from agent_tui.notify.watch import Watch
from hub.protocol import commands


@pytest.fixture
async def seat(shop: Shop, still: StillClock, tmp_path: Path) -> AsyncIterator[Seat]:
    token = (await sign_in(shop.url, "luis", "secret", "test")).access
    desk = await open_desk(claim(tmp_path / "consoles", shop.url, "luis"), Address(shop.url, token), clock=still)
    seat = Seat(desk, still)
    desk.start()
    await seat.online()
    yield seat
    await desk.stop()


async def test_a_customer_is_served_from_the_desk(shop: Shop, seat: Seat) -> None:
    await seat.until(lambda: seat.desk.tags and seat.desk.queues and seat.desk.agents[shop.agent].reach)
    conversation = await shop.customer("ana", "hola\x1b[2J")
    await seat.until(lambda: seat.desk.tray("pending").rows)
    (row,) = seat.desk.tray("pending").rows
    assert (row.id, row.name, row.last, row.owed, row.un) == (conversation, "Ana", "hola�[2J", True, 1)

    thread = await opened(seat, conversation)
    assert thread.first_unread == thread.messages[0].id
    key = seat.desk.submit("message.send", commands.Send(conversation, "Buenas\ntardes"))
    seat.desk.submit("message.note", commands.Note(conversation, "a note"))
    await seat.until(lambda: [m.rev > 0 for m in thread.messages] == [True] * 3)
    assert [(m.d, m.b) for m in thread.messages[1:]] == [("out", "Buenas\ntardes"), ("note", "a note")]
    assert (thread.messages[1].key, thread.outgoing) == (key, [])
    await seat.until(lambda: seat.desk.tray("in_progress").rows and not thread.row.owed)

    seat.desk.submit("conversation.end", commands.End(conversation))
    await seat.until(lambda: seat.desk.tray("attended").rows and not seat.desk.tray("in_progress").rows)
    assert [seat.desk.tray(name).count for name in ("pending", "in_progress", "attended")] == [0, 0, 1]
    assert (seat.told(CommandRefused), seat.desk.link.unsent) == ([], 0)


async def test_a_hub_that_dies_while_lines_are_on_their_way_has_each_once_and_in_order(shop: Shop, seat: Seat) -> None:
    thread = await opened(seat, await shop.customer("ana", "hola"))
    for n in range(15):
        seat.desk.submit("message.send", commands.Send(thread.conversation, f"line {n}"))
        if n in (3, 8):
            await seat.until(lambda n=n: any(m.b == f"line {n - 2}" for m in thread.messages), passing=True)
            await shop.die()
            await shop.open()
    await seat.until(lambda: seat.desk.link.unsent == 0, passing=True)
    await seat.until(lambda: len(thread.messages) == 16 and all(m.rev for m in thread.messages), passing=True)
    assert [m.b for m in thread.messages] == ["hola", *(f"line {n}" for n in range(15))]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("engine", ["sqlite"])
async def test_over_a_line_that_keeps_breaking_every_line_arrives_once_and_in_order(
    shop: Shop, seat: Seat, seed: int
) -> None:
    threads = [await opened(seat, await shop.customer(name, "hola")) for name in ("ana", "luz")]
    line = Line(shop.port, seed=seed, most=5000)
    await line.start()
    token = seat.desk._connection._address.token
    seat.desk.use(Address(line.url, token))
    for n in range(60):
        seat.desk.submit("message.send", commands.Send(threads[n % 2].conversation, f"line {n}"))
        if n % 5 == 0:
            await seat.until(lambda n=n: seat.desk.link.unsent < 15, passing=True)
    await seat.until(lambda: seat.desk.link.unsent == 0, passing=True)
    line.most = 0
    await seat.online()
    await seat.until(
        lambda: all(len(t.messages) == 31 and all(m.rev for m in t.messages) for t in threads), passing=True
    )
    for odd, thread in enumerate(threads):
        assert [m.b for m in thread.messages] == ["hola", *(f"line {n}" for n in range(odd, 60, 2))]
        assert thread.outgoing == []
    assert line.breaks > 2
    await seat.desk.stop()
    await line.stop()


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_long_outbox_is_slowed_down_and_nobody_is_thrown_out(shop: Shop, seat: Seat) -> None:
    threads = [await opened(seat, await shop.customer(name, "hola")) for name in ("ana", "luz", "eva")]
    await shop.die()
    for n in range(30):
        seat.desk.submit("message.send", commands.Send(threads[n % 3].conversation, f"line {n}"))
    await shop.open()
    shop.hub.limits.put("connection_commands", 100, 2)
    await seat.until(lambda: seat.desk.link.unsent == 0, passing=True)
    assert seat.told(CommandRefused) == []
    assert shop.hub.metrics.registry.get_sample_value("bandeja_paced_total", {"limit": "connection_commands"})
    for n, thread in enumerate(threads):
        await seat.until(lambda t=thread: len(t.messages) == 11 and all(m.rev for m in t.messages), passing=True)
        assert [m.b for m in thread.messages] == ["hola", *(f"line {k}" for k in range(n, 30, 3))]


async def test_a_console_that_was_away_sees_what_a_fresh_one_sees(
    shop: Shop, seat: Seat, still: StillClock, tmp_path: Path
) -> None:
    conversations = [await shop.customer(f"person{n}", "hola") for n in range(8)]
    for conversation in conversations[:3]:
        await opened(seat, conversation)
    await shop.die()
    await shop.open()
    await shop.customer("person1", "again")
    await shop.customer("person9", "new")
    await seat.online()
    token = (await sign_in(shop.url, "luis", "secret")).access
    fresh = Seat(await open_desk(claim(tmp_path, "x", "luis"), Address(shop.url, token), clock=still), still)
    fresh.desk.start()
    await fresh.online()
    for name in ("pending", "in_progress", "attended"):
        mine, theirs = seat.desk.tray(name), fresh.desk.tray(name)
        assert (mine.rows, mine.count, mine.more) == (theirs.rows, theirs.count, theirs.more)
    await fresh.desk.stop()


async def test_what_others_do_is_noticed_and_ones_own_doing_is_not(shop: Shop, seat: Seat) -> None:
    watch = Watch(seat.desk)
    notices: list[tuple[str, int]] = []
    seat.desk.subscribe(lambda change: notices.extend((one.kind, one.conversation) for one in watch.hear(change)))
    await seat.until(lambda: seat.desk.queues and seat.desk.agents[shop.agent].reach)
    first = await shop.customer("ana", "hola")
    await seat.until(lambda: notices == [("assigned", first)])
    seat.desk.submit("agent.status", commands.SetStatus("lunch"))
    await opened(seat, first)
    await shop.customer("ana", "¿hola?")
    second = await shop.customer("luz", "hola")
    await seat.until(lambda: notices[1:] == [("wrote", first), ("waiting", second)])
    seat.desk.submit("conversation.requeue", commands.Requeue(first))
    await opened(seat, second)
    await seat.until(lambda: seat.desk.row(first).owner is None and not seat.desk.link.unsent)
    await shop.system("conversation.end", commands.End(second))
    await seat.until(lambda: seat.desk.tray("attended").rows)
    assert len(notices) == 3
    await shop.die()
    await shop.open()
    third = await shop.customer("eva", "hola")
    await seat.online()
    await seat.until(lambda: notices[3:] == [("waiting", third)])


async def test_a_line_for_a_conversation_that_was_ended_meanwhile_comes_back_as_a_draft(shop: Shop, seat: Seat) -> None:
    thread = await opened(seat, await shop.customer("ana", "hola"))
    seat.desk.submit("conversation.end", commands.End(thread.conversation))
    seat.desk.submit("message.send", commands.Send(thread.conversation, "too late"))
    await seat.until(lambda: seat.told(CommandRefused))
    assert seat.told(CommandRefused)[0].code == "wrong_state"
    assert seat.desk.draft(thread.conversation) == "too late"


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_database_restored_from_an_older_copy_is_found_out(shop: Shop, seat: Seat, tmp_path: Path) -> None:
    await shop.customer("ana", "before the copy")
    await shop.die()
    with closing(sqlite3.connect(tmp_path / "hub.db")) as whole, closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        whole.backup(copy)  # the file alone may lack what still stands in the journal beside it
    await shop.open()
    conversation = await shop.customer("luz", "after the copy")
    await seat.until(lambda: seat.desk.row(conversation), passing=True)
    await shop.die()
    (tmp_path / "copy.db").rename(tmp_path / "hub.db")
    for journal in tmp_path.glob("hub.db-*"):
        journal.unlink()
    seat.desk.submit("conversation.open", commands.Open(conversation))
    await shop.open()
    await seat.until(lambda: seat.desk.link.review == 1, passing=True)
    await seat.online()
    assert [row.last for row in seat.desk.tray("pending").rows] == ["before the copy"]
    assert seat.desk.tags
    seat.desk.drop_review()
    assert seat.desk.link.review == 0


async def test_a_session_that_is_ended_signs_the_console_out_and_leaves_nothing_of_the_desk(
    shop: Shop, seat: Seat, tmp_path: Path
) -> None:
    assert seat.desk.me is not None
    await shop.customer("ana", "hola")
    await seat.until(lambda: seat.desk.tray("pending").rows)
    await seat.desk.settled()
    assert list((tmp_path / "consoles").glob("*.db"))
    seat.desk.submit("session.end", commands.EndSession(seat.desk.me.session))
    await seat.until(lambda: seat.desk.link.phase == "signed_out")
    assert not seat.desk.agents
    await seat.desk.settled()
    assert list((tmp_path / "consoles").glob("*.db*")) == []


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_over_a_network_events_are_compressed_with_what_went_before(
    shop: Shop, seat: Seat, still: StillClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Address, "local", property(lambda self: False))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    token = (await sign_in(shop.url, "luis", "secret")).access
    remote = Seat(await open_desk(claim(tmp_path, "x", "luis"), Address(shop.url, token), clock=still), still)
    remote.desk.start()
    await remote.online()
    (extension,) = remote.desk._connection._socket._connection.protocol.extensions  # type: ignore[union-attr]
    assert not extension.remote_no_context_takeover
    assert not extension.local_no_context_takeover
    for n in range(5):
        await shop.customer("ana", f"line {n}")
    await remote.until(lambda: any(row.last == "line 4" for row in remote.desk.tray("pending").rows))
    await remote.desk.stop()


async def test_a_wrong_password_is_told_as_such(shop: Shop) -> None:
    with pytest.raises(NotSignedIn, match="bad_credentials"):
        await sign_in(shop.url, "luis", "wrong")


async def test_earlier_messages_come_by_pages_from_the_real_hub(shop: Shop, seat: Seat) -> None:
    conversation = 0
    for n in range(70):
        conversation = await shop.customer("ana", f"line {n} " + "x" * 400)
    thread = seat.desk.open_thread(conversation)
    await seat.until(lambda: thread.loaded)
    assert (len(thread.messages), thread.more) == (50, True)
    seat.desk.more_messages(conversation)
    await seat.until(lambda: not thread.more)
    assert [m.b.split(" x")[0] for m in thread.messages] == [f"line {n}" for n in range(70)]


async def test_commands_are_answered_to_the_console_that_asked(shop: Shop, seat: Seat) -> None:
    key = seat.desk.submit("agent.status", commands.SetStatus("lunch"))
    await seat.until(lambda: seat.told(CommandDone))
    assert [change.key for change in seat.told(CommandDone)] == [key]
    await seat.until(lambda: seat.desk.agents[shop.agent].status == "lunch")
