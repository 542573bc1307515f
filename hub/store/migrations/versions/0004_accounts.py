"""tokens that are exchanged, second factors, links for a new password, and what slows guessing

A token that was handed out before stands: it calls as before, until its console exchanges it for the first time.
"""

import sqlalchemy as sa
from alembic import op

from hub.store.schema import BigId

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _tokens()
    op.create_table(
        "account",
        sa.Column("agent_id", BigId(), nullable=False),
        sa.Column("mail", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_account_agent_id")),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("pk_account")),
    )
    op.create_table(
        "second_factor",
        sa.Column("agent_id", BigId(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.Column("confirmed_at", BigId(), nullable=True),
        sa.Column("last_step", BigId(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_second_factor_agent_id")),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("agent_id", BigId(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_recovery_code_agent_id")),
        sa.PrimaryKeyConstraint("agent_id", "hash", name=op.f("pk_recovery_code")),
    )
    op.create_table(
        "password_link",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("agent_id", BigId(), nullable=False),
        sa.Column("expires_at", BigId(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_password_link_agent_id")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_password_link")),
    )
    op.create_index(op.f("ix_password_link_agent_id"), "password_link", ["agent_id"])
    op.create_table(
        "guess",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", BigId(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_guess")),
    )
    op.create_index(op.f("ix_guess_last_at"), "guess", ["last_at"])
    op.create_table(
        "known_network",
        sa.Column("agent_id", BigId(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("last_at", BigId(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_known_network_agent_id")),
        sa.PrimaryKeyConstraint("agent_id", "hash", name=op.f("pk_known_network")),
    )


def _tokens() -> None:
    session = sa.table(
        "session", sa.column("id"), sa.column("token_hash"), sa.column("started_at"), sa.column("ended_at")
    )
    live = op.get_bind().execute(sa.select(session).where(session.c.ended_at.is_(None))).all()
    with op.batch_alter_table("session", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.drop_constraint("uq_session_token_hash", type_="unique")
        batch.drop_column("token_hash")
        batch.add_column(sa.Column("kind", sa.String(), nullable=False, server_default="console"))
        batch.add_column(sa.Column("network", sa.String(), nullable=False, server_default=""))
        batch.add_column(sa.Column("seen_at", BigId(), nullable=False, server_default="0"))
    op.execute("UPDATE session SET seen_at = started_at")
    with op.batch_alter_table("session", table_kwargs={"sqlite_autoincrement": True}) as batch:
        for name in ("kind", "network", "seen_at"):
            batch.alter_column(name, server_default=None)
    made = op.create_table(
        "session_token",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("session_id", BigId(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("issued_at", BigId(), nullable=False),
        sa.Column("expires_at", BigId(), nullable=True),
        sa.Column("parent", sa.String(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("used_at", BigId(), nullable=True),
        sa.Column("used_from", sa.String(), nullable=False),
        sa.Column("confirmed_at", BigId(), nullable=True),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_session_token_session_id")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_session_token")),
    )
    op.create_index(op.f("ix_session_token_session_id"), "session_token", ["session_id"])
    standing = {"kind": "standing", "parent": "", "salt": "", "used_from": ""}
    rows = [standing | {"hash": row.token_hash, "session_id": row.id, "issued_at": row.started_at} for row in live]
    if rows:
        op.bulk_insert(made, rows)
