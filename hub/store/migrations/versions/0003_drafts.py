"""drafts of agents, for all of their consoles"""

import sqlalchemy as sa
from alembic import op

from hub.store.schema import BigId

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "draft",
        sa.Column("agent_id", BigId(), nullable=False),
        sa.Column("conversation_id", BigId(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("version", BigId(), nullable=False),
        sa.Column("at", BigId(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_draft_agent_id")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_draft_conversation_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("agent_id", "conversation_id", name=op.f("pk_draft")),
    )
    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_draft_conversation_id"), ["conversation_id"], unique=False)
