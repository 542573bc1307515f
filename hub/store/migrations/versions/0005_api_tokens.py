"""API tokens, and what lists of contacts and timelines are read by"""

import sqlalchemy as sa
from alembic import op

from hub.store.schema import BigId

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_token",
        sa.Column("id", BigId(), nullable=False),
        sa.Column("agent_id", BigId(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("created_at", BigId(), nullable=False),
        sa.Column("expires_at", BigId(), nullable=False),
        sa.Column("revoked_at", BigId(), nullable=True),
        sa.Column("last_used_at", BigId(), nullable=True),
        sa.Column("last_address", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_api_token_agent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_api_token_agent", "api_token", ["agent_id", "id"])
    op.create_index("ix_conversation_owner_contact", "conversation", ["owner_id", "contact_id"])
    op.create_index("ix_journal_conversation_seq", "journal", ["conversation_id", "seq"])
    op.drop_index("ix_journal_conversation_id", table_name="journal")
