"""Who looks at the same conversation is seen by both, also after the link was down, until one goes elsewhere."""

from pathlib import Path

from seats import Seat, StillClock
from shop import HASH, Shop, opened

from agent_tui.link.address import Address
from agent_tui.link.desk import open_desk
from agent_tui.link.place import claim
from agent_tui.link.sign_in import sign_in
from hub.protocol import commands as c


async def _sit(shop: Shop, still: StillClock, folder: Path, login: str) -> Seat:
    token = (await sign_in(shop.url, login, "secret", login)).access
    seat = Seat(await open_desk(claim(folder / login, "the hub", login), Address(shop.url, token), clock=still), still)
    seat.desk.start()
    await seat.online()
    return seat


def _company(seat: Seat, conversation: int) -> list[int]:
    thread = seat.desk.thread(conversation)
    return thread.company if thread is not None else []


async def test_colleagues_see_each_other_at_a_conversation(shop: Shop, still: StillClock, tmp_path: Path) -> None:
    made = await shop.system("agent.save", c.SaveAgent("marta", "Marta", "supervisor", HASH))
    marta = int(made["agent"])
    one, other = await _sit(shop, still, tmp_path, "luis"), await _sit(shop, still, tmp_path, "marta")
    number = (await opened(one, await shop.customer("ana", "hola"))).conversation
    one.desk.attend(number)
    await other.until(lambda: other.desk.row(number) is not None)
    other.desk.open_thread(number)
    other.desk.attend(number)
    await one.until(lambda: _company(one, number) == [marta])
    await other.until(lambda: _company(other, number) == [shop.agent])

    await shop.die()
    await one.until(lambda: _company(one, number) == [], passing=True)
    await shop.open()
    await one.until(lambda: _company(one, number) == [marta], slowly=True)
    await other.until(lambda: _company(other, number) == [shop.agent], slowly=True)

    other.desk.attend(0)
    await one.until(lambda: _company(one, number) == [])
    assert _company(other, number) == []
    for seat in (one, other):
        await seat.desk.stop()
