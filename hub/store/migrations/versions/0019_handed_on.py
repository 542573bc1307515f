"""what agents handed on, as it was when their legs ended; how soon the customer was answered"""

import sqlalchemy as sa
from alembic import op

from hub.store.schema import BigId

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    numbers = ("rev", "leg_id", "queue_id", "began_at", "ended_at", "message_id", "last_at")
    op.create_table(
        "handed_on",
        sa.Column("conversation_id", BigId(), nullable=False),
        sa.Column("agent_id", BigId(), nullable=False),
        *(sa.Column(name, BigId(), nullable=False) for name in numbers),
        sa.Column("response", BigId(), nullable=True),
        sa.Column("team_id", BigId(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("last_in_at", BigId(), nullable=True),
        sa.Column("last_message_id", BigId(), nullable=True),
        sa.Column("unread", sa.Integer(), nullable=False),
        sa.Column("owed", sa.Boolean(), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("tags", sa.String(), nullable=False),
        sa.Column("topics", sa.String(), nullable=False),
        *(_to(target) for target in ("conversation", "agent", "leg", "queue", "team")),
        sa.PrimaryKeyConstraint("conversation_id", "agent_id", name=op.f("pk_handed_on")),
    )
    op.create_index("ix_handed_on_agent_ended", "handed_on", ["agent_id", "ended_at"])
    op.create_index("ix_handed_on_agent_last", "handed_on", ["agent_id", "last_at"])
    op.execute(sa.text(KEPT))
    op.add_column("conversation", sa.Column("response", BigId(), nullable=True))


def _to(target: str) -> sa.ForeignKeyConstraint:
    column = f"{target}_id"
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_handed_on_{column}"))


# What is not known any more of those of before is as if there had been nothing: tags, topics, a team, what was unread.
KEPT = """
INSERT INTO handed_on (conversation_id, agent_id, rev, leg_id, queue_id, began_at, ended_at, message_id, last_at,
                       response, team_id, priority, last_in_at, last_message_id, unread, owed, answered, tags, topics)
SELECT ended.conversation_id, ended.owner_id,
       COALESCE((SELECT MAX(j.seq) FROM journal j
                 WHERE j.conversation_id = ended.conversation_id AND j.kind = 'conversation.changed'
                   AND j.at <= ended.ended_at), 0),
       ended.id, ended.queue_id, ended.began_at, ended.ended_at,
       COALESCE(ended.upto, 0),
       COALESCE((SELECT m.at FROM message m WHERE m.id = ended.upto), ended.began_at),
       (SELECT MIN(m.at) - ended.began_at FROM message m
        WHERE m.conversation_id = ended.conversation_id AND m.direction = 'out' AND m.author_id = ended.owner_id
          AND m.state <> 'recalled' AND m.at >= ended.began_at AND m.at <= ended.ended_at),
       NULL, 3,
       (SELECT MAX(m.at) FROM message m
        WHERE m.conversation_id = ended.conversation_id AND m.direction = 'in' AND m.id <= ended.upto),
       (SELECT MAX(m.id) FROM message m
        WHERE m.conversation_id = ended.conversation_id AND m.state <> 'recalled' AND m.id <= ended.upto),
       0, false,
       COALESCE((SELECT m.direction = 'out' FROM message m
                 WHERE m.id = (SELECT MAX(p.id) FROM message p
                               WHERE p.conversation_id = ended.conversation_id AND p.id <= ended.upto
                                 AND p.direction <> 'note' AND p.state <> 'recalled')), false),
       '', ''
FROM (SELECT l.id, l.conversation_id, l.owner_id, l.queue_id, l.began_at, l.ended_at,
             (SELECT MAX(m.id) FROM message m
              WHERE m.conversation_id = l.conversation_id AND m.at <= l.ended_at) AS upto
      FROM leg l JOIN conversation c ON c.id = l.conversation_id
      WHERE l.ended_by = 'conversation.transfer' AND l.owner_id IS NOT NULL AND c.kind <> 'erased'
        AND l.id = (SELECT MAX(n.id) FROM leg n
                    WHERE n.conversation_id = l.conversation_id AND n.owner_id = l.owner_id
                      AND n.ended_by = 'conversation.transfer')) AS ended
"""
