"""The table of API tokens."""

from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field

from hub.desk.tables import Base
from hub.store.schema import AUTOINCREMENT, BigId, table


class ApiTokenTable(Base, table=True):
    """What a program acts for an agent with. A revoked one stays, so that it can be told who had it and until when."""

    __tablename__: ClassVar[Any] = "api_token"
    __table_args__ = (sa.Index("ix_api_token_agent", "agent_id", "id"), AUTOINCREMENT)
    id: int | None = Field(default=None, sa_type=BigId, primary_key=True)
    agent_id: int = Field(sa_type=BigId, foreign_key="agent.id")
    name: str
    token_hash: str = Field(unique=True)
    scopes: str  # JSON list of verbs
    created_at: int = Field(sa_type=BigId)
    expires_at: int = Field(default=0, sa_type=BigId)  # 0: never
    revoked_at: int | None = Field(default=None, sa_type=BigId, nullable=True)
    last_used_at: int | None = Field(default=None, sa_type=BigId, nullable=True)
    last_address: str = ""  # of the program, when it was last used


api_token = table(ApiTokenTable)
