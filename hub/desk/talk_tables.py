"""The tables of who else takes part in a conversation or took part in it, and of what is to happen in one later."""

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


class HeldTable(SQLModel, table=True):
    """A message that its author can still recall, and the conversation's marks as they were without it.

    There is a row as long as the message is held back. `own`: it was the owner's answer, which changes the marks."""

    __tablename__: ClassVar[Any] = "held"
    message_id: int = _of("message.id", key=True)
    conversation_id: int = _of("conversation.id", index=True)
    own: bool
    owed: bool
    answered: bool


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


class HandedOnTable(SQLModel, table=True):
    """A conversation as it was when an agent handed it on the last time: their leg, how far they may read, and what a
    row tells that changes afterwards. What never changes is read off the conversation.

    `rev` is the number of the transfer in the journal. `tags` and `topics` are ids, each between commas."""

    __tablename__: ClassVar[Any] = "handed_on"
    __table_args__ = (
        sa.Index("ix_handed_on_agent_ended", "agent_id", "ended_at"),
        sa.Index("ix_handed_on_agent_last", "agent_id", "last_at"),
    )
    conversation_id: int = _of("conversation.id", key=True)
    agent_id: int = _of("agent.id", key=True)
    rev: int = Field(sa_type=BigId)
    leg_id: int = _of("leg.id")
    queue_id: int = _of("queue.id")
    began_at: int = Field(sa_type=BigId)
    ended_at: int = Field(sa_type=BigId)
    response: int | None = Field(default=None, sa_type=BigId, nullable=True)  # ms until the first answer
    message_id: int = Field(sa_type=BigId)  # the last one that they may read
    team_id: int | None = Field(default=None, sa_type=BigId, foreign_key="team.id", nullable=True)
    priority: int
    last_at: int = Field(sa_type=BigId)
    last_in_at: int | None = Field(default=None, sa_type=BigId, nullable=True)
    last_message_id: int | None = Field(default=None, sa_type=BigId, nullable=True)
    unread: int
    owed: bool
    answered: bool
    tags: str
    topics: str


involvement, plan, handed_on = table(InvolvementTable), table(PlanTable), table(HandedOnTable)
held = table(HeldTable)
