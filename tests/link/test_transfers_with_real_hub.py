"""Transfers between two consoles and a real hub: what the new agent finds, and what happens when the destination is
another one by the time that a transfer arrives."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from seats import Seat, SitDown
from shop import HASH, Shop

from agent_tui import filling, i18n, refusals
from agent_tui.link.model import CommandRefused, RowMoved
from hub.desk import people
from hub.protocol import commands as c
from hub.protocol import handing
from hub.protocol.forms import Field

OURS = [Field("reason", "text", {"es": "Motivo"}, required=True)]
THEIRS = [Field("device", "text", {"es": "Equipo"}, required=True)]


class Two:
    """Ana works in ventas, eva in caja; each queue has a form."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.ids: dict[str, int] = {}
        self.ventas = self.caja = self.version = 0

    async def furnish(self) -> None:
        for login in ("ana", "eva"):
            made = await self.shop.system("agent.save", c.SaveAgent(login, login.title(), "agent", HASH))
            self.ids[login] = int(made["agent"])
        self.ventas = int((await self.queue("ventas", ["ana"]))["queue"])
        self.caja = int((await self.queue("caja", ["eva"]))["queue"])
        self.version = int((await self.shop.system("form.save", c.SaveForm(self.ventas, OURS)))["version"])
        await self.shop.system("form.save", c.SaveForm(self.caja, THEIRS))

    async def queue(self, code: str, members: list[str], **more: Any) -> Any:
        people = [self.ids[login] for login in members]
        return await self.shop.system("queue.save", c.SaveQueue(code, {"es": code.title()}, people, **more))

    async def away(self, login: str) -> None:
        who = await self.shop.hub.store.read(lambda conn: people.by_agent(conn, self.ids[login]))
        assert who is not None
        await self.shop.hub.submit(who, "agent.status", c.SetStatus("offline"), f"away-of-{login}-now")


@pytest.fixture
async def two(shop: Shop) -> Two:
    made = Two(shop)
    await made.furnish()
    return made


async def served(two: Two, ana: Seat) -> int:
    """A conversation that ana has open."""
    number = await two.shop.customer("vera", "hola")
    await ana.until(lambda: (row := ana.desk.row(number)) is not None and row.state == "assigned")
    ana.desk.submit("conversation.open", c.Open(number))
    thread = ana.desk.open_thread(number)
    await ana.until(lambda: thread.loaded and thread.row is not None and thread.row.state == "open")
    return number


async def test_the_destinations_form_shows_and_what_was_saved_before_stays_below(two: Two, sit: SitDown) -> None:
    ana, eva = await sit("here", "ana"), await sit("there", "eva")
    number = await served(two, ana)
    row = ana.desk.row(number)
    assert row is not None
    asked = filling.form_of(ana.desk, row)
    assert asked is not None
    assert [field.code for field in asked.fields] == ["reason"]
    ana.desk.submit("form.fill", c.Fill(number, two.version, {"reason": "factura"}))
    ana.desk.submit("conversation.transfer", handing.Transfer(number, two.caja, two.ids["eva"], "es de ustedes"))
    await eva.until(lambda: (theirs := eva.desk.row(number)) is not None and theirs.state == "assigned")
    eva.desk.submit("conversation.open", c.Open(number))
    thread = eva.desk.open_thread(number)
    await eva.until(lambda: thread.loaded and thread.row is not None and thread.row.state == "open")
    theirs = thread.row
    assert theirs is not None
    form = filling.form_of(eva.desk, theirs)
    assert form is not None
    assert [field.code for field in form.fields] == ["device"]
    assert filling.saved(eva.desk, theirs) is None  # hers is still to be filled in
    assert [(one.q, one.owner, one.values) for one in thread.forms] == [
        (two.ventas, two.ids["ana"], {"reason": "factura"})
    ]
    eva.desk.submit("form.fill", c.Fill(number, form.version, {"device": "router"}))
    await eva.until(lambda: len(thread.forms) == 2)
    kept = filling.saved(eva.desk, theirs)
    assert kept is not None
    assert kept.values == {"device": "router"}
    await ana.until(lambda: [one.id for one in ana.desk.tray("attended").rows] == [number])
    own = ana.desk.open_thread(number)
    await ana.until(lambda: own.loaded and own.forms)
    assert [one.values for one in own.forms] == [{"reason": "factura"}]
    assert [line.b for line in own.messages] == ["hola", "es de ustedes"]


async def shut(two: Two) -> None:
    await two.queue("caja", ["eva"], active=False)


async def emptied(two: Two) -> None:
    await two.queue("caja", [])


async def left(two: Two) -> None:
    await two.queue("caja", ["ana"])


async def gone(two: Two) -> None:
    await two.away("eva")


async def full(two: Two) -> None:
    await two.queue("caja", ["eva"], capacity=0)


CHANGED: list[tuple[Callable[[Two], Awaitable[None]], bool, str, str]] = [
    (shut, False, "queue_inactive", "Esa cola ya no recibe nada: elegí otra."),
    (emptied, False, "queue_empty", "Nadie atiende esa cola: elegí otra, o pedí que le sumen miembros."),
    (left, True, "not_member", "No atiende esa cola: elegí otro asesor, u otra cola."),
    (gone, True, "agent_away", "No está en línea: elegí otro asesor, o solamente la cola."),
    (full, True, "agent_full", "Tiene 0 atenciones, el máximo: elegí otro asesor, o la cola."),
]


@pytest.mark.parametrize(("changes", "to_agent", "code", "words"), CHANGED)
async def test_a_transfer_to_what_has_changed_meanwhile_is_refused_and_nothing_moves(
    two: Two, sit: SitDown, changes: Callable[[Two], Awaitable[None]], to_agent: bool, code: str, words: str
) -> None:
    """It was chosen on a dead link, while it could still be had as far as the console knew."""
    i18n.use("es")
    ana, eva = await sit("here", "ana"), await sit("there", "eva")
    number = await served(two, ana)
    await eva.until(lambda: eva.desk.link.phase == "online")
    await two.shop.die()
    await ana.until(lambda: ana.desk.link.stale)
    agent = two.ids["eva"] if to_agent else None
    ana.desk.submit("conversation.transfer", handing.Transfer(number, two.caja, agent))
    await two.shop.open()
    await changes(two)
    await ana.online()
    await ana.until(lambda: ana.desk.link.unsent == 0, passing=True)
    (refused,) = ana.told(CommandRefused)
    assert (refused.name, refused.code, refused.conversation) == ("conversation.transfer", code, number)
    assert refusals.sentence(ana.desk, refused.code, field=refused.field, detail=refused.detail) == words
    row = ana.desk.row(number)
    assert row is not None
    assert (row.state, row.owner, row.q) == ("open", two.ids["ana"], two.ventas)
    assert not [one for one in eva.told(RowMoved) if one.after is not None and one.after.owner == two.ids["eva"]]
