"""Whether the two places that say who is involved in a conversation say the same."""

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.desk.involvement import COLUMNS, involved
from hub.desk.tables import conversation
from hub.desk.talk_tables import involvement


def involved_otherwise(conn: Connection) -> int:
    """How many conversations' rows say something else than the table."""
    _c = conversation.c
    said: dict[int, dict[int, int]] = {}
    for row in conn.execute(sa.select(_c.id, _c.involved).where(_c.involved != "")):
        said[row.id] = dict(involved(row.involved))
    there: dict[int, dict[int, int]] = {}
    for row in conn.execute(sa.select(involvement)):
        parts = sum(part for part, name in COLUMNS.items() if getattr(row, name))
        there.setdefault(row.conversation_id, {})[row.agent_id] = parts
    return sum(said.get(number) != there.get(number) for number in said.keys() | there.keys())
