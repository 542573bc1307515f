"""Webhooks: who is told of what. Telling them is the business of `hub.hooks`.

A webhook is told what happens from the moment on at which it was added, or switched on. Switched off, by hand or
because its endpoint was gone, it is told nothing, and what it had not been told yet goes to the dead-letter list.
"""

from typing import Any

import msgspec
import sqlalchemy as sa

from hub.desk.endpoints import check_endpoint
from hub.desk.hook_tables import webhook, webhook_delivery
from hub.desk.registry import Context, Result, handle
from hub.protocol import webhooks as hooks
from hub.protocol.errors import Code, Refused

Row = sa.Row[Any]
OFF = "off"  # why a delivery is dead: its webhook was switched off
_d = webhook_delivery.c


def check_save(context: Context, args: hooks.SaveWebhook) -> Row | None:
    check_endpoint(args.url, "url")
    for event in args.events:
        if event not in hooks.EVENTS:
            raise Refused(Code.BAD_ARGS, field="events", why=f"{event} is none of {', '.join(hooks.EVENTS)}")
    if hooks.NOTED in args.events and not args.notes:
        raise Refused(Code.BAD_ARGS, field="events", why=f"{hooks.NOTED} needs notes, which lets them leave the desk")
    return context.conn.execute(sa.select(webhook).where(webhook.c.name == args.name)).first()


def do_save(context: Context, args: hooks.SaveWebhook, row: Row | None) -> Result:
    values = {
        "name": args.name,
        "url": args.url,
        "events": msgspec.json.encode(sorted(set(args.events))).decode(),
        "content": args.content,
        "notes": args.notes,
        "active": args.active,
        "disabled": "",
    }
    if row is None:
        new = context.conn.execute(sa.insert(webhook).values(**values, rev=0, cursor=0))
        made: int = new.inserted_primary_key[0]  # type: ignore[index]
    else:
        made = row.id
        if row.active and not args.active:
            _bury(context, made)
    rev = context.record("webhook.changed", webhook=made)
    values["rev"] = rev
    if row is None or (args.active and not row.active):
        values["cursor"] = rev
    context.conn.execute(sa.update(webhook).where(webhook.c.id == made).values(**values))
    return {"webhook": made}


handle("webhook.save", check_save, do_save)


def _load(context: Context, webhook_id: int) -> Row:
    row = context.conn.execute(sa.select(webhook).where(webhook.c.id == webhook_id)).first()
    if row is None:
        raise Refused(Code.NOT_FOUND, field="webhook", what="webhook", id=webhook_id)
    return row


def _changed(context: Context, webhook_id: int, **values: Any) -> Result:
    rev = context.record("webhook.changed", webhook=webhook_id)
    context.conn.execute(sa.update(webhook).where(webhook.c.id == webhook_id).values(**values, rev=rev))
    return {"webhook": webhook_id}


def _bury(context: Context, webhook_id: int) -> None:
    """What it has not been told yet will not be told by itself any more."""
    waiting = (_d.webhook_id == webhook_id) & _d.dead_at.is_(None)
    gone = sa.update(webhook_delivery).where(waiting)
    context.conn.execute(gone.values(dead_at=context.now, until=None, why=OFF))


def check_delete(context: Context, args: hooks.DeleteWebhook) -> Row:
    return _load(context, args.webhook)


def do_delete(context: Context, args: hooks.DeleteWebhook, row: Row) -> Result:
    context.record("webhook.deleted", webhook=row.id)
    context.conn.execute(sa.delete(webhook_delivery).where(_d.webhook_id == row.id))
    context.conn.execute(sa.delete(webhook).where(webhook.c.id == row.id))
    return {"webhook": row.id}


handle("webhook.delete", check_delete, do_delete)


def check_retry(context: Context, args: hooks.RetryWebhook) -> Row:
    row = _load(context, args.webhook)
    if not row.active:
        raise Refused(Code.WRONG_STATE, field="webhook", state=OFF)
    if args.delivery is not None:
        dead = sa.select(_d.id).where(_d.id == args.delivery, _d.webhook_id == row.id, _d.dead_at.is_not(None))
        if context.conn.execute(dead).first() is None:
            raise Refused(Code.NOT_FOUND, field="delivery", what="delivery", id=args.delivery)
    return row


def do_retry(context: Context, args: hooks.RetryWebhook, row: Row) -> Result:
    """The schedule begins anew."""
    which = (_d.webhook_id == row.id) & _d.dead_at.is_not(None)
    if args.delivery is not None:
        which &= _d.id == args.delivery
    again = sa.update(webhook_delivery).where(which).values(dead_at=None, until=None, attempt=0, due=context.now)
    count = context.conn.execute(again).rowcount
    return {**_changed(context, row.id), "deliveries": count}


handle("webhook.retry", check_retry, do_retry)


def check_secret(context: Context, args: hooks.WebhookSecret) -> Row:
    return _load(context, args.webhook)


def do_secret(context: Context, args: hooks.WebhookSecret, row: Row) -> Result:
    return _changed(context, row.id, **replaced(row, args.secret, args.until))


handle("webhook.secret", check_secret, do_secret)


def replaced(row: Row, secret: str, until: int) -> dict[str, Any]:
    """The columns of a row with another secret: the one before is kept as long as it is good."""
    kept = row.secret if until else ""
    return {"secret": secret, "old_secret": kept, "old_until": until if kept else 0}


def check_disable(context: Context, args: hooks.DisableWebhook) -> Row:
    return _load(context, args.webhook)


def do_disable(context: Context, args: hooks.DisableWebhook, row: Row) -> Result:
    _bury(context, row.id)
    return _changed(context, row.id, active=False, disabled=args.reason)


handle("webhook.disable", check_disable, do_disable)
