"""numbers that were filled in, too, tell of who a contact is"""

import sqlalchemy as sa
from alembic import op

from hub.desk import filled_keys

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(sa.text("DELETE FROM filled_key"))
    filled_keys.fill(op.get_bind())
