"""The projections: columns that could be derived, kept because a list needs them. Each is declared here once, with the
query that derives it; `check` compares and `repair` rebuilds. Beside them stand the invariants (`desk.invariants`).
"""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.desk.invariants import INVARIANTS
from hub.desk.tables import conversation, message, read_mark
from hub.protocol.settings import N_
from hub.protocol.states import MUTED, Delivery
from hub.store.schema import journal
from hub.store.unit import Unit

_c, _m = conversation.c, message.c
_own = _m.conversation_id == _c.id
_answer = message.alias("answer")
_answered = (
    sa.select(sa.func.max(_answer.c.id))
    .where(
        _answer.c.conversation_id == _c.id,
        _answer.c.direction == "out",
        _answer.c.state != Delivery.RECALLED.value,
        _answer.c.author_id.is_not(None),
    )
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
    "last_in_at": sa.select(_m.at)  # of the newest one: the clock may have been set back since an older one
    .where(_own, _m.direction == "in")
    .order_by(_m.id.desc())
    .limit(1)
    .correlate(conversation)
    .scalar_subquery(),
    "read_message_id": _mark,
    "unread": sa.select(sa.func.count())
    .select_from(message)
    .where(_own, _m.direction == "in", _m.state != MUTED, _m.id > _mark)
    .correlate(conversation)
    .scalar_subquery(),
}
_DIFFERING = {
    name: sa.select(sa.func.count()).select_from(conversation).where(_c[name].is_distinct_from(derived))
    for name, derived in DERIVED.items()
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
    """All that does not hold, as one read transaction sees it. Reads the whole desk."""
    faults = []
    for name, differing in _DIFFERING.items():
        if wrong := conn.scalar(differing):
            faults.append(
                Fault(N_("{column} differs from the messages"), wrong, f"conversation.{name}", repairable=True)
            )
    for one in INVARIANTS:
        wrong = one.count(conn)
        if wrong:
            faults.append(Fault(one.what, wrong, repairable=one.mend is not None))
    return faults


def repair(unit: Unit) -> int:
    """Rebuild every projection that differs, and mend what else can be; returns how many rows that were. Consoles learn
    of changed conversations."""
    mended: set[int] = set()
    for name, derived in DERIVED.items():
        wrong = list(unit.conn.scalars(sa.select(_c.id).where(_c[name].is_distinct_from(derived))))
        if wrong:
            unit.conn.execute(sa.update(conversation).where(_c.id.in_(wrong)).values({name: derived}))
            mended.update(wrong)
    for conversation_id in sorted(mended):
        rev = unit.record("conversation.repaired", "system", conversation_id, {})
        unit.conn.execute(sa.update(conversation).where(_c.id == conversation_id).values(rev=rev))
    return len(mended) + sum(one.mend(unit) for one in INVARIANTS if one.mend is not None)


def extent(conn: Connection) -> dict[str, int]:
    """How many of each there are: conversations, messages, journal rows."""
    counted = {"conversations": conversation, "messages": message, "events": journal}
    return {name: conn.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for name, table in counted.items()}
