"""What the command line does to webhooks and to the secrets of API channels; functions take an open store."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from hub import admin
from hub.config import Config
from hub.desk.hook_tables import api_channel, webhook, webhook_delivery
from hub.desk.tables import channel
from hub.hooks.secrets import Secrets
from hub.protocol.errors import Code, Refused
from hub.store.engine import Store

HOUR = 3_600_000  # milliseconds
SHOWN = 1000  # dead letters that are listed
_d = webhook_delivery.c


async def _webhook(store: Store, name: str) -> Any:
    row = await store.read(lambda conn: conn.execute(sa.select(webhook).where(webhook.c.name == name)).first())
    if row is None:
        raise Refused(Code.NOT_FOUND, field="name", what="webhook", id=name)
    return row


async def save_webhook(store: Store, config: Config, name: str, **values: Any) -> str:
    """Add or change a webhook; returns the secret of a new one, otherwise nothing."""
    made = await admin.submit(store, "webhook.save", name=name, **values)
    row = await _webhook(store, name)
    return "" if row.secret else await _give(store, config, "webhook", int(made["webhook"] or 0), 0)


async def roll_webhook(store: Store, config: Config, name: str, *, grace: int) -> str:
    """Give a webhook a new secret and return it. The one before is good for another `grace` hours."""
    row = await _webhook(store, name)
    return await _give(store, config, "webhook", row.id, grace)


async def roll_channel(store: Store, config: Config, slug: str, *, grace: int) -> str:
    """Likewise an API channel."""
    query = sa.select(channel.c.id).join(api_channel, api_channel.c.channel_id == channel.c.id)
    channel_id = await store.read(lambda conn: conn.scalar(query.where(channel.c.slug == slug)))
    if channel_id is None:
        raise Refused(Code.NOT_FOUND, field="slug", what="channel", id=slug)
    return await _give(store, config, "channel", channel_id, grace)


async def _give(store: Store, config: Config, what: str, identifier: int, grace: int) -> str:
    secret, sealed = Secrets(config.key_file).make(f"{what}:{identifier}")
    until = store.clock.now() + grace * HOUR if grace > 0 else 0
    await admin.submit(store, f"{what}.secret", **{what: identifier}, secret=sealed, until=until)
    return secret


async def has_channel_secret(store: Store, slug: str) -> bool:
    query = sa.select(api_channel.c.secret).join(channel, channel.c.id == api_channel.c.channel_id)
    return bool(await store.read(lambda conn: conn.scalar(query.where(channel.c.slug == slug))))


async def delete_webhook(store: Store, name: str) -> None:
    row = await _webhook(store, name)
    await admin.submit(store, "webhook.delete", webhook=row.id)


async def retry(store: Store, name: str, delivery: int | None) -> int:
    """Tell again what is on a webhook's dead-letter list; returns how many that are."""
    row = await _webhook(store, name)
    result = await admin.submit(store, "webhook.retry", webhook=row.id, delivery=delivery)
    return int(result["deliveries"] or 0)


def list_webhooks(conn: Connection) -> list[tuple[str, ...]]:
    """(name, url, events, what it gets besides, status, deliveries that wait, dead ones) of every webhook."""
    dead = sa.func.count(_d.dead_at)
    counts = {
        row.webhook_id: (row.all - row.dead, row.dead)
        for row in conn.execute(
            sa.select(_d.webhook_id, sa.func.count().label("all"), dead.label("dead")).group_by(_d.webhook_id)
        )
    }
    found: list[tuple[str, ...]] = []
    for row in conn.execute(sa.select(webhook).order_by(webhook.c.name)):
        waiting, failed = counts.get(row.id, (0, 0))
        events = " ".join(msgspec.json.decode(row.events)) or "*"
        besides = " ".join(name for name in ("content", "notes") if getattr(row, name)) or "-"
        status = row.disabled or ("on" if row.active else "off")
        found.append((row.name, row.url, events, besides, status, str(waiting), str(failed)))
    return found


def list_failed(conn: Connection, name: str) -> list[tuple[str, ...]]:
    """(id, webhook, event, when it was given up, attempts, why, the beginning of the last answer) of dead letters."""
    query = sa.select(webhook_delivery, webhook.c.name).join(webhook, webhook.c.id == _d.webhook_id)
    if name:
        if conn.execute(sa.select(webhook.c.id).where(webhook.c.name == name)).first() is None:
            raise Refused(Code.NOT_FOUND, field="name", what="webhook", id=name)
        query = query.where(webhook.c.name == name)
    rows = conn.execute(query.where(_d.dead_at.is_not(None)).order_by(_d.dead_at.desc(), _d.id.desc()).limit(SHOWN))
    return [
        (str(row.id), row.name, row.kind, _when(row.dead_at), str(row.attempt), row.why, row.answer) for row in rows
    ]


def _when(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%MZ")
