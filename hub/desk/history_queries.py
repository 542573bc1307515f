"""What a contact came with before, and its lines.

Whoever serves somebody may read what they came with before, whoever had it then: its owner and guests, while a
conversation lasts, see all ended ones of its contact. Anybody else sees of them what is in their sight anyway.
"""

import sqlalchemy as sa
from msgspec import UNSET

from hub.desk import search
from hub.desk.conversation_queries import messages_page, seen
from hub.desk.facts import facts_of, message_view
from hub.desk.filters import AllOf, AnyOf, Filter, is_state
from hub.desk.principal import Principal
from hub.desk.queries import FIRST, Asking, Placed, after, answers
from hub.desk.sight import NOT_ERASED, sight
from hub.desk.tables import conversation
from hub.protocol import histories, queries, views
from hub.protocol.errors import Code, Refused
from hub.protocol.states import State

ENDED = is_state((State.CLOSED,))
_c = conversation.c


def readable(who: Principal, row: views.Row) -> Filter:
    """What of its contact's other conversations may be read by whom sees this one."""
    serves = who.kind == "agent" and row.state != State.CLOSED and who.id in (row.owner, *row.guests)
    return AllOf((NOT_ERASED, AnyOf((ENDED, sight(who))))) if serves else sight(who)


def _others(row: views.Row) -> tuple[sa.ColumnElement[bool], ...]:
    whose = sa.select(_c.contact_id).where(_c.id == row.id).scalar_subquery()
    return _c.contact_id == whose, _c.id != row.id


@answers("history")
def history(asking: Asking, params: histories.History) -> list[Placed]:
    row = seen(asking, params.conversation)
    (last,) = after(params) or (FIRST,)
    where = (*_others(row), _c.id < last, readable(asking.who, row).sql())
    if params.words is not UNSET:
        worded = search.has_line(asking.conn.dialect.name, params.words)
        where += () if worded is None else (worded,)
    found = list(asking.conn.scalars(sa.select(_c.id).where(*where).order_by(_c.id.desc()).limit(params.limit + 1)))
    facts = facts_of(asking.conn, found)
    return [((number,), facts[number].row) for number in found]


@answers("history.lines")
def lines(asking: Asking, params: histories.HistoryLines) -> list[Placed]:
    row = seen(asking, params.conversation)
    where = (*_others(row), _c.id == params.of, readable(asking.who, row).sql())
    if asking.conn.scalar(sa.select(_c.id).where(*where)) is None:
        raise Refused(Code.NOT_FOUND, field="of", what="conversation", id=params.of)
    wanted = queries.Messages(conversation=params.of, order="newest", after=params.after, limit=params.limit)
    return [((line.id,), message_view(line)) for line in asking.conn.execute(messages_page(wanted))]
