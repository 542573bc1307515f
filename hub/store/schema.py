"""The tables of the store itself, and what all tables share: names of constraints, 64-bit ids, JSON as text.

`head` has one row: the number of the last journal row and the epoch, a random word that changes when the database is
found to be an older copy of itself. `journal` has a row an event, in commit order and without gaps.
"""

from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = SQLModel.metadata


class BigId(sa.types.TypeDecorator[int]):
    """64 bits everywhere: BIGINT on PostgreSQL; on SQLite INTEGER, which alone can be an AUTOINCREMENT key."""

    impl = sa.BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        return dialect.type_descriptor(sa.Integer() if dialect.name == "sqlite" else sa.BigInteger())


AUTOINCREMENT: dict[str, Any] = {"sqlite_autoincrement": True}


def table(model: type[SQLModel]) -> sa.Table:
    """The Core table that a model declares; commands and list queries are written on it."""
    return model.__table__  # type: ignore[attr-defined,no-any-return]


class Head(SQLModel, table=True):
    __tablename__: ClassVar[Any] = "head"
    id: int = Field(primary_key=True)
    seq: int = Field(sa_type=BigId)
    epoch: str
    nonce: int = Field(sa_type=BigId)  # of the last journal row


class Journal(SQLModel, table=True):
    __tablename__: ClassVar[Any] = "journal"
    __table_args__ = (
        sa.Index("ix_journal_kind_seq", "kind", "seq"),
        sa.Index("ix_journal_conversation_seq", "conversation_id", "seq"),
    )
    seq: int = Field(sa_type=BigId, primary_key=True, sa_column_kwargs={"autoincrement": False})
    nonce: int = Field(sa_type=BigId)
    at: int = Field(sa_type=BigId)
    kind: str
    version: int = 1
    actor: str  # "agent:3", "channel:1", "system"
    conversation_id: int | None = Field(default=None, sa_type=BigId)
    data: str = "{}"  # JSON: ids and non-personal values only, so that a person can be erased
    key: str = Field(default="", sa_column_kwargs={"server_default": ""})  # of the command that recorded it


class Idempotency(SQLModel, table=True):
    __tablename__: ClassVar[Any] = "idempotency"
    principal: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    digest: str  # of the command's name and arguments
    result: str  # JSON
    at: int = Field(sa_type=BigId, index=True)


class Timer(SQLModel, table=True):
    """A command that is due at a time. Stale, and dropped, once the conversation's generation has moved on."""

    __tablename__: ClassVar[Any] = "timer"
    __table_args__ = AUTOINCREMENT
    id: int | None = Field(default=None, sa_type=BigId, primary_key=True)
    due: int = Field(sa_type=BigId, index=True)
    command: str
    version: int = 1
    args: str  # JSON
    conversation_id: int | None = Field(default=None, sa_type=BigId)
    generation: int = 0


head = table(Head)
journal = table(Journal)
idempotency = table(Idempotency)
timer = table(Timer)
