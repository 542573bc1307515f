"""guests, mentions, offers that are put off, muted identities, what is planned"""

import sqlalchemy as sa
from alembic import op

from hub.store.schema import BigId

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversation", sa.Column("involved", sa.String(), nullable=False, server_default=""))
    op.add_column("message", sa.Column("mentions", sa.String(), nullable=False, server_default=""))
    op.add_column("identity", sa.Column("muted", sa.Boolean(), nullable=False, server_default=sa.text("false")))
    op.add_column("queue", sa.Column("guests_reply", sa.Boolean(), nullable=False, server_default=sa.text("false")))
    op.add_column("queue", sa.Column("offer_again", sa.Integer(), nullable=False, server_default="300"))
    flags: list[sa.Column[bool]] = [
        sa.Column(name, sa.Boolean(), nullable=False) for name in ("guest", "mentioned", "unseen", "postponed")
    ]
    op.create_table(
        "involvement",
        sa.Column("conversation_id", BigId(), nullable=False),
        sa.Column("agent_id", BigId(), nullable=False),
        *flags,
        sa.Column("mention_id", BigId(), nullable=True),
        _to("involvement", "conversation"),
        _to("involvement", "agent"),
        sa.PrimaryKeyConstraint("conversation_id", "agent_id", name=op.f("pk_involvement")),
    )
    op.create_index("ix_involvement_agent_unseen", "involvement", ["agent_id", "unseen"])
    op.create_table(
        "plan",
        sa.Column("id", BigId(), nullable=False),
        sa.Column("rev", BigId(), nullable=False),
        sa.Column("conversation_id", BigId(), nullable=False),
        sa.Column("agent_id", BigId(), nullable=False),
        sa.Column("owner_id", BigId(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("due", BigId(), nullable=False),
        sa.Column("created_at", BigId(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        _to("plan", "conversation"),
        _to("plan", "agent"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sqlite_autoincrement=True,
    )
    for column in ("conversation_id", "agent_id"):
        op.create_index(op.f(f"ix_plan_{column}"), "plan", [column])


def _to(table: str, target: str) -> sa.ForeignKeyConstraint:
    column = f"{target}_id"
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))
