"""The drill: a hub is served, backed up while it works, goes on, is lost, and comes back as it was. Every console finds
out, and nothing that was typed goes out without a person having looked at it."""

from pathlib import Path

import pytest
from seats import Seat, StillClock
from shop import Shop, opened

from agent_tui.link.address import Address
from agent_tui.link.desk import open_desk
from agent_tui.link.place import claim
from agent_tui.link.sign_in import sign_in
from hub.desk.projections import check
from hub.protocol import commands
from hub.protocol.erasure import EraseContact
from hub.upkeep.backup import back_up
from hub.upkeep.restore import restore


async def sit(shop: Shop, still: StillClock, folder: Path) -> Seat:
    token = (await sign_in(shop.url, "luis", "secret", "test")).access
    desk = await open_desk(claim(folder, shop.url, "luis"), Address(shop.url, token), clock=still)
    seat = Seat(desk, still)
    desk.start()
    await seat.online()
    return seat


async def test_a_desk_that_was_restored_is_noticed_and_nothing_goes_out_unseen(
    shop: Shop, still: StillClock, tmp_path: Path
) -> None:
    seat = await sit(shop, still, tmp_path / "consoles")
    first = await opened(seat, await shop.customer("ana", "before the backup"))
    seat.desk.submit("message.send", commands.Send(first.conversation, "answered before"))
    await seat.until(lambda: not seat.desk.link.unsent and len(first.messages) == 2)
    file, made = await back_up(shop.hub.config, tmp_path / "copies")
    seat.desk.submit("message.send", commands.Send(first.conversation, "answered after"))
    second = await shop.customer("luz", "after the backup")
    await seat.until(lambda: not seat.desk.link.unsent and seat.desk.row(second))
    await shop.die()
    seat.desk.submit("message.send", commands.Send(first.conversation, "typed while it was away"))
    await seat.desk.settled()

    done = await restore(shop.hub.config, file)
    assert (done.backup, done.faults) == (made, [])
    await shop.open()
    third = await shop.customer("eva", "after the restore")  # takes the number that luz had
    assert third == second

    await seat.until(lambda: seat.desk.link.review == 1, passing=True)
    await seat.online()
    await seat.until(lambda: seat.desk.row(third))
    assert {row.name for name in ("pending", "in_progress") for row in seat.desk.tray(name).rows} == {"Ana", "Eva"}
    thread = seat.desk.open_thread(first.conversation)
    await seat.until(lambda: thread.loaded)
    assert [m.b for m in thread.messages] == ["before the backup", "answered before"]
    assert [line.body for line in thread.outgoing] == ["typed while it was away"]

    seat.desk.release_review()
    await seat.until(lambda: not seat.desk.link.unsent and len(thread.messages) == 3, passing=True)
    assert thread.messages[-1].b == "typed while it was away"
    assert await shop.hub.store.read(check) == []
    await seat.desk.stop()


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize("away", [False, True])
async def test_no_trace_of_an_erased_customer_stays_with_a_console(
    shop: Shop, still: StillClock, tmp_path: Path, away: bool
) -> None:
    """Also one that was away, and had typed to them meanwhile."""
    folder = tmp_path / "consoles"
    seat = await sit(shop, still, folder)
    thread = await opened(seat, await shop.customer("zanahoria", "Zanahoria soy"))
    seat.desk.submit("message.send", commands.Send(thread.conversation, "Buenas, Zanahoria"))
    seat.desk.save_draft(thread.conversation, "para Zanahoria")
    other = await shop.customer("luz", "la de Luz")
    await seat.until(lambda: not seat.desk.link.unsent and len(thread.messages) == 2 and seat.desk.row(other))
    await seat.desk.settled()

    def on_disk() -> bytes:
        return b"".join(path.read_bytes() for path in folder.iterdir())

    assert b"Zanahoria" in on_disk()
    if away:
        hub, port = shop.hub, shop.port
        await shop.die()
        seat.desk.submit("message.send", commands.Send(thread.conversation, "¿Sigue ahí, Zanahoria?"))
        seat.desk.save_draft(thread.conversation, "más para Zanahoria")
        await seat.desk.settled()
        shop.hub = await shop._make()
        await shop.system("contact.erase", EraseContact(1))
        await shop.hub.stop()
        assert (hub is not shop.hub, shop.port) == (True, port)
        await shop.open()
        await seat.online()
    else:
        await shop.system("contact.erase", EraseContact(1))
    await seat.until(lambda: thread.conversation not in seat.desk._mirror.held, passing=True)
    await seat.until(lambda: not seat.desk.link.unsent, passing=True)
    await seat.desk.settled()
    assert seat.desk.draft(thread.conversation) == ""
    assert seat.desk.row(thread.conversation) is None
    left = on_disk()
    assert b"Zanahoria" not in left
    assert b"la de Luz" in left
    await seat.desk.stop()
