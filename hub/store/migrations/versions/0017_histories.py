"""a contact's conversations, in their order"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_conversation_contact", "conversation", ["contact_id", "id"])
    op.drop_index(op.f("ix_conversation_contact_id"), "conversation")
