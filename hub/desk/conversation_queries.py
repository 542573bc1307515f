"""Conversations, their lines and their timelines, as a page of a list or one by one.

A list of conversations is gathered from branches, one for each state and each way in which the conversation is in
sight. A branch has one state and at most one owner or some queues, so that it is read off one index in its order, and
stops at the page's end; however much of the desk is not the principal's costs nothing.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import UNSET

from hub.desk import finding, handed_on, search
from hub.desk.asked import NOTHING, asked
from hub.desk.facts import facts_of, message_view
from hub.desk.filters import TALKS, AllOf, Filter, Is, Since
from hub.desk.queries import FIRST, Asking, Placed, after, answers
from hub.desk.sight import NOT_ERASED, sight, sight_of
from hub.desk.sorts import sort_of
from hub.desk.sources import AS_HANDED_ON
from hub.desk.tables import conversation, message
from hub.desk.talk_tables import handed_on as kept_table
from hub.desk.tray_filters import bad_filter, names
from hub.desk.ways import allows, alternatives, in_state
from hub.protocol import queries, views
from hub.protocol.errors import Code, Refused
from hub.protocol.filter_text import BadFilter
from hub.protocol.states import TRAYS, Delivery, State
from hub.protocol.trays import DEFAULT_SORT
from hub.store.schema import journal

UNTOLD = ("conversation.read", "conversation.noticed", "conversation.repaired")  # no part of what happened
_c, _m = conversation.c, message.c


@answers("conversations")
def conversations(asking: Asking, params: queries.Conversations) -> list[Placed]:
    plain = params.tray is UNSET or params.tray in TRAYS
    if not plain or params.filter not in (UNSET, "") or params.sort not in (UNSET, "", DEFAULT_SORT):
        return filtered(asking, params)
    at, last = _newest_after(params)
    before = sa.or_(_c.last_at < at, sa.and_(_c.last_at == at, _c.id < last))
    found: set[tuple[int, int]] = set()
    for where in branches(asking, params):
        found.update((row.last_at, row.id) for row in asking.conn.execute(page(where, before, at, params.limit)))
    kept = {row.id: row.last_at for query in kept_pages(asking, params, at, last) for row in asking.conn.execute(query)}
    newest = sorted([*found, *((when, number) for number, when in kept.items())], reverse=True)[: params.limit + 1]
    facts = facts_of(asking.conn, [number for _, number in newest if number not in kept])
    facts |= handed_on.facts_for(asking.conn, asking.who.id, [number for _, number in newest if number in kept])
    return [((at, number), facts[number].row) for at, number in newest]


def _newest_after(params: queries.Conversations) -> tuple[int, int]:
    value, last = _after(params) or (FIRST, FIRST)
    if not isinstance(value, int):
        raise Refused(Code.BAD_VALUE, field="after", why="it is the place in another order")
    return value, last


def _after(params: queries.Conversations) -> tuple[int | str | None, int] | None:
    """The value that the last row was sorted by, and its id."""
    if params.after is UNSET:
        return None
    value, _, number = params.after.partition(".")
    if value.startswith("x"):
        try:
            return bytes.fromhex(value[1:]).decode(), int(number)
        except ValueError:
            raise Refused(Code.BAD_ARGS, field="after", why="it is no place in a list") from None
    return None if value == "-" else int(value), int(number)


def _place_of(value: int | str | None) -> int | str:
    """The value as it stands in `after`."""
    if value is None:
        return "-"
    return f"x{value.encode().hex()}" if isinstance(value, str) else value


def filtered(asking: Asking, params: queries.Conversations) -> list[Placed]:
    """What fits a filter, in any order. Raises Refused."""
    text = "" if params.filter is UNSET else params.filter
    sort = sort_of("" if params.sort is UNSET else params.sort)
    tray = "all" if params.tray is UNSET else params.tray
    try:
        known = names(asking.conn) if text else NOTHING
        wanted = asked(tray, text, sort, sight=sight_of(asking.who), reader=asking.reader, names=known)
    except BadFilter as fault:
        raise bad_filter(fault) from None
    also: list[Filter] = []
    if params.queue is not UNSET:
        also.append(Is("queue_id", (params.queue,)))
    if params.owner is not UNSET:
        also.append(Is("owner_id", (params.owner,)))
    states = tuple(state for state in wanted.states if params.state in (UNSET, state))
    kept = AllOf((*also, wanted.kept)) if wanted.kept is not None and State.CLOSED in states else None
    wanted = replace(wanted, place=AllOf((*also, wanted.place)), states=states, kept=kept)
    place = _after(params)
    if place is not None and isinstance(place[0], str) != (sort.by == "name"):
        raise Refused(Code.BAD_VALUE, field="after", why="it is the place in another order")
    found = wanted.newest(asking.conn, asking.now, params.limit + 1, place)
    return [((_place_of(sort.value(facts)), facts.row.id), facts.row) for facts in found]


def page(where: Filter, before: sa.ColumnElement[bool], at: int, limit: int) -> sa.Select[Any]:
    """The newest of a branch. The bound on `last_at` alone is what both engines find in the index."""
    bounded = (where.sql(), _c.last_at <= at, before)
    return sa.select(_c.last_at, _c.id).where(*bounded).order_by(_c.last_at.desc(), _c.id.desc()).limit(limit + 1)


def kept_pages(asking: Asking, params: queries.Conversations, at: int, last: int) -> Iterator[sa.Select[Any]]:
    """The same of what was handed on by whoever asks, and is in their sight no more as a whole."""
    sight, of = sight_of(asking.who), AS_HANDED_ON
    if sight.upto is None or State.CLOSED not in _states(params) or params.state not in (UNSET, State.CLOSED):
        return
    h = kept_table.c
    before = (h.last_at <= at, sa.or_(h.last_at < at, sa.and_(h.last_at == at, h.conversation_id < last)))
    where = (*handed_on.beyond_sight(sight), NOT_ERASED.sql(of), *(one.sql(of) for one in _wanted(asking, params)))
    query = sa.select(h.last_at, h.conversation_id.label("id")).where(*where, *before)
    yield query.order_by(h.last_at.desc(), h.conversation_id.desc()).limit(params.limit + 1)


def _states(params: queries.Conversations) -> tuple[State, ...]:
    return TRAYS[params.tray] if params.tray is not UNSET else tuple(State)


def _wanted(asking: Asking, params: queries.Conversations) -> list[Filter]:
    """What was asked for beside the state."""
    wanted: list[Filter] = []
    if params.tray is not UNSET:
        wanted.append(TALKS)
        if params.tray == "attended":
            wanted.append(Since("closed_at", asking.day_start))
    if params.queue is not UNSET:
        wanted.append(Is("queue_id", (params.queue,)))
    if params.owner is not UNSET:
        wanted.append(Is("owner_id", (params.owner,)))
    return wanted


def branches(asking: Asking, params: queries.Conversations) -> Iterator[Filter]:
    """Filters that together are what was asked for and is seen as a whole, each of one state."""
    wanted, ways = _wanted(asking, params), alternatives(sight(asking.who))
    for state in _states(params):
        if params.state in (UNSET, state):
            for way in ways:
                if allows(way, state):
                    yield AllOf((in_state(way, state), *way, *wanted))


@answers("conversation")
def one(asking: Asking, params: queries.OneConversation) -> views.Row:
    return seen(asking, params.conversation).facts.row


def seen(asking: Asking, conversation_id: int) -> handed_on.Seen:
    """A conversation in sight, and how far; refuses any other."""
    found = handed_on.see(asking.conn, sight_of(asking.who), conversation_id)
    if found is None:
        raise Refused(Code.NOT_FOUND, field="conversation", what="conversation", id=conversation_id)
    return found


def _beyond(column: sa.ColumnElement[int], params: queries.Messages | queries.Timeline) -> tuple[Any, Any]:
    """(condition, order): the rows after the page before this one."""
    key = after(params)
    if params.order == "newest":
        return column < (key[0] if key else FIRST), column.desc()
    return column > (key[0] if key else 0), column


@answers("messages")
def messages(asking: Asking, params: queries.Messages) -> list[Placed]:
    upto = seen(asking, params.conversation).upto
    return [((row.id,), message_view(row)) for row in asking.conn.execute(messages_page(params, upto))]


def messages_page(params: queries.Messages, upto: handed_on.Upto | None) -> sa.Select[Any]:
    beyond, order = _beyond(_m.id, params)
    shown = [_m.conversation_id == params.conversation, _m.state != Delivery.RECALLED.value]
    shown += [] if upto is None else [_m.id <= upto.message]
    return sa.select(message).where(*shown, beyond).order_by(order).limit(params.limit + 1)


@answers("timeline")
def timeline(asking: Asking, params: queries.Timeline) -> list[Placed]:
    upto = seen(asking, params.conversation).upto
    return [((row.seq,), event(row)) for row in asking.conn.execute(timeline_page(params, upto))]


def timeline_page(params: queries.Timeline, upto: handed_on.Upto | None) -> sa.Select[Any]:
    beyond, order = _beyond(journal.c.seq, params)
    told = [journal.c.conversation_id == params.conversation, journal.c.kind.not_in(UNTOLD)]
    told += [] if upto is None else [journal.c.seq <= upto.seq]
    return sa.select(journal).where(*told, beyond).order_by(order).limit(params.limit + 1)


def event(row: Any) -> queries.Event:
    """A journal row as the timeline tells it."""
    data = msgspec.json.decode(row.data)
    return queries.Event(
        seq=row.seq,
        at=row.at,
        kind=row.kind,
        actor=row.actor,
        by=data.get("by", ""),
        was=_place(data.get("was")),
        now=_place(data.get("now")),
        messages=data["ms"] if "ms" in data else [data["m"]] if "m" in data else [],
        tags=data.get("tags"),
        priority=data.get("priority"),
        topics=data.get("topics"),
        form=data["version"] if row.kind == "form.filled" else 0,
        delivery=data.get("state", ""),
        why=msgspec.convert(data["why"], queries.Why) if "why" in data else None,
    )


def _place(place: list[Any] | None) -> queries.Place | None:
    return None if place is None else queries.Place(state=place[0], queue=place[1], owner=place[2])


@answers("search")
def search_lines(asking: Asking, params: queries.Search) -> queries.Found:
    before = None if params.before is UNSET else params.before
    sight = sight_of(asking.who)
    found = search.find(asking.conn, params.words, sight, limit=params.limit, before=before)
    lines = (
        {
            row.id: row
            for row in asking.conn.execute(sa.select(message).where(_m.id.in_([hit.id for hit in found.hits])))
        }
        if found.hits
        else {}
    )
    rows = facts_of(asking.conn, {hit.conversation_id for hit in found.hits if hit.whole})
    rows |= handed_on.facts_for(
        asking.conn, asking.who.id, {hit.conversation_id for hit in found.hits if not hit.whole}
    )
    called, many = ([], False) if before is not None else finding.called(asking, params.words)
    hits = [_hit(lines[hit.id], rows[hit.conversation_id].row, params.words) for hit in found.hits]
    return queries.Found(hits, found.reached, called, many)


def _hit(line: Any, row: views.Row, words: str) -> queries.Hit:
    return queries.Hit(id=line.id, at=line.at, d=line.direction, text=search.excerpt(line.body, words), row=row)
