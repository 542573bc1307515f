"""the key of the command beside each event that it recorded"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Without a batch, which on SQLite would copy the whole journal: a column with a default costs nothing to add."""
    op.add_column("journal", sa.Column("key", sa.String(), nullable=False, server_default=""))
