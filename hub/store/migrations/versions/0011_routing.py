"""how queues hand out and what they may be transferred to, branches, departments, teams, priorities, reasons of legs"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from hub.store.schema import BigId

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _named("branch", sa.Column("zone", sa.String(), nullable=False))
    _named("department", sa.Column("branch_id", BigId(), nullable=False), _to("department", "branch"))
    _named("team")
    op.create_table(
        "team_member",
        sa.Column("team_id", BigId(), nullable=False),
        sa.Column("agent_id", BigId(), nullable=False),
        _to("team_member", "team"),
        _to("team_member", "agent"),
        sa.PrimaryKeyConstraint("team_id", "agent_id", name=op.f("pk_team_member")),
    )
    op.create_index(op.f("ix_team_member_agent_id"), "team_member", ["agent_id"])
    op.create_table(
        "queue_target",
        sa.Column("queue_id", BigId(), nullable=False),
        sa.Column("target_id", BigId(), nullable=False),
        _to("queue_target", "queue"),
        _to("queue_target", "queue", "target_id"),
        sa.PrimaryKeyConstraint("queue_id", "target_id", name=op.f("pk_queue_target")),
    )
    for table, name, kind, default in ADDED:
        op.add_column(table, sa.Column(name, kind, nullable=False, server_default=default))
    op.add_column("agent", sa.Column("capacity", sa.Integer(), nullable=True))
    op.add_column("conversation", sa.Column("own_until", BigId(), nullable=True))
    op.add_column("leg", sa.Column("note_id", BigId(), nullable=True))
    for table, name, target in REFERRING:
        _refer(table, name, target)
    op.create_index("ix_conversation_team_state_last", "conversation", ["team_id", "state", "last_at"])
    op.create_index(
        "ix_conversation_waiting",
        "conversation",
        ["queue_id", "priority", "waiting_since", "id"],
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )


ADDED: list[tuple[str, str, Any, Any]] = [
    ("agent", "intake", sa.String(), "push"),
    ("queue", "active", sa.Boolean(), sa.text("true")),
    ("queue", "handout", sa.String(), "push"),
    ("queue", "answer_within", sa.Integer(), "0"),
    ("queue", "own_first", sa.Integer(), "0"),
    ("queue", "priority", sa.Integer(), "3"),
    ("queue", "hours", sa.String(), ""),
    ("queue", "closed_text", sa.String(), "{}"),
    ("queue", "transfers_any", sa.Boolean(), sa.text("true")),
    ("conversation", "priority", sa.Integer(), "3"),
    ("conversation", "transferred", sa.Boolean(), sa.text("false")),
]
REFERRING = [
    ("queue", "department_id", "department"),
    ("conversation", "team_id", "team"),
    ("conversation", "left_id", "agent"),
    ("leg", "by_id", "agent"),
]


def _named(name: str, *more: Any) -> None:
    """A table of things with a code and a name."""
    op.create_table(
        name,
        sa.Column("id", BigId(), nullable=False),
        sa.Column("rev", BigId(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        *more,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("code", name=op.f(f"uq_{name}_code")),
        sqlite_autoincrement=True,
    )


def _to(table: str, target: str, column: str = "") -> sa.ForeignKeyConstraint:
    column = column or f"{target}_id"
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def _refer(table: str, column: str, target: str) -> None:
    """A new column that is empty and refers to another table. Said by hand: Alembic would copy SQLite's whole table."""
    op.execute(
        f"ALTER TABLE {table} ADD COLUMN {column} BIGINT CONSTRAINT fk_{table}_{column} REFERENCES {target} (id)"
        if op.get_bind().dialect.name == "postgresql"
        else f"ALTER TABLE {table} ADD COLUMN {column} INTEGER CONSTRAINT fk_{table}_{column} REFERENCES {target} (id)"
    )
