"""full text of messages, folded"""

import sqlalchemy as sa
from alembic import op

from hub.desk.search import folded

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None
CHUNK = 2_000  # messages that are indexed at once


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE message_search USING fts5(folded, tokenize = 'unicode61 remove_diacritics 0')")
    else:
        op.execute(
            "CREATE TABLE message_search ("
            "rowid BIGINT CONSTRAINT pk_message_search PRIMARY KEY, "
            "folded TEXT NOT NULL, "
            "words TSVECTOR GENERATED ALWAYS AS (to_tsvector('simple', folded)) STORED)"
        )
        op.execute("CREATE INDEX ix_message_search_words ON message_search USING gin (words)")
    _index_what_is_there()


def _index_what_is_there() -> None:
    connection, last = op.get_bind(), 0
    lines = sa.text("SELECT id, body FROM message WHERE id > :last AND body <> '' ORDER BY id LIMIT :chunk")
    while rows := connection.execute(lines, {"last": last, "chunk": CHUNK}).all():
        connection.execute(
            sa.text("INSERT INTO message_search (rowid, folded) VALUES (:number, :folded)"),
            [{"number": row.id, "folded": folded(row.body)} for row in rows],
        )
        last = rows[-1].id
