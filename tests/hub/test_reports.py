"""The reports: each transfer with what came of it, each attention with its times, in nobody's sight but who may."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from api_client import program
from form_scenarios import with_form
from small_desk import Served, SmallDesk
from test_handing import MINUTE, opened, queue, said
from test_queries import all_of, answered

from hub.desk.audit_tables import audit
from hub.desk.principal import SYSTEM, Principal, Scope
from hub.protocol import commands as c
from hub.protocol.errors import Code, Refused
from hub.protocol.forms import Field
from hub.store.clock import ManualClock


@pytest.fixture(autouse=True)
async def everybody_is_there(desk: SmallDesk) -> None:
    for login in ("ana", "luis"):
        await desk.reach(login)


async def handed_on(desk: SmallDesk, clock: ManualClock) -> tuple[int, int]:
    """Ana opens a conversation after two minutes and transfers it to another queue, where luis opens it three minutes
    later, answers after one more, and transfers it back to ana, who never opens it. Returns it and the queue."""
    other = await queue(desk, "soporte", ("luis",), support=[])
    number = await said(desk, "p1")
    clock.advance(2 * MINUTE)
    await desk.run("ana", "conversation.open", c.Open(number))
    clock.advance(MINUTE)
    await desk.run("ana", "message.send", c.Send(number, "Ya lo paso"))
    clock.advance(MINUTE)
    await desk.run("ana", "conversation.transfer", c.Transfer(number, other, comment="quiere *factura*"))
    clock.advance(3 * MINUTE)
    await desk.run("luis", "conversation.open", c.Open(number))
    await desk.say("p1", "¿Y?")
    clock.advance(MINUTE)
    await desk.run("luis", "message.send", c.Send(number, "Aquí estoy"))
    await desk.run("luis", "conversation.transfer", c.Transfer(number, desk.queue, desk.ids["ana"], "toda suya"))
    clock.advance(5 * MINUTE)
    return number, other


async def test_each_transfer_tells_from_whom_to_whom_and_how_long_it_waited_there(
    desk: SmallDesk, clock: ManualClock
) -> None:
    number, other = await handed_on(desk, clock)
    ana, luis = desk.ids["ana"], desk.ids["luis"]
    back, first = await all_of(desk, await desk.who("sofia"), "reports.transfers", limit="1")
    assert (first.conversation, first.n, first.queue, first.agent, first.by) == (number, 1, desk.queue, ana, ana)
    assert (first.to_queue, first.to_agent, first.comment) == (other, None, "quiere *factura*")
    assert (first.waited, first.opened_by, first.opened) == (3 * MINUTE, luis, first.at + 3 * MINUTE)
    assert (back.n, back.queue, back.agent, back.to_queue, back.to_agent) == (2, other, luis, desk.queue, ana)
    assert (back.waited, back.opened, back.comment) == (None, None, "toda suya")
    await desk.run("sofia", "conversation.requeue", c.Requeue(number))
    for login in ("ana", "luis"):
        await desk.run(login, "agent.status", c.SetStatus("lunch"))
    clock.advance(MINUTE)
    await desk.run("sofia", "conversation.end", c.End(number))
    (back, _first) = await all_of(desk, await desk.who("sofia"), "reports.transfers", limit="9")
    assert back.opened is None
    assert back.waited == 6 * MINUTE  # it ended unopened


async def test_each_leg_tells_what_was_filled_in_of_its_form_to_whom_may_read_it(
    desk: SmallDesk, clock: ManualClock
) -> None:
    other = await queue(desk, "soporte", ("luis",), support=[])
    version = await with_form(desk)
    theirs = c.SaveForm(other, [Field("device", "text", {"es": "Equipo"})])
    second = int((await desk.run(SYSTEM, "form.save", theirs))["version"] or 0)
    number = await opened(desk)
    await desk.run("ana", "form.fill", c.Fill(number, version, {"notes": "=1+1"}))
    await desk.run("ana", "conversation.transfer", c.Transfer(number, other))
    await desk.run("luis", "conversation.open", c.Open(number))
    await desk.run("luis", "form.fill", c.Fill(number, second, {"device": "router"}))
    sofia, ana = await desk.who("sofia"), await desk.who("ana")
    luis_leg, ana_leg = await all_of(desk, sofia, "reports.attentions", limit="9")
    assert (ana_leg.form, ana_leg.values) == (version, {"notes": "=1+1"})
    assert (luis_leg.form, luis_leg.values) == (second, {"device": "router"})
    (moved,) = await all_of(desk, sofia, "reports.transfers", limit="9")
    assert (moved.form, moved.values) == (version, {"notes": "=1+1"})
    (own,) = await all_of(desk, ana, "reports.attentions", limit="9")
    assert own.values == {"notes": "=1+1"}
    seer = Principal("agent", 99, queues=frozenset({other}), grants={"report.see": Scope.QUEUE})
    (hidden,) = await all_of(desk, seer, "reports.attentions", limit="9")
    assert (hidden.id, hidden.form, hidden.values) == (luis_leg.id, 0, {})
    await desk.run(SYSTEM, "contact.erase", c.EraseContact(1))
    assert [(one.form, one.values) for one in await all_of(desk, sofia, "reports.attentions", limit="9")] == [
        (0, {})
    ] * 2


async def test_each_attention_tells_its_times_and_its_messages(desk: SmallDesk, clock: ManualClock) -> None:
    number, other = await handed_on(desk, clock)
    again, luis, ana = await all_of(desk, await desk.who("sofia"), "reports.attentions", limit="2")
    assert (ana.agent, ana.queue, ana.waited, ana.handled) == (desk.ids["ana"], desk.queue, 2 * MINUTE, 2 * MINUTE)
    assert (ana.response, ana.received, ana.sent, ana.how) == (3 * MINUTE, 1, 1, "conversation.transfer")
    assert ana.opened == ana.began + 2 * MINUTE
    assert ana.ended == ana.began + 4 * MINUTE
    assert (luis.agent, luis.queue, luis.waited, luis.handled) == (desk.ids["luis"], other, 3 * MINUTE, MINUTE)
    assert (luis.response, luis.received, luis.sent) == (4 * MINUTE, 1, 1)
    assert (again.agent, again.waited, again.handled, again.how, again.ended) == (ana.agent, None, None, "", None)
    await desk.run("ana", "conversation.open", c.Open(number))
    await desk.run("ana", "conversation.end", c.End(number))
    again = (await answered(desk, await desk.who("sofia"), "reports.attentions")).rows[0]
    assert (again.waited, again.how, again.outcome) == (5 * MINUTE, "conversation.end", "attended")
    clock.advance(MINUTE)
    await desk.run("ana", "conversation.reopen", c.Reopen(number))
    reopened, again, *_rest = (await answered(desk, await desk.who("sofia"), "reports.attentions")).rows
    assert (again.outcome, reopened.waited, reopened.handled) == ("", 0, None)


async def test_what_nobody_got_and_what_was_missed_are_rows_too(desk: SmallDesk, clock: ManualClock) -> None:
    sofia = await desk.who("sofia")
    missed = await said(desk, "p1")
    clock.advance(MINUTE)
    await desk.run("ana", "conversation.requeue", c.Requeue(missed))  # goes to luis, who opens it at last
    clock.advance(MINUTE)
    await desk.run("luis", "conversation.open", c.Open(missed))
    for login in ("ana", "luis"):
        await desk.run(login, "agent.status", c.SetStatus("lunch"))
    lost = await said(desk, "p2")
    clock.advance(MINUTE)
    await desk.run("sofia", "conversation.end", c.End(lost))
    rows = (await answered(desk, sofia, "reports.attentions")).rows
    assert [(row.conversation, row.agent, row.waited, row.how) for row in rows] == [
        (lost, None, MINUTE, "conversation.end"),
        (missed, desk.ids["luis"], MINUTE, ""),
        (missed, desk.ids["ana"], MINUTE, "conversation.requeue"),
    ]


async def test_an_agent_reads_their_own_and_a_queues_reader_those_of_their_queues(
    desk: SmallDesk, clock: ManualClock
) -> None:
    await desk.say("p1", "Hola", name="Vera")
    number, other = await handed_on(desk, clock)
    third = await queue(desk, "caja", ("ana",))
    alone = await opened(desk, "p2")
    await desk.run("ana", "conversation.transfer", c.Transfer(alone, third, comment="secreto"))
    ana, luis = await desk.who("ana"), await desk.who("luis")
    assert {row.agent for row in await all_of(desk, luis, "reports.attentions", limit="1")} == {desk.ids["luis"]}
    mine = await all_of(desk, ana, "reports.transfers", limit="2")
    assert [row.conversation for row in mine] == [alone, number, number]
    assert {row.conversation for row in await all_of(desk, luis, "reports.transfers", limit="1")} == {number}
    # of what has gone on one still reads whom it was about, and why it went
    (back,) = await all_of(desk, luis, "reports.transfers", limit="9", conversation=str(number))
    assert (back.name, back.comment, back.by) == ("Vera", "toda suya", desk.ids["luis"])
    grants = {"report.see": Scope.QUEUE, "conversation.see": Scope.OWN}
    reader = Principal("agent", 99, "reader", frozenset({third}), grants=grants)
    (seen,) = await all_of(desk, reader, "reports.transfers", limit="1")
    assert (seen.conversation, seen.to_queue, seen.name, seen.comment) == (alone, third, "", "")
    rows = await all_of(desk, reader, "reports.attentions", limit="1")
    assert {row.queue for row in rows} == {third}
    nobody = Principal("agent", 99, "nobody", grants={"conversation.see": Scope.ENTITY})
    with pytest.raises(Refused) as refused:
        await answered(desk, nobody, "reports.transfers")
    assert refused.value.code == Code.FORBIDDEN
    assert other != third


async def test_filters_narrow_it_to_a_queue_an_agent_a_channel_and_a_conversation(
    desk: SmallDesk, clock: ManualClock
) -> None:
    number, other = await handed_on(desk, clock)
    made = await desk.say("p9", "Hola", channel=desk.whatsapp, phone="+595981000111")
    elsewhere = int(made["conversation"] or 0)
    sofia = await desk.who("sofia")

    async def found(name: str, **given: Any) -> list[Any]:
        return await all_of(desk, sofia, name, limit="1", **{key: str(value) for key, value in given.items()})

    assert len(await found("reports.transfers", queue=other)) == 2  # to it, and from it
    assert len(await found("reports.transfers", agent=desk.ids["luis"])) == 1
    assert await found("reports.transfers", channel=desk.whatsapp) == []
    assert len(await found("reports.transfers", channel=desk.web)) == 2
    assert {row.agent for row in await found("reports.attentions", agent=desk.ids["luis"], queue=other)} == {
        desk.ids["luis"]
    }
    (row,) = await found("reports.attentions", channel=desk.whatsapp)
    assert (row.conversation, row.name) == (elsewhere, "+595981000111")
    assert {row.conversation for row in await found("reports.attentions", conversation=number)} == {number}


async def test_the_period_is_days_of_the_desk_or_times(desk: SmallDesk, clock: ManualClock) -> None:
    number, _other = await handed_on(desk, clock)
    sofia = await desk.who("sofia")
    zone = ZoneInfo(desk.hub.config.zone)
    at = (await answered(desk, sofia, "reports.transfers")).rows[0].at
    today = datetime.fromtimestamp(at / 1000, zone).date().isoformat()
    assert len(await all_of(desk, sofia, "reports.transfers", limit="9", **{"from": today, "to": today})) == 2
    assert len(await all_of(desk, sofia, "reports.transfers", limit="9", **{"from": str(at)})) == 1
    assert len(await all_of(desk, sofia, "reports.transfers", limit="9", **{"from": "0", "to": str(at)})) == 1
    clock.advance(26 * 60 * MINUTE)
    assert await all_of(desk, sofia, "reports.transfers", limit="9") == []  # today, unless asked
    assert len(await all_of(desk, sofia, "reports.transfers", limit="9", conversation=str(number))) == 2
    assert len(await all_of(desk, sofia, "reports.transfers", limit="9", **{"from": "0", "to": today})) == 2
    for name, given in (("from", "2026-02-30"), ("to", "9999-12-31"), ("from", "yesterday")):
        with pytest.raises(Refused) as refused:
            await answered(desk, sofia, "reports.attentions", **{name: given})
        assert (refused.value.code, refused.value.field) == (Code.BAD_ARGS, name)


async def test_who_was_erased_is_counted_and_not_named(desk: SmallDesk, clock: ManualClock) -> None:
    await desk.say("p1", "Hola", name="Vera")
    await handed_on(desk, clock)
    sofia = await desk.who("sofia")
    assert {row.name for row in (await answered(desk, sofia, "reports.transfers")).rows} == {"Vera"}
    await desk.run(SYSTEM, "contact.erase", c.EraseContact(1))
    for name in ("reports.transfers", "reports.attentions"):
        for login in ("sofia", "ana"):
            rows = (await answered(desk, await desk.who(login), name)).rows
            assert rows
            assert {row.name for row in rows} == {""}
    assert {row.comment for row in (await answered(desk, sofia, "reports.transfers")).rows} == {""}


async def test_reading_more_than_ones_own_is_on_record(served: Served, clock: ManualClock) -> None:
    desk = served.desk
    await handed_on(desk, clock)

    async def exports() -> list[tuple[str, str]]:
        query = sa.select(audit.c.who, audit.c.about).where(audit.c.what == "look.export").order_by(audit.c.n)
        return [tuple(row) for row in await desk.hub.store.read(lambda conn: conn.execute(query).all())]

    async with program(served, "ana", "report.see") as ana:
        assert len((await ana.get("reports/transfers")).body["items"]) == 2
    assert await exports() == []
    async with program(served, "sofia", "report.see") as sofia:
        assert len((await sofia.get("reports/attentions", limit=2)).body["items"]) == 2
    (entry,) = await exports()
    assert entry == (f"agent:{desk.ids['sofia']}", '{"of":"reports.attentions","rows":2}')
