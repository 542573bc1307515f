"""Forms over the link: saved on a dead link they are saved once, and what was saved is there again, from the disk."""

from pathlib import Path

from seats import Seat, StillClock
from shop import Shop, opened

from agent_tui.link.address import Address
from agent_tui.link.desk import open_desk
from agent_tui.link.model import CommandRefused
from agent_tui.link.place import claim
from agent_tui.link.sign_in import sign_in
from hub.protocol import commands
from hub.protocol.forms import Field

FIELDS = [Field("note", "long", {"es": "Nota"}), Field("name", "text", {"es": "Nombre"}, required=True)]


async def test_a_form_is_saved_over_a_dead_link_once_and_read_again_from_the_disk(
    shop: Shop, still: StillClock, tmp_path: Path
) -> None:
    token = (await sign_in(shop.url, "luis", "secret", "test")).access

    async def seated() -> Seat:
        desk = await open_desk(claim(tmp_path / "consoles", shop.url, "luis"), Address(shop.url, token), clock=still)
        return Seat(desk, still)

    version = int((await shop.system("form.save", commands.SaveForm(1, FIELDS)))["version"])
    seat = await seated()
    seat.desk.start()
    await seat.online()
    await seat.until(lambda: seat.desk.forms)
    thread = await opened(seat, await shop.customer("ana", "hola"))
    await shop.die()
    filled = {"note": "uno\ndos\x1b[2J", "name": "Ana"}
    seat.desk.submit("form.fill", commands.Fill(thread.conversation, version, {"note": "uno"}))
    seat.desk.submit("form.fill", commands.Fill(thread.conversation, version, dict(filled)))
    await shop.open()
    await seat.until(lambda: seat.desk.link.unsent == 0, passing=True)
    await seat.until(lambda: [one.values.get("name") for one in thread.forms] == ["Ana"], passing=True)
    assert thread.forms[0].values["note"] == "uno\ndos�[2J"
    assert seat.told(CommandRefused) == []
    await seat.desk.stop()

    later = await seated()
    again = later.desk.thread(thread.conversation)
    assert again is not None
    assert [one.values["name"] for one in again.forms] == ["Ana"]
    assert [form.version for form in later.desk.forms.values()] == [version]
    await later.desk.stop()
