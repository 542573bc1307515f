"""contacts by the words of their names and the digits of their numbers, and by what forms tell of them"""

import sqlalchemy as sa
from alembic import op

from hub.desk import contact_search, filled_keys
from hub.store.schema import BigId

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
    contact_search.fill(op.get_bind())
    if (
        op.get_bind().dialect.name == "postgresql"
    ):  # new words go into their place, so that no reader looks through them
        op.execute("CREATE INDEX ix_contact_search_words ON contact_search USING gin (words) WITH (fastupdate = off)")
    op.create_table(
        "filled_key",
        sa.Column("submission_id", BigId(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("contact_id", BigId(), nullable=False),
        _to("submission"),
        _to("contact"),
        sa.PrimaryKeyConstraint("submission_id", "kind", "value", name=op.f("pk_filled_key")),
    )
    op.create_index("ix_filled_key_value", "filled_key", ["kind", "value", "contact_id"])
    op.create_index(op.f("ix_filled_key_contact_id"), "filled_key", ["contact_id"])
    filled_keys.fill(op.get_bind())


def _to(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([f"{table}_id"], [f"{table}.id"], name=op.f(f"fk_filled_key_{table}_id"))
