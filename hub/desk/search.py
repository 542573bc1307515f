"""Full text of messages, on both engines alike: case and accents are folded here, before the engines see a word.

Every message is indexed when it is written, in the same transaction, under its own id; what is erased or recalled goes
from the index too. SQLite has it in an FTS5 table, PostgreSQL in one with a column of words and a GIN index. A search
finds messages in which every word begins some word, newest first.
"""

import re
import unicodedata
from itertools import filterfalse
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.desk.filters import Filter
from hub.desk.tables import conversation, message
from hub.store.compiled import Compiled
from hub.store.unit import Unit

CHUNK = 500  # ids in one statement
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


def find(conn: Connection, words: str, sight: Filter, *, limit: int, before: int | None = None) -> list[Any]:
    """The newest `limit` messages that match, in conversations within `sight`: (id, conversation_id) pairs.

    `before` is a message's id: those older than it are asked for, which is how a search is gone on with.
    """
    asked = _asked(conn.dialect.name, words)
    if not asked:
        return []
    query = (
        sa.select(message.c.id, message.c.conversation_id)
        .select_from(_index)
        .join(message, message.c.id == _index.c.rowid)
        .join(conversation, conversation.c.id == message.c.conversation_id)
        .where(_matches[conn.dialect.name], sight.sql())
        .order_by(_index.c.rowid.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(_index.c.rowid < before)
    return list(conn.execute(query, {"words": asked}).all())


def _asked(engine: str, words: str) -> str:
    """A search in the engine's own language, made of words alone: nothing that was typed is taken as an operator."""
    found = words_of(words)[:WORDS]
    if engine == "sqlite":
        return " AND ".join(f'"{word}"*' for word in found)
    return " & ".join(f"'{word}':*" for word in found)
