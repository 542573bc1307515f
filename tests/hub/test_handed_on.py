"""What an agent handed on stays with them as it was: in Attended, and readable up to there, through no door further."""

from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from api_client import program
from form_scenarios import with_form
from small_desk import Served, SmallDesk
from test_queries import all_of, answered
from watcher import Watcher

from hub.desk.principal import SYSTEM
from hub.desk.tables import conversation
from hub.protocol import commands as c
from hub.protocol import company, frames
from hub.protocol.errors import Code, Refused
from hub.protocol.forms import Field
from hub.store.clock import ManualClock

MINUTE = 60_000
SECRET = "secreto"


@pytest.fixture
async def far(desk: SmallDesk) -> int:
    """A queue that only luis works in."""
    made = await desk.run(
        SYSTEM, "queue.save", c.SaveQueue("soporte", {"es": "Soporte"}, primary=[desk.ids["luis"]], capacity=5)
    )
    for name in ("vip", SECRET):
        await desk.run(SYSTEM, "tag.save", c.SaveTag(name, "#ff0000"))
    return int(made["queue"] or 0)


async def handed(desk: SmallDesk, clock: ManualClock, far: int, person: str = "p1") -> int:
    """Ana has had it for three minutes, has answered after one, and has handed it on."""
    await desk.reach("luis", False)
    await desk.reach("ana")
    number = int((await desk.say(person, "Hola, buenas", name="Vera"))["conversation"] or 0)
    await desk.run("ana", "conversation.open", c.Open(number))
    await desk.run("ana", "conversation.tag", c.SetTags(number, [1]))
    clock.advance(MINUTE)
    await desk.run("ana", "message.send", c.Send(number, "Un momento"))
    version = await with_form(desk, [Field("notes", "long", {"es": "Notas"})])
    await desk.run("ana", "form.fill", c.Fill(number, version, {"notes": "quiere cambiarlo"}))
    await desk.say(person, "Espero")
    clock.advance(2 * MINUTE)
    await desk.run("ana", "conversation.transfer", c.Transfer(number, far, comment="es para ustedes"))
    return number


async def goes_on(desk: SmallDesk, number: int, person: str = "p1") -> None:
    """What becomes of it with luis."""
    await desk.reach("luis")
    await desk.run("luis", "conversation.open", c.Open(number))
    await desk.say(person, f"{SECRET} del cliente")
    await desk.run("luis", "message.send", c.Send(number, f"{SECRET} de luis"))
    await desk.run("luis", "message.note", c.Note(number, f"{SECRET} entre nosotros"))
    await desk.run("luis", "conversation.tag", c.SetTags(number, [2]))
    await desk.run("luis", "conversation.priority", c.SetPriority(number, 1))
    queue = await desk.hub.store.read(lambda conn: conn.scalar(sa.select(conversation.c.queue_id)))
    fields = [Field("more", "long", {"es": "Más"})]
    made = await desk.run(SYSTEM, "form.save", c.SaveForm(int(queue or 0), fields))
    await desk.run("luis", "form.fill", c.Fill(number, int(made["version"] or 0), {"more": SECRET}))


DOORS: list[tuple[str, dict[str, str]]] = [
    ("conversations", {"tray": "attended"}),
    ("conversations", {"tray": "all"}),
    ("conversations", {}),
    ("conversations", {"state": "closed"}),
    ("conversations", {"filter": "agent:me ended:today moved:yes outcome:transferred"}),
    ("conversations", {"filter": "tag:vip", "tray": "attended", "sort": "name"}),
    ("conversation", {"conversation": "1"}),
    ("messages", {"conversation": "1"}),
    ("messages", {"conversation": "1", "order": "newest"}),
    ("timeline", {"conversation": "1"}),
    ("timeline", {"conversation": "1", "order": "newest"}),
    ("submissions", {"conversation": "1"}),
    ("search", {"words": "hola"}),
    ("search", {"words": "ustedes"}),
    ("contacts", {}),
]
SHUT: list[tuple[str, dict[str, str]]] = [
    ("conversations", {"tray": "pending"}),
    ("conversations", {"tray": "in_progress"}),
    ("conversations", {"tray": "live"}),
    ("conversations", {"state": "open"}),
    ("conversations", {"filter": f"tag:{SECRET}"}),
    ("conversations", {"filter": "queue:soporte"}),
    ("conversations", {"filter": "priority:urgent"}),
    ("search", {"words": SECRET}),
]


async def told(desk: SmallDesk, login: str, name: str, given: dict[str, str]) -> Any:
    found = await answered(desk, await desk.who(login), name, **given)
    rows = msgspec.to_builtins(getattr(found, "rows", found))
    if name == "contacts":
        for row in rows:
            row.pop("agent")  # whoever serves them now: of the contact, not of a conversation
    return rows


async def last_line(desk: SmallDesk, login: str, number: int) -> int:
    """Of what somebody may read."""
    lines = await answered(desk, await desk.who(login), "messages", conversation=str(number), order="newest", limit="1")
    return int(lines.rows[0].id)


async def test_every_door_shows_it_as_it_was_whatever_becomes_of_it(
    desk: SmallDesk, clock: ManualClock, far: int
) -> None:
    number = await handed(desk, clock, far)
    before = [await told(desk, "ana", name, given) for name, given in DOORS]
    assert all(before), [door for door, found in zip(DOORS, before, strict=True) if not found]
    await goes_on(desk, number)
    clock.advance(MINUTE)
    after = [await told(desk, "ana", name, given) for name, given in DOORS]
    for door, was, now in zip(DOORS, before, after, strict=True):
        assert was == now, door
    assert SECRET not in str(after)
    for name, given in SHUT:
        found = await told(desk, "ana", name, given)
        assert not (found if isinstance(found, list) else found["items"]), (name, given)
    await desk.run("luis", "conversation.end", c.End(number))
    assert [await told(desk, "ana", name, given) for name, given in DOORS] == before
    lines = await told(desk, "ana", "messages", {"conversation": "1"})
    assert [line["b"] for line in lines] == ["Hola, buenas", "Un momento", "Espero", "es para ustedes"]
    events = await told(desk, "ana", "timeline", {"conversation": "1"})
    assert (events[-1]["by"], events[-1]["now"]["state"]) == ("conversation.transfer", "waiting")
    (form,) = await told(desk, "ana", "submissions", {"conversation": "1"})
    assert form["values"] == {"notes": "quiere cambiarlo"}


async def test_the_row_tells_of_the_agents_own_leg(desk: SmallDesk, clock: ManualClock, far: int) -> None:
    began = clock.now()
    number = await handed(desk, clock, far)
    last = await last_line(desk, "sofia", number)
    await goes_on(desk, number)
    (row,) = (await answered(desk, await desk.who("ana"), "conversations", tray="attended")).rows
    assert (row.id, row.state, row.out, row.q, row.owner) == (1, "closed", "transferred", desk.queue, desk.ids["ana"])
    assert (row.begun, row.ended, row.resp) == (began, began + 3 * MINUTE, MINUTE)
    assert (row.last, row.ld, row.at, row.un, row.tags, row.pri) == (
        "es para ustedes", "note", began + 3 * MINUTE, 1, [1], 3,
    )  # fmt: skip
    assert row.upto == last
    assert row.rev < 0
    clock.advance(24 * 60 * MINUTE)
    ana = await desk.who("ana")
    assert (await answered(desk, ana, "conversations", tray="attended")).rows == []  # of today, unless it is asked for
    (again,) = (await answered(desk, ana, "conversations", tray="attended", filter="ended:yesterday")).rows
    assert again == row


async def test_nothing_can_be_done_with_it(desk: SmallDesk, clock: ManualClock, far: int) -> None:
    number = await handed(desk, clock, far)
    await goes_on(desk, number)
    tries: list[tuple[str, c.Args]] = [
        ("message.send", c.Send(number, "Hola")),
        ("message.note", c.Note(number, "hola")),
        ("conversation.read", c.Read(number, 1)),
        ("conversation.tag", c.SetTags(number, [])),
        ("conversation.reopen", c.Reopen(number)),
        ("conversation.take", c.Take(number)),
    ]
    for name, args in tries:
        with pytest.raises(Refused) as refused:
            await desk.run("ana", name, args)
        assert refused.value.code is Code.NOT_OWNER, name


async def test_whoever_sees_the_desk_sees_it_as_it_is(desk: SmallDesk, clock: ManualClock, far: int) -> None:
    number = await handed(desk, clock, far)
    await goes_on(desk, number)
    sofia = await desk.who("sofia")
    assert (await answered(desk, sofia, "conversation", conversation=str(number))).upto is None
    assert (await answered(desk, sofia, "conversations", tray="attended")).rows == []
    assert len((await answered(desk, sofia, "search", words=SECRET)).items) == 3


async def test_what_a_contact_came_with_before_is_read_up_to_there(
    desk: SmallDesk, clock: ManualClock, far: int
) -> None:
    """By whoever handed it on, from another conversation of the same contact."""
    number = await handed(desk, clock, far)
    await goes_on(desk, number)
    of = sa.select(conversation.c.contact_id).where(conversation.c.id == number).scalar_subquery()
    await desk.reach("luis", False)
    other = int((await desk.say("p9", "Soy yo otra vez"))["conversation"] or 0)
    joined = sa.update(conversation).where(conversation.c.id == other).values(contact_id=of)
    await desk.hub.store.write(lambda unit: unit.conn.execute(joined))
    await desk.run("ana", "conversation.open", c.Open(other))
    given = {"conversation": str(other)}
    (row,) = await told(desk, "ana", "history", given)
    assert (row["id"], row["upto"]) == (number, await last_line(desk, "ana", number))
    assert len(await told(desk, "ana", "history", given | {"words": "momento"})) == 1
    assert await told(desk, "ana", "history", given | {"words": SECRET}) == []
    lines = await told(desk, "ana", "history.lines", given | {"of": str(number)})
    assert [line["b"] for line in lines] == ["es para ustedes", "Espero", "Un momento", "Hola, buenas"]
    await desk.run("luis", "conversation.end", c.End(number))
    ended = await told(desk, "ana", "history.lines", given | {"of": str(number)})
    assert len(ended) == 7  # whoever serves a customer reads all that has ended


async def test_of_several_legs_the_last_one_counts_and_what_comes_back_is_whole(
    desk: SmallDesk, clock: ManualClock, far: int
) -> None:
    number = await handed(desk, clock, far)
    await goes_on(desk, number)
    await desk.run("luis", "conversation.transfer", c.Transfer(number, desk.queue, desk.ids["ana"]))
    ana = await desk.who("ana")
    whole = await answered(desk, ana, "conversation", conversation=str(number))
    assert (whole.state, whole.upto) == ("assigned", None)
    assert (await answered(desk, ana, "conversations", tray="attended")).rows == []
    assert len(await all_of(desk, ana, "messages", conversation=str(number), limit="200")) == 7
    await desk.run("ana", "conversation.open", c.Open(number))
    clock.advance(MINUTE)
    await desk.run("ana", "conversation.transfer", c.Transfer(number, far))
    (row,) = (await answered(desk, ana, "conversations", tray="attended")).rows
    assert (row.upto, row.ended, row.resp) == (await last_line(desk, "sofia", number), clock.now(), None)


async def test_who_was_erased_is_nowhere(desk: SmallDesk, clock: ManualClock, far: int) -> None:
    await handed(desk, clock, far)
    await desk.run(SYSTEM, "contact.erase", c.EraseContact(1))
    for name, given in DOORS:
        if "conversation" not in given:
            found = await told(desk, "ana", name, given)
            assert not (found if isinstance(found, list) else found["items"]), (name, given)


async def test_reading_ones_own_leg_is_no_look_at_anothers(served: Served, clock: ManualClock, far: int) -> None:
    number = await handed(served.desk, clock, far)
    await goes_on(served.desk, number)
    looked: list[tuple[int, int | None]] = []

    async def note(who: Any, conversation_id: int, owner: int | None) -> None:
        looked.append((conversation_id, owner))

    served.hub.looks.at = note  # type: ignore[method-assign]
    async with program(served, "ana", "conversation.see") as ana:
        assert len((await ana.get(f"conversations/{number}/messages")).body["items"]) == 4
        assert len((await ana.get("search", words="buenas")).body["items"]) == 1
        (row,) = (await ana.get("conversations", tray="attended")).body["items"]
        assert row["last"] == "es para ustedes"
    assert {owner for _, owner in looked} <= {served.desk.ids["ana"]}


# -- live --------------------------------------------------------------------------------------------------------------


def attended(watcher: Watcher) -> list[int]:
    return [row.id for row in watcher.mirror.trays["attended"].rows]


def told_since(watcher: Watcher, seen: int) -> str:
    return b"".join(frames.encode(frame) for frame in watcher.seen[seen:]).decode()


async def test_it_comes_to_attended_at_once_and_nothing_later_leaks(
    served: Served, clock: ManualClock, far: int
) -> None:
    desk, ana = served.desk, await served.join("ana")
    other = await handed(desk, clock, far)
    await served.settle()
    tray = ana.mirror.trays["attended"]
    assert (attended(ana), tray.count) == ([other], 1)
    row = tray.rows[0]
    assert ana.mirror.trays["in_progress"].rows == []
    await ana.watch(other)
    thread = ana.mirror.held[other].thread
    assert [line.b for line in thread.messages] == ["Hola, buenas", "Un momento", "Espero", "es para ustedes"]
    assert [form.values for form in thread.forms] == [{"notes": "quiere cambiarlo"}]
    seen = len(ana.seen)
    luis = await served.join("luis")
    await goes_on(desk, other)
    await luis.watch(other)
    for watcher in (ana, luis):
        watcher._put(frames.Look(other))
        watcher._put(frames.Typing(other, True))
    await served.settle()
    await desk.run("luis", "conversation.end", c.End(other))
    await served.settle()
    said = told_since(ana, seen)
    assert SECRET not in said
    assert not [f for f in ana.seen[seen:] if isinstance(f, frames.Typed | frames.Looking)]
    events = [event for f in ana.seen[seen:] if isinstance(f, frames.Ev) for event in f.events]
    assert not [event for event in events if not isinstance(event, frames.RefChanged)]
    assert (tray.rows, tray.count) == ([row], 1)
    assert len(thread.messages) == 4
    assert luis.mirror.held[other].thread.company == []


async def test_when_it_comes_back_the_thread_goes_on(served: Served, clock: ManualClock, far: int) -> None:
    desk, ana = served.desk, await served.join("ana")
    number = await handed(desk, clock, far)
    await served.settle()
    await ana.watch(number)
    await goes_on(desk, number)
    await desk.run("luis", "conversation.transfer", c.Transfer(number, desk.queue, desk.ids["ana"]))
    await served.settle()
    thread = ana.mirror.held[number].thread
    assert thread.row is not None
    assert (thread.row.state, thread.row.upto, len(thread.messages)) == ("assigned", None, 7)
    assert (attended(ana), ana.mirror.trays["attended"].count) == ([], 0)
    assert [row.id for row in ana.mirror.trays["pending"].rows] == [number]
    await desk.say("p1", "¿Siguen ahí?")
    await served.settle()
    assert thread.messages[-1].b == "¿Siguen ahí?"


async def test_whoever_was_away_meanwhile_is_left_with_what_they_may_read(
    served: Served, clock: ManualClock, far: int
) -> None:
    """They had seen more of it: as a guest, until they were seen out."""
    desk = served.desk
    number = await handed(desk, clock, far)
    await goes_on(desk, number)
    await desk.run("luis", "conversation.invite", company.Invite(number, desk.ids["ana"]))
    ana = await served.join("ana")
    await ana.watch(number)
    mirror = ana.mirror
    assert len(mirror.held[number].thread.messages) == 7
    mirror.close(number)
    await ana.leave()
    served.watchers.remove(ana)
    await desk.run("luis", "conversation.leave", company.Leave(number, desk.ids["ana"]))
    again = await served.join("ana")
    mirror.lost()
    mirror._send = again._put
    again.mirror = mirror
    mirror.ask_all()
    await again.until(lambda: mirror.windows.trays_confirmed() and not mirror.windows.waiting())
    assert attended(again) == [number]
    thread = mirror.held[number].thread
    assert thread.row is not None
    assert (thread.row.upto is None, len(thread.messages), len(thread.forms)) == (False, 4, 1)


async def test_who_is_seen_out_is_left_with_what_they_handed_on(served: Served, clock: ManualClock, far: int) -> None:
    desk, ana = served.desk, await served.join("ana")
    number = await handed(desk, clock, far)
    await goes_on(desk, number)
    await desk.run("luis", "conversation.invite", company.Invite(number, desk.ids["ana"]))
    await served.settle()
    assert (attended(ana), ana.mirror.trays["attended"].count) == ([], 0)
    await desk.run("luis", "conversation.leave", company.Leave(number, desk.ids["ana"]))
    await served.settle()
    assert (attended(ana), ana.mirror.trays["attended"].count) == ([number], 1)
    assert ana.mirror.rows[number].upto is not None
    await desk.run(SYSTEM, "contact.erase", c.EraseContact(1))
    await served.settle()
    assert (attended(ana), ana.mirror.trays["attended"].count) == ([], 0)
