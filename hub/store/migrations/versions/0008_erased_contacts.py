"""when contacts were erased"""

import sqlalchemy as sa
from alembic import op

from hub.store.schema import BigId

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contact", sa.Column("erased_at", BigId(), nullable=True))
    op.create_index(
        "ix_contact_erased",
        "contact",
        ["id"],
        sqlite_where=sa.text("erased_at IS NOT NULL"),
        postgresql_where=sa.text("erased_at IS NOT NULL"),
    )
