"""messages that are held back while they can be recalled"""

import sqlalchemy as sa
from alembic import op

from hub.store.schema import BigId

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "held",
        sa.Column("message_id", BigId(), nullable=False),
        sa.Column("conversation_id", BigId(), nullable=False),
        sa.Column("own", sa.Boolean(), nullable=False),
        sa.Column("owed", sa.Boolean(), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_held_conversation_id")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_held_message_id")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_held")),
    )
    with op.batch_alter_table("held", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_held_conversation_id"), ["conversation_id"], unique=False)
