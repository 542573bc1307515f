"""The tables of webhooks and of API channels. Secrets are sealed (`hub.sealing`); `hub.desk.sealed` lists them."""

from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.store.schema import AUTOINCREMENT, BigId, table


class WebhookTable(SQLModel, table=True):
    """`cursor` is the journal number up to which its deliveries have been made; it stands still while it has no secret,
    and starts anew when it is switched on. `disabled` says why the hub itself has switched it off."""

    __tablename__: ClassVar[Any] = "webhook"
    __table_args__ = AUTOINCREMENT
    id: int | None = Field(default=None, sa_type=BigId, primary_key=True)
    rev: int = Field(sa_type=BigId)
    name: str = Field(unique=True)
    url: str
    events: str = "[]"  # JSON; none: all but notes
    content: bool = False
    notes: bool = False
    active: bool = True
    disabled: str = ""
    cursor: int = Field(sa_type=BigId)
    quiet_until: int = Field(default=0, sa_type=BigId)  # UTC ms; its endpoint has asked not to be posted to before
    secret: str = ""
    old_secret: str = ""
    old_until: int = Field(default=0, sa_type=BigId)  # UTC ms


class WebhookDeliveryTable(SQLModel, table=True):
    """An event that a webhook is to be told; deleted once it has been. With `dead_at` it is on the dead-letter list.

    Claimed `until` a time before it is sent: one whose claim has run out was being sent by a hub that died.
    """

    __tablename__: ClassVar[Any] = "webhook_delivery"
    __table_args__ = (
        sa.UniqueConstraint("webhook_id", "seq"),
        sa.Index("ix_webhook_delivery_due", "webhook_id", "dead_at", "due"),
        AUTOINCREMENT,
    )
    id: int | None = Field(default=None, sa_type=BigId, primary_key=True)
    webhook_id: int = Field(sa_type=BigId, foreign_key="webhook.id")
    seq: int = Field(sa_type=BigId)  # of the journal
    kind: str
    conversation_id: int | None = Field(default=None, sa_type=BigId)
    attempt: int = 0  # how often it was tried
    due: int = Field(sa_type=BigId)  # UTC ms
    until: int | None = Field(default=None, sa_type=BigId, nullable=True)  # UTC ms
    dead_at: int | None = Field(default=None, sa_type=BigId, nullable=True)  # UTC ms
    why: str = ""  # a code, or the HTTP status
    answer: str = ""  # the beginning of what the endpoint said: foreign text


class ApiChannelTable(SQLModel, table=True):
    """What a channel of driver `api` has beside its row in `channel`."""

    __tablename__: ClassVar[Any] = "api_channel"
    channel_id: int = Field(sa_type=BigId, primary_key=True, foreign_key="channel.id")
    callback: str
    resend: int = 0
    secret: str = ""
    old_secret: str = ""
    old_until: int = Field(default=0, sa_type=BigId)  # UTC ms


webhook, webhook_delivery = table(WebhookTable), table(WebhookDeliveryTable)
api_channel = table(ApiChannelTable)
