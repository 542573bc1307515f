"""A window over a filter, in any order, is what a fresh look would show, whatever happens at the desk meanwhile."""

import random
from contextlib import suppress
from typing import Any

import pytest
import sqlalchemy as sa
from form_scenarios import topic
from small_desk import Served
from watcher import Watcher

from agent_tui.link.model import Look
from hub.desk.principal import SYSTEM
from hub.desk.tables import conversation
from hub.live import snapshots
from hub.live.connection import Connection
from hub.live.windows import TrayWindow
from hub.protocol import commands as c
from hub.protocol import frames
from hub.protocol.errors import Refused
from hub.protocol.trays import BUILT_IN
from hub.store.clock import ManualClock

FILTERS = (
    "",
    "tag:vip",
    "-tag:vip",
    "unread:yes or owed:yes",
    "agent:me,nobody",
    "-agent:ana",
    "waiting:>1m",
    "-waiting:>1m active:<3m",
    "(waiting:<2m or customer:>2m) -tag:vip",
    "perez or 0981",
    "answered:no",
    "created:today source:web",
    "queue:ventas state:waiting,open",
    "priority:urgent,low or moved:yes",
    "team:a",
    "-team:a priority:high",
)
SORTS = ("", "active", "waiting", "-waiting", "created", "-created", "name", "-name", "priority", "-priority")


async def subscribe(watcher: Watcher, w: int, **asked: Any) -> None:
    seen = len(watcher.seen)
    watcher._put(frames.Sub(w, **asked))
    await watcher.until(lambda: any(isinstance(f, frames.Snap) and f.w == w and f.last for f in watcher.seen[seen:]))


async def as_a_fresh_look(served: Served, connection: Connection) -> None:
    """Every window holds the first rows of what there is, in order, all of them where it says so, and their number."""
    now, windows = served.hub.clock.now(), list(connection.windows.trays.values())
    looks = [TrayWindow(window.w, window.asked, 1000) for window in windows]

    def look(conn: sa.Connection) -> None:
        for fresh in looks:
            snapshots.tray(conn, fresh, {}, now)

    await served.hub.store.read(look)
    for window, fresh in zip(windows, looks, strict=True):
        order = [*fresh.keys]
        kept = sorted(window.keys, key=window.keys.__getitem__, reverse=window.asked.sort.down)
        assert kept == order[: len(kept)], window.asked
        assert window.keys == {number: fresh.keys[number] for number in kept}
        assert not (window.complete and window.limit) or len(kept) == len(order)
        assert window.count == len(order), window.asked


async def something(served: Served, dice: random.Random) -> None:
    desk = served.desk
    who, number = dice.choice(("ana", "luis", "sofia")), dice.randint(1, 12)
    sofia = await desk.who("sofia")
    match dice.randrange(14):
        case 0 | 1:
            person = dice.choice(("José Pérez", "Ana López", "", "Zoë"))
            phone = dice.choice(("", "595981123456"))
            await desk.say(f"p{dice.randint(1, 9)}", "Hola", dice.choice((0, desk.whatsapp)), name=person, phone=phone)
        case 2:
            await desk.run(who, "conversation.open", c.Open(number))
        case 3:
            await desk.run(who, "message.send", c.Send(number, "Dale"))
        case 4:
            await desk.run(who, "conversation.tag", c.SetTags(number, dice.choice(([], [1]))))
        case 5:
            await desk.run(who, "conversation.end", c.End(number))
        case 6:
            await desk.run(sofia, "conversation.assign", c.Assign(number, desk.ids[dice.choice(("ana", "luis"))]))
        case 7:
            await desk.run(who, "conversation.snooze", c.Snooze(number, served.hub.clock.now() + 90_000))
        case 8:
            await desk.run(who, "conversation.requeue", c.Requeue(number))
        case 9:
            await desk.run(sofia, "conversation.priority", c.SetPriority(number, dice.randint(1, 4)))
        case 10:
            await desk.run(sofia, "conversation.team", c.SetTeam(number, dice.choice((None, 1))))
        case 11:
            await desk.run(sofia, "conversation.transfer", c.Transfer(number, dice.choice((desk.queue, 2))))
        case 12:
            whom = desk.ids[dice.choice(("ana", "luis"))]
            await desk.run(who, "conversation.transfer", c.Transfer(number, desk.queue, whom, comment="ojo"))
        case 13:
            await desk.run(sofia, "contact.erase", c.EraseContact(number))


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_happens_a_window_is_what_a_fresh_look_would_show(
    served: Served, clock: ManualClock, seed: int
) -> None:
    dice = random.Random(seed)
    await served.desk.run(SYSTEM, "tag.save", c.SaveTag("vip", "#ff0000"))
    await served.desk.run(SYSTEM, "team.save", c.SaveTeam("a", {"es": "A"}, [served.desk.ids["ana"]]))
    far = c.SaveQueue("soporte", {"es": "Soporte"}, primary=[served.desk.ids["luis"]], capacity=5)
    await served.desk.run(SYSTEM, "queue.save", far)
    watchers = [await served.join(login) for login in ("ana", "sofia")]
    for watcher in watchers:
        for w in range(10, 22):
            asked = {"tray": dice.choice([*BUILT_IN]), "filter": dice.choice(FILTERS), "sort": dice.choice(SORTS)}
            await subscribe(watcher, w, count=dice.choice((0, 2, 4, 50)), **asked)
    for _ in range(40):
        try:
            await something(served, dice)
        except Refused:
            continue
        if dice.random() < 0.4:
            clock.advance(dice.choice((1, 30_000, 61_000)))
            await served.hub.timers.fire_due()
        await served.settle()
        await served.hub.boundaries.look()
        for connection in served.hub.connections:
            assert isinstance(connection, Connection)
            await as_a_fresh_look(served, connection)


async def test_what_has_waited_long_enough_comes_in_by_time_alone(served: Served, clock: ManualClock) -> None:
    await served.desk.say("p1", "Hola")
    clock.advance(60_000)
    await served.desk.say("p2", "Hola")
    watcher = await served.join("sofia")
    await subscribe(watcher, 9, tray="pending", filter="espera:>10m")
    told = len(watcher.seen)
    clock.advance(9 * 60_000 - 1)
    await served.hub.boundaries.look()
    await served.settle()
    assert not [f for f in watcher.seen[told:] if isinstance(f, frames.Snap)]
    clock.advance(1)
    await served.hub.boundaries.look()
    await watcher.until(lambda: any(isinstance(f, frames.Snap) and f.order == [1] for f in watcher.seen[told:]))
    clock.advance(60_000)
    await served.hub.boundaries.look()
    await watcher.until(lambda: any(isinstance(f, frames.Snap) and f.order == [2, 1] for f in watcher.seen[told:]))
    last = [f for f in watcher.seen if isinstance(f, frames.Snap)][-1]
    assert (last.count, [row.id for row in last.rows]) == (2, [2])  # the other one is known already


async def test_the_count_of_a_filter_is_followed_beyond_and_below_the_cap(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("snapshots", "windows"):
        monkeypatch.setattr(f"hub.live.{name}.CAP", 4)
        monkeypatch.setattr(f"hub.live.{name}.SLACK", 2)
    await served.desk.run(SYSTEM, "tag.save", c.SaveTag("vip", "#ff0000"))
    watcher = await served.join("sofia")
    await subscribe(watcher, 9, tray="all", filter="tag:vip", count=2)
    for number in range(1, 10):
        await served.desk.say(f"p{number}", "Hola")
        await served.desk.run("sofia", "conversation.tag", c.SetTags(number, [1]))
    for number in range(1, 8):
        await served.desk.run("sofia", "conversation.tag", c.SetTags(number, []))
        await served.settle()
        (connection,) = served.hub.connections
        assert isinstance(connection, Connection)
        assert connection.windows.trays[9].count == min(4, 9 - number)
    counts = [e.n for f in watcher.seen if isinstance(f, frames.Ev) for e in f.events if getattr(e, "w", 0) == 9]
    assert counts[-1] == 2


async def test_a_topic_stands_for_those_below_it_also_for_those_to_come(served: Served) -> None:
    desk, ids = served.desk, list[int]()
    for number in range(1, 5):
        await desk.say(f"p{number}", "Hola")
    for code, above in (("sales", None), ("price", 0), ("offer", 1), ("claims", None)):
        ids.append(await topic(desk, code, None if above is None else ids[above]))
    for number, about in ((1, ids[0]), (2, ids[2]), (3, ids[3])):
        await desk.run("sofia", "conversation.topics", c.SetTopics(number, [about]))
    watcher = await served.join("sofia")
    await subscribe(watcher, 9, tray="live", filter=f"topic:#{ids[0]}", count=50)
    await subscribe(watcher, 10, tray="live", filter=f"-topic:#{ids[1]}", count=50)
    (connection,) = served.hub.connections
    assert isinstance(connection, Connection)

    def shown(w: int) -> set[int]:
        return set(connection.windows.trays[w].keys)

    assert (shown(9), shown(10)) == ({1, 2}, {1, 3, 4})
    await desk.run("sofia", "conversation.topics", c.SetTopics(4, [ids[1]]))
    await served.settle()
    assert (shown(9), shown(10)) == ({1, 2, 4}, {1, 3})
    resyncs = watcher.resyncs
    await topic(desk, "claims", ids[0])  # it stands below sales from now on
    await served.settle()
    await watcher.until(lambda: watcher.resyncs > resyncs)
    await subscribe(watcher, 9, tray="live", filter=f"topic:#{ids[0]}", count=50)
    assert shown(9) == {1, 2, 3, 4}


async def test_each_built_in_tray_shows_what_its_name_says(served: Served) -> None:
    """1 waits, 2 is with Sofía, 3 is open, 4 is open and answered, 5 snoozed, 6 is spam, 7 has ended, 8: a comment."""
    desk = served.desk
    await desk.say("p1", "Hola")
    for number in range(2, 8):
        await desk.say(f"p{number}", "Hola")
        await desk.run("sofia", "conversation.assign", c.Assign(number, desk.ids["sofia"]))
    for number in (3, 4, 5, 6, 7):
        await desk.run("sofia", "conversation.open", c.Open(number))
    await desk.run("sofia", "message.send", c.Send(4, "Dale"))
    await desk.run("sofia", "conversation.snooze", c.Snooze(5, served.hub.clock.now() + 90_000))
    await desk.run("sofia", "conversation.end", c.End(6, c.Outcome.SPAM))
    await desk.run("sofia", "conversation.end", c.End(7))
    await desk.say("p8", "¡Qué lindo!")
    comment = sa.update(conversation).where(conversation.c.id == 8).values(kind="comment")  # no channel brings any yet
    await desk.hub.store.write(lambda unit: unit.conn.execute(comment) and None)
    watcher = await served.join("sofia")
    shown = {}
    for name in BUILT_IN:
        await subscribe(watcher, 9, tray=name)
        shown[name] = sorted([f for f in watcher.seen if isinstance(f, frames.Snap) and f.w == 9][-1].order)
    assert shown == {
        "pending": [1, 2],
        "in_progress": [3, 4],
        "attended": [6, 7],
        "mine": [2, 3, 4],
        "unassigned": [1],
        "offered": [],
        "mentions": [],
        "snoozed": [5],
        "spam": [6],
        "awaiting": [1, 2, 3],
        "comments": [8],
        "live": [1, 2, 3, 4, 5],
        "all": [1, 2, 3, 4, 5, 6, 7],
    }


async def test_attended_means_today_unless_the_filter_asks_for_a_time(served: Served, clock: ManualClock) -> None:
    for number in (1, 2):
        await served.desk.say(f"p{number}", "Hola")
        await served.desk.run("sofia", "conversation.end", c.End(number))
        clock.advance(86_400_000)
    await served.desk.say("p3", "Hola")
    await served.desk.run("sofia", "conversation.end", c.End(3))
    watcher = await served.join("sofia")
    for text, expected in (("", [3]), ("fin:ayer", [2]), ("ended:>1d", [1, 2]), ("fin:<=hoy", [1, 2, 3])):
        await subscribe(watcher, 9, tray="attended", filter=text)
        assert sorted([f for f in watcher.seen if isinstance(f, frames.Snap)][-1].order) == expected


@pytest.mark.parametrize(
    ("asked", "code", "field", "more"),
    [
        ({"tray": "attic"}, "bad_args", "tray", {}),
        ({"tray": "all", "sort": "colour"}, "bad_args", "sort", {}),
        ({"tray": "all", "filter": "cola:vents"}, "bad_filter", "filter", {"at": 5, "instead": "Ventas", "w": 9}),
        ({"tray": "all", "filter": "tag:x ("}, "bad_filter", "filter", {"at": 4, "found": "x"}),
    ],
)
async def test_what_can_not_be_asked_for_is_refused_by_its_place(
    served: Served, asked: dict[str, Any], code: str, field: str, more: dict[str, Any]
) -> None:
    watcher = await served.join("ana")
    watcher._put(frames.Sub(9, **asked))
    await watcher.until(lambda: 0 in watcher.answers)
    answer = watcher.answers[0]
    assert isinstance(answer, frames.Error)
    assert (answer.code, answer.field) == (code, field)
    assert more.items() <= answer.args.items()


async def test_a_filter_by_id_is_not_touched_by_a_new_name(served: Served) -> None:
    await served.desk.run(SYSTEM, "tag.save", c.SaveTag("vip", "#ff0000"))
    await served.desk.say("p1", "Hola")
    await served.desk.run("sofia", "conversation.tag", c.SetTags(1, [1]))
    await served.desk.run(SYSTEM, "tag.save", c.SaveTag("oro", "#ff0000", tag=1))
    watcher = await served.join("sofia")
    await subscribe(watcher, 9, tray="all", filter="tag:#1")
    assert [f for f in watcher.seen if isinstance(f, frames.Snap)][-1].order == [1]


@pytest.mark.parametrize("seed", range(2))
async def test_a_console_shows_what_the_hub_would_in_the_hubs_order(
    served: Served, clock: ManualClock, seed: int
) -> None:
    """Whatever is typed into its filter and whatever happens meanwhile; and so do its counts."""
    dice = random.Random(seed)
    await served.desk.run(SYSTEM, "tag.save", c.SaveTag("vip", "#ff0000"))
    await served.desk.run(SYSTEM, "team.save", c.SaveTeam("a", {"es": "A"}, [served.desk.ids["ana"]]))
    for number, name in enumerate(("zoe", "Zoë\u202e B", "\u200bana", "Ana", "ANA\x07lopez", "", "ñandú")):
        await served.desk.say(f"q{number}", "Hola", name=name)
    watcher = await served.join("sofia")
    watcher.mirror._now = served.hub.clock.now  # type: ignore[method-assign]
    counted = [Look("all", "tag:#1"), Look("mine"), Look("pending")]
    watcher.mirror.counts.watch(counted)
    for _ in range(30):
        for _ in range(dice.randrange(3)):
            text = dice.choice(FILTERS)
            watcher.mirror.look(Look(dice.choice([*BUILT_IN]), text, dice.choice(SORTS[1:])))
        if dice.random() < 0.3:
            watcher.mirror.look(None)
            watcher.mirror.look(Look("all", sort=dice.choice(SORTS[1:])))
        with suppress(Refused):
            await something(served, dice)
        if dice.random() < 0.3:
            clock.advance(dice.choice((1, 30_000, 61_000)))
            await served.hub.timers.fire_due()
        await served.settle()
        await served.hub.boundaries.look()
        view = watcher.mirror.view
        if view.window is None:
            continue
        await watcher.until(lambda view=view: not view.window.waiting and not view.tray.partly)
        await served.settle()
        (connection,) = served.hub.connections
        assert isinstance(connection, Connection)
        window = connection.windows.trays[view.window.w]
        fresh = TrayWindow(0, window.asked, 1000)
        now = clock.now()
        await served.hub.store.read(lambda conn, fresh=fresh, now=now: snapshots.tray(conn, fresh, {}, now))  # type: ignore[misc]
        assert [row.id for row in view.tray.rows] == [*fresh.keys], window.asked
        assert view.tray.count == len(fresh.keys)
        for look in counted:
            (w,) = [
                w
                for w in connection.windows.trays.values()
                if not w.limit and w.w == watcher.mirror.counts._watched[look].w
            ]
            assert watcher.mirror.counts.known(look) == w.count
