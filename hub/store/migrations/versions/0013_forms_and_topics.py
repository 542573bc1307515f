"""forms, what is filled in of them, topics"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from hub.store.schema import BigId

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _table(
        "form",
        _id("rev"),
        _id("queue_id"),
        _id("version_id"),
        _to("form", "queue"),
        sa.UniqueConstraint("queue_id", name=op.f("uq_form_queue_id")),
    )
    _table(
        "form_version",
        _id("form_id"),
        sa.Column("fields", sa.String(), nullable=False),
        _id("at"),
        _to("form_version", "form"),
    )
    op.create_index(op.f("ix_form_version_form_id"), "form_version", ["form_id"])
    _table(
        "submission",
        *map(_id, ("rev", "conversation_id", "leg_id", "form_id", "version_id", "at")),
        sa.Column("filled", sa.String(), nullable=False),
        sa.Column("by_id", BigId(), nullable=True),
        *(_to("submission", target) for target in ("conversation", "leg", "form")),
        _to("submission", "form_version", "version_id"),
        _to("submission", "agent", "by_id"),
        sa.UniqueConstraint("leg_id", name=op.f("uq_submission_leg_id")),
    )
    op.create_index(op.f("ix_submission_conversation_id"), "submission", ["conversation_id"])
    op.create_index("ix_submission_form", "submission", ["form_id", "id"])
    _table(
        "topic",
        _id("rev"),
        _id("queue_id"),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("parent_id", BigId(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        _to("topic", "queue"),
        _to("topic", "topic", "parent_id"),
        sa.UniqueConstraint("queue_id", "code", name=op.f("uq_topic_queue_id_code")),
    )
    op.create_index(op.f("ix_topic_parent_id"), "topic", ["parent_id"])
    op.create_table(
        "conversation_topic",
        _id("conversation_id"),
        _id("topic_id"),
        _to("conversation_topic", "conversation"),
        _to("conversation_topic", "topic"),
        sa.PrimaryKeyConstraint("conversation_id", "topic_id", name=op.f("pk_conversation_topic")),
    )
    op.create_index(op.f("ix_conversation_topic_topic_id"), "conversation_topic", ["topic_id"])
    required: sa.Column[bool] = sa.Column(
        "topics_required", sa.Boolean(), nullable=False, server_default=sa.text("false")
    )
    op.add_column("queue", required)


def _id(name: str) -> sa.Column[int]:
    return sa.Column(name, BigId(), nullable=False)


def _table(name: str, *more: Any) -> None:
    op.create_table(
        name, _id("id"), *more, sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")), sqlite_autoincrement=True
    )


def _to(table: str, target: str, column: str = "") -> sa.ForeignKeyConstraint:
    column = column or f"{target}_id"
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))
