"""The reports' rows, read off legs and periods; nothing is counted in advance.

Whose legs one sees is the reach of `report.see`: one's own, those of one's queues, or all. A page is found by an index
in its order; the legs, periods and messages of its conversations are read together and told apart here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from msgspec import UNSET
from sqlalchemy import Connection

from hub.desk.filters import Place
from hub.desk.form_tables import submission
from hub.desk.handed_on import HANDED_OUT
from hub.desk.principal import Scope
from hub.desk.queries import FIRST, Asking, Placed, after, answers
from hub.desk.sight import sight
from hub.desk.tables import TRANSFERRED, contact, conversation, leg, message, period
from hub.protocol import reports
from hub.protocol.errors import Code, Refused
from hub.protocol.forms import decode_values
from hub.protocol.states import Delivery, State

STAYS = (*HANDED_OUT, "conversation.requeue", "conversation.reassign")  # in the same queue, for somebody else
SERVED = (State.CALLING, State.OPEN, State.HELD)
_c, _l, _m, _p = conversation.c, leg.c, message.c, period.c
_then = leg.alias("then")  # where a transferred leg went on
Condition = sa.ColumnElement[bool]


@answers("reports.transfers")
def transfers(asking: Asking, params: reports.Transfers) -> list[Placed]:
    page = asking.conn.execute(transfers_page(asking, params)).all()
    told = Told(asking, {row.conversation_id for row in page})
    told.read_notes(row.note_id for row in page)
    told.read_forms(row.id for row in page)
    return [((row.ended_at, row.id), told.transfer(row)) for row in page]


def transfers_page(asking: Asking, params: reports.Transfers) -> sa.Select[Any]:
    following = leg.alias("following")
    further = (following.c.conversation_id == _l.conversation_id, following.c.id > _l.id)
    next_id = sa.select(sa.func.min(following.c.id)).where(*further).correlate(leg).scalar_subquery()
    query = (
        sa.select(leg, _then.c.queue_id.label("to_queue"), _then.c.owner_id.label("to_owner"))
        .select_from(leg)
        .join(_then, _then.c.id == next_id)
        .where(TRANSFERRED, *_within(asking, params, _l.ended_at))
    )
    if params.queue is not UNSET:
        query = query.where(sa.or_(_l.queue_id == params.queue, _then.c.queue_id == params.queue))
    if params.agent is not UNSET:
        query = query.where(_party(params.agent))
    scope, who = asking.who.scope("report.see"), asking.who
    if scope is not None and scope <= Scope.QUEUE:
        queues = sorted(who.queues) if scope == Scope.QUEUE else ()
        mine = [_party(who.id), *(sa.or_(_l.queue_id == one, _then.c.queue_id == one) for one in queues)]
        query = query.where(sa.or_(*mine))
    return query.order_by(_l.ended_at.desc(), _l.id.desc()).limit(params.limit + 1)


def _party(agent: int) -> Condition:
    """Whose it was, who transferred it, to whom."""
    return sa.or_(_l.owner_id == agent, _l.by_id == agent, _then.c.owner_id == agent)


@answers("reports.attentions")
def attentions(asking: Asking, params: reports.Attentions) -> list[Placed]:
    found: dict[int, Any] = {}
    for query in attention_pages(asking, params):
        found.update((row.id, row) for row in asking.conn.execute(query))
    newest = sorted(found.values(), key=lambda row: (row.began_at, row.id), reverse=True)[: params.limit + 1]
    told = Told(asking, {row.conversation_id for row in newest})
    told.read_messages()
    told.read_forms(row.id for row in newest)
    return [((row.began_at, row.id), told.attention(row)) for row in newest]


def attention_pages(asking: Asking, params: reports.Attentions) -> Iterator[sa.Select[Any]]:
    """Queries that together are what was asked for and may be seen, each read off one index."""
    for reach in _reaches(asking):
        query = sa.select(leg).where(*reach, *_within(asking, params, _l.began_at))
        query = query.where(sa.or_(_l.owner_id.is_not(None), _l.ended_by.not_in(HANDED_OUT)))
        if params.queue is not UNSET:
            query = query.where(_l.queue_id == params.queue)
        if params.agent is not UNSET:
            query = query.where(_l.owner_id == params.agent)
        yield query.order_by(_l.began_at.desc(), _l.id.desc()).limit(params.limit + 1)


def _reaches(asking: Asking) -> list[tuple[Condition, ...]]:
    scope, who = asking.who.scope("report.see"), asking.who
    if scope is not None and scope > Scope.QUEUE:
        return [()]
    queues = sorted(who.queues) if scope == Scope.QUEUE else ()
    return [(_l.owner_id == who.id,), *((_l.queue_id == one,) for one in queues)]


# -- the period --------------------------------------------------------------------------------------------------------


def _within(asking: Asking, params: reports.Report, column: Any) -> Iterator[Condition]:
    """The period, what is beyond the page before, and the other filters that look at the leg's own conversation."""
    zone = ZoneInfo(asking.me.zone or "UTC")
    if params.since is not UNSET:
        yield column >= _moment("from", params.since, zone)
    elif params.conversation is UNSET:
        yield column >= asking.day_start
    if params.until is not UNSET:
        yield column < _moment("to", params.until, zone, days=1)
    at, last = after(params) or (FIRST, FIRST)
    yield column <= at
    yield sa.or_(column < at, sa.and_(column == at, _l.id < last))
    if params.conversation is not UNSET:
        yield _l.conversation_id == params.conversation
    if params.channel is not UNSET:
        here = sa.select(_c.channel_id).where(_c.id == _l.conversation_id).correlate(leg).scalar_subquery()
        yield here == params.channel


def _moment(name: str, text: str, zone: ZoneInfo, *, days: int = 0) -> int:
    """UTC ms of what was given; of a day its beginning, or that of the day so many later."""
    if "-" not in text:
        return int(text)
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date() + timedelta(days=days)
        return int(datetime.combine(day, time.min, zone).timestamp() * 1000)
    except (ValueError, OverflowError):
        raise Refused(Code.BAD_ARGS, field=name, why=f"there is no day {text}") from None


# -- what a page tells -------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Part:
    """A leg with its periods."""

    leg: Any
    periods: list[Any] = field(default_factory=list)

    @property
    def opened(self) -> Any | None:
        return next((one for one in self.periods if one.state == State.OPEN), None)

    def takes(self, one: Any) -> bool:
        here = (one.queue_id, one.owner_id) == (self.leg.queue_id, self.leg.owner_id)
        return here and (self.leg.ended_at is None or one.began_at <= self.leg.ended_at)


class Told:
    """Conversations with their legs, as they are needed to tell of some of them."""

    def __init__(self, asking: Asking, conversations: Iterable[int]) -> None:
        self._conn, self._who, self._ids = asking.conn, asking.who, list(conversations)
        self._test = sight(asking.who).test
        self._rows: dict[int, Any] = {}
        self._chains: dict[int, list[Part]] = {}
        self._notes: dict[int, str] = {}
        self._forms: dict[int, Any] = {}
        self._messages: dict[int, list[Any]] = {}
        if self._ids:
            people = sa.select(conversation, contact.c.name, contact.c.phone).join(
                contact, contact.c.id == _c.contact_id
            )
            self._rows = {row.id: row for row in self._conn.execute(people.where(_c.id.in_(self._ids)))}
            self._chains = chains(self._conn, self._ids)

    def read_notes(self, ids: Iterable[int | None]) -> None:
        if wanted := [one for one in ids if one is not None]:
            bodies = sa.select(_m.id, _m.body).where(_m.id.in_(wanted))
            self._notes = {row.id: row.body for row in self._conn.execute(bodies)}

    def read_forms(self, legs: Iterable[int]) -> None:
        """What was filled in for these."""
        if wanted := list(legs):
            filled = sa.select(submission).where(submission.c.leg_id.in_(wanted))
            self._forms = {row.leg_id: row for row in self._conn.execute(filled)}

    def _form(self, leg_id: int, *, readable: bool) -> dict[str, Any]:
        filled = self._forms.get(leg_id) if readable else None
        return {} if filled is None else {"form": filled.version_id, "values": decode_values(filled.filled)}

    def read_messages(self) -> None:
        """Whose they are and when; not what they say."""
        if not self._ids:
            return
        lines = sa.select(_m.conversation_id, _m.direction, _m.author_id, _m.at).where(
            _m.conversation_id.in_(self._ids), _m.direction.in_(("in", "out")), _m.state != Delivery.RECALLED.value
        )
        for one in self._conn.execute(lines.order_by(_m.conversation_id, _m.id)):
            self._messages.setdefault(one.conversation_id, []).append(one)

    def _name(self, row: Any) -> str:
        of = self._rows[row.conversation_id]
        return of.name or of.phone  # type: ignore[no-any-return]

    def _readable(self, row: Any, *parties: int | None) -> bool:
        """Whether the reader may know whom and what it was about."""
        of = self._rows[row.conversation_id]
        place = Place(of.state, of.queue_id, of.owner_id, of.closed_at, of.kind, of.team_id)
        return self._test(place) or (self._who.kind == "agent" and self._who.id in parties)

    def _found(self, row: Any) -> tuple[list[Part], int]:
        """The legs of its conversation, and which of them it is."""
        parts = self._chains[row.conversation_id]
        return parts, next(index for index, part in enumerate(parts) if part.leg.id == row.id)

    def transfer(self, row: Any) -> reports.Transferred:
        parts, index = self._found(row)
        readable = self._readable(row, row.owner_id, row.by_id, row.to_owner)
        opened, over = _there(parts[index + 1 :])
        until = opened.began_at if opened is not None else over
        of = self._rows[row.conversation_id]
        return reports.Transferred(
            id=row.id,
            conversation=row.conversation_id,
            channel=of.channel_id,
            n=sum(part.leg.ended_by == row.ended_by for part in parts[: index + 1]),
            at=row.ended_at,
            queue=row.queue_id,
            to_queue=row.to_queue,
            agent=row.owner_id,
            to_agent=row.to_owner,
            by=row.by_id,
            opened=None if opened is None else opened.began_at,
            opened_by=None if opened is None else opened.owner_id,
            waited=None if until is None else max(until - row.ended_at, 0),
            note=row.note_id,
            name=self._name(row) if readable else "",
            comment=self._notes.get(row.note_id, "") if readable else "",
            **self._form(row.id, readable=readable),
        )

    def attention(self, row: Any) -> reports.Attention:
        parts, index = self._found(row)
        of, part = self._rows[row.conversation_id], parts[index]
        began, opened, ended = _waits_since(parts, index), part.opened, row.ended_at
        until = opened.began_at if opened is not None else ended
        ours = [
            one.at
            for one in self._messages.get(row.conversation_id, ())
            if one.direction == "out" and one.author_id == row.owner_id is not None
            and row.began_at <= one.at and (ended is None or one.at <= ended)
        ]  # fmt: skip
        theirs = sum(
            one.direction == "in" and began <= one.at and (ended is None or one.at < ended)
            for one in self._messages.get(row.conversation_id, ())
        )
        last = index == len(parts) - 1 and ended is not None
        readable = self._readable(row, row.owner_id)
        return reports.Attention(
            id=row.id,
            conversation=row.conversation_id,
            channel=of.channel_id,
            queue=row.queue_id,
            began=row.began_at,
            agent=row.owner_id,
            opened=None if opened is None else opened.began_at,
            ended=ended,
            waited=None if until is None else max(until - began, 0),
            handled=None if ended is None else _handled(part),
            response=max(ours[0] - began, 0) if ours else None,
            received=theirs,
            sent=len(ours),
            how=row.ended_by,
            outcome=(of.outcome or "") if last else "",
            name=self._name(row) if readable else "",
            **self._form(row.id, readable=readable),
        )


def chains(conn: Connection, conversations: list[int]) -> dict[int, list[Part]]:
    """The legs of each conversation in order, each with its periods."""
    found: dict[int, list[Part]] = {}
    legs = sa.select(leg).where(_l.conversation_id.in_(conversations)).order_by(_l.conversation_id, _l.id)
    for row in conn.execute(legs):
        found.setdefault(row.conversation_id, []).append(Part(row))
    reached: dict[int, int] = {}  # of each conversation the leg that its last period was of
    periods = sa.select(period).where(_p.conversation_id.in_(conversations)).order_by(_p.conversation_id, _p.id)
    for one in conn.execute(periods):
        parts, first = found.get(one.conversation_id, []), reached.get(one.conversation_id, 0)
        here = next((index for index in range(first, len(parts)) if parts[index].takes(one)), None)
        if here is not None:
            reached[one.conversation_id] = here
            parts[here].periods.append(one)
    return found


def _there(parts: list[Part]) -> tuple[Any | None, int | None]:
    """(the period in which it was opened where it was transferred to, when it went on or ended from there)."""
    for part in parts:
        if part.opened is not None:
            return part.opened, part.leg.ended_at
        if part.leg.ended_by not in STAYS:
            return None, part.leg.ended_at
    return None, None


def _waits_since(parts: list[Part], index: int) -> int:
    """When it began to wait for whom it then came to: before they had it, where it waited in that queue for anybody."""
    here = parts[index].leg
    if index and here.owner_id is not None:
        before = parts[index - 1].leg
        if before.owner_id is None and before.queue_id == here.queue_id and before.ended_by in HANDED_OUT:
            return int(before.began_at)
    return int(here.began_at)


def _handled(part: Part) -> int:
    spans = (one.ended_at - one.began_at for one in part.periods if one.state in SERVED and one.ended_at is not None)
    return sum(spans)
