"""Who else is in a conversation: mentions, guests, and offers that are put off."""

from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from company_scenarios import invited, offered
from scenario import assigned, opened, waiting
from small_desk import Served, SmallDesk
from watcher import Watcher

from hub.desk.asked import asked
from hub.desk.facts import facts_of
from hub.desk.principal import ROLES, SYSTEM, Principal
from hub.desk.sight import sight_of
from hub.desk.sorts import Sort
from hub.desk.sources import AS_HANDED_ON
from hub.desk.tables import conversation
from hub.desk.talk_tables import handed_on
from hub.desk.tray_filters import Reader
from hub.protocol import commands as c
from hub.protocol import frames
from hub.protocol.company import Postpone
from hub.protocol.errors import Code, Refused
from hub.protocol.filter_fields import Names
from hub.protocol.views import Row
from hub.store.clock import ManualClock


async def row(desk: SmallDesk, number: int) -> Row:
    return (await desk.hub.store.read(lambda conn: facts_of(conn, [number])))[number].row


async def refused(desk: SmallDesk, who: str, name: str, args: c.Args) -> Code:
    with pytest.raises(Refused) as caught:
        await desk.run(who, name, args)
    return caught.value.code


async def tray(watcher: Watcher, name: str, w: int) -> None:
    watcher._put(frames.Sub(w, name))
    await watcher.until(lambda: any(isinstance(f, frames.Snap) and f.w == w and f.last for f in watcher.seen))


def counts(watcher: Watcher, w: int) -> list[Any]:
    """What was said of a window's count: first by its snapshot, then by events."""
    said: list[Any] = [f.count for f in watcher.seen if isinstance(f, frames.Snap) and f.w == w and not f.part]
    events = [e for f in watcher.seen if isinstance(f, frames.Ev) for e in f.events]
    return said + [e.n for e in events if isinstance(e, frames.CountChanged) and e.w == w]


# -- mentions ----------------------------------------------------------------------------------------------------------


async def test_a_mention_grants_sight_and_is_among_the_mentions_until_it_is_read(served: Served) -> None:
    desk = served.desk
    number = await opened(desk)
    assert await refused(desk, "luis", "message.note", c.Note(number, "hola")) is Code.NOT_OWNER
    luis = await served.join("luis")
    await tray(luis, "mentions", 9)
    note = await desk.run("ana", "message.note", c.Note(number, "¿podés ver esto, @luis?"))
    newer = await desk.run("ana", "message.note", c.Note(number, "y @luis, también esto"))
    await served.settle()
    assert counts(luis, 9) == [0, 1]
    assert (await row(desk, number)).unseen == [desk.ids["luis"]]
    await desk.run("luis", "conversation.read", c.Read(number, int(note["message"] or 0)))
    await served.settle()
    assert counts(luis, 9) == [0, 1]  # there is a newer one
    await desk.run("luis", "conversation.read", c.Read(number, int(newer["message"] or 0)))
    await served.settle()
    assert counts(luis, 9) == [0, 1, 0]
    assert (await row(desk, number)).unseen == []
    await desk.run("luis", "message.note", c.Note(number, "visto"))  # and still sees it
    await desk.run("ana", "conversation.end", c.End(number))
    await desk.run("luis", "message.note", c.Note(number, "también después"))


async def test_sight_is_of_that_conversation_only(desk: SmallDesk) -> None:
    number, other = await opened(desk, "p1"), await opened(desk, "p2")
    await desk.run("ana", "message.note", c.Note(number, "@luis"))
    assert await refused(desk, "luis", "message.note", c.Note(other, "hola")) is Code.NOT_OWNER
    assert await refused(desk, "luis", "message.send", c.Send(number, "hola")) is Code.NOT_OWNER


async def test_nobody_is_mentioned_by_themselves_or_by_who_has_left(desk: SmallDesk) -> None:
    number = await opened(desk)
    await desk.run(SYSTEM, "agent.save", c.SaveAgent("luis", "Luis", "agent", active=False))
    await desk.run("ana", "message.note", c.Note(number, "@luis @ana"))
    assert (await row(desk, number)).unseen == []
    await desk.run("ana", "message.note", c.Note(number, "@sofia"))  # who sees it anyway
    assert (await row(desk, number)).unseen == [desk.ids["sofia"]]


async def test_the_comment_of_a_transfer_mentions_too(desk: SmallDesk) -> None:
    number = await opened(desk)
    args = c.Transfer(number, desk.queue, comment="@luis sabe más; @sofia, aviso")
    await desk.run("ana", "conversation.transfer", args)
    assert (await row(desk, number)).unseen == [desk.ids["luis"], desk.ids["sofia"]]


# -- guests ------------------------------------------------------------------------------------------------------------


async def test_a_guest_sees_and_notes_and_replies_only_where_the_queue_lets_guests(desk: SmallDesk) -> None:
    number = await invited(desk)
    await desk.run("luis", "message.note", c.Note(number, "acá estoy"))
    assert await refused(desk, "luis", "message.send", c.Send(number, "Buenas")) is Code.NOT_OWNER
    people = {"primary": [desk.ids["ana"]], "support": [desk.ids["luis"]]}
    await desk.run(SYSTEM, "queue.save", c.SaveQueue("ventas", {"es": "Ventas"}, guests_reply=True, **people))
    await desk.run("luis", "message.send", c.Send(number, "Buenas"))
    assert (await row(desk, number)).owed  # the answer of its own agent is owed all the same


async def test_a_guest_leaves_and_the_conversation_goes_on(desk: SmallDesk) -> None:
    number = await invited(desk)
    await desk.run("luis", "conversation.leave", c.Leave(number))
    now = await row(desk, number)
    assert (now.state, now.owner, now.guests) == ("open", desk.ids["ana"], [])
    assert await refused(desk, "luis", "message.note", c.Note(number, "hola")) is Code.NOT_OWNER


async def test_its_agent_sees_a_guest_out_and_no_guest_another(desk: SmallDesk) -> None:
    number = await invited(desk)
    await desk.run("ana", "conversation.invite", c.Invite(number, desk.ids["sofia"]))
    assert await refused(desk, "luis", "conversation.leave", c.Leave(number, desk.ids["sofia"])) is Code.NOT_OWNER
    assert await refused(desk, "luis", "conversation.invite", c.Invite(number, desk.ids["sofia"])) is Code.NOT_OWNER
    await desk.run("ana", "conversation.leave", c.Leave(number, desk.ids["luis"]))
    assert (await row(desk, number)).guests == [desk.ids["sofia"]]
    assert await refused(desk, "ana", "conversation.leave", c.Leave(number)) is Code.NOT_FOUND


async def test_the_owners_ending_ends_it_for_all_and_they_can_still_read_it(desk: SmallDesk) -> None:
    number = await invited(desk)
    await desk.run("ana", "conversation.end", c.End(number))
    assert await refused(desk, "luis", "message.send", c.Send(number, "Buenas")) is Code.NOT_OWNER
    await desk.run("luis", "message.note", c.Note(number, "para el registro"))
    assert await refused(desk, "ana", "conversation.invite", c.Invite(number, desk.ids["luis"])) is Code.WRONG_STATE


async def test_guests_stay_when_it_is_handed_on_until_they_have_it_themselves(desk: SmallDesk) -> None:
    number = await invited(desk)
    await desk.run("sofia", "conversation.take", c.Take(number))
    assert (await row(desk, number)).guests == [desk.ids["luis"]]
    await desk.run("sofia", "conversation.assign", c.Assign(number, desk.ids["luis"]))
    assert (await row(desk, number)).guests == []
    await desk.run("sofia", "conversation.assign", c.Assign(number, desk.ids["ana"]))
    assert await refused(desk, "luis", "message.note", c.Note(number, "hola")) is Code.NOT_OWNER


# -- offers ------------------------------------------------------------------------------------------------------------


async def test_an_offer_that_was_put_off_comes_back_until_somebody_accepts(served: Served, clock: ManualClock) -> None:
    desk = served.desk
    number = await offered(desk)
    watching = {login: await served.join(login) for login in ("ana", "luis")}
    for watcher in watching.values():
        await tray(watcher, "offered", 9)
    await desk.run("luis", "offer.postpone", Postpone(number))
    await desk.run("luis", "offer.postpone", Postpone(number))  # changes nothing
    await served.settle()
    assert (await row(desk, number)).later == [desk.ids["luis"]]
    clock.advance(299_000)
    await desk.hub.timers.fire_due()
    await served.settle()
    assert [counts(watching[login], 9) for login in ("ana", "luis")] == [[1], [1, 0]]
    clock.advance(1_000)
    await desk.hub.timers.fire_due()
    await served.settle()
    assert [counts(watching[login], 9) for login in ("ana", "luis")] == [[1], [1, 0, 1]]
    await desk.run("ana", "conversation.take", c.Take(number))
    await served.settle()
    assert [counts(watching[login], 9) for login in ("ana", "luis")] == [[1, 0], [1, 0, 1, 0]]


async def test_what_waits_anew_is_offered_anew(desk: SmallDesk, clock: ManualClock) -> None:
    number = await offered(desk)
    await desk.run("luis", "offer.postpone", Postpone(number))
    await desk.run("ana", "conversation.take", c.Take(number))
    assert (await row(desk, number)).later == []
    await desk.run("ana", "conversation.requeue", c.Requeue(number))
    clock.advance(300_000)
    await desk.hub.timers.fire_due()
    assert (await row(desk, number)).later == []


async def test_only_what_is_offered_to_me_can_be_put_off(desk: SmallDesk) -> None:
    number = await assigned(desk)
    assert await refused(desk, "ana", "offer.postpone", Postpone(number)) is Code.WRONG_STATE
    waits = await waiting(desk, "p2")
    assert await refused(desk, "ana", "offer.postpone", Postpone(waits)) is Code.BAD_ARGS  # it is pushed


def test_the_trays_of_mentions_and_offers_are_read_off_an_index(sqlite_template: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{sqlite_template}")
    with engine.connect() as conn:
        for role in ("agent", "supervisor"):
            who = Principal("agent", 3, role, frozenset({1, 2}), grants=ROLES[role], offers=frozenset({1}))
            reader = Reader(who.id, date(2026, 11, 20), ZoneInfo("UTC"), who.offers)
            for name in ("mentions", "offered", "in_progress", "attended"):
                wanted = asked(name, "", Sort(), sight=sight_of(who), reader=reader, names=Names({}))
                for where in [(wanted.place.sql(),), *wanted.branches(conn, 0)]:
                    query = sa.select(conversation.c.id).where(*where).order_by(conversation.c.last_at.desc()).limit(51)
                    text = str(query.compile(conn, compile_kwargs={"literal_binds": True}))
                    plan = [row[3] for row in conn.execute(sa.text(f"EXPLAIN QUERY PLAN {text}"))]
                    assert not [step for step in plan if step.startswith("SCAN")], (role, name, plan)
                for where in wanted.kept_branches(0):
                    order = Sort().order("sqlite", AS_HANDED_ON)
                    query = sa.select(handed_on.c.conversation_id).where(*where).order_by(*order).limit(51)
                    text = str(query.compile(conn, compile_kwargs={"literal_binds": True}))
                    plan = [row[3] for row in conn.execute(sa.text(f"EXPLAIN QUERY PLAN {text}"))]
                    index = (
                        "ix_handed_on_agent_ended (agent_id=? AND ended_at>?)" if name == "attended" else "agent_last"
                    )
                    assert plan[0].startswith("SEARCH handed_on USING INDEX"), (name, plan)
                    assert index in plan[0], (name, plan)
                    assert any(one.startswith("SEARCH conversation USING INTEGER PRIMARY KEY") for one in plan)
                    assert not [step for step in plan if step.startswith("SCAN")], (name, plan)
    engine.dispose()
