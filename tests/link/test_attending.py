"""Who looks at the same conversation is seen by both, also after the link was down, until one goes elsewhere."""

from seats import Seat, SitDown
from shop import HASH, Shop, opened

from hub.protocol import commands as c


def _company(seat: Seat, conversation: int) -> list[int]:
    thread = seat.desk.thread(conversation)
    return thread.company if thread is not None else []


async def test_colleagues_see_each_other_at_a_conversation(shop: Shop, sit: SitDown) -> None:
    made = await shop.system("agent.save", c.SaveAgent("marta", "Marta", "supervisor", HASH))
    marta = int(made["agent"])
    one, other = await sit("here"), await sit("there", "marta")
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
