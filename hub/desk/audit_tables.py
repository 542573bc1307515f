"""The audit trail as it is stored. Triggers let it only grow: see migration 0009, and `hub.desk.audit` for the rest."""

from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.store.schema import BigId, table


class AuditTable(SQLModel, table=True):
    """One entry. `personal` and `salt` can be erased; all else stays as it was written, or goes with retention."""

    __tablename__: ClassVar[Any] = "audit"
    __table_args__ = (
        sa.Index("ix_audit_conversation", "conversation_id", "n"),
        sa.Index("ix_audit_who", "who", "n"),
        sa.Index("ix_audit_what", "what", "n"),
    )
    n: int = Field(sa_type=BigId, primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: int = Field(sa_type=BigId)  # UTC milliseconds
    who: str  # "agent:3", "channel:1", "system"
    via: str  # by what they were known: "session:5"; empty for the hub itself
    whence: str  # "loopback", "private", "public", or empty where nobody called from anywhere
    what: str  # a command, or "look.conversation", "look.export", "sign-in.failed", "audit.…"
    outcome: str  # "done", or the code that it was refused with
    conversation_id: int | None = Field(default=None, sa_type=BigId)
    about: str  # JSON: ids, switches and choices; never words
    through: int | None = Field(default=None, sa_type=BigId, index=True)  # of a checkpoint: the last entry let go of
    personal_digest: str  # of salt and `personal`; empty where there is none
    personal: str | None = None  # an address
    salt: str | None = None
    hash: str


class AuditHeadTable(SQLModel, table=True):
    """One row: the last entry. Without it nobody would miss entries that were cut off at the end."""

    __tablename__: ClassVar[Any] = "audit_head"
    id: int = Field(primary_key=True)
    n: int = Field(sa_type=BigId)
    hash: str


audit = table(AuditTable)
audit_head = table(AuditHeadTable)
