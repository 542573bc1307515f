"""Finding conversations by whom they are with, and by their own number: those of everybody.

Of one that is not in their sight somebody is told that it is there, whose contact it is, where it stands and who has
it: no line, no number, no tag. Its lines find it for nobody: that they were found would tell what was said.
"""

import re
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.desk import contact_search
from hub.desk.facts import facts_of
from hub.desk.handed_on import facts_for
from hub.desk.queries import Asking
from hub.desk.sight import Sight, sight_of
from hub.desk.tables import conversation
from hub.protocol import views
from hub.protocol.filter_text import normal
from hub.protocol.states import ERASED

SHOWN = 50  # conversations
PEOPLE = 500  # contacts, the newest, whose conversations are looked at
WORDS = 8  # of a search; what comes after them is not looked at
_NUMBER = re.compile(r"#?([0-9]{1,15})")
_c = conversation.c


def told(conn: Connection, sight: Sight, ids: Iterable[int]) -> list[views.Row]:
    """Of these conversations, as somebody with this sight is told of them: the row, the row as they handed it on, or
    whom it is with. In no order."""
    facts = facts_of(conn, ids)
    unseen = {number for number, one in facts.items() if not sight.whole.test(one.place)}
    kept = {} if sight.upto is None else facts_for(conn, sight.upto, unseen)
    rows = [kept[n].row if n in kept else _with_whom(one.row) if n in unseen else one.row for n, one in facts.items()]
    return [row for row in rows if row.kind != ERASED]


def _with_whom(row: views.Row) -> views.Row:
    return views.Row(
        id=row.id,
        rev=0,
        kind=row.kind,
        state=row.state,
        ch=row.ch,
        q=row.q,
        name=row.name,
        at=row.at,
        begun=row.begun,
        ended=row.ended,
        owner=row.owner,
        hid=True,
    )


def of_contacts(people: list[int], limit: int) -> sa.Select[Any]:
    """The newest conversations of these contacts, through the contacts however many conversations there are."""
    theirs = (_c.contact_id.in_(people), _c.kind != ERASED)
    return sa.select(_c.id).where(*theirs).order_by((_c.id + 0).desc()).limit(limit)


def called(asking: Asking, text: str) -> tuple[list[views.Row], bool]:
    """Conversations whose contact has each of these words in name or number, what happened last first, behind the one
    that has the number itself; and whether there are more."""
    conn, typed = asking.conn, text.strip()
    itself = _NUMBER.fullmatch(typed)
    people = [] if typed.startswith("#") else contact_search.newest(conn, words_of(typed), PEOPLE + 1)
    ids: list[int] = list(conn.scalars(of_contacts(people[:PEOPLE], SHOWN + 1))) if people else []
    number = int(itself[1]) if itself else 0
    found = told(conn, sight_of(asking.who), {*ids[:SHOWN], *([number] if number else [])})
    rows = sorted(found, key=lambda row: (row.id == number, row.at, row.id), reverse=True)
    return rows, len(people) > PEOPLE or len(ids) > SHOWN


def words_of(text: str) -> list[str]:
    """What contacts are looked for by: one number however it is written, or the words of a name, folded."""
    if not any(letter.isalpha() for letter in text):
        return normal(text).split()
    return [word for part in text.split() for word in normal(part).split()][:WORDS]
