"""A filter means the same as SQL and in memory, whatever the place and whoever looks."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.desk.asked import asked
from hub.desk.filters import AllOf, AnyOf, Filter, Has, HasNot, Is, IsNot, Place, Since, tray
from hub.desk.involvement import COLUMNS, Part
from hub.desk.principal import ROLES, Principal, Scope
from hub.desk.sight import near, sight, sight_of
from hub.desk.sorts import Sort
from hub.desk.tables import conversation
from hub.desk.talk_tables import involvement
from hub.desk.tray_filters import Reader
from hub.protocol.filter_fields import Names
from hub.protocol.states import TRAYS, State
from hub.protocol.trays import BUILT_IN

parts = st.integers(1, 15)
some_involved = st.dictionaries(st.integers(1, 4), parts, max_size=3).map(lambda held: tuple(sorted(held.items())))
places = st.builds(
    Place,
    state=st.sampled_from([s.value for s in State]),
    queue_id=st.integers(1, 4),
    owner_id=st.none() | st.integers(1, 4),
    closed_at=st.none() | st.integers(0, 10),
    kind=st.sampled_from(["chat", "comment", "turn", "erased"]),
    involved=some_involved,
)
principals = st.builds(
    Principal,
    kind=st.just("agent"),
    id=st.integers(1, 4),
    queues=st.frozensets(st.integers(1, 4)),
    grants=st.sampled_from(list(ROLES.values()))
    | st.dictionaries(st.sampled_from(["conversation.see", "conversation.see_waiting"]), st.sampled_from(Scope)),
)
leaves = (
    st.builds(Is, st.just("owner_id"), st.lists(st.integers(1, 4), min_size=1, max_size=3).map(tuple))
    | st.builds(Is, st.just("state"), st.just(("waiting", "open")))
    | st.builds(IsNot, st.just("kind"), st.sampled_from(["chat", "erased"]))
    | st.builds(Since, st.just("closed_at"), st.integers(0, 10))
    | st.builds(Has, st.integers(1, 4), parts.map(Part))
    | st.builds(HasNot, st.integers(1, 4), parts.map(Part))
    | principals.map(sight)
    | st.builds(tray, st.sampled_from(sorted(TRAYS)), sight=principals.map(sight), day_start=st.integers(0, 10))
)
filters: st.SearchStrategy[Filter] = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda parts: AllOf(tuple(parts)))
        | st.lists(inner, max_size=3).map(lambda parts: AnyOf(tuple(parts)))
    ),
    max_leaves=6,
)
engine_in_memory = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool)
conversation.metadata.create_all(engine_in_memory, tables=[conversation, involvement])


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(wanted=filters, here=st.lists(places, min_size=1, max_size=8))
def test_a_filter_means_the_same_in_sql_and_in_memory(wanted: Filter, here: list[Place]) -> None:
    rest = {c.name: 0 for c in conversation.c if not c.nullable} | {"language": "", "page": "", "referrer": ""}
    with engine_in_memory.connect() as conn:
        conn.execute(
            sa.insert(conversation),
            [
                rest
                | {
                    "id": number,
                    "state": place.state,
                    "queue_id": place.queue_id,
                    "owner_id": place.owner_id,
                    "closed_at": place.closed_at,
                    "kind": place.kind,
                }
                for number, place in enumerate(here, 1)
            ],
        )
        for row in (
            {"conversation_id": number, "agent_id": agent} | {name: bool(held & part) for part, name in COLUMNS.items()}
            for number, place in enumerate(here, 1)
            for agent, held in place.involved
        ):
            conn.execute(sa.insert(involvement).values(row))
        found = set(conn.scalars(sa.select(conversation.c.id).where(wanted.sql())))
        conn.rollback()
    assert found == {number for number, place in enumerate(here, 1) if wanted.test(place)}


@settings(max_examples=300, deadline=None)
@given(who=principals, place=places)
def test_whoever_may_see_a_conversation_is_near_it(who: Principal, place: Place) -> None:
    within = near(who)
    close = within is None or within.owner in (place.owner_id, *dict(place.involved))
    if within is not None and place.state == State.WAITING:
        close = close or within.queues is None or place.queue_id in within.queues
    assert close or not sight(who).test(place)


def test_tray_queries_use_an_index_and_never_scan(sqlite_template: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{sqlite_template}")
    agent = Principal("agent", 3, "agent", frozenset({1, 2}), grants=ROLES["agent"])
    supervisor = Principal("agent", 4, "supervisor", frozenset(), grants=ROLES["supervisor"])
    with engine.connect() as conn:
        for who in (agent, supervisor):
            for name in TRAYS:
                where = tray(name, sight=sight(who), day_start=1_700_000_000_000).sql()
                query = sa.select(conversation.c.id).where(where).limit(51)
                text = str(query.compile(conn, compile_kwargs={"literal_binds": True}))
                plan = [row[3] for row in conn.execute(sa.text(f"EXPLAIN QUERY PLAN {text}"))]
                assert not [step for step in plan if step.startswith("SCAN")], (who.role, name, plan)
    engine.dispose()


def test_who_sees_all_of_a_desk_reads_trays_in_the_order_of_an_index(sqlite_template: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{sqlite_template}")
    who = Principal("agent", 4, "supervisor", frozenset(), grants=ROLES["supervisor"])
    reader = Reader(who.id, date(2026, 11, 20), ZoneInfo("UTC"))
    with engine.connect() as conn:
        for name in sorted(BUILT_IN.keys() - {"attended", "offered", "mentions"}):  # few: their index is another
            wanted = asked(name, "", Sort(), sight=sight_of(who), reader=reader, names=Names({}))
            assert len(wanted.ways) == 1
            for branch in wanted.branches(conn, 0):
                query = sa.select(conversation.c.id).where(*branch).order_by(*Sort().order("sqlite")).limit(51)
                text = str(query.compile(conn, compile_kwargs={"literal_binds": True}))
                plan = [row[3] for row in conn.execute(sa.text(f"EXPLAIN QUERY PLAN {text}"))]
                assert not [step for step in plan if "B-TREE" in step or step.startswith("SCAN")], (name, plan)
    engine.dispose()
