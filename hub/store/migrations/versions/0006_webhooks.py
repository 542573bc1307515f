"""webhooks and what they are still to be told, and what API channels have beside other channels"""

import sqlalchemy as sa
from alembic import op

from hub.store.schema import BigId

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", BigId(), nullable=False),
        sa.Column("rev", BigId(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("events", sa.String(), nullable=False),
        sa.Column("content", sa.Boolean(), nullable=False),
        sa.Column("notes", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("disabled", sa.String(), nullable=False),
        sa.Column("cursor", BigId(), nullable=False),
        sa.Column("quiet_until", BigId(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("old_secret", sa.String(), nullable=False),
        sa.Column("old_until", BigId(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
        sa.UniqueConstraint("name", name=op.f("uq_webhook_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "webhook_delivery",
        sa.Column("id", BigId(), nullable=False),
        sa.Column("webhook_id", BigId(), nullable=False),
        sa.Column("seq", BigId(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("conversation_id", BigId(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("due", BigId(), nullable=False),
        sa.Column("until", BigId(), nullable=True),
        sa.Column("dead_at", BigId(), nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhook.id"], name=op.f("fk_webhook_delivery_webhook_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
        sa.UniqueConstraint("webhook_id", "seq", name=op.f("uq_webhook_delivery_webhook_id_seq")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("webhook_delivery", schema=None) as batch_op:
        batch_op.create_index("ix_webhook_delivery_due", ["webhook_id", "dead_at", "due"], unique=False)
    op.create_table(
        "api_channel",
        sa.Column("channel_id", BigId(), nullable=False),
        sa.Column("callback", sa.String(), nullable=False),
        sa.Column("resend", sa.Integer(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("old_secret", sa.String(), nullable=False),
        sa.Column("old_until", BigId(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_api_channel_channel_id")),
        sa.PrimaryKeyConstraint("channel_id", name=op.f("pk_api_channel")),
    )
