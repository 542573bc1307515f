"""contacts by the words of their names and the digits of their numbers"""

from alembic import op

from hub.desk import contact_search

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE contact_search USING fts5("
            "folded, tokenize = 'ascii', detail = none, prefix = '1 2 3')"  # for what is found as it is being typed
        )
    else:
        op.execute(
            "CREATE TABLE contact_search ("
            "rowid BIGINT CONSTRAINT pk_contact_search PRIMARY KEY, "
            "folded TEXT NOT NULL, "
            "words TSVECTOR GENERATED ALWAYS AS (array_to_tsvector(string_to_array(folded, ' '))) STORED)"
        )
        op.execute("CREATE INDEX ix_contact_search_words ON contact_search USING gin (words)")
    contact_search.fill(op.get_bind())
