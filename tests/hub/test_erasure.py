"""A customer who was erased is erased everywhere: no list shows them, and no byte of their words stays on the disk."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from form_scenarios import with_form
from small_desk import Served, SmallDesk

from hub.desk import drafts
from hub.desk.drafts import Draft
from hub.desk.principal import SYSTEM, Principal
from hub.desk.projections import check
from hub.desk.retention import RULES
from hub.desk.tables import contact, conversation, identity, leg, message, period
from hub.hub import Hub
from hub.protocol import commands as c
from hub.protocol.erasure import EraseContact, Sweep
from hub.protocol.errors import Code, Refused
from hub.protocol.frames import RowGone
from hub.protocol.states import ERASED
from hub.store.clock import ManualClock
from hub.store.schema import idempotency, metadata
from hub.store.unit import Unit
from hub.upkeep import erasures
from hub.upkeep.housekeeping import DAY, PERSONAL, Housekeeping

MARK = "Zanahoria"  # in every word of hers and to her


async def served_her(desk: SmallDesk) -> int:
    """A customer whose every word is marked, among others; returns her conversation."""
    channel = Principal.channel(desk.web)
    first = c.Receive(
        desk.web, f"web:{MARK:0<40}", f"{MARK} 1", f"{MARK} López", f"59598{MARK}", visit=c.Visit("es", MARK)
    )
    made = await desk.run(channel, "message.receive", first, f"v:{f'{MARK:0<16}'}:first-key")
    conversation = int(made["conversation"] or 0)
    await desk.reach("ana")
    await desk.run("ana", "conversation.open", c.Open(conversation))
    for n in range(40):
        await desk.say(f"other{n % 7}", f"Otra línea {n} " + "x" * (n * 37 % 500))
        await desk.run(
            channel, "message.receive", c.Receive(desk.web, first.external_id, f"{MARK} {n} " + "y" * n * 30)
        )
        await desk.run("ana", "message.send", c.Send(conversation, f"Señora {MARK}: {n} " + "z" * (n * 53 % 700)))
        await desk.run("ana", "message.note", c.Note(conversation, f"ojo con {MARK} {n}"))
    desk.hub.config = replace(desk.hub.config, recall_seconds=60)
    await desk.run("ana", "message.send", c.Send(conversation, f"{MARK}, espere"))
    ana = await desk.who("ana")
    await desk.hub.store.write(lambda unit: drafts.save(unit, ana, Draft(conversation, f"para {MARK}", 0)))
    version = await with_form(desk)
    for number in range(3):
        await desk.run("ana", "form.fill", c.Fill(conversation, version, {"notes": f"{MARK} {number}"}))
    return conversation


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("hub.db*"))


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_no_byte_of_an_erased_customer_stays_in_the_database_or_its_journal(
    desk: SmallDesk, tmp_path: Path
) -> None:
    await served_her(desk)
    assert MARK.encode() in bytes_of(tmp_path)
    await desk.run(SYSTEM, "contact.erase", EraseContact(1))
    assert await desk.hub.store.scrub(PERSONAL)
    left = bytes_of(tmp_path)
    assert MARK.lower().encode() not in left.lower(), "folded neither"
    assert "Otra línea 39".encode() in left, "the others' words are still there"


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_no_word_of_what_was_deleted_stays_in_an_index(desk: SmallDesk, tmp_path: Path) -> None:
    store = desk.hub.store

    def fill(unit: Unit) -> None:
        unit.conn.execute(sa.text("CREATE VIRTUAL TABLE words USING fts5(folded)"))

    def add(unit: Unit, start: int) -> None:
        rows = [
            {"n": n, "t": f"{'zanahoria' if n % 7 == 0 else 'otra'} palabra{n} x{n * 7919}"}
            for n in range(start, start + 200)
        ]
        unit.conn.execute(sa.text("INSERT INTO words (rowid, folded) VALUES (:n, :t)"), rows)

    await store.write(fill)
    for start in range(0, 6000, 200):
        await store.write(lambda unit, start=start: add(unit, start))  # type: ignore[misc]
    await store.write(lambda unit: unit.conn.execute(sa.text("DELETE FROM words WHERE rowid % 7 = 0")) and None)
    assert await store.scrub(())
    left = bytes_of(tmp_path)
    assert b"zanahoria" not in left
    assert b"palabra" in left


async def test_nothing_of_an_erased_customer_can_be_read_in_any_table(desk: SmallDesk) -> None:
    await served_her(desk)

    def dump(conn: sa.Connection) -> str:
        return "\n".join(str(row) for table in metadata.sorted_tables for row in conn.execute(sa.select(table)))

    assert MARK in await desk.hub.store.read(dump)
    await desk.run(SYSTEM, "contact.erase", EraseContact(1))
    await desk.hub.store.scrub(PERSONAL)
    assert MARK not in await desk.hub.store.read(dump)


async def test_what_was_written_in_the_same_commit_is_erased_as_well(desk: SmallDesk) -> None:
    await desk.say("p1", "Hola")
    channel = Principal.channel(desk.web)
    line = c.Receive(desk.web, "p1", f"{MARK} con prisa")
    written = desk.hub.hand_in(channel, "message.receive", line, f"v:p1:{MARK}")
    erased = desk.hub.hand_in(SYSTEM, "contact.erase", EraseContact(1), "erase-in-the-same-commit")
    await asyncio.gather(written, erased)

    def left(conn: sa.Connection) -> tuple[int, int]:
        keys = sa.select(sa.func.count()).where(idempotency.c.key.contains(MARK))
        return conn.scalar(sa.select(sa.func.count(message.c.id))) or 0, conn.scalar(keys) or 0

    assert await desk.hub.store.read(left) == (0, 0)
    assert await desk.hub.store.read(check) == []


async def test_what_is_counted_stays_and_everything_holds(desk: SmallDesk) -> None:
    number = await served_her(desk)

    def counted(conn: sa.Connection) -> tuple[int, int, int]:
        mine = [table.c.conversation_id == number for table in (period, leg)]
        counts = [sa.select(sa.func.count()).where(one) for one in mine]
        assert conn.scalar(sa.select(sa.func.count()).where(message.c.conversation_id == number)) is not None
        return (
            conn.scalar(counts[0]) or 0,
            conn.scalar(counts[1]) or 0,
            conn.scalar(sa.select(sa.func.count(conversation.c.id))) or 0,
        )

    before = await desk.hub.store.read(counted)
    made = await desk.run(SYSTEM, "contact.erase", EraseContact(1))
    assert made == {"contact": 1, "conversations": 1}
    assert await desk.hub.store.read(counted) == before
    assert await desk.hub.store.read(check) == []
    row = await desk.hub.store.read(
        lambda conn: conn.execute(sa.select(conversation).where(conversation.c.id == number)).one()
    )
    assert (row.kind, row.state, row.outcome, row.owner_id) == (ERASED, "closed", "cancelled", desk.ids["ana"])


async def test_erasing_twice_changes_nothing_and_nobody_is_refused_by_name(desk: SmallDesk) -> None:
    await desk.say("p1", "Hola")
    await desk.run(SYSTEM, "contact.erase", EraseContact(1))
    assert (await desk.run(SYSTEM, "contact.erase", EraseContact(1)))["conversations"] == 0
    with pytest.raises(Refused, match="not_found"):
        await desk.run(SYSTEM, "contact.erase", EraseContact(4711))
    for login in ("ana", "sofia"):
        with pytest.raises(Refused, match="forbidden"):
            await desk.run(login, "contact.erase", EraseContact(1))


async def test_who_writes_again_is_somebody_new(desk: SmallDesk) -> None:
    first = await desk.say("p1", "Hola", name="Ana")
    await desk.run(SYSTEM, "contact.erase", EraseContact(1))
    second = await desk.say("p1", "Hola de nuevo")
    assert second["conversation"] != first["conversation"]

    def people(conn: sa.Connection) -> list[tuple[str, str]]:
        joined = sa.select(contact.c.name, identity.c.external_id).join(identity, identity.c.contact_id == contact.c.id)
        return [tuple(row) for row in conn.execute(joined.order_by(contact.c.id))]

    assert await desk.hub.store.read(people) == [("", "erased:1"), ("", "p1")]


async def test_what_comes_late_for_an_erased_conversation_is_refused_with_the_reason(desk: SmallDesk) -> None:
    number = await served_her(desk)
    await desk.run(SYSTEM, "contact.erase", EraseContact(1))
    for command, args in (("message.send", c.Send(number, "¿?")), ("conversation.reopen", c.Reopen(number))):
        with pytest.raises(Refused) as refusal:
            await desk.run("ana", command, args)
        assert (refusal.value.code, refusal.value.detail["id"]) == (Code.ERASED, number)


async def test_consoles_are_told_to_forget_also_those_that_come_later(served: Served) -> None:
    number = await served_her(served.desk)
    watcher = await served.join("ana")
    await watcher.watch(number)
    await served.desk.run(SYSTEM, "contact.erase", EraseContact(1))
    await served.settle()
    assert number not in watcher.mirror.rows
    assert number not in watcher.mirror.held
    told = [event for frame in watcher.seen for event in getattr(frame, "events", []) if isinstance(event, RowGone)]
    assert told == [RowGone(number, erased=True)]
    late = await served.join("ana")
    await late.watch(number)
    assert any(RowGone(number, erased=True) in getattr(frame, "events", []) for frame in late.seen)


# -- rules -------------------------------------------------------------------------------------------------------------


async def test_every_table_belongs_to_exactly_one_rule(hub: Hub) -> None:
    """As the database has them; what SQLite keeps beside a full text index is part of that."""

    def tables(conn: sa.Connection) -> set[str]:
        names = set(sa.inspect(conn).get_table_names())
        beside = {f"{name}_{part}" for name in names for part in ("data", "idx", "content", "docsize", "config")}
        return names - beside

    ruled = [table for rule in RULES for table in rule.tables]
    assert sorted(ruled) == sorted(await hub.store.read(tables))


async def test_rules_delete_what_is_old_enough_and_nothing_else(desk: SmallDesk, clock: ManualClock) -> None:
    old = await desk.say("p1", "de hace mucho")
    await desk.run(SYSTEM, "conversation.end", c.End(int(old["conversation"] or 0)))
    live = await desk.say("p2", "sigue viva")
    made = await desk.run(SYSTEM, "session.start", c.StartSession(desk.ids["ana"], "a" * 64))
    await desk.run(SYSTEM, "session.end", c.EndSession(int(made["session"] or 0)))
    await desk.run(SYSTEM, "session.start", c.StartSession(desk.ids["ana"], "b" * 64))
    clock.advance(31 * DAY)
    recent = await desk.say("p3", "de hoy")
    await desk.run(SYSTEM, "conversation.end", c.End(int(recent["conversation"] or 0)))
    desk.hub.config = replace(
        desk.hub.config, keep_conversations=30, keep_contacts=30, keep_results=30, keep_sessions=30
    )
    done = await Housekeeping(desk.hub).apply()
    assert {kind: done[kind] for kind in ("conversations", "contacts", "sessions")} == {
        "conversations": 1,
        "contacts": 1,
        "sessions": 1,
    }
    bodies = await desk.hub.store.read(
        lambda conn: list(conn.scalars(sa.select(message.c.body).order_by(message.c.id)))
    )
    assert bodies == ["sigue viva", "de hoy"]
    assert live["conversation"] is not None
    oldest = await desk.hub.store.read(lambda conn: conn.scalar(sa.select(sa.func.min(idempotency.c.at))))
    assert oldest >= clock.at - 30 * DAY
    assert await desk.hub.store.read(check) == []
    assert set((await Housekeeping(desk.hub).apply()).values()) == {0}


async def test_a_rule_is_applied_in_batches_to_its_end(desk: SmallDesk, clock: ManualClock) -> None:
    for n in range(12):
        await desk.say(f"p{n}", "hola")
    clock.advance(100 * DAY)
    made = await desk.run(SYSTEM, "retention.sweep", Sweep("results", clock.at, 5))
    assert made["count"] == 5
    desk.hub.config = replace(desk.hub.config, keep_results=1)
    assert (await Housekeeping(desk.hub).apply())["results"] > 5


async def test_an_unknown_kind_is_refused_with_those_that_there_are(desk: SmallDesk) -> None:
    with pytest.raises(Refused) as refusal:
        await desk.run(SYSTEM, "retention.sweep", Sweep("journal", 0))
    assert "conversations, contacts, drafts, results, audit, sessions" in refusal.value.detail["why"]


# -- the log outside the database --------------------------------------------------------------------------------------


async def test_an_erasure_stands_in_the_log_outside_the_database_whoever_did_it(
    desk: SmallDesk, tmp_path: Path
) -> None:
    await desk.say("p1", "Hola", name=MARK)
    await desk.say("p2", "Hola", name=MARK)
    await desk.run(SYSTEM, "contact.erase", EraseContact(1))
    keeping = Housekeeping(desk.hub)
    await keeping.start()
    log = erasures.log_of(desk.hub.config)
    assert [one.contact for one in erasures.read(log)] == [1], "what happened before the hub started"
    await desk.run(SYSTEM, "contact.erase", EraseContact(2))
    async with asyncio.timeout(20):
        while len(erasures.read(log)) < 2:
            await asyncio.sleep(0.01)
    await keeping.stop()
    assert sorted(one.contact for one in erasures.read(log)) == [1, 2]
    assert MARK not in log.read_text()
    assert log.stat().st_mode & 0o077 == 0


def test_a_line_of_the_log_that_was_broken_off_takes_no_other_with_it(tmp_path: Path) -> None:
    log = tmp_path / "erasures.log"
    first, second = erasures.Erasure(1, 10, 20), erasures.Erasure(2, 11, 21)
    erasures.add(log, [first])
    with log.open("ab") as file:
        file.write(b'{"contact":7')
    erasures.add(log, [first, second])
    assert erasures.read(log) == {first, second}
