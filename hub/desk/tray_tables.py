"""The table of saved trays."""

from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field

from hub.desk.tables import Base
from hub.store.schema import AUTOINCREMENT, BigId, table


class TrayTable(Base, table=True):
    """`filter` names things by id, in the language of `version` (`hub.protocol.filter_versions`)."""

    __tablename__: ClassVar[Any] = "tray"
    __table_args__ = (sa.Index("ix_tray_owner", "owner_id", "id"), AUTOINCREMENT)
    id: int | None = Field(default=None, sa_type=BigId, primary_key=True)
    rev: int = Field(sa_type=BigId)
    name: str
    base: str
    filter: str
    version: int
    sort: str
    shared: bool
    owner_id: int = Field(sa_type=BigId, foreign_key="agent.id")
    team_id: int | None = Field(default=None, sa_type=BigId, foreign_key="team.id", nullable=True, index=True)


tray = table(TrayTable)
