"""What a filter's text asks for is the same in SQL and in memory, on both engines, and time moves both alike."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from filter_trees import fill, trees
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_desk import SmallDesk
from sqlalchemy import Connection

from agent_tui.link.matching import Here, fits
from hub.desk.conditions import Between
from hub.desk.facts import Facts, facts_of
from hub.desk.handed_on import facts_for
from hub.desk.sorts import Sort
from hub.desk.sources import AS_HANDED_ON
from hub.desk.tables import conversation
from hub.desk.talk_tables import handed_on, involvement
from hub.desk.tray_filters import Reader, meaning, names
from hub.protocol.filter_text import read
from hub.protocol.filter_tree import Day, Node, deepened
from hub.protocol.trays import SORTS

COUNT = 40
THINGS = {
    "queue": [1, 99],
    "agent": [1, 2, 3, 99, "me", "nobody"],
    "channel": [1, 2, 99],
    "tag": [1, 2, 99],
    "team": [1, 2, 99],
    "topic": [1, 2, 99],
}
TREES = trees(THINGS, ["José", "jo", "lopez", "0981", "595 981", "nandu s", "王", "7"])
LATER = st.sampled_from([0, 1, 60_000, 3_600_000, 86_400_000])
quiet = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck), database=None)


def reader(now: int) -> Reader:
    today = datetime.fromtimestamp(now / 1000, UTC).date()
    return Reader(2, today, ZoneInfo("America/Asuncion"), frozenset({1}))


async def filled(desk: SmallDesk) -> int:
    now = desk.hub.clock.now()
    who = {"queue": desk.queue, "agents": [1, 2, 3], "channels": [desk.web, desk.whatsapp]}
    await desk.hub.store.write(lambda unit: fill(unit.conn, COUNT, now, **who))
    return now


def matching(conn: Connection, node: Node, now: int) -> tuple[set[int], set[int], dict[int, Facts]]:
    """The ids by SQL, and in memory; and all there are."""
    wanted = meaning(deepened(node, names(conn).below), reader(now))
    every = facts_of(conn, range(1, COUNT + 1))
    found = set(conn.scalars(sa.select(conversation.c.id).where(wanted.sql(now))))
    return found, {number for number, facts in every.items() if wanted.test(facts, now)}, every


async def test_a_filter_means_the_same_in_sql_and_in_memory(desk: SmallDesk) -> None:
    now = await filled(desk)

    def holds(conn: Connection) -> None:
        @quiet
        @given(node=TREES, later=LATER)
        def alike(node: Node, later: int) -> None:
            found, tested, _ = matching(conn, node, now + later)
            assert found == tested

        alike()

    await desk.hub.store.read(holds)


async def test_it_means_the_same_of_what_was_handed_on(desk: SmallDesk) -> None:
    """Of which nobody is anything but its agent, and nothing waits."""
    now = await filled(desk)
    h = handed_on.c
    # Who is involved sees a conversation as a whole: of what was handed on, nobody is.
    await desk.hub.store.write(lambda unit: unit.conn.execute(sa.delete(involvement)))

    def holds(conn: Connection) -> None:
        kept = facts_for(conn, 2, range(1, COUNT + 1))
        assert len(kept) == COUNT

        @quiet
        @given(node=TREES, later=LATER)
        def alike(node: Node, later: int) -> None:
            wanted = meaning(node, reader(now + later))
            here = (h.conversation_id == conversation.c.id, h.agent_id == 2)
            query = sa.select(h.conversation_id).where(*here, wanted.sql(now + later, AS_HANDED_ON))
            tested = {number for number, facts in kept.items() if wanted.test(facts, now + later)}
            assert set(conn.scalars(query)) == tested
            possible = sa.select(h.conversation_id).where(*here, wanted.possible(AS_HANDED_ON))
            assert set(conn.scalars(possible)) >= tested

        alike()
        for sort in (Sort(by, down) for by in SORTS for down in (True, False)):
            order = sort.order(conn.dialect.name, AS_HANDED_ON)
            listed = sa.select(h.conversation_id).where(h.conversation_id == conversation.c.id, h.agent_id == 2)
            found = list(conn.scalars(listed.order_by(*order)))
            assert found == sorted(kept, key=lambda number: sort.key(kept[number]), reverse=sort.down)

    await desk.hub.store.read(holds)


async def test_only_at_its_turn_does_time_alone_change_what_matches(desk: SmallDesk) -> None:
    """And whatever will match at some time is among what is possible."""
    now = await filled(desk)

    def holds(conn: Connection) -> None:
        @quiet
        @given(node=TREES, later=LATER)
        def steady(node: Node, later: int) -> None:
            wanted = meaning(node, reader(now))
            possible = set(conn.scalars(sa.select(conversation.c.id).where(wanted.possible())))
            for number, facts in facts_of(conn, range(1, COUNT + 1)).items():
                due = wanted.turns(facts, now)
                until = now + later if due is None else min(now + later, due - 1)
                assert due is None or due > now
                assert wanted.test(facts, now) == wanted.test(facts, until)
                assert number in possible or not wanted.test(facts, now + later)

        steady()

    await desk.hub.store.read(holds)


async def test_people_and_things_are_found_by_the_names_that_they_have_now(desk: SmallDesk) -> None:
    def holds(conn: Connection) -> None:
        known = names(conn)
        same = [read(text, known) for text in ("cola:ventas agente:ana", "queue:SALES owner:Ana", "queue:#1 agent:#1")]
        assert same[0] == same[1] == same[2]

    await desk.hub.store.read(holds)


async def test_a_topic_stands_for_those_below_it(desk: SmallDesk) -> None:
    now = await filled(desk)

    def holds(conn: Connection) -> None:
        known = names(conn)
        above, below = (deepened(read(text, known), known.below) for text in ("topic:topic1", "tema:topic2"))
        assert (known.below("topic", 1), known.below("topic", 2)) == ([2], [])
        found, tested, every = matching(conn, above, now)
        assert found == tested == {number for number, facts in every.items() if facts.row.topics}
        assert matching(conn, below, now)[0] == {n for n, facts in every.items() if 2 in facts.row.topics}

    await desk.hub.store.read(holds)


def test_a_day_is_one_of_the_desks_own_zone() -> None:
    day = meaning(Day("created", "=", "2026-01-15"), reader(0))
    assert day == Between("created_at", 1_768_446_000_000, 1_768_446_000_000 + 86_400_000)


async def test_a_customer_is_found_by_name_and_number_however_they_are_typed(desk: SmallDesk) -> None:
    await desk.say("p1", "Hola", desk.whatsapp, name="José Ñandú Pérez", phone="595981123456")
    await desk.say("p2", "Hola", name="")
    await desk.say("p2", "Soy yo", name="Zoë")
    found = ["jose", "NANDU", "per jos", '"ñandú per"', "+595 981-123", "0981123456", "595981", "981 123", "1"]

    def holds(conn: Connection) -> None:
        known = names(conn)

        def asked(text: str) -> list[int]:
            where = meaning(read(text, known), reader(0)).sql(0)
            return list(conn.scalars(sa.select(conversation.c.id).where(where).order_by(conversation.c.id)))

        assert [text for text in found if asked(text) != [1]] == []
        assert asked("zoe") == [2]
        assert asked("erez") == asked("jose luis") == []

    await desk.hub.store.read(holds)


async def test_what_a_row_tells_a_console_is_what_the_hub_means(desk: SmallDesk) -> None:
    """Where a row does not tell, the console does not guess."""
    now = await filled(desk)

    def holds(conn: Connection) -> None:
        every = facts_of(conn, range(1, COUNT + 1))
        apps, below = {desk.web: "web", desk.whatsapp: "whatsapp"}, names(conn).below
        unsure = 0

        @quiet
        @given(node=TREES, later=LATER)
        def alike(node: Node, later: int) -> None:
            nonlocal unsure
            here = Here(2, now + later, "America/Asuncion", apps.__getitem__)
            for facts in every.values():
                said = fits(deepened(node, below), facts.row, here)
                unsure += said is None
                today = datetime.fromtimestamp((now + later) / 1000, ZoneInfo("America/Asuncion")).date()
                meant = meaning(deepened(node, below), Reader(2, today, ZoneInfo("America/Asuncion")))
                assert said is None or said == meant.test(facts, now + later)

        alike()
        assert unsure

    await desk.hub.store.read(holds)
