"""Finding conversations by whom they are with, and by their own number: those of everybody.

Of one that is not in their sight somebody is told that it is there, whose contact it is, where it stands and who has
it: no line, no number, no tag. Its lines find it for nobody: that they were found would tell what was said.
"""

import re
from typing import Any

import sqlalchemy as sa

from hub.desk import contact_search
from hub.desk.facts import Facts, facts_of
from hub.desk.handed_on import facts_for
from hub.desk.principal import Principal
from hub.desk.queries import Asking
from hub.desk.sight import sight
from hub.desk.tables import conversation
from hub.protocol import views
from hub.protocol.filter_text import normal
from hub.protocol.states import ERASED

SHOWN = 50  # conversations
PEOPLE = 500  # contacts, the newest, whose conversations are looked at
WORDS = 8  # of a search; what comes after them is not looked at
_NUMBER = re.compile(r"#?([0-9]{1,15})")
_c = conversation.c


def as_seen(asking: Asking, facts: dict[int, Facts]) -> dict[int, Facts]:
    """The same; what the asker handed on, and sees no more as a whole, as it was then."""
    unseen = {number for number, one in facts.items() if not sight(asking.who).test(one.place)}
    return {**facts, **facts_for(asking.conn, asking.who.id, unseen)}


def told(who: Principal, facts: Facts) -> views.Row:
    """The row, or what is told of it to who may not read it."""
    row = facts.row
    if sight(who).test(facts.place):
        return row
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
    facts = as_seen(asking, facts_of(conn, {*ids[:SHOWN], *([number] if number else [])}))
    found = sorted(facts.values(), key=lambda one: (one.row.id == number, one.row.at, one.row.id), reverse=True)
    rows = [told(asking.who, one) for one in found if one.row.kind != ERASED]
    return rows, len(people) > PEOPLE or len(ids) > SHOWN


def words_of(text: str) -> list[str]:
    """What contacts are looked for by: one number however it is written, or the words of a name, folded."""
    if not any(letter.isalpha() for letter in text):
        return normal(text).split()
    return [word for part in text.split() for word in normal(part).split()][:WORDS]
