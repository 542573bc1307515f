"""what contacts are found by, and what trays are sorted by"""

import sqlalchemy as sa
from alembic import op

from hub.protocol.contact_words import contact_words

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None
CHUNK = 2_000  # contacts at once


def upgrade() -> None:
    op.add_column("contact", sa.Column("folded", sa.String(), nullable=False, server_default=""))
    _fold_what_is_there()
    op.create_index("ix_conversation_state_waiting", "conversation", ["state", "waiting_since"])
    op.create_index("ix_conversation_state_created", "conversation", ["state", "created_at"])
    op.create_index("ix_conversation_outcome_last", "conversation", ["outcome", "last_at"])


def _fold_what_is_there() -> None:
    connection, last = op.get_bind(), 0
    people = sa.text("SELECT id, name, phone FROM contact WHERE id > :last ORDER BY id LIMIT :chunk")
    while rows := connection.execute(people, {"last": last, "chunk": CHUNK}).all():
        connection.execute(
            sa.text("UPDATE contact SET folded = :folded WHERE id = :number"),
            [{"number": row.id, "folded": contact_words(row.name, row.phone)} for row in rows],
        )
        last = rows[-1].id
