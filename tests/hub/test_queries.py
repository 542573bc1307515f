"""Views in pages: whole, in order, nothing twice, nothing that is out of sight, and never by scanning a table."""

from functools import partial
from itertools import product
from typing import Any

import pytest
import sqlalchemy as sa
from api_client import program
from form_scenarios import with_form
from small_desk import Served, SmallDesk

from hub.desk import facts
from hub.desk.ask import ANSWERS, Listed, ask, parameters
from hub.desk.principal import SYSTEM, Principal
from hub.desk.sight import sight
from hub.desk.tables import contact, conversation
from hub.protocol import commands as c
from hub.protocol.errors import Code, Refused
from hub.protocol.queries import QUERIES
from hub.protocol.states import TRAYS, State
from hub.store.compiled import Compiled

REPORTS: list[dict[str, str]] = [
    {},
    {"from": "2020-01-01", "to": "2020-01-31", "limit": "200"},
    {"from": "0", "queue": "1", "channel": "2"},
    {"from": "0", "agent": "1", "after": "1700000000000.7"},
    {"queue": "1", "agent": "2"},
    {"conversation": "1"},
]
GIVEN: dict[str, list[dict[str, str]]] = {
    "conversations": [
        {},
        {"tray": "pending"},
        {"tray": "attended"},
        {"state": "closed"},
        {"queue": "1"},
        {"owner": "1"},
        {"tray": "in_progress", "queue": "1", "owner": "2"},
        {"after": "1700000000000.7", "limit": "200"},
        {"filter": "tag:#1 -agent:me waiting:>10m", "after": "1700000000000.7"},
        {"tray": "awaiting", "sort": "waiting", "after": "-.7"},
        {"tray": "unassigned", "sort": "-priority", "after": "3.7"},
        {"tray": "in_progress", "sort": "name", "after": "x20616e61.7"},
        {"tray": "spam", "sort": "-created"},
        {"filter": "team:#1,#2 priority:urgent"},
        {"filter": "p1 -p2", "sort": "name"},
    ],
    "conversation": [{"conversation": "1"}],
    "messages": [{"conversation": "1"}, {"conversation": "1", "order": "newest", "after": "9"}],
    "timeline": [{"conversation": "1"}, {"conversation": "1", "order": "newest", "after": "9"}],
    "contacts": [{}, {"after": "7"}],
    "search": [{"words": "hola"}, {"words": "hola", "before": "9"}, {"words": "p1"}, {"words": "1"}],
    "submissions": [{"conversation": "1"}, {"conversation": "1", "after": "9"}],
    "form_submissions": [{"form": "1"}, {"form": "1", "after": "9"}],
    "form_version": [{"version": "1"}],
    "history": [{"conversation": "1"}, {"conversation": "1", "after": "9", "words": "hola"}],
    "history.lines": [{"conversation": "1", "of": "2"}, {"conversation": "1", "of": "2", "after": "9"}],
    "matches": [{"conversation": "1"}],
    "reports.transfers": REPORTS,
    "reports.attentions": REPORTS,
}


def test_every_query_has_an_answer_and_every_answer_a_query() -> None:
    assert set(ANSWERS) == set(QUERIES)


def test_no_two_queries_have_one_address() -> None:
    assert len({query.path for query in QUERIES.values()}) == len(QUERIES)


async def busy(desk: SmallDesk) -> None:
    """Conversations in every state that there is, some of the same moment, with everybody and with nobody."""
    await desk.reach("ana")
    await desk.reach("luis")
    ids = [int((await desk.say(f"p{n}", f"Hola {n}", name=f"P{n}"))["conversation"] or 0) for n in range(14)]
    for number, conversation_id in enumerate(ids):
        owner = await owner_of(desk, conversation_id)
        if owner and number % 2:
            await desk.run(owner, "conversation.open", c.Open(conversation_id))
        if owner and number % 4 == 1:
            await desk.run(owner, "conversation.end", c.End(conversation_id))
        if owner and number % 8 == 3:
            await desk.run(owner, "conversation.hold", c.Hold(conversation_id))
        if owner and number % 8 == 7:
            await desk.run(owner, "conversation.snooze", c.Snooze(conversation_id, 2_000_000_000_000))
    version = await with_form(desk)
    for conversation_id in ids[2::8]:
        if owner := await owner_of(desk, conversation_id):
            await desk.run(owner, "form.fill", c.Fill(conversation_id, version, {}))
    for login in ("ana", "luis"):
        await desk.run(login, "agent.status", c.SetStatus("lunch"))
    for number in range(3):
        await desk.say(f"late{number}", "¿Hay alguien?")


async def owner_of(desk: SmallDesk, conversation_id: int) -> str:
    query = sa.select(conversation.c.owner_id).where(conversation.c.id == conversation_id)
    owner = await desk.hub.store.read(lambda conn: conn.scalar(query))
    return next((login for login, agent in desk.ids.items() if agent == owner), "")


async def answered(desk: SmallDesk, who: Principal, name: str, **given: str) -> Any:
    query, hub = QUERIES[name], desk.hub
    return await hub.store.read(lambda conn: ask(hub.asking(conn, who), query, parameters(query, given)))


async def all_of(desk: SmallDesk, who: Principal, name: str, **given: str) -> list[Any]:
    """Every page, one after the other."""
    rows: list[Any] = []
    while True:
        page = await answered(desk, who, name, **given)
        assert isinstance(page, Listed)
        rows += page.rows
        if page.next is None:
            return rows
        assert len(page.rows) == int(given["limit"])
        given["after"] = page.next


@pytest.mark.parametrize("login", ["ana", "sofia"])
async def test_who_was_erased_is_in_no_list(desk: SmallDesk, login: str) -> None:
    await busy(desk)
    who = await desk.who(login)
    before = [one.id for one in await all_of(desk, who, "contacts", limit="200")]
    rows = await all_of(desk, who, "conversations", limit="200")
    await desk.run(SYSTEM, "contact.erase", c.EraseContact(before[-1]))
    assert [one.id for one in await all_of(desk, who, "contacts", limit="200")] == before[:-1]
    assert len(await all_of(desk, who, "conversations", limit="200")) == len(rows) - 1


@pytest.mark.parametrize("login", ["ana", "luis", "sofia"])
async def test_the_pages_of_conversations_are_what_is_in_sight_in_order(desk: SmallDesk, login: str) -> None:
    await busy(desk)
    who = await desk.who(login)
    everything = await desk.hub.store.read(lambda conn: facts.list_facts(conn, sa.true(), 1000))
    seen = [f for f in everything if sight(who).test(f.place)]
    assert {f.row.state for f in seen} >= {"closed", "waiting", "assigned"}
    wanted: dict[tuple[str, str], set[str]] = {("", ""): {state.value for state in State}}
    wanted |= {("tray", name): {state.value for state in states} for name, states in TRAYS.items()}
    wanted |= {("state", state.value): {state.value} for state in State}
    for (name, value), states in wanted.items():
        for limit in ("1", "3", "200"):
            given = {"limit": limit} | ({name: value} if name else {})
            rows = await all_of(desk, who, "conversations", **given)
            assert rows == [f.row for f in seen if f.row.state in states], (name, value, limit)
    for agent in desk.ids.values():
        rows = await all_of(desk, who, "conversations", limit="2", owner=str(agent), queue=str(desk.queue))
        assert rows == [f.row for f in seen if f.row.owner == agent]


async def test_a_filtered_list_in_any_order_comes_whole_in_pages_of_any_size(desk: SmallDesk) -> None:
    await busy(desk)
    who = await desk.who("sofia")
    living = [row.id for row in await all_of(desk, who, "conversations", limit="200") if row.state != "closed"]
    for number, level in zip(living, (1, 4, 2, 1), strict=False):
        await desk.run("sofia", "conversation.priority", c.SetPriority(number, level))
    every = {row.id for row in await all_of(desk, who, "conversations", limit="200")}
    sorts = ("active", "waiting", "-waiting", "-created", "priority", "-priority", "name", "-name")
    for sort, text in product(sorts, ("", "-agent:nobody or unread:yes")):
        given = {"sort": sort, "filter": text}
        whole = await all_of(desk, who, "conversations", limit="200", **given)
        assert len(whole) > 5
        paged = await all_of(desk, who, "conversations", limit="2", **given)
        assert [row.id for row in paged] == [row.id for row in whole], given
        assert text or {row.id for row in whole} == every
        few = await all_of(desk, who, "conversations", limit="1", state="closed", tray="all", **given)
        assert [row.id for row in few] == [row.id for row in whole if row.state == "closed"], given


async def test_a_filter_that_cannot_be_read_is_refused_with_the_place(desk: SmallDesk) -> None:
    ana = await desk.who("ana")
    for given, field in (
        ({"filter": "cola:ventas color:x"}, "filter"),
        ({"sort": "name", "after": "7.7"}, "after"),
        ({"after": "x61.7"}, "after"),
        ({"sort": "name", "after": "xff.7"}, "after"),
        ({"sort": "colour"}, "sort"),
    ):
        with pytest.raises(Refused) as refused:
            await answered(desk, ana, "conversations", **given)
        assert refused.value.field == field
    with pytest.raises(Refused) as refused:
        await answered(desk, ana, "conversations", filter="cola:ventas color:x")
    assert (refused.value.code, refused.value.detail["at"]) == (Code.BAD_FILTER, 12)


@pytest.mark.parametrize("login", ["ana", "luis", "sofia"])
async def test_contacts_are_those_of_the_conversations_in_sight(desk: SmallDesk, login: str) -> None:
    await busy(desk)
    who = await desk.who(login)
    everything = await desk.hub.store.read(lambda conn: facts.list_facts(conn, sa.true(), 1000))
    mine = {f.row.name for f in everything if sight(who).test(f.place)}
    rows = await all_of(desk, who, "contacts", limit="3")
    assert [row.id for row in rows] == sorted({row.id for row in rows}, reverse=True)
    assert {row.name for row in rows} == mine
    total = await desk.hub.store.read(lambda conn: conn.scalar(sa.select(sa.func.count()).select_from(contact)))
    assert (len(rows) == total) == (login == "sofia")


async def test_what_comes_between_two_pages_is_neither_doubled_nor_does_it_hide_anything(desk: SmallDesk) -> None:
    await busy(desk)
    sofia = await desk.who("sofia")
    first = await answered(desk, sofia, "conversations", limit="5")
    await desk.say("newcomer", "Hola")
    rest = await all_of(desk, sofia, "conversations", limit="5", after=first.next)
    ids = [row.id for row in first.rows + rest]
    assert len(ids) == len(set(ids)) == 17


async def test_what_is_out_of_sight_is_not_there(desk: SmallDesk) -> None:
    made = await desk.say("p1", "Hola")
    await desk.reach("ana")
    number = str(made["conversation"])
    luis = await desk.who("luis")
    for name in ("conversation", "messages", "timeline"):
        for wanted in (number, "999"):
            with pytest.raises(Refused) as refused:
                await answered(desk, luis, name, conversation=wanted)
            assert (refused.value.code, refused.value.detail["id"]) == (Code.NOT_FOUND, int(wanted))
    assert (await answered(desk, luis, "contacts")).rows == []


async def test_a_thread_is_read_both_ways_and_on_from_where_one_was(desk: SmallDesk) -> None:
    made = await desk.say("p1", "uno")
    number = str(made["conversation"])
    await desk.reach("ana")
    await desk.run("ana", "conversation.open", c.Open(int(number)))
    await desk.run("ana", "message.send", c.Send(int(number), "dos"))
    await desk.run("ana", "message.note", c.Note(int(number), "tres"))
    ana = await desk.who("ana")
    oldest = await all_of(desk, ana, "messages", conversation=number, limit="2")
    newest = await all_of(desk, ana, "messages", conversation=number, limit="2", order="newest")
    assert [line.b for line in oldest] == ["uno", "dos", "tres"]
    assert newest == oldest[::-1]
    await desk.say("p1", "cuatro")
    later = await answered(desk, ana, "messages", conversation=number, after=str(oldest[-1].id))
    assert [line.b for line in later.rows] == ["cuatro"]


async def test_the_timeline_tells_who_did_what_and_no_words(desk: SmallDesk) -> None:
    made = await desk.say("p1", "una cosa secreta", name="Vera")
    number = int(made["conversation"] or 0)
    await desk.reach("ana")
    await desk.run("ana", "conversation.open", c.Open(number))
    await desk.run("ana", "conversation.read", c.Read(number, int(made["message"] or 0)))
    await desk.run("ana", "conversation.tag", c.SetTags(number, []))
    await desk.run("ana", "conversation.end", c.End(number))
    events = await all_of(desk, await desk.who("sofia"), "timeline", conversation=str(number), limit="3")
    assert [(one.kind, one.by) for one in events] == [
        ("conversation.changed", "message.receive"),
        ("message.received", ""),
        ("conversation.changed", "dispatch"),
        ("conversation.changed", "conversation.open"),
        ("conversation.tagged", ""),
        ("conversation.changed", "conversation.end"),
    ]
    handed = events[2]
    assert (handed.was.state, handed.now.state, handed.now.owner) == ("waiting", "assigned", desk.ids["ana"])
    assert (handed.why.rule, handed.why.loads) == ("primary", {str(desk.ids["ana"]): 0})
    assert events[1].messages == [made["message"]]
    assert events[4].tags == []
    assert "secreta" not in str(events)
    assert "Vera" not in str(events)


@pytest.mark.parametrize("login", ["ana", "sofia"])
async def test_no_query_scans_a_table(desk: SmallDesk, engine: str, login: str) -> None:
    """Every statement that a query runs is explained by the engine that runs it."""
    await busy(desk)
    who, hub = await desk.who(login), desk.hub
    first = sa.select(conversation.c.contact_id).where(conversation.c.id == 1).scalar_subquery()
    one_more = sa.update(conversation).where(conversation.c.id == 2).values(contact_id=first)
    await hub.store.write(lambda unit: unit.conn.execute(one_more))

    def plans(conn: sa.Connection, name: str) -> list[str]:
        ran: list[tuple[str, Any]] = []
        run = Compiled._run

        def note(_: Any, __: Any, statement: str, params: Any, *___: Any) -> None:
            ran.append((statement, params))

        def compiled(self: Compiled, conn: sa.Connection, params: Any) -> Any:
            form = self._form(conn.dialect)
            ran.append((form.sql, form.values(params)))
            return run(self, conn, params)

        sa.event.listen(conn, "before_cursor_execute", note)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Compiled, "_run", compiled)
            for given in GIVEN.get(name, [{}]):
                ask(hub.asking(conn, who), QUERIES[name], parameters(QUERIES[name], given))
        sa.event.remove(conn, "before_cursor_execute", note)
        return [explained(conn, engine, statement, params) for statement, params in ran]

    for name, query in QUERIES.items():
        if query.verb and query.verb not in who.grants:
            continue
        found = await hub.store.read(partial(plans, name=name))
        assert found or name == "me"
        for plan in found:
            if "One-Time Filter: false" in plan:
                continue  # nothing is read: what was asked for can't be
            for line in plan.splitlines():
                # SQLite's word for asking its full-text index, of all or of one row
                matched = "VIRTUAL TABLE INDEX" in line and any(one in line for one in (":M", ":=M"))
                scans = line.strip().startswith(("SCAN", "Seq Scan", "->  Seq Scan"))
                assert matched or not scans, (name, plan)
            if engine == "postgresql":
                read = plan.count(" using ") + plan.count("Bitmap Index Scan")
                assert plan.count("Index Cond") == read > 0, (name, plan)


def explained(conn: sa.Connection, engine: str, statement: str, params: Any) -> str:
    if engine == "sqlite":
        rows = conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", params)
        return "\n".join(row[3] for row in rows)
    conn.exec_driver_sql("SET LOCAL enable_seqscan = off")  # a table of a few rows would be read whole
    return "\n".join(row[0] for row in conn.exec_driver_sql(f"EXPLAIN {statement}", params))


async def test_a_list_over_http_is_followed_by_its_next(served: Served) -> None:
    await busy(served.desk)
    async with program(served, "sofia", "conversation.see") as sofia:
        whole = (await sofia.get("conversations", tray="pending")).body["items"]
        pages = await sofia.pages("conversations", tray="pending", limit=2)
        assert len(pages) > 3
        assert [row for page in pages for row in page] == whole
        names = ("agents", "queues", "channels", "tags", "shortcuts")
        for name in names:
            assert [row for page in await sofia.pages(name, limit=1) for row in page] == (await sofia.get(name)).body[
                "items"
            ]
        me = (await sofia.get("me")).body
        assert (me["agent"], me["grants"]) == (served.desk.ids["sofia"], {"conversation.see": "entity"})


@pytest.mark.parametrize(
    ("path", "given", "field"),
    [
        ("conversations", "limit=0", "limit"),
        ("conversations", "limit=201", "limit"),
        ("conversations", "limit=ten", "limit"),
        ("conversations", "tray=attic", "tray"),
        ("conversations", "after=17", "after"),
        ("tags", "after=17.4", "after"),
        ("conversations", "state=open&state=held", "state"),
        ("conversations", "offset=3", "offset"),
        ("conversations/1", "conversation=2", "conversation"),
        ("conversations/abc", "", "conversation"),
        ("conversations/0/messages", "", "conversation"),
        ("conversations/1/messages", "order=random", "order"),
    ],
)
async def test_a_bad_parameter_is_refused_by_its_name(served: Served, path: str, given: str, field: str | None) -> None:
    await served.desk.say("p1", "Hola")
    async with program(served, "sofia", "conversation.see") as sofia:
        answer = await sofia.ask("GET", f"{path}?{given}")
        assert (answer.status, answer.body["code"], answer.body["field"]) == (400, "bad_args", field)
