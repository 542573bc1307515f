"""Fixtures: a scripted hub, a clock that stands still, and consoles that live and die."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from fake_hub import TOKEN, FakeHub
from seats import MakeDesk, Seat, SitDown, StillClock
from shop import MakeHub, Shop

from agent_tui.link.address import Address
from agent_tui.link.carried import Carried
from agent_tui.link.desk import open_desk
from agent_tui.link.place import claim
from agent_tui.link.sign_in import sign_in


@pytest.fixture
def still() -> StillClock:
    return StillClock()


@pytest.fixture
async def fake() -> AsyncIterator[FakeHub]:
    hub = FakeHub()
    await hub.start()
    yield hub
    await hub.stop()


@pytest.fixture
async def sit_down(fake: FakeHub, still: StillClock, tmp_path: Path) -> AsyncIterator[MakeDesk]:
    """Open a console on the scripted hub; again on the same files after it was stopped."""
    seats: list[Seat] = []

    async def make(*, token: str = TOKEN, online: bool = True, carried: Carried | None = None) -> Seat:
        place = claim(tmp_path / "consoles", "the hub", "luis")
        seat = Seat(await open_desk(place, Address(fake.url, token), clock=still, carried=carried), still)
        seats.append(seat)
        seat.desk.start()
        if online:
            await seat.online()
        return seat

    yield make
    for seat in seats:
        await seat.desk.stop()


@pytest.fixture
async def shop(make_hub: MakeHub) -> AsyncIterator[Shop]:
    shop = Shop(make_hub)
    await shop.open()
    await shop.furnish()
    yield shop
    await shop.die()


@pytest.fixture
async def sit(shop: Shop, still: StillClock, tmp_path: Path) -> AsyncIterator[SitDown]:
    """A console of somebody on the real hub, at a machine of its own; at the same one again after it was stopped."""
    seats: list[Seat] = []

    async def make(machine: str, login: str = "luis") -> Seat:
        token = (await sign_in(shop.url, login, "secret", machine)).access
        place = claim(tmp_path / machine, "the hub", login)
        seat = Seat(await open_desk(place, Address(shop.url, token), clock=still), still)
        seats.append(seat)
        seat.desk.start()
        await seat.online()
        return seat

    yield make
    for seat in seats:
        await seat.desk.stop()
