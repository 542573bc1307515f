"""Shortcuts: canned text by code, an agent's own or shared with the desk.

A code is taken once among an agent's own, and once among the shared ones; an agent's own goes before a shared one with
the same code. Sharing, and touching what others made, takes `shortcut.save` over the entity.
"""

from typing import Any

import sqlalchemy as sa

from hub.desk.principal import Scope
from hub.desk.registry import Context, Result, handle
from hub.desk.tables import shortcut
from hub.protocol import commands
from hub.protocol.errors import Code, Refused


def _load(context: Context, shortcut_id: int) -> sa.Row[Any]:
    row = context.conn.execute(sa.select(shortcut).where(shortcut.c.id == shortcut_id)).first()
    wide = context.who.scope("shortcut.save") == Scope.ENTITY
    if row is None or not (row.shared or row.owner_id == context.who.id or context.who.kind == "system"):
        raise Refused(Code.NOT_FOUND, field="shortcut", what="shortcut", id=shortcut_id)
    if row.shared and not wide:
        raise Refused(Code.FORBIDDEN, field="shortcut", verb="shortcut.save")
    return row


def check_save(context: Context, args: commands.SaveShortcut) -> sa.Row[Any] | None:
    if args.shared and context.who.scope("shortcut.save") != Scope.ENTITY:
        raise Refused(Code.FORBIDDEN, field="shared", verb="shortcut.save")
    if not args.body.strip():
        raise Refused(Code.EMPTY, field="body")
    row = None if args.shortcut is None else _load(context, args.shortcut)
    twins = sa.select(shortcut.c.id).where(shortcut.c.code == args.code, shortcut.c.shared.is_(args.shared))
    if not args.shared:
        twins = twins.where(shortcut.c.owner_id == (row.owner_id if row is not None else context.who.id))
    if any(twin != args.shortcut for twin in context.conn.scalars(twins)):
        raise Refused(Code.DUPLICATE, field="code", what="shortcut")
    return row


def do_save(context: Context, args: commands.SaveShortcut, row: sa.Row[Any] | None) -> Result:
    values: dict[str, Any] = {"code": args.code, "body": args.body, "shared": args.shared}
    if row is None:
        new = context.conn.execute(sa.insert(shortcut).values(**values, owner_id=context.who.id, rev=0))
        made: int = new.inserted_primary_key[0]  # type: ignore[index]
        owner = context.who.id
    else:
        made, owner = row.id, row.owner_id
    rev = context.record("shortcut.changed", shortcut=made, owner=owner)
    context.conn.execute(sa.update(shortcut).where(shortcut.c.id == made).values(**values, rev=rev))
    return {"shortcut": made}


handle("shortcut.save", check_save, do_save)


def check_delete(context: Context, args: commands.DeleteShortcut) -> sa.Row[Any]:
    return _load(context, args.shortcut)


def do_delete(context: Context, args: commands.DeleteShortcut, row: sa.Row[Any]) -> Result:
    context.record("shortcut.deleted", shortcut=row.id, owner=row.owner_id)
    context.conn.execute(sa.delete(shortcut).where(shortcut.c.id == row.id))
    return {"shortcut": row.id}


handle("shortcut.delete", check_delete, do_delete)
