"""What a contact came with before, and its lines.

Whoever serves somebody may read what they came with before, whoever had it then: its owner and guests, while a
conversation lasts, see all ended ones of its contact. Anybody else sees of them what is in their sight anyway. Either
reads what they handed on up to there. Of the others it is told that they are there, and who has them (see
`hub.desk.finding`), unless words are looked for: that their lines have them would tell what was said.
"""

import sqlalchemy as sa
from msgspec import UNSET
from sqlalchemy import Connection

from hub.desk import finding, handed_on, search
from hub.desk.conversation_queries import messages_page, seen
from hub.desk.facts import message_view
from hub.desk.filters import AllOf, AnyOf, is_state
from hub.desk.principal import Principal
from hub.desk.queries import FIRST, Asking, Placed, after, answers
from hub.desk.sight import NOT_ERASED, Sight, sight_of
from hub.desk.tables import conversation
from hub.desk.talk_tables import handed_on as kept_table
from hub.protocol import histories, queries, views
from hub.protocol.errors import Code, Refused
from hub.protocol.states import State

ENDED = is_state((State.CLOSED,))
_c, _h = conversation.c, kept_table.c


def readable(who: Principal, row: views.Row) -> Sight:
    """What of its contact's other conversations may be read by whom sees this one."""
    own = sight_of(who)
    serves = who.kind == "agent" and row.state != State.CLOSED and who.id in (row.owner, *row.guests)
    return Sight(AllOf((NOT_ERASED, AnyOf((ENDED, own.whole)))), own.upto) if serves else own


def _others(row: views.Row) -> tuple[sa.ColumnElement[bool], ...]:
    whose = sa.select(_c.contact_id).where(_c.id == row.id).scalar_subquery()
    return _c.contact_id == whose, _c.id != row.id


@answers("history")
def history(asking: Asking, params: histories.History) -> list[Placed]:
    conn, row = asking.conn, seen(asking, params.conversation).facts.row
    (last,) = after(params) or (FIRST,)
    sight, others = readable(asking.who, row), (*_others(row), _c.id < last, NOT_ERASED.sql())
    pages = [sa.select(_c.id).where(*others)]
    if params.words is not UNSET:
        pages = [sa.select(_c.id).where(*others, sight.whole.sql(), *_worded(conn, params.words))]
        if sight.upto is not None:
            kept = handed_on.beyond_sight(sight)
            pages.append(sa.select(_c.id).where(*others, *kept, *_worded(conn, params.words, _h.message_id)))
    some = (page.order_by(_c.id.desc()).limit(params.limit + 1) for page in pages)
    ids = sorted((number for page in some for number in conn.scalars(page)), reverse=True)[: params.limit + 1]
    rows = finding.told(conn, sight, ids)
    return [((one.id,), one) for one in sorted(rows, key=lambda one: one.id, reverse=True)]


def _worded(conn: Connection, words: str, upto: sa.ColumnElement[int] | None = None) -> list[sa.ColumnElement[bool]]:
    worded = search.has_line(conn.dialect.name, words, upto)
    return [] if worded is None else [worded]


@answers("history.lines")
def lines(asking: Asking, params: histories.HistoryLines) -> list[Placed]:
    row = seen(asking, params.conversation).facts.row
    other = asking.conn.scalar(sa.select(_c.id).where(*_others(row), _c.id == params.of))
    found = None if other is None else handed_on.see(asking.conn, readable(asking.who, row), params.of)
    if found is None:
        raise Refused(Code.NOT_FOUND, field="of", what="conversation", id=params.of)
    wanted = queries.Messages(conversation=params.of, order="newest", after=params.after, limit=params.limit)
    return [((line.id,), message_view(line)) for line in asking.conn.execute(messages_page(wanted, found.upto))]
