"""Full text of messages, on both engines alike: case and accents are folded here, before the engines see a word.

Every message is indexed when it is written, in the same transaction, under its own id; what is erased or recalled goes
from the index too. SQLite has it in an FTS5 table, PostgreSQL in one with a column of words and a GIN index. A search
finds messages in which every word begins some word, newest first.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import filterfalse, islice
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.desk.sight import NOT_ERASED, Sight
from hub.desk.tables import conversation, message
from hub.desk.talk_tables import handed_on
from hub.store.compiled import Compiled
from hub.store.unit import Unit

CHUNK = 500  # ids in one statement
LOOK = 2_000  # messages that one search looks at
NEAR = 5_000  # of the newest ids, in which PostgreSQL finds a common word sooner without its index
COMMON = 50  # messages among those that have it
FAR = 25_000  # of the newest ids that are looked through for it then
WORDS = 8  # of a search; what comes after them is not looked at
_WORD = re.compile(r"[^\W_]+")
_index = sa.table("message_search", sa.column("rowid", sa.BigInteger), sa.column("folded", sa.String))
_add = Compiled(sa.insert(_index).values(rowid=sa.bindparam("number"), folded=sa.bindparam("text")))
_matches = {
    "sqlite": sa.text("message_search MATCH :words"),
    "postgresql": sa.text("message_search.words @@ to_tsquery('simple', :words)"),
}


def words_of(text: str) -> list[str]:
    """As they are compared: without case, accents and compatibility forms ('Ñandú' is 'nandu')."""
    if not text.isascii():
        plain = unicodedata.normalize("NFKD", text.casefold())
        text = "".join(filterfalse(unicodedata.combining, plain))
    return _WORD.findall(text.lower())


def folded(text: str) -> str:
    """What is indexed of a text. Nothing but words, so that no engine makes something of its own of the rest."""
    return " ".join(words_of(text))


def add(unit: Unit, message_id: int, body: str) -> None:
    """Index a new message."""
    unit.later(_add, {"number": message_id, "text": folded(body)})


def forget(conn: Connection, ids: list[int]) -> None:
    """Take messages out of the index: their words are gone."""
    for start in range(0, len(ids), CHUNK):
        conn.execute(sa.delete(_index).where(_index.c.rowid.in_(ids[start : start + CHUNK])))


_unindexed = (
    sa.select(message.c.id, message.c.body)
    .outerjoin(_index, _index.c.rowid == message.c.id)
    .where(message.c.body != "", _index.c.rowid.is_(None))
)


def missing(conn: Connection) -> int:
    """How many messages are not in the index."""
    return conn.scalar(sa.select(sa.func.count()).select_from(_unindexed.subquery())) or 0


def mend(unit: Unit) -> int:
    """Index what is missing; returns how many that were."""
    rows = unit.conn.execute(_unindexed).all()
    for row in rows:
        add(unit, row.id, row.body)
    return len(rows)


class Hit(NamedTuple):
    """A message that matches. `whole`: its conversation is in sight as a whole, not only up to where it was handed
    on."""

    id: int
    conversation_id: int
    whole: bool


class Found(NamedTuple):
    """Hits, newest first. `reached`: the oldest message that was looked at, where there may be
    more beyond it; 0: there is none."""

    hits: list[Hit]
    reached: int = 0


def find(conn: Connection, words: str, sight: Sight, *, limit: int, before: int | None = None) -> Found:
    """The newest `limit` messages that match and are in sight.

    `before` is a message's id: those older than it are asked for, which is how a search is gone on with. At most LOOK
    messages are looked at, so that whoever sees little of a big desk does not wait for all that they may not see.
    """
    asked = _asked(conn.dialect.name, words)
    if not asked:
        return Found([])
    hits: list[Hit] = []
    looked = last = 0
    newest = islice(_newest(conn, asked, before), LOOK)
    while some := list(islice(newest, CHUNK)):
        hits += _in_sight(conn, some, sight)
        looked, last = looked + len(some), some[-1]
        if len(hits) > limit or (len(hits) == limit and looked == LOOK):
            return Found(hits[:limit], hits[limit - 1].id)
    return Found(hits, last if looked == LOOK else 0)


def _newest(conn: Connection, asked: str, before: int | None) -> Iterator[int]:
    """The ids of the messages that match, newest first, LOOK of them or more.

    SQLite reads its index in that order. PostgreSQL's is in none: all that match would be gathered and sorted, which
    for a common word are very many, and its planner, who does not know how common a beginning of a word is, goes
    through all that was ever written for one that nobody wrote. So a word is looked for among the newest messages one
    by one, among more of them where it is common there, and else and from there on by the index.
    """
    matching, newest = sa.select(_index.c.rowid).where(_matches[conn.dialect.name]), _index.c.rowid.desc()
    if conn.dialect.name == "sqlite":
        older = (_index.c.rowid < before,) if before is not None else ()
        yield from conn.scalars(matching.where(*older).order_by(newest).limit(LOOK), {"words": asked}).all()
        return
    if before is None:
        before = (conn.scalar(sa.select(sa.func.max(_index.c.rowid))) or 0) + 1
    below = before - NEAR
    for until in (before, below):
        near = matching.where(_index.c.rowid < until, _index.c.rowid >= below).order_by(newest)
        found = conn.scalars(near.limit(LOOK), {"words": asked}).all()
        yield from found
        if len(found) < COMMON:
            break
        below = before - FAR
    rest = matching.where(_index.c.rowid < below)
    unindexed = sa.desc(_index.c.rowid + 0)  # or else the planner goes through all of them in this order
    yield from conn.scalars(rest.order_by(unindexed).limit(LOOK), {"words": asked}).all()


def _in_sight(conn: Connection, ids: Sequence[int], sight: Sight) -> list[Hit]:
    """Those of the messages that may be read, newest first."""
    lines = sa.select(message.c.id, message.c.conversation_id).where(message.c.id.in_(ids))
    found = sorted(conn.execute(lines), key=lambda row: -row.id)
    theirs = {row.conversation_id for row in found}
    whole = sa.select(conversation.c.id).where(conversation.c.id.in_(theirs), sight.whole.sql())
    seen, kept = set(conn.scalars(whole)), dict[int, int]()
    if sight.upto is not None and theirs - seen:
        h = handed_on.c
        mine = (h.conversation_id.in_(theirs - seen), h.conversation_id == conversation.c.id)
        upto = sa.select(h.conversation_id, h.message_id).where(*mine, h.agent_id == sight.upto, NOT_ERASED.sql())
        kept = {row.conversation_id: row.message_id for row in conn.execute(upto)}
    return [
        Hit(row.id, row.conversation_id, row.conversation_id in seen)
        for row in found
        if row.conversation_id in seen or row.id <= kept.get(row.conversation_id, 0)
    ]


def has_line(engine: str, words: str, upto: sa.ColumnElement[int] | None = None) -> sa.ColumnElement[bool] | None:
    """That a conversation has a line, up to one where that is given, in which each of the words begins some word; None
    where there is no word."""
    asked = _asked(engine, words)
    if not asked:
        return None
    theirs = sa.select(message.c.id).join(_index, _index.c.rowid == message.c.id)
    matching = _matches[engine].bindparams(words=asked)
    mine = [message.c.conversation_id == conversation.c.id, *([] if upto is None else [message.c.id <= upto])]
    return theirs.where(*mine, matching).correlate(conversation, handed_on).exists()


def excerpt(body: str, words: str, cells: int = 160) -> str:
    """As much of a body, on one line, as stands around the first of these words."""
    line, wanted = " ".join(body.split()), words_of(words)[:WORDS]
    at = next((found.start() for found in _WORD.finditer(line) if _begins(found[0], wanted)), 0)
    start = max(0, min(at - cells // 4, len(line) - cells))
    return ("…" if start else "") + line[start : start + cells] + ("…" if len(line) > start + cells else "")


def _begins(word: str, wanted: list[str]) -> bool:
    return any(part.startswith(one) for part in words_of(word) for one in wanted)


def _asked(engine: str, words: str) -> str:
    """A search in the engine's own language, made of words alone: nothing that was typed is taken as an operator."""
    found = words_of(words)[:WORDS]
    if engine == "sqlite":
        return " AND ".join(f'"{word}"*' for word in found)
    return " & ".join(f"'{word}':*" for word in found)
