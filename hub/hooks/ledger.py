"""What webhooks are still to be told, as rows: synchronous functions for `Store.read` and `Store.write`.

A webhook's cursor in the journal and the deliveries that follow from it move in one transaction, inside the writer,
where no other hub is: each event becomes one delivery, whatever dies when. A delivery is sent only by who has claimed
it there. One whose claim has run out was being sent by a hub that died; it is sent again, under the same id.
"""

from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from hub.desk.execute import execute
from hub.desk.hook_tables import webhook, webhook_delivery
from hub.desk.principal import SYSTEM
from hub.protocol.webhooks import EVENTS, NOTED, DisableWebhook
from hub.store.schema import head, journal
from hub.store.unit import Unit

BATCH = 500  # journal rows turned into deliveries at a time
STRIDE = 1000  # journal rows of no interest after which a cursor is brought up all the same
DAY = 24 * 3600 * 1000

_w, _d = webhook.c, webhook_delivery.c


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook that is switched on and has a secret. `kinds` are the events it is told."""

    id: int
    url: str
    kinds: frozenset[str]
    content: bool
    cursor: int
    row: sa.Row[Any]


@dataclass(frozen=True, slots=True)
class Delivery:
    """`attempt` counts those before the one to come."""

    id: int
    webhook: int
    seq: int
    conversation: int | None
    attempt: int


def hooks(conn: Connection) -> list[Hook]:
    rows = conn.execute(sa.select(webhook).where(_w.active.is_(True), _w.secret != "").order_by(_w.id))
    return [_hook(row) for row in rows]


def hook(conn: Connection, webhook_id: int) -> Hook | None:
    """A webhook as it is now; None where it is gone, switched off or without a secret."""
    mine = sa.select(webhook).where(_w.id == webhook_id, _w.active.is_(True), _w.secret != "")
    row = conn.execute(mine).first()
    return None if row is None else _hook(row)


def _hook(row: sa.Row[Any]) -> Hook:
    chosen = frozenset(msgspec.json.decode(row.events)) or frozenset(EVENTS)
    kinds = chosen & frozenset(EVENTS) if row.notes else (chosen & frozenset(EVENTS)) - {NOTED}
    return Hook(row.id, row.url, kinds, bool(row.content), row.cursor, row)


def behind(conn: Connection, known: list[Hook]) -> list[int]:
    """The webhooks whose cursor has to move: there is something to tell, or it lies far back."""
    seq = conn.scalar(sa.select(head.c.seq)) or 0
    found = []
    for one in known:
        cursor = conn.scalar(sa.select(_w.cursor).where(_w.id == one.id))
        if cursor is None or cursor >= seq:
            continue
        news = sa.select(journal.c.seq).where(journal.c.seq > cursor, journal.c.kind.in_(one.kinds)).limit(1)
        if seq - cursor > STRIDE or conn.execute(news).first() is not None:
            found.append(one.id)
    return found


def spread(unit: Unit, webhook_id: int) -> bool:
    """Turn the next journal rows into deliveries of a webhook; whether there may be more."""
    known = hook(unit.conn, webhook_id)
    if known is None:
        return False
    rows = unit.conn.execute(
        sa.select(journal.c.seq, journal.c.kind, journal.c.conversation_id)
        .where(journal.c.seq > known.cursor)
        .order_by(journal.c.seq)
        .limit(BATCH)
    ).all()
    if not rows:
        return False
    new = [
        {
            "webhook_id": webhook_id,
            "seq": one.seq,
            "kind": one.kind,
            "conversation_id": one.conversation_id,
            "attempt": 0,
            "due": unit.now,
            "why": "",
            "answer": "",
        }
        for one in rows
        if one.kind in known.kinds
    ]
    if new:
        unit.conn.execute(sa.insert(webhook_delivery), new)
    unit.conn.execute(sa.update(webhook).where(_w.id == webhook_id).values(cursor=rows[-1].seq))
    return len(rows) == BATCH


def _free(now: int) -> sa.ColumnElement[bool]:
    return sa.and_(_d.dead_at.is_(None), _d.due <= now, sa.or_(_d.until.is_(None), _d.until <= now))


def due(conn: Connection, webhook_id: int, now: int, busy: set[int | None], room: int) -> list[Delivery]:
    """What may be sent to a webhook now: oldest events first, one of each conversation, none of the busy ones; nothing
    while its endpoint wants quiet. What belongs to no conversation counts as one, with the key None.
    """
    if (conn.scalar(sa.select(_w.quiet_until).where(_w.id == webhook_id)) or 0) > now:
        return []
    mine = (_d.webhook_id == webhook_id, _free(now))
    ids = [one for one in busy if one is not None]
    other = sa.or_(_d.conversation_id.is_(None), _d.conversation_id.not_in(ids)) if ids else sa.true()
    loose = _d.conversation_id.is_not(None) if None in busy else sa.true()
    first = sa.select(sa.func.min(_d.seq)).where(*mine, other, loose).group_by(_d.conversation_id)
    rows = conn.execute(
        sa.select(_d.id, _d.seq, _d.conversation_id, _d.attempt)
        .where(_d.webhook_id == webhook_id, _d.seq.in_(first))
        .order_by(_d.seq)
        .limit(room)
    )
    return [Delivery(row.id, webhook_id, row.seq, row.conversation_id, row.attempt) for row in rows]


def next_moment(conn: Connection, ids: list[int], now: int) -> int | None:
    """When, after now, something of these webhooks falls due or a claim runs out; UTC ms."""
    later = sa.case((sa.and_(_d.until.is_not(None), _d.until > _d.due), _d.until), else_=_d.due)
    query = sa.select(sa.func.min(later)).where(_d.webhook_id.in_(ids), _d.dead_at.is_(None), later > now)
    moment: int | None = conn.scalar(query)
    return moment


def claim(unit: Unit, delivery_id: int, hold: int) -> bool:
    """Claim a delivery for `hold` ms, unless another hub has, or it was sent meanwhile. Counts as an attempt."""
    free = sa.update(webhook_delivery).where(_d.id == delivery_id, _free(unit.now))
    claimed = free.values(until=unit.now + hold, attempt=_d.attempt + 1)
    return unit.conn.execute(claimed).rowcount == 1


def told(unit: Unit, delivery_id: int) -> None:
    unit.conn.execute(sa.delete(webhook_delivery).where(_d.id == delivery_id))


def put_off(unit: Unit, delivery_id: int, pause: int, why: str, answer: str) -> None:
    """Try again after `pause` ms."""
    values = {"due": unit.now + pause, "until": None, "why": why, "answer": answer}
    unit.conn.execute(sa.update(webhook_delivery).where(_d.id == delivery_id, _d.dead_at.is_(None)).values(**values))


def keep_quiet(unit: Unit, webhook_id: int, pause: int) -> None:
    """Post nothing to a webhook for `pause` ms, whichever hub it is."""
    unit.conn.execute(sa.update(webhook).where(_w.id == webhook_id).values(quiet_until=unit.now + pause))


def give_up(unit: Unit, delivery_id: int, why: str, answer: str) -> None:
    """Put a delivery on the dead-letter list."""
    values = {"dead_at": unit.now, "until": None, "why": why, "answer": answer}
    unit.conn.execute(sa.update(webhook_delivery).where(_d.id == delivery_id).values(**values))


def gone(unit: Unit, delivery: Delivery, answer: str) -> None:
    """The endpoint does not want to be told any more: neither this nor anything else."""
    if unit.conn.execute(sa.select(_w.id).where(_w.id == delivery.webhook)).first() is None:
        return  # deleted while it was asked
    args = DisableWebhook(delivery.webhook, "gone")
    execute(unit, SYSTEM, "webhook.disable", args, f"gone:{delivery.id}:{unit.seq}")
    give_up(unit, delivery.id, "410", answer)


def forget(unit: Unit, days: int) -> int:
    """Drop the dead letters of more than so many days ago; returns how many."""
    return unit.conn.execute(sa.delete(webhook_delivery).where(_d.dead_at < unit.now - days * DAY)).rowcount
