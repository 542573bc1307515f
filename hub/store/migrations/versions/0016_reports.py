"""what the reports read legs by"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_leg_conversation", "leg", ["conversation_id", "id"])
    op.drop_index(op.f("ix_leg_conversation_id"), "leg")
    op.create_index("ix_leg_began", "leg", ["began_at", "id"])
    op.create_index("ix_leg_owner_began", "leg", ["owner_id", "began_at", "id"])
    op.create_index("ix_leg_queue_began", "leg", ["queue_id", "began_at", "id"])
    transferred = sa.text("ended_by = 'conversation.transfer'")
    op.create_index(
        "ix_leg_transferred", "leg", ["ended_at", "id"], sqlite_where=transferred, postgresql_where=transferred
    )
