"""Reminders and scheduled messages: they happen once, in time, and what can't be done comes back with its reason."""

from typing import Any

import pytest
import sqlalchemy as sa
from company_scenarios import scheduled
from scenario import opened
from small_desk import Served, SmallDesk
from test_company import refused, row
from test_spam import said

from hub.desk import references
from hub.desk.principal import SYSTEM
from hub.desk.tables import message
from hub.protocol import commands as c
from hub.protocol.erasure import Doubt, EraseContact
from hub.protocol.errors import Code
from hub.protocol.plans import CancelPlan
from hub.store.clock import ManualClock


async def planned(desk: SmallDesk) -> list[Any]:
    return list(await desk.hub.store.read(lambda conn: references.whole(conn, "plans")))


async def pass_by(desk: SmallDesk, clock: ManualClock, ms: int) -> None:
    clock.advance(ms)
    await desk.hub.timers.fire_due()


async def test_a_scheduled_message_goes_out_in_time_once_and_as_its_authors(
    desk: SmallDesk, clock: ManualClock
) -> None:
    number, _ = await scheduled(desk)
    await pass_by(desk, clock, 59_999)
    assert len(await said(desk, number)) == 1
    await pass_by(desk, clock, 1)
    await desk.hub.timers.fire_due()
    assert (await said(desk, number))[1:] == [("out", "Buen día", "sent")]
    written = sa.select(message.c.author_id, message.c.key).where(message.c.direction == "out")
    line = await desk.hub.store.read(lambda conn: conn.execute(written).one())
    assert line.author_id == desk.ids["ana"]
    assert line.key.startswith("timer:")
    assert await planned(desk) == []
    now = await row(desk, number)
    assert (now.owed, now.ans) == (False, True)


async def test_what_is_changed_goes_out_at_its_new_time_and_what_is_cancelled_never(
    desk: SmallDesk, clock: ManualClock
) -> None:
    number, plan = await scheduled(desk)
    later = clock.now() + 120_000
    await desk.run("ana", "message.schedule", c.Schedule(number, later, "Buenas tardes", plan))
    other = await desk.run("ana", "message.schedule", c.Schedule(number, later, "No"))
    await desk.run("ana", "plan.cancel", CancelPlan(int(other["plan"] or 0)))
    await pass_by(desk, clock, 60_000)
    assert [(one.id, one.b) for one in await planned(desk)] == [(plan, "Buenas tardes")]
    await pass_by(desk, clock, 60_000)
    assert (await said(desk, number))[1:] == [("out", "Buenas tardes", "sent")]


@pytest.mark.parametrize(
    ("what", "why"),
    [("ended", "wrong_state"), ("taken", "not_owner"), ("snoozed", "wrong_state"), ("gone", "forbidden")],
)
async def test_one_that_can_not_go_out_comes_back_with_the_reason(
    desk: SmallDesk, clock: ManualClock, what: str, why: str
) -> None:
    number, plan = await scheduled(desk)
    match what:
        case "ended":
            await desk.run("ana", "conversation.end", c.End(number))
        case "taken":
            await desk.run("sofia", "conversation.take", c.Take(number))
        case "snoozed":
            await desk.run("ana", "conversation.snooze", c.Snooze(number, 2_000_000_000_000))
        case "gone":
            await desk.run(SYSTEM, "agent.save", c.SaveAgent("ana", "Ana", "agent", active=False))
    await pass_by(desk, clock, 60_000)
    assert len(await said(desk, number)) == 1
    assert [(one.id, one.why, one.b) for one in await planned(desk)] == [(plan, why, "Buen día")]
    if what != "gone":
        await desk.run("ana", "plan.cancel", CancelPlan(plan))  # put away, also without seeing the conversation


async def test_one_of_a_supervisors_comes_back_when_another_agent_has_the_conversation(
    desk: SmallDesk, clock: ManualClock
) -> None:
    number = await opened(desk)
    await desk.run("sofia", "message.schedule", c.Schedule(number, clock.now() + 1_000, "Buenas"))
    await desk.run("sofia", "conversation.assign", c.Assign(number, desk.ids["luis"]))
    await pass_by(desk, clock, 1_000)
    assert [one.why for one in await planned(desk)] == ["not_owner"]


async def test_a_reminder_reminds_whoever_has_the_conversation_by_then(desk: SmallDesk, clock: ManualClock) -> None:
    number = await opened(desk)
    await desk.run("ana", "conversation.remind", c.Remind(number, clock.now() + 60_000, "llamar"))
    await desk.run("sofia", "conversation.assign", c.Assign(number, desk.ids["luis"]))
    await pass_by(desk, clock, 60_000)
    assert (await said(desk, number))[1:] == [("note", "⏰ llamar", "")]
    assert (await row(desk, number)).unseen == [desk.ids["luis"]]


async def test_a_reminder_of_what_nobody_has_is_its_authors(desk: SmallDesk, clock: ManualClock) -> None:
    number = await opened(desk)
    await desk.run("ana", "conversation.remind", c.Remind(number, clock.now() + 60_000))
    await desk.run("ana", "agent.status", c.SetStatus("resting"))
    await desk.run("ana", "conversation.requeue", c.Requeue(number))
    await pass_by(desk, clock, 60_000)
    assert (await row(desk, number)).unseen == [desk.ids["ana"]]


async def test_who_has_the_conversation_before_them_sees_what_waits_in_it_and_keeps_none_of_it(served: Served) -> None:
    desk = served.desk
    number, first = await scheduled(desk)
    other = await opened(desk, "p2")
    sofia, later = await served.join("sofia"), await served.join("sofia")
    await sofia.watch(number)
    thread = sofia.mirror.held[number].thread
    assert [(one.b, one.by) for one in thread.plans] == [("Buen día", desk.ids["ana"])]
    due = desk.hub.clock.now() + 30_000
    made = await desk.run("ana", "conversation.remind", c.Remind(number, due, "llamar"))
    await desk.run("ana", "conversation.remind", c.Remind(other, due, "no"))
    await served.settle()
    assert [one.b for one in thread.plans] == ["llamar", "Buen día"]
    assert not sofia.mirror.refs.items("plans"), "it is nobody's to keep but its author's"
    await later.watch(number)
    assert later.mirror.held[number].thread.plans == thread.plans
    await desk.run("ana", "plan.cancel", CancelPlan(int(made["plan"] or 0)))
    await served.settle()
    assert [one.id for one in thread.plans] == [first]
    await desk.run("ana", "conversation.end", c.End(number))
    assert isinstance(desk.hub.clock, ManualClock)
    await pass_by(desk, desk.hub.clock, 60_000)
    await served.settle()
    assert thread.plans == [], "what has come back is its author's alone"


async def test_nobody_is_told_of_anothers_plans_in_what_they_do_not_look_at(served: Served) -> None:
    desk = served.desk
    number, plan = await scheduled(desk)
    watching = {login: await served.join(login) for login in ("ana", "sofia")}
    args = c.Schedule(number, desk.hub.clock.now() + 90_000, "Buenas", plan)
    await desk.run("ana", "message.schedule", args)
    await served.settle()
    held = {login: [one.b for one in watcher.mirror.refs.items("plans")] for login, watcher in watching.items()}
    assert held == {"ana": ["Buenas"], "sofia": []}
    assert await refused(desk, "sofia", "plan.cancel", CancelPlan(plan)) is Code.NOT_FOUND


async def test_what_can_not_be_planned_is_refused_by_its_field(desk: SmallDesk, clock: ManualClock) -> None:
    number = await opened(desk)
    for at in (clock.now(), clock.now() + 367 * 86_400_000):
        assert await refused(desk, "ana", "message.schedule", c.Schedule(number, at, "Hola")) is Code.BAD_ARGS
    assert await refused(desk, "ana", "message.schedule", c.Schedule(number, clock.now() + 9, "  ")) is Code.EMPTY
    await desk.run("ana", "conversation.end", c.End(number))
    assert await refused(desk, "ana", "conversation.remind", c.Remind(number, clock.now() + 9)) is Code.WRONG_STATE


async def test_plans_are_erased_with_the_customer(desk: SmallDesk, clock: ManualClock) -> None:
    number, _ = await scheduled(desk)
    await desk.run(SYSTEM, "contact.erase", EraseContact(1))
    assert await planned(desk) == []
    await pass_by(desk, clock, 60_000)
    assert await said(desk, number) == []


async def test_after_a_restore_what_may_have_gone_out_comes_back(desk: SmallDesk, clock: ManualClock) -> None:
    await scheduled(desk)
    clock.advance(60_000)
    await desk.run(SYSTEM, "message.doubt", Doubt())
    await desk.hub.timers.fire_due()
    assert [one.why for one in await planned(desk)] == ["uncertain"]


# -- a newer line ------------------------------------------------------------------------------------------------------


async def test_an_answer_to_a_line_before_the_last_is_refused_where_its_author_says_so(desk: SmallDesk) -> None:
    first = await desk.say("p1", "Hola")
    number = await opened(desk)
    newer = await desk.say("p1", "¿Siguen ahí?")
    args = c.Send(number, "Buenas", int(first["message"] or 0))
    assert await refused(desk, "ana", "message.send", args) is Code.NEWER_LINE
    await desk.run("ana", "message.send", c.Send(number, "Buenas", int(newer["message"] or 0)))
    await desk.run("ana", "message.send", c.Send(number, "Sin mirar"))
