"""The projections: columns that could be derived, kept because a list needs them. Each is declared here once, with the
query that derives it; `check` compares and `repair` rebuilds. Beside them stand the invariants of the desk.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.desk import search
from hub.desk.tables import conversation, message, period, read_mark
from hub.protocol.settings import N_
from hub.protocol.states import Delivery, State
from hub.store.schema import head, journal
from hub.store.unit import Unit

_c, _m = conversation.c, message.c
_own = _m.conversation_id == _c.id
_answer = message.alias("answer")
_answered = (
    sa.select(sa.func.max(_answer.c.id))
    .where(_answer.c.conversation_id == _c.id, _answer.c.direction == "out", _answer.c.state != Delivery.RECALLED.value)
    .correlate(conversation)
)
_read = (
    sa.select(read_mark.c.message_id)
    .where(read_mark.c.conversation_id == _c.id, read_mark.c.agent_id == _c.owner_id)
    .correlate(conversation)
)
_mark = sa.case(
    (_c.owner_id.is_(None), sa.func.coalesce(_answered.scalar_subquery(), 0)),
    else_=sa.func.coalesce(_read.scalar_subquery(), 0),
)

DERIVED: dict[str, sa.ColumnElement[int | None]] = {
    "last_message_id": sa.select(sa.func.max(_m.id))
    .where(_own, _m.state != Delivery.RECALLED.value)
    .correlate(conversation)
    .scalar_subquery(),
    "last_in_at": sa.select(sa.func.max(_m.at))
    .where(_own, _m.direction == "in")
    .correlate(conversation)
    .scalar_subquery(),
    "read_message_id": _mark,
    "unread": sa.select(sa.func.count())
    .select_from(message)
    .where(_own, _m.direction == "in", _m.id > _mark)
    .correlate(conversation)
    .scalar_subquery(),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, for the operator; `what` is a text's English and may name the `column` it is about. `repairable`
    ones are projections that can be rebuilt."""

    what: str
    count: int
    column: str = ""
    repairable: bool = False


def check(conn: Connection) -> list[Fault]:
    """All that does not hold. Reads the whole desk: run it on a quiet hub."""
    faults = []
    for name, derived in DERIVED.items():
        wrong = conn.scalar(
            sa.select(sa.func.count()).select_from(conversation).where(_c[name].is_distinct_from(derived))
        )
        if wrong:
            faults.append(
                Fault(N_("{column} differs from the messages"), wrong, f"conversation.{name}", repairable=True)
            )
    if unfound := search.missing(conn):
        faults.append(Fault(N_("a message is not in the search index"), unfound, repairable=True))
    for what, query in _invariants().items():
        wrong = conn.scalar(query)
        if wrong:
            faults.append(Fault(what, wrong))
    return faults


def repair(unit: Unit) -> int:
    """Rebuild every projection that differs, and the search index; returns how many rows were mended.

    Consoles learn of it as a change."""
    mended: set[int] = set()
    for name, derived in DERIVED.items():
        wrong = list(unit.conn.scalars(sa.select(_c.id).where(_c[name].is_distinct_from(derived))))
        if wrong:
            unit.conn.execute(sa.update(conversation).where(_c.id.in_(wrong)).values({name: derived}))
            mended.update(wrong)
    for conversation_id in sorted(mended):
        rev = unit.record("conversation.repaired", "system", conversation_id, {})
        unit.conn.execute(sa.update(conversation).where(_c.id == conversation_id).values(rev=rev))
    return len(mended) + search.mend(unit)


def _invariants() -> dict[str, sa.Select[Any]]:
    count = sa.func.count
    open_periods = (
        sa.select(period.c.conversation_id, count().label("n"))
        .where(period.c.ended_at.is_(None))
        .group_by(period.c.conversation_id)
        .subquery()
    )
    return {
        N_("the journal's last number is not the head's"): sa.select(count())
        .select_from(head)
        .where(head.c.seq != sa.select(sa.func.coalesce(sa.func.max(journal.c.seq), 0)).scalar_subquery()),
        N_("the journal has gaps"): sa.select(count())
        .select_from(journal)
        .where(
            journal.c.seq > sa.select(sa.func.min(journal.c.seq)).scalar_subquery(),
            journal.c.seq - 1 != sa.func.coalesce(_previous_seq(), -1),
        ),
        N_("a conversation in hand has no owner"): sa.select(count())
        .select_from(conversation)
        .where(
            _c.state.in_((State.ASSIGNED.value, State.OPEN.value, State.HELD.value, State.CALLING.value)),
            _c.owner_id.is_(None),
        ),
        N_("a waiting conversation has an owner"): sa.select(count())
        .select_from(conversation)
        .where(_c.state == State.WAITING.value, _c.owner_id.is_not(None)),
        N_("a live conversation has not exactly one open period"): sa.select(count())
        .select_from(conversation)
        .outerjoin(open_periods, open_periods.c.conversation_id == _c.id)
        .where(_c.state != State.CLOSED.value, sa.func.coalesce(open_periods.c.n, 0) != 1),
        N_("a conversation is newer than the journal"): sa.select(count())
        .select_from(conversation)
        .where(_c.rev > sa.select(head.c.seq).scalar_subquery()),
    }


def _previous_seq() -> sa.ScalarSelect[int]:
    before = journal.alias("before")
    return sa.select(before.c.seq).where(before.c.seq == journal.c.seq - 1).scalar_subquery()
