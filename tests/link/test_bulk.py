"""One command for many conversations goes through the outbox and comes back with a result a row."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from seats import Seat, StillClock
from shop import Shop

from agent_tui.link.address import Address
from agent_tui.link.desk import open_desk
from agent_tui.link.model import CommandDone, CommandRefused
from agent_tui.link.place import claim
from agent_tui.link.sign_in import sign_in
from hub.protocol import bulk
from hub.protocol import commands as c
from hub.protocol.errors import Code


@pytest.fixture
async def seat(shop: Shop, still: StillClock, tmp_path: Path) -> AsyncIterator[Seat]:
    token = (await sign_in(shop.url, "luis", "secret", "test")).access
    seat = Seat(await open_desk(claim(tmp_path, "the hub", "luis"), Address(shop.url, token), clock=still), still)
    seat.desk.start()
    await seat.online()
    yield seat
    await seat.desk.stop()


async def test_the_console_hears_what_was_done_and_why_what_was_not(shop: Shop, seat: Seat) -> None:
    numbers = [await shop.customer(person, "hola") for person in ("ana", "eva", "paz")]
    await shop.system("conversation.assign", c.Assign(numbers[0], shop.agent))
    await shop.system("conversation.end", c.End(numbers[0]))
    await seat.until(lambda: len(seat.desk.tray("pending").rows) == 2)
    args = bulk.Bulk(numbers, bulk.EachSpam())
    key = seat.desk.submit("conversation.bulk", args)
    await seat.until(lambda: any(done.key == key for done in seat.told(CommandDone)))
    (done,) = [one for one in seat.told(CommandDone) if one.key == key]
    assert done.result["done"] == 2
    (refused,) = bulk.refused_rows(done.result)
    assert (refused.conversation, refused.code) == (numbers[0], Code.WRONG_STATE)
    assert refused.args["state"] == "closed"
    await seat.until(lambda: seat.desk.tray("pending").rows == [] and seat.desk.link.unsent == 0)
    assert seat.told(CommandRefused) == []
