"""The ledger finds what it is there to find."""

from dataclasses import replace

import sqlalchemy as sa
from ledger import Ledger
from small_desk import build

from hub.hub import Hub
from hub.protocol.commands import End, Open
from hub.store.schema import journal
from hub.store.unit import Unit


async def test_what_is_lost_doubled_or_made_up_is_found(hub: Hub) -> None:
    desk = await build(hub)
    await desk.reach("ana")
    made = await desk.say("p1", "Hola")
    key, take = "key-of-an-opening", Open(int(made["conversation"] or 0))
    said = Ledger({key: ""})
    said.told(key, await desk.run("ana", "conversation.open", take, key))
    assert await hub.store.read(said.faults) == []

    lost = replace(said, asked=said.asked | {"another": "Chau"}, done=said.done | {"another": {}})
    assert "lost: another" in str(await hub.store.read(lost.faults))
    other = replace(said, done={key: {"conversation": 99}})
    assert f"lost: {key}" in str(await hub.store.read(other.faults))
    refused = replace(said, done={}, refused={key: "not_owner"})
    assert f"refused as not_owner, and done: {key}" in str(await hub.store.read(refused.faults))

    def spoil(unit: Unit) -> None:
        moved = sa.select(sa.func.max(journal.c.seq)).where(journal.c.kind == "conversation.changed").scalar_subquery()
        unit.conn.execute(sa.update(journal).where(journal.c.seq == moved).values(conversation_id=None, key="Hola"))
        unit.conn.execute(sa.update(journal).where(journal.c.seq == 1).values(key="Hola"))

    await hub.store.write(spoil)
    found = str(await hub.store.read(replace(said, asked={"Hola": "Hola"}, done={}).faults))
    assert "doubled: Hola" in found
    await desk.run("ana", "conversation.end", End(take.conversation))
    assert f"conversation {take.conversation} was " in str(await hub.store.read(said.faults))
