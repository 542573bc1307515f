"""Saved trays: an agent's own, shared with a team, or with the whole desk.

What a tray shows is only ever what whoever looks at it may see. Sharing with everybody, with a team that is not one's
own, and touching what others share with everybody take `tray.save` over the entity.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from hub.desk.principal import Scope
from hub.desk.registry import Context, Result, handle
from hub.desk.tables import team
from hub.desk.tray_filters import bad_filter, names
from hub.desk.tray_tables import tray
from hub.protocol import saved_trays
from hub.protocol.errors import Code, Refused
from hub.protocol.filter_fields import fold
from hub.protocol.filter_text import LENGTH, BadFilter, read, write
from hub.protocol.filter_versions import VERSION
from hub.protocol.limits import LIMITS


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be saved: the row that it replaces, if any, and the filter as it is kept."""

    row: sa.Row[Any] | None
    filter: str


def _load(context: Context, number: int) -> sa.Row[Any]:
    row = context.conn.execute(sa.select(tray).where(tray.c.id == number)).first()
    who = context.who
    seen = row is not None and (
        row.shared or row.owner_id == who.id or row.team_id in who.teams or who.kind == "system"
    )
    if row is None or not seen:
        raise Refused(Code.NOT_FOUND, field="tray", what="tray", id=number)
    wide = who.kind == "system" or (row.shared and who.scope("tray.save") == Scope.ENTITY)
    if row.owner_id != who.id and not wide:
        raise Refused(Code.FORBIDDEN, field="tray", verb="tray.save")
    return row


def check_save(context: Context, args: saved_trays.SaveTray) -> Wanted:
    wide = context.who.scope("tray.save") == Scope.ENTITY
    if args.shared and not wide:
        raise Refused(Code.FORBIDDEN, field="shared", verb="tray.save")
    if args.team is not None:
        if context.conn.scalar(sa.select(team.c.id).where(team.c.id == args.team)) is None:
            raise Refused(Code.NOT_FOUND, field="team", what="team", id=args.team)
        if not wide and args.team not in context.who.teams:
            raise Refused(Code.FORBIDDEN, field="team", verb="tray.save")
    if not args.name.strip():
        raise Refused(Code.EMPTY, field="name")
    row = None if args.tray is None else _load(context, args.tray)
    owner = context.who.id if row is None else row.owner_id
    theirs = context.conn.execute(sa.select(tray.c.id, tray.c.name).where(tray.c.owner_id == owner)).all()
    if any(fold(one.name) == fold(args.name) and one.id != args.tray for one in theirs):
        raise Refused(Code.DUPLICATE, field="name", what="tray")
    most = int(LIMITS["agent_trays"].value)
    if row is None and len(theirs) >= most:
        raise Refused(Code.TOO_MANY, limit="agent_trays", most=most)
    return Wanted(row, _kept(context, args.filter))


def _kept(context: Context, text: str) -> str:
    """The filter with things by id, so that no new name changes what it means."""
    try:
        kept = write(read(text, names(context.conn)))
    except BadFilter as fault:
        raise bad_filter(fault) from None
    if len(kept) > LENGTH:
        raise bad_filter(BadFilter("too_long", LENGTH, len(kept), wants=str(LENGTH)))
    return kept


def do_save(context: Context, args: saved_trays.SaveTray, wanted: Wanted) -> Result:
    values: dict[str, Any] = {
        "name": args.name.strip(),
        "base": args.base,
        "filter": wanted.filter,
        "version": VERSION,
        "sort": args.sort,
        "shared": args.shared,
        "team_id": args.team,
    }
    row = wanted.row
    if row is None:
        new = context.conn.execute(sa.insert(tray).values(**values, owner_id=context.who.id, rev=0))
        made: int = new.inserted_primary_key[0]  # type: ignore[index]
        owner = context.who.id
    else:
        made, owner = row.id, row.owner_id
    rev = context.record("tray.changed", tray=made, owner=owner)
    context.conn.execute(sa.update(tray).where(tray.c.id == made).values(**values, rev=rev))
    return {"tray": made}


handle("tray.save", check_save, do_save)


def check_delete(context: Context, args: saved_trays.DeleteTray) -> sa.Row[Any]:
    return _load(context, args.tray)


def do_delete(context: Context, args: saved_trays.DeleteTray, row: sa.Row[Any]) -> Result:
    context.record("tray.deleted", tray=row.id, owner=row.owner_id)
    context.conn.execute(sa.delete(tray).where(tray.c.id == row.id))
    return {"tray": row.id}


handle("tray.delete", check_delete, do_delete)
