"""the first schema"""

import sqlalchemy as sa
from alembic import op

from hub.store.schema import BigId

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agent",
        sa.Column("id", BigId(), nullable=False),
        sa.Column("rev", BigId(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("status_since", BigId(), nullable=False),
        sa.Column("reachable", sa.Boolean(), nullable=False),
        sa.Column("assigned_at", BigId(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent")),
        sa.UniqueConstraint("login", name=op.f("uq_agent_login")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seq", BigId(), nullable=False),
        sa.Column("epoch", sa.String(), nullable=False),
        sa.Column("nonce", BigId(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_head")),
    )
    op.create_table(
        "idempotency",
        sa.Column("principal", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("at", BigId(), nullable=False),
        sa.PrimaryKeyConstraint("principal", "key", name=op.f("pk_idempotency")),
    )
    with op.batch_alter_table("idempotency", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_idempotency_at"), ["at"], unique=False)

    op.create_table(
        "journal",
        sa.Column("seq", BigId(), autoincrement=False, nullable=False),
        sa.Column("nonce", BigId(), nullable=False),
        sa.Column("at", BigId(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("conversation_id", BigId(), nullable=True),
        sa.Column("data", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_journal")),
    )
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_journal_conversation_id"), ["conversation_id"], unique=False)
        batch_op.create_index("ix_journal_kind_seq", ["kind", "seq"], unique=False)

    op.create_table(
        "queue",
        sa.Column("id", BigId(), nullable=False),
        sa.Column("rev", BigId(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("open_within", sa.Integer(), nullable=False),
        sa.Column("reopen_within", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue")),
        sa.UniqueConstraint("code", name=op.f("uq_queue_code")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "tag",
        sa.Column("id", BigId(), nullable=False),
        sa.Column("rev", BigId(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("color", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag")),
        sa.UniqueConstraint("name", name=op.f("uq_tag_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "timer",
        sa.Column("id", BigId(), nullable=False),
        sa.Column("due", BigId(), nullable=False),
        sa.Column("command", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("args", sa.String(), nullable=False),
        sa.Column("conversation_id", BigId(), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timer")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("timer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_timer_due"), ["due"], unique=False)

    op.create_table(
        "channel",
        sa.Column("id", BigId(), nullable=False),
        sa.Column("rev", BigId(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("app", sa.String(), nullable=False),
        sa.Column("driver", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("color", sa.String(), nullable=False),
        sa.Column("queue_id", BigId(), nullable=False),
        sa.Column("window", sa.Integer(), nullable=False),
        sa.Column("origins", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name=op.f("fk_channel_queue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel")),
        sa.UniqueConstraint("slug", name=op.f("uq_channel_slug")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "contact",
        sa.Column("id", BigId(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("saved", sa.Boolean(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("agent_id", BigId(), nullable=True),
        sa.Column("created_at", BigId(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_contact_agent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "lease",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("agent_id", BigId(), nullable=False),
        sa.Column("until", BigId(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_lease_agent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lease")),
    )
    with op.batch_alter_table("lease", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lease_agent_id"), ["agent_id"], unique=False)

    op.create_table(
        "queue_member",
        sa.Column("queue_id", BigId(), nullable=False),
        sa.Column("agent_id", BigId(), nullable=False),
        sa.Column("support", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_queue_member_agent_id")),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name=op.f("fk_queue_member_queue_id")),
        sa.PrimaryKeyConstraint("queue_id", "agent_id", name=op.f("pk_queue_member")),
    )
    with op.batch_alter_table("queue_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_queue_member_agent_id"), ["agent_id"], unique=False)

    op.create_table(
        "session",
        sa.Column("id", BigId(), nullable=False),
        sa.Column("agent_id", BigId(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("started_at", BigId(), nullable=False),
        sa.Column("ended_at", BigId(), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_session_agent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_session_token_hash")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_agent_id"), ["agent_id"], unique=False)

    op.create_table(
        "shortcut",
        sa.Column("id", BigId(), nullable=False),
        sa.Column("rev", BigId(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("owner_id", BigId(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["agent.id"], name=op.f("fk_shortcut_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shortcut")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("shortcut", schema=None) as batch_op:
        batch_op.create_index("ix_shortcut_code", ["code"], unique=False)
        batch_op.create_index(batch_op.f("ix_shortcut_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "identity",
        sa.Column("id", BigId(), nullable=False),
        sa.Column("channel_id", BigId(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("contact_id", BigId(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_identity_channel_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_identity_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity")),
        sa.UniqueConstraint("channel_id", "external_id", name=op.f("uq_identity_channel_id_external_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("identity", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_identity_contact_id"), ["contact_id"], unique=False)

    op.create_table(
        "conversation",
        sa.Column("id", BigId(), nullable=False),
        sa.Column("rev", BigId(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("resume_state", sa.String(), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("channel_id", BigId(), nullable=False),
        sa.Column("queue_id", BigId(), nullable=False),
        sa.Column("identity_id", BigId(), nullable=False),
        sa.Column("contact_id", BigId(), nullable=False),
        sa.Column("owner_id", BigId(), nullable=True),
        sa.Column("previous_id", BigId(), nullable=True),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("created_at", BigId(), nullable=False),
        sa.Column("waiting_since", BigId(), nullable=True),
        sa.Column("closed_at", BigId(), nullable=True),
        sa.Column("last_at", BigId(), nullable=False),
        sa.Column("last_in_at", BigId(), nullable=True),
        sa.Column("last_message_id", BigId(), nullable=True),
        sa.Column("read_message_id", BigId(), nullable=False),
        sa.Column("unread", sa.Integer(), nullable=False),
        sa.Column("owed", sa.Boolean(), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("page", sa.String(), nullable=False),
        sa.Column("referrer", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_conversation_channel_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_conversation_contact_id")),
        sa.ForeignKeyConstraint(["identity_id"], ["identity.id"], name=op.f("fk_conversation_identity_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["agent.id"], name=op.f("fk_conversation_owner_id")),
        sa.ForeignKeyConstraint(["previous_id"], ["conversation.id"], name=op.f("fk_conversation_previous_id")),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name=op.f("fk_conversation_queue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.create_index("ix_conversation_closed", ["closed_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_conversation_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index("ix_conversation_identity", ["identity_id", "id"], unique=False)
        batch_op.create_index("ix_conversation_state_last", ["state", "last_at"], unique=False)
        batch_op.create_index("ix_conversation_state_owner_last", ["state", "owner_id", "last_at"], unique=False)
        batch_op.create_index("ix_conversation_state_queue_last", ["state", "queue_id", "last_at"], unique=False)

    op.create_table(
        "conversation_tag",
        sa.Column("conversation_id", BigId(), nullable=False),
        sa.Column("tag_id", BigId(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_conversation_tag_conversation_id")
        ),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name=op.f("fk_conversation_tag_tag_id")),
        sa.PrimaryKeyConstraint("conversation_id", "tag_id", name=op.f("pk_conversation_tag")),
    )
    with op.batch_alter_table("conversation_tag", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_conversation_tag_tag_id"), ["tag_id"], unique=False)

    op.create_table(
        "leg",
        sa.Column("id", BigId(), nullable=False),
        sa.Column("conversation_id", BigId(), nullable=False),
        sa.Column("queue_id", BigId(), nullable=False),
        sa.Column("owner_id", BigId(), nullable=True),
        sa.Column("began_at", BigId(), nullable=False),
        sa.Column("ended_at", BigId(), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_leg_conversation_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["agent.id"], name=op.f("fk_leg_owner_id")),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name=op.f("fk_leg_queue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leg")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("leg", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_leg_conversation_id"), ["conversation_id"], unique=False)

    op.create_table(
        "message",
        sa.Column("id", BigId(), nullable=False),
        sa.Column("rev", BigId(), nullable=False),
        sa.Column("conversation_id", BigId(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("author_id", BigId(), nullable=True),
        sa.Column("at", BigId(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["agent.id"], name=op.f("fk_message_author_id")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_message_conversation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index("ix_message_conversation", ["conversation_id", "id"], unique=False)
        batch_op.create_index(
            "ix_message_queued",
            ["id"],
            unique=False,
            sqlite_where=sa.text("state = 'queued'"),
            postgresql_where=sa.text("state = 'queued'"),
        )

    op.create_table(
        "period",
        sa.Column("id", BigId(), nullable=False),
        sa.Column("conversation_id", BigId(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("queue_id", BigId(), nullable=False),
        sa.Column("owner_id", BigId(), nullable=True),
        sa.Column("began_at", BigId(), nullable=False),
        sa.Column("ended_at", BigId(), nullable=True),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_period_conversation_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["agent.id"], name=op.f("fk_period_owner_id")),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name=op.f("fk_period_queue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("period", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_period_conversation_id"), ["conversation_id"], unique=False)

    op.create_table(
        "read_mark",
        sa.Column("agent_id", BigId(), nullable=False),
        sa.Column("conversation_id", BigId(), nullable=False),
        sa.Column("message_id", BigId(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_read_mark_agent_id")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_read_mark_conversation_id")),
        sa.PrimaryKeyConstraint("agent_id", "conversation_id", name=op.f("pk_read_mark")),
    )
    op.create_table(
        "handover",
        sa.Column("message_id", BigId(), nullable=False),
        sa.Column("rev", BigId(), nullable=False),
        sa.Column("until", BigId(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_handover_message_id")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_handover")),
    )
