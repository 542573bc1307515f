"""the audit trail, which only grows: triggers refuse everything else"""

import sqlalchemy as sa
from alembic import op

from hub.store.schema import BigId

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

FIXED = (
    *("n", "at", "who", "via", "whence", "what", "outcome", "conversation_id", "about", "through"),
    *("personal_digest", "hash"),
)
WORD = "the audit trail is append-only"
LATEST = "COALESCE((SELECT max(n) FROM audit), 0)"
EXPIRED = "COALESCE((SELECT max(through) FROM audit), 0)"


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("n", BigId(), autoincrement=False, nullable=False),
        sa.Column("at", BigId(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("whence", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("conversation_id", BigId(), nullable=True),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("through", BigId(), nullable=True),
        sa.Column("personal_digest", sa.String(), nullable=False),
        sa.Column("personal", sa.String(), nullable=True),
        sa.Column("salt", sa.String(), nullable=True),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_audit")),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index("ix_audit_conversation", ["conversation_id", "n"], unique=False)
        batch_op.create_index("ix_audit_who", ["who", "n"], unique=False)
        batch_op.create_index("ix_audit_what", ["what", "n"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_through"), ["through"], unique=False)
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("n", BigId(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.execute("INSERT INTO audit_head (id, n, hash) VALUES (1, 0, '')")
    for statement in _sqlite() if op.get_bind().dialect.name == "sqlite" else _postgres():
        op.execute(statement)


def _sqlite() -> list[str]:
    """A row that is replaced fires no delete trigger, so a new one must also come after the last."""
    same = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in FIXED)
    rules = {
        "insert": f"NEW.n <= {LATEST}",
        "update": f"NOT (NEW.personal IS NULL AND NEW.salt IS NULL AND {same})",
        "delete": f"OLD.n > {EXPIRED}",
    }
    return [
        f"CREATE TRIGGER audit_{act} BEFORE {act.upper()} ON audit WHEN {rule} BEGIN SELECT RAISE(ABORT, '{WORD}'); END"
        for act, rule in rules.items()
    ]


def _postgres() -> list[str]:
    same = " AND ".join(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in FIXED)
    return [
        f"""CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                IF NEW.n > {LATEST} THEN RETURN NEW; END IF;
            ELSIF TG_OP = 'UPDATE' THEN
                IF NEW.personal IS NULL AND NEW.salt IS NULL AND {same} THEN RETURN NEW; END IF;
            ELSIF TG_OP = 'DELETE' THEN
                IF OLD.n <= {EXPIRED} THEN RETURN OLD; END IF;
            END IF;
            RAISE EXCEPTION '{WORD}';
        END $$""",
        "CREATE TRIGGER audit_rows BEFORE INSERT OR UPDATE OR DELETE ON audit "
        "FOR EACH ROW EXECUTE FUNCTION audit_only_grows()",
        "CREATE TRIGGER audit_whole BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()",
    ]
