"""Drafts of agents: what they have typed and not sent, by conversation, for their other consoles.

A draft is a row with a version, never journaled: nobody but its agent is told. Versions rise by the hub's clock, so
that a draft that was cleared, and has no row any more, is older than the next one all the same. One is saved only by
who knows the version that is there; otherwise nothing is written, and the console decides what becomes of both.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.desk.principal import Principal
from hub.desk.sight import sight
from hub.desk.tables import conversation, draft
from hub.desk.transitions import place_of
from hub.store.unit import Unit

MOST = 200  # drafts that an agent has at the hub; further ones stay on the console where they are written


@dataclass(frozen=True, slots=True)
class Draft:
    conversation: int
    text: str
    version: int


def drafts_of(conn: Connection, agent_id: int) -> dict[int, Draft]:
    rows = conn.execute(sa.select(draft).where(draft.c.agent_id == agent_id).order_by(draft.c.version))
    return {row.conversation_id: _draft(row) for row in rows}


def save(unit: Unit, who: Principal, wanted: Draft) -> tuple[Draft | None, bool]:
    """Save a draft, whose `version` is the one that it was made from; an empty text clears it.

    Returns the draft as it is now, and whether that is the wanted one; None where the agent may have none there.
    """
    mine = (draft.c.agent_id == who.id) & (draft.c.conversation_id == wanted.conversation)
    held = unit.conn.execute(sa.select(draft).where(mine)).first()
    if held is not None and held.version != wanted.version:
        return _draft(held), held.text == wanted.text
    if wanted.text and not (_sees(unit, who, wanted.conversation) and (held is not None or _has_room(unit, who))):
        return None, False
    version = max(unit.now, wanted.version + 1)
    unit.conn.execute(sa.delete(draft).where(mine))
    if wanted.text:
        unit.conn.execute(
            sa.insert(draft).values(
                agent_id=who.id, conversation_id=wanted.conversation, text=wanted.text, version=version, at=unit.now
            )
        )
    return Draft(wanted.conversation, wanted.text, version), True


def _sees(unit: Unit, who: Principal, conversation_id: int) -> bool:
    row = unit.conn.execute(sa.select(conversation).where(conversation.c.id == conversation_id)).first()
    return row is not None and sight(who).test(place_of(row))


def _has_room(unit: Unit, who: Principal) -> bool:
    count = sa.select(sa.func.count()).select_from(draft).where(draft.c.agent_id == who.id)
    return (unit.conn.scalar(count) or 0) < MOST


def _draft(row: sa.Row[Any]) -> Draft:
    return Draft(row.conversation_id, row.text, row.version)
