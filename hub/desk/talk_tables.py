"""The tables of who else takes part in a conversation, and of what is to happen in one later."""

from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.store.schema import BigId, table


def _of(target: str, *, key: bool = False, index: bool = False) -> Any:
    return Field(sa_type=BigId, foreign_key=target, primary_key=key, index=index)


class InvolvementTable(SQLModel, table=True):
    """What an agent has to do with a conversation that need not be theirs; `conversation.involved` says the same.

    `mention_id`: the newest note that mentions them; `unseen` until they have read as far as that."""

    __tablename__: ClassVar[Any] = "involvement"
    __table_args__ = (sa.Index("ix_involvement_agent_unseen", "agent_id", "unseen"),)
    conversation_id: int = _of("conversation.id", key=True)
    agent_id: int = _of("agent.id", key=True)
    guest: bool = False
    mentioned: bool = False
    unseen: bool = False
    postponed: bool = False
    mention_id: int | None = Field(default=None, sa_type=BigId, nullable=True)


involvement = table(InvolvementTable)
