"""The tables of who else takes part in a conversation, and of what is to happen in one later."""

from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.store.schema import AUTOINCREMENT, BigId, table


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


class PlanTable(SQLModel, table=True):
    """A reminder, or a message that goes out by itself. `owner_id`: whom the conversation was with when it was planned;
    `why`: the reason for which it could not be done, and came back."""

    __tablename__: ClassVar[Any] = "plan"
    __table_args__ = AUTOINCREMENT
    id: int | None = Field(default=None, sa_type=BigId, primary_key=True)
    rev: int = Field(sa_type=BigId)
    conversation_id: int = _of("conversation.id", index=True)
    agent_id: int = _of("agent.id", index=True)
    owner_id: int | None = Field(default=None, sa_type=BigId, nullable=True)
    kind: str  # reminder, message
    body: str
    due: int = Field(sa_type=BigId)  # UTC milliseconds
    created_at: int = Field(sa_type=BigId)
    why: str = ""
    key: str = ""  # of the command that planned it


involvement, plan = table(InvolvementTable), table(PlanTable)
