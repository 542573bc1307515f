"""What the outgoing side remembers: which messages are being handed over, and until when that may take."""

from typing import Any, ClassVar

from sqlmodel import Field, SQLModel

from hub.store.schema import BigId, table


class HandoverTable(SQLModel, table=True):
    """Written before a message is handed to its service, so that a hub that dies meanwhile can be noticed.

    A message that is still queued at the same `rev` when `until` (UTC ms) has passed was handed over without an answer.
    A later `rev` means that somebody had it sent again since.
    """

    __tablename__: ClassVar[Any] = "handover"
    message_id: int = Field(sa_type=BigId, primary_key=True, foreign_key="message.id")
    rev: int = Field(sa_type=BigId)
    until: int = Field(sa_type=BigId)


handover = table(HandoverTable)
