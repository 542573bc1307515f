"""The audit trail: what must be in it is; what was changed in it is found; what may go can, and it still verifies."""

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from small_desk import Served, SmallDesk

from hub.auth import hash_now
from hub.desk import audit, audit_reads
from hub.desk.audit_reads import Entry, Mark, Search
from hub.desk.audit_tables import audit as table
from hub.desk.principal import SYSTEM
from hub.desk.retention import BY_KIND
from hub.desk.whence import ADDRESS, kind_of
from hub.hub import Hub
from hub.protocol import commands as c
from hub.protocol.commands import REGISTRY
from hub.protocol.errors import Code, Refused
from hub.signing_in import sign_in
from hub.store.clock import ManualClock
from hub.store.unit import Unit
from hub.upkeep.housekeeping import Housekeeping


async def trail(hub: Hub, **search: Any) -> list[Entry]:
    """Newest first."""
    return await hub.store.read(lambda conn: audit_reads.page(conn, Search(**search), limit=500))


async def verdict(hub: Hub, known: Mark | None = None) -> audit_reads.Verdict:
    return await hub.store.read(lambda conn: audit_reads.verify(conn, known))


async def opened(desk: SmallDesk, person: str = "p1") -> int:
    made = await desk.say(person, "Hola")
    await desk.reach("ana")
    conversation = int(made["conversation"] or 0)
    await desk.run("ana", "conversation.open", c.Open(conversation))
    return conversation


async def tamper(hub: Hub, statement: str) -> None:
    """As somebody does who has the database: past the triggers."""

    def write(unit: Unit) -> None:
        if unit.conn.dialect.name == "sqlite":
            for act in ("insert", "update", "delete"):
                unit.conn.execute(sa.text(f"DROP TRIGGER IF EXISTS audit_{act}"))
        else:
            unit.conn.execute(sa.text("ALTER TABLE audit DISABLE TRIGGER ALL"))
        unit.conn.execute(sa.text(statement))

    await hub.store.write(write)


# -- what is in it -----------------------------------------------------------------------------------------------------


def test_whatever_manages_something_is_audited_and_what_customers_write_is_not() -> None:
    managing = {name for name, spec in REGISTRY.items() if spec.verb.endswith(".manage")}
    assert managing <= {name for name, spec in REGISTRY.items() if spec.audited}
    assert REGISTRY["session.start"].audited
    assert REGISTRY["session.end"].audited
    assert not any(spec.audited for name, spec in REGISTRY.items() if name.startswith("message."))


async def test_a_managed_thing_is_on_the_trail_with_who_what_and_which(desk: SmallDesk) -> None:
    made = await desk.run(SYSTEM, "agent.save", c.SaveAgent("eva", "Eva", "admin", password_hash="secret"))
    newest = (await trail(desk.hub))[0]
    assert (newest.who, newest.what, newest.outcome) == ("system", "agent.save", "done")
    assert newest.about == {"role": "admin", "active": True, "sample": False, "agent": made["agent"], "password": True}
    assert newest.at == desk.hub.clock.now()


async def test_no_words_of_anybody_are_on_the_trail(desk: SmallDesk) -> None:
    conversation = await opened(desk)
    await desk.run("ana", "message.send", c.Send(conversation, "confidencial"))
    await desk.run("sofia", "conversation.assign", c.Assign(conversation, desk.ids["luis"]))
    await desk.run(SYSTEM, "tag.save", c.SaveTag("confidencial", "#b07a1e"))
    rows = await desk.hub.store.read(lambda conn: conn.execute(sa.select(table)).all())
    assert len(rows) > 5
    assert not any("confidencial" in str(row) or "Luis" in str(row) for row in rows)


async def test_what_is_done_with_ones_own_conversations_is_not_on_the_trail_and_what_with_others_is(
    desk: SmallDesk,
) -> None:
    conversation = await opened(desk)
    await desk.run("ana", "message.send", c.Send(conversation, "Buenas"))
    assert await trail(desk.hub, conversation=conversation) == []
    await desk.run("sofia", "conversation.take", c.Take(conversation))
    (taken,) = await trail(desk.hub, conversation=conversation)
    assert (taken.who, taken.what) == (f"agent:{desk.ids['sofia']}", "conversation.take")
    assert taken.about == {"conversation": conversation, "owner": desk.ids["ana"]}


async def test_a_command_sent_twice_is_on_the_trail_once(desk: SmallDesk) -> None:
    for _ in range(2):
        await desk.run(SYSTEM, "tag.save", c.SaveTag("vip", "#b07a1e"), key="the-same-key")
    assert [entry.what for entry in await trail(desk.hub, what="tag")] == ["tag.save"]


async def test_what_was_refused_left_no_entry_of_being_done_but_that_it_was_tried(desk: SmallDesk) -> None:
    for _ in range(50):
        with pytest.raises(Refused):
            await desk.run("ana", "agent.save", c.SaveAgent("ana", "Ana", "admin"))
    await desk.hub.attempts.settle()
    more, first = await trail(desk.hub, who=f"agent:{desk.ids['ana']}", what="agent.save")
    assert (first.outcome, first.about) == ("forbidden", {"times": 1})
    assert (more.outcome, more.about) == ("forbidden", {"times": 49})


# -- sign-ins ----------------------------------------------------------------------------------------------------------


@pytest.fixture
async def known(desk: SmallDesk) -> SmallDesk:
    await desk.run(SYSTEM, "agent.save", c.SaveAgent("ana", "Ana", "agent", password_hash=hash_now("right")))
    return desk


async def test_a_sign_in_is_on_the_trail_as_the_agents_with_their_address(known: SmallDesk) -> None:
    ADDRESS.set("8.8.4.4")
    await sign_in(known.hub, "ana", "right", "laptop", "", ADDRESS.get())
    (entry,) = await trail(known.hub, what="session.start")
    assert (entry.who, entry.whence, entry.address) == (f"agent:{known.ids['ana']}", "public", "8.8.4.4")
    assert "laptop" not in str(entry)


async def test_a_flood_of_guesses_costs_two_entries_a_minute_and_account_and_none_is_lost(known: SmallDesk) -> None:
    ADDRESS.set("198.51.100.9")
    for login in ("ana", "ana", "ana", "my-password", "nobody", "nobody"):
        with pytest.raises(Refused):
            await sign_in(known.hub, login, "wrong", "", "", ADDRESS.get())
    for _ in range(2):
        await known.hub.attempts.settle()
    entries = await trail(known.hub, what="sign-in.failed")
    assert sorted((e.who, e.about["times"], e.address) for e in entries) == [
        ("", 1, "198.51.100.9"),
        ("", 2, "198.51.100.9"),
        (f"agent:{known.ids['ana']}", 1, "198.51.100.9"),
        (f"agent:{known.ids['ana']}", 2, "198.51.100.9"),
    ]
    assert {e.outcome for e in entries} == {Code.BAD_CREDENTIALS.value}


async def test_what_was_counted_is_entered_when_the_hub_stops(known: SmallDesk, make_hub: Any) -> None:
    for _ in range(3):
        with pytest.raises(Refused):
            await sign_in(known.hub, "ana", "wrong", "", "", ADDRESS.get())
    await known.hub.stop()
    assert [e.about["times"] for e in await trail(await make_hub(), what="sign-in.failed")] == [2, 1]


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("127.0.0.1", "loopback"),
        ("::1", "loopback"),
        ("10.0.0.8", "private"),
        ("fe80::1%eth0", "private"),
        ("8.8.8.8", "public"),
        ("2001:4860:4860::8888", "public"),
        ("", ""),
        ("unix:", ""),
    ],
)
def test_of_an_address_its_kind_is_told(address: str, kind: str) -> None:
    assert kind_of(address) == kind


# -- looks -------------------------------------------------------------------------------------------------------------


async def test_who_reads_what_is_with_somebody_else_is_on_the_trail_once_an_hour(
    served: Served, clock: ManualClock
) -> None:
    conversation = await opened(served.desk)
    sofia, ana = await served.join("sofia"), await served.join("ana")
    for watcher in (sofia, ana):
        await watcher.watch(conversation)
    again = await served.join("sofia")
    await again.watch(conversation)
    looks = await trail(served.hub, what=audit.LOOK)
    assert [(look.who, look.about, look.whence) for look in looks] == [
        (f"agent:{served.desk.ids['sofia']}", {"conversation": conversation}, "loopback")
    ]
    clock.advance(3_600_000)
    await (await served.join("sofia")).watch(conversation)
    assert len(await trail(served.hub, what=audit.LOOK)) == 2


async def test_a_thread_that_is_open_when_it_becomes_anothers_is_a_look(served: Served) -> None:
    for login in ("ana", "luis"):
        await served.desk.run(login, "agent.status", c.SetStatus("resting"))
    conversation = int((await served.desk.say("p1", "Hola"))["conversation"] or 0)
    sofia = await served.join("sofia")
    await sofia.watch(conversation)
    assert await trail(served.hub, what=audit.LOOK) == []
    await served.desk.run("ana", "conversation.open", c.Open(conversation))
    await served.settle()
    assert [look.who for look in await trail(served.hub, what=audit.LOOK)] == [f"agent:{served.desk.ids['sofia']}"]


async def test_two_hubs_enter_one_look(desk: SmallDesk, make_hub: Any) -> None:
    conversation = await opened(desk)
    other = await make_hub()
    sofia = await desk.who("sofia")
    for hub in (desk.hub, other):
        await hub.looks.at(sofia, conversation, desk.ids["ana"])
    assert len(await trail(other, what=audit.LOOK)) == 1


async def test_an_export_is_always_on_the_trail(desk: SmallDesk) -> None:
    sofia = await desk.who("sofia")
    for _ in range(2):
        await desk.hub.looks.export(sofia, of="conversations", rows=12)
    entries = await trail(desk.hub, what=audit.EXPORT)
    assert [entry.about for entry in entries] == [{"of": "conversations", "rows": 12}] * 2


# -- what goes ---------------------------------------------------------------------------------------------------------


async def test_an_address_can_be_erased_and_the_trail_still_verifies(known: SmallDesk) -> None:
    ADDRESS.set("8.8.4.4")
    await sign_in(known.hub, "ana", "right", "", "", ADDRESS.get())
    gone = await known.hub.store.write(lambda unit: audit.erase(unit, f"agent:{known.ids['ana']}"))
    assert gone == 1
    assert (await verdict(known.hub)).broken is None
    rows = await known.hub.store.read(lambda conn: conn.execute(sa.select(table)).all())
    assert not any("8.8.4.4" in str(row) for row in rows)
    assert (await trail(known.hub))[0].about == {"of": f"agent:{known.ids['ana']}", "entries": 1}


async def test_an_address_that_was_changed_is_found(known: SmallDesk) -> None:
    ADDRESS.set("8.8.4.4")
    await sign_in(known.hub, "ana", "right", "", "", ADDRESS.get())
    (entry,) = await trail(known.hub, what="session.start")
    await tamper(known.hub, f"UPDATE audit SET personal = '10.0.0.1' WHERE n = {entry.n}")
    found = await verdict(known.hub)
    assert (found.broken, "address" in found.why) == (entry.n, True)


async def test_what_is_too_old_goes_behind_a_checkpoint_and_the_rest_still_verifies(
    desk: SmallDesk, clock: ManualClock
) -> None:
    store, old = desk.hub.store, (await trail(desk.hub))[0]
    clock.advance(1000)
    await desk.run(SYSTEM, "tag.save", c.SaveTag("vip", "#b07a1e"))
    border = clock.now()
    assert await store.write(lambda unit: audit.expire(unit, border, 1000)) == old.n
    entries = await trail(desk.hub)
    assert [entry.what for entry in entries] == [audit.CHECKPOINT, "tag.save"]
    assert entries[0].about == {"entries": old.n, "hash": old.hash}
    found = await verdict(desk.hub)
    assert (found.broken, found.first) == (None, old.n + 1)
    assert await store.write(lambda unit: audit.expire(unit, border, 1000)) == 0
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        await store.write(lambda unit: unit.conn.execute(sa.delete(table)) and None)
    clock.advance(1000)
    assert await store.write(lambda unit: audit.expire(unit, clock.now(), 1000)) == 2
    assert (await verdict(desk.hub)).broken is None


async def test_the_setting_lets_go_of_old_entries_a_batch_at_a_time(
    desk: SmallDesk, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(BY_KIND, "audit", replace(BY_KIND["audit"], batch=3))
    monkeypatch.setattr("hub.upkeep.housekeeping.RULES", tuple(BY_KIND.values()))
    old = len(await trail(desk.hub))
    assert old > 3
    clock.advance(31 * 86_400_000)
    desk.hub.config = replace(desk.hub.config, keep_audit=30)
    assert (await Housekeeping(desk.hub).apply())["audit"] == old
    assert all(entry.at == clock.now() for entry in await trail(desk.hub))
    assert (await verdict(desk.hub)).broken is None
    assert (await Housekeeping(desk.hub).apply())["audit"] == 0


async def test_a_checkpoint_that_was_made_up_is_found(desk: SmallDesk, clock: ManualClock) -> None:
    clock.advance(1000)
    await desk.hub.store.write(lambda unit: audit.expire(unit, clock.now(), 1000))
    (checkpoint,) = await trail(desk.hub)
    await tamper(desk.hub, "UPDATE audit SET about = replace(about, 'entries', 'entrees')")
    assert (await verdict(desk.hub)).broken == checkpoint.n


# -- search ------------------------------------------------------------------------------------------------------------


async def test_the_trail_is_searched_by_who_what_conversation_and_time_page_by_page(
    desk: SmallDesk, clock: ManualClock
) -> None:
    conversation = await opened(desk)
    clock.advance(1000)
    began = clock.now()
    await desk.run("sofia", "conversation.take", c.Take(conversation))
    clock.advance(1000)
    for n in range(7):
        await desk.run(SYSTEM, "tag.save", c.SaveTag(f"t{n}", "#b07a1e"))
    sofia = f"agent:{desk.ids['sofia']}"
    for search in ({"who": sofia}, {"conversation": conversation}, {"since": began, "until": began + 1}):
        assert [entry.what for entry in await trail(desk.hub, **search)] == ["conversation.take"]
    assert await trail(desk.hub, what="ta") == []
    assert await trail(desk.hub, what="%") == []

    pages: list[Entry] = []
    while True:
        before = pages[-1].n if pages else None
        found = await desk.hub.store.read(
            lambda conn, before=before: audit_reads.page(conn, Search(what="tag"), before=before, limit=3)
        )
        pages += found
        if len(found) < 3:
            break
    numbers = [entry.n for entry in pages]
    assert len(numbers) == 7
    assert numbers == sorted(numbers, reverse=True)
    oldest_first = await desk.hub.store.read(lambda conn: list(audit_reads.whole(conn, Search(what="tag"))))
    assert oldest_first == pages[::-1]
