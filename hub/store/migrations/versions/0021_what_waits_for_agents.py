"""which conversations an agent owes something or has not read, among all there ever were"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    unread = sa.text("unread > 0")
    op.create_index(
        "ix_conversation_owed",
        "conversation",
        ["id"],
        sqlite_where=sa.text("owed = 1"),
        postgresql_where=sa.text("owed"),
    )
    op.create_index("ix_conversation_unread", "conversation", ["id"], sqlite_where=unread, postgresql_where=unread)
