"""saved trays, and trays by priority"""

import sqlalchemy as sa
from alembic import op

from hub.store.schema import BigId

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tray",
        sa.Column("id", BigId(), nullable=False),
        sa.Column("rev", BigId(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("base", sa.String(), nullable=False),
        sa.Column("filter", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sort", sa.String(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("owner_id", BigId(), nullable=False),
        sa.Column("team_id", BigId(), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["agent.id"], name=op.f("fk_tray_owner_id_agent")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_tray_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tray")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_tray_owner", "tray", ["owner_id", "id"])
    op.create_index("ix_tray_team_id", "tray", ["team_id"])
    op.create_index("ix_conversation_state_priority", "conversation", ["state", "priority"])
