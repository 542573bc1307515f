"""What always holds of a desk, whatever happened: each invariant says how often it does not. A few can be mended.

`check` in `desk.projections` goes through all of them in one read transaction, beside a running hub.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from hub.desk import contact_search, filled_keys, search
from hub.desk.company_check import involved_otherwise
from hub.desk.filters import Place
from hub.desk.tables import (
    TRANSFERRED,
    agent,
    branch,
    channel,
    contact,
    conversation,
    department,
    draft,
    leg,
    message,
    period,
    queue,
    shortcut,
    tag,
    team,
)
from hub.desk.talk_tables import handed_on, held, plan
from hub.desk.transitions import WORKING
from hub.desk.tray_tables import tray
from hub.protocol.settings import N_
from hub.protocol.states import ERASED, Delivery, State
from hub.store.schema import head, journal, timer
from hub.store.unit import Unit

_c = conversation.c
_count = sa.func.count
_live = _c.state != State.CLOSED.value
_seq = sa.select(head.c.seq).scalar_subquery()


@dataclass(frozen=True, slots=True)
class Invariant:
    """`what` does not hold, as a text's English; `mend` makes it hold again and returns how many rows that took."""

    what: str
    count: Callable[[Connection], int]
    mend: Callable[[Unit], int] | None = None


def _query(query: sa.Select[Any]) -> Callable[[Connection], int]:
    return lambda conn: conn.scalar(query) or 0


def _conversations(*where: sa.ColumnElement[bool]) -> Callable[[Connection], int]:
    return _query(sa.select(_count()).select_from(conversation).where(*where))


def _open(table: sa.Table) -> sa.ScalarSelect[int]:
    """How many periods, or legs, of the conversation are open."""
    mine = sa.select(_count()).where(table.c.conversation_id == _c.id, table.c.ended_at.is_(None))
    return mine.correlate(conversation).scalar_subquery()


def _differs(table: sa.Table, *columns: str) -> Callable[[Connection], int]:
    """The open period, or leg, says something else than its conversation."""
    other = sa.or_(*(table.c[name].is_distinct_from(_c[name]) for name in columns))
    joined = sa.join(table, conversation, table.c.conversation_id == _c.id)
    return _query(sa.select(_count()).select_from(joined).where(table.c.ended_at.is_(None), other))


def _outside_a_leg() -> Callable[[Connection], int]:
    within = sa.select(leg.c.id).where(
        leg.c.conversation_id == period.c.conversation_id,
        leg.c.queue_id == period.c.queue_id,
        leg.c.owner_id.is_not_distinct_from(period.c.owner_id),
        leg.c.began_at <= period.c.began_at,
        leg.c.ended_at.is_(None) | (leg.c.ended_at >= period.c.ended_at),
    )
    return _query(sa.select(_count()).select_from(period).where(~within.exists()))


def _newer(table: sa.Table) -> Callable[[Connection], int]:
    return _query(sa.select(_count()).select_from(table).where(table.c.rev > _seq))


_newer_in = tuple(
    map(_newer, (conversation, message, agent, queue, channel, tag, shortcut, tray, branch, department, team, plan))
)


def _newer_anywhere(conn: Connection) -> int:
    return sum(count(conn) for count in _newer_in)


def _previous_seq() -> sa.ScalarSelect[int]:
    before = journal.alias("before")
    return sa.select(before.c.seq).where(before.c.seq == journal.c.seq - 1).scalar_subquery()


_last = sa.select(journal.c.nonce).order_by(journal.c.seq.desc()).limit(1).scalar_subquery()
_first = sa.select(sa.func.min(journal.c.seq)).scalar_subquery()
_release = message.c.state == Delivery.HELD.value
_outdated = sa.and_(timer.c.conversation_id == _c.id, timer.c.generation == _c.generation, ~_live)


def _drop_timers(unit: Unit) -> int:
    ids = list(unit.conn.scalars(sa.select(timer.c.id).join(conversation, _outdated)))
    unit.conn.execute(sa.delete(timer).where(timer.c.id.in_(ids)))
    return len(ids)


def _unreleased(conn: Connection) -> list[int]:
    """Held messages that no timer will let go."""
    due = {
        msgspec.json.decode(args).get("message")
        for args in conn.scalars(sa.select(timer.c.args).where(timer.c.command == "message.release"))
    }
    return [one for one in conn.scalars(sa.select(held.c.message_id)) if one not in due]


def _set_releases(unit: Unit) -> int:
    ids = _unreleased(unit.conn)
    for one in ids:
        args = msgspec.json.encode({"message": one}).decode()
        due = {"due": unit.now, "command": "message.release", "version": 1, "args": args, "generation": 0}
        unit.conn.execute(sa.insert(timer).values(conversation_id=None, **due))
        unit.timers = True
    return len(ids)


PLACED = ("conversation.changed", "conversation.shared", "conversation.noticed")  # events that say a place


def _moves(conn: Connection) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """(number, conversation, data) of every move that is on record, in order."""
    moves = sa.select(journal.c.seq, journal.c.conversation_id, journal.c.data).where(
        journal.c.kind.in_(PLACED), journal.c.conversation_id.is_not(None)
    )
    for row in conn.execute(moves.order_by(journal.c.seq).execution_options(yield_per=5000)):
        yield row.seq, row.conversation_id, msgspec.json.decode(row.data)


def _broken_moves(conn: Connection) -> int:
    """Moves that began elsewhere than the one before had ended: somebody decided on what was no longer so."""
    stood: dict[int, Any] = {}
    wrong = 0
    for _, number, data in _moves(conn):
        was, now = (None if at is None else msgspec.convert(at, Place) for at in (data["was"], data["now"]))
        wrong += was != stood.get(number, was)
        stood[number] = now
    return wrong


def _beyond_capacity(conn: Connection) -> int:
    """Conversations that dispatch gave to somebody who had no room, counted from the moves: dispatch's own word for a
    load may be what was wrong. Only what happened since the queue was changed last can be told: before that it may have
    had another capacity."""
    capacities = {row.id: row.capacity for row in conn.execute(sa.select(queue.c.id, queue.c.capacity))}
    changed: dict[int, int] = {}
    for row in conn.execute(sa.select(journal.c.seq, journal.c.data).where(journal.c.kind == "queue.changed")):
        changed[msgspec.json.decode(row.data)["queue"]] = row.seq
    with_whom: dict[int, int] = {}
    loads: Counter[int] = Counter()
    wrong = 0
    for seq, number, data in _moves(conn):
        state, queue_id, owner, *_ = data["now"]
        if (before := with_whom.pop(number, None)) is not None:
            loads[before] -= 1
        if data.get("by") == "dispatch" and seq > changed.get(queue_id, 0):
            wrong += loads[owner] >= capacities.get(queue_id, loads[owner] + 1)
        if state in WORKING and owner is not None:
            with_whom[number] = owner
            loads[owner] += 1
    return wrong


def _not_kept() -> Callable[[Connection], int]:
    """Agents' last legs that ended by a transfer, without what is kept of them."""
    later = leg.alias("later")
    same = (later.c.conversation_id == leg.c.conversation_id, later.c.owner_id == leg.c.owner_id)
    newer = sa.select(later.c.id).where(*same, later.c.ended_by == leg.c.ended_by, later.c.id > leg.c.id)
    kept = sa.select(handed_on.c.leg_id).where(
        handed_on.c.conversation_id == leg.c.conversation_id,
        handed_on.c.agent_id == leg.c.owner_id,
        handed_on.c.leg_id == leg.c.id,
    )
    joined = sa.join(leg, conversation, leg.c.conversation_id == _c.id)
    ended = (TRANSFERRED, leg.c.owner_id.is_not(None), _c.kind != ERASED)
    return _query(sa.select(_count()).select_from(joined).where(*ended, ~newer.exists(), ~kept.exists()))


def _damaged(conn: Connection) -> int:
    """SQLite's own look at its pages and references; PostgreSQL holds its references by itself."""
    if conn.dialect.name != "sqlite":
        return 0
    pages = conn.exec_driver_sql("PRAGMA quick_check").scalars().all()
    references = conn.exec_driver_sql("PRAGMA foreign_key_check").all()
    return len([said for said in pages if said != "ok"]) + len(references)


INVARIANTS: tuple[Invariant, ...] = (
    Invariant(N_("a page of the database is damaged, or refers to a row that is not there"), _damaged),
    Invariant(
        N_("the journal's last number is not the head's"),
        _query(
            sa.select(_count())
            .select_from(head)
            .where(head.c.seq != sa.select(sa.func.coalesce(sa.func.max(journal.c.seq), 0)).scalar_subquery())
        ),
    ),
    Invariant(
        N_("the journal's last row is not the one that the head knows"),
        _query(sa.select(_count()).select_from(head).where(head.c.seq > 0, head.c.nonce.is_distinct_from(_last))),
    ),
    Invariant(
        N_("the journal has gaps"),
        _query(
            sa.select(_count())
            .select_from(journal)
            .where(journal.c.seq > _first, journal.c.seq - 1 != sa.func.coalesce(_previous_seq(), -1))
        ),
    ),
    Invariant(
        N_("a conversation in hand has no owner"), _conversations(_c.state.in_(WORKING), _c.owner_id.is_(None))
    ),
    Invariant(
        N_("a waiting conversation has an owner"),
        _conversations(_c.state == State.WAITING.value, _c.owner_id.is_not(None)),
    ),
    Invariant(
        N_("a waiting conversation does not know since when"),
        _conversations(_c.state == State.WAITING.value, _c.waiting_since.is_(None)),
    ),
    Invariant(N_("a live conversation has not exactly one open period"), _conversations(_live, _open(period) != 1)),
    Invariant(N_("a live conversation has not exactly one open leg"), _conversations(_live, _open(leg) != 1)),
    Invariant(
        N_("an ended conversation has an open period or leg"), _conversations(~_live, _open(period) + _open(leg) > 0)
    ),
    Invariant(
        N_("a period says something else than its conversation"), _differs(period, "state", "queue_id", "owner_id")
    ),
    Invariant(N_("a leg says something else than its conversation"), _differs(leg, "queue_id", "owner_id")),
    Invariant(N_("a period belongs to no leg"), _outside_a_leg()),
    Invariant(N_("a conversation was moved from where it did not stand"), _broken_moves),
    Invariant(N_("something is newer than the journal"), _newer_anywhere),
    Invariant(N_("what an agent handed on is not kept as it was"), _not_kept()),
    Invariant(N_("who is involved in a conversation differs from what its row says"), involved_otherwise),
    Invariant(
        N_("a timer would fire for a conversation that has ended"),
        _query(sa.select(_count()).select_from(sa.join(timer, conversation, _outdated))),
        _drop_timers,
    ),
    Invariant(
        N_("a message is held back that nobody could recall, or the reverse"),
        _query(
            sa.select(_count())
            .select_from(sa.outerjoin(message, held, held.c.message_id == message.c.id))
            .where(_release.is_distinct_from(held.c.message_id.is_not(None)))
        ),
    ),
    Invariant(
        N_("a message is held back that no timer lets go"), lambda conn: len(_unreleased(conn)), _set_releases
    ),
    Invariant(N_("a message is not in the search index"), search.missing, search.mend),
    Invariant(N_("a contact is not in the search index as they are"), contact_search.missing, contact_search.mend),
    Invariant(N_("what a form tells of who a contact is differs from the form"), filled_keys.missing, filled_keys.mend),
    Invariant(N_("dispatch gave a conversation to somebody without room for it"), _beyond_capacity),
    Invariant(
        N_("something is left of an erased conversation"),
        _conversations(
            _c.kind == ERASED,
            sa.select(message.c.id).where(message.c.conversation_id == _c.id).exists()
            | sa.select(draft.c.version).where(draft.c.conversation_id == _c.id).exists()
            | sa.select(plan.c.id).where(plan.c.conversation_id == _c.id).exists(),
        ),
    ),
    Invariant(
        N_("something is left of an erased customer"),
        _query(
            sa.select(_count())
            .select_from(contact)
            .where(
                contact.c.erased_at.is_not(None),
                sa.or_(*(contact.c[name] != "" for name in ("name", "phone", "folded"))),
            )
        ),
    ),
)  # fmt: skip
