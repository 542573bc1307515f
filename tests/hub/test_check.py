"""Whatever does not hold is found, by name, and what can be mended is; also while a hub writes."""

import asyncio
import sqlite3
from dataclasses import replace

import pytest
import sqlalchemy as sa
from small_desk import SmallDesk

from hub.admin import opened
from hub.desk.principal import SYSTEM
from hub.desk.projections import check, extent, repair
from hub.desk.tables import conversation, period
from hub.protocol import commands as c
from hub.protocol.erasure import EraseContact
from hub.store.clock import ManualClock
from hub.store.unit import Unit

BROKEN: dict[str, str] = {
    "the journal's last number is not the head's": "UPDATE head SET seq = seq + 1",
    "the journal's last row is not the one that the head knows": "UPDATE head SET nonce = nonce + 1",
    "the journal has gaps": "DELETE FROM journal WHERE seq = 3",
    "a conversation in hand has no owner": "UPDATE conversation SET owner_id = NULL WHERE id = 1",
    "a waiting conversation has an owner": "UPDATE conversation SET owner_id = 1 WHERE state = 'waiting'",
    "a waiting conversation does not know since when": "UPDATE conversation SET waiting_since = NULL WHERE id = 3",
    "a live conversation has not exactly one open period": ("UPDATE period SET ended_at = 1 WHERE conversation_id = 1"),
    "a live conversation has not exactly one open leg": "UPDATE leg SET ended_at = 1 WHERE conversation_id = 1",
    "an ended conversation has an open period or leg": "UPDATE leg SET ended_at = NULL WHERE conversation_id = 2",
    "a period says something else than its conversation": "UPDATE conversation SET state = 'held' WHERE id = 1",
    "a leg says something else than its conversation": (
        "UPDATE leg SET owner_id = 2 WHERE conversation_id = 1 AND ended_at IS NULL"
    ),
    "a period belongs to no leg": "UPDATE leg SET began_at = began_at + 1 WHERE conversation_id = 1",
    "a conversation was moved from where it did not stand": (
        'UPDATE journal SET data = replace(data, \'"was":["assigned"\', \'"was":["held"\') WHERE conversation_id = 1'
    ),
    "something is newer than the journal": "UPDATE message SET rev = rev + 100000 WHERE id = 1",
    "a timer would fire for a conversation that has ended": (
        "INSERT INTO timer (due, command, version, args, conversation_id, generation)"
        " SELECT 1, 'conversation.wake', 1, '{}', id, generation FROM conversation WHERE id = 2"
    ),
    "a message is held back that nobody could recall, or the reverse": (
        "UPDATE message SET state = 'sent' WHERE state = 'held'"
    ),
    "a message is held back that no timer lets go": "DELETE FROM timer WHERE command = 'message.release'",
    "dispatch gave a conversation to somebody without room for it": "UPDATE queue SET capacity = 0",
    "something is left of an erased conversation": (
        "INSERT INTO draft (agent_id, conversation_id, text, version, at) VALUES (1, 4, 'x', 1, 1)"
    ),
    "something is left of an erased customer": "UPDATE contact SET name = 'Ana' WHERE erased_at IS NOT NULL",
}
MENDED = (
    "a timer would fire for a conversation that has ended",
    "a message is held back that no timer lets go",
)


async def lively(desk: SmallDesk) -> SmallDesk:
    """Conversations 1 to 4: open with a held answer, ended, waiting, erased."""
    for person in ("p1", "p2"):
        await desk.say(person, "Hola")
    await desk.reach("ana")
    desk.hub.config = replace(desk.hub.config, recall_seconds=60)
    await desk.run("ana", "conversation.open", c.Open(1))
    await desk.run("ana", "message.send", c.Send(1, "Un momento"))
    await desk.run("ana", "conversation.open", c.Open(2))
    await desk.run("ana", "conversation.end", c.End(2))
    await desk.run("ana", "agent.status", c.SetStatus("resting"))
    await desk.say("p3", "Hola")
    await desk.say("p4", "Hola")
    await desk.run(SYSTEM, "contact.erase", EraseContact(4))
    return desk


class Undone(Exception):
    """Ends a transaction, so that nothing of it stays."""


async def test_what_does_not_hold_is_found_by_its_name(desk: SmallDesk, subtests: pytest.Subtests) -> None:
    store = (await lively(desk)).hub.store
    assert await store.read(check) == []
    for what, statement in BROKEN.items():

        def damage(unit: Unit, what: str = what, statement: str = statement) -> None:
            assert unit.conn.execute(sa.text(statement)).rowcount > 0
            faults = {fault.what: fault.repairable for fault in check(unit.conn)}
            assert what in faults
            assert faults[what] == (what in MENDED)
            if what in MENDED:
                assert repair(unit) == 1
                assert check(unit.conn) == []
            raise Undone

        with subtests.test(what), pytest.raises(Undone):
            await store.write(damage)
    assert await store.read(check) == []


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_reference_to_nothing_is_found(desk: SmallDesk) -> None:
    await lively(desk)
    await desk.hub.stop()
    path = desk.hub.config.sqlite_path
    assert path is not None
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA foreign_keys=OFF")
        database.execute("UPDATE leg SET queue_id = 4711 WHERE id = 1")
    database.close()
    async with opened(desk.hub.config) as again:
        faults = [fault.what for fault in await again.read(check)]
    assert "a page of the database is damaged, or refers to a row that is not there" in faults


async def test_a_capacity_that_was_changed_since_accuses_nobody(desk: SmallDesk) -> None:
    await lively(desk)
    smaller = c.SaveQueue("ventas", {"es": "Ventas"}, primary=[desk.ids["ana"]], capacity=0)
    await desk.run(SYSTEM, "queue.save", smaller)
    assert await desk.hub.store.read(check) == []


async def test_what_is_taken_beyond_the_capacity_is_on_record_and_no_fault(desk: SmallDesk) -> None:
    one = c.SaveQueue("ventas", {"es": "Ventas"}, primary=[desk.ids["ana"]], capacity=1)
    await desk.run(SYSTEM, "queue.save", one)
    await desk.reach("ana")
    for person in ("p1", "p2", "p3"):
        made = await desk.say(person, "Hola")
        if person != "p1":
            await desk.run("ana", "conversation.take", c.Take(int(made["conversation"] or 0)))
    assert await desk.hub.store.read(check) == []


async def test_a_hub_may_write_meanwhile(desk: SmallDesk) -> None:
    """One look sees one moment."""
    stop = asyncio.Event()

    async def customers() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            await desk.say(f"p{number % 5}", "línea")

    await desk.reach("ana")
    writing = asyncio.create_task(customers())
    for _ in range(5):
        assert await desk.hub.store.read(check) == []
    stop.set()
    await writing
    counted = await desk.hub.store.read(extent)
    assert counted["conversations"] <= 5
    assert counted["messages"] == await desk.hub.store.read(
        lambda conn: conn.scalar(sa.text("SELECT count(*) FROM message"))
    )
    assert counted["conversations"] == await desk.hub.store.read(
        lambda conn: conn.scalar(sa.select(sa.func.count()).select_from(conversation))
    )


async def test_a_clock_that_is_set_back_breaks_nothing(desk: SmallDesk, clock: ManualClock) -> None:
    """No period ends before it began, none is outside of its leg, and the customer's last line is the newest."""
    made = await desk.say("p1", "Hola")
    number = int(made["conversation"] or 0)
    await desk.reach("ana")
    for step in (c.Open, c.Hold, c.Resume, c.Requeue, c.Open, c.End):
        clock.advance(-3_600_000)
        name = next(name for name, spec in c.REGISTRY.items() if spec.args is step)
        await desk.run("ana", name, step(number))
        await desk.say("p1", "¿Y?")
    assert await desk.hub.store.read(check) == []
    backwards = sa.select(sa.func.count()).select_from(period).where(period.c.ended_at < period.c.began_at)
    assert await desk.hub.store.read(lambda conn: conn.scalar(backwards)) == 0
