"""Where work waits and who does it: queues with their members, hours and destinations; branches, departments, teams."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import available_timezones

import msgspec
import sqlalchemy as sa

from hub.desk.registry import Context, Result, handle
from hub.desk.saving import as_json, upsert
from hub.desk.tables import agent, branch, channel, department, member, queue, queue_target, team, team_member
from hub.protocol import commands, hours, queues
from hub.protocol.errors import Code, Refused

Found = sa.Row[Any] | None


def _must_exist(context: Context, table: sa.Table, ids: Iterable[int], field: str) -> None:
    wanted = list(ids)
    known = set(context.conn.scalars(sa.select(table.c.id).where(table.c.id.in_(wanted)))) if wanted else set()
    for one in wanted:
        if one not in known:
            raise Refused(Code.NOT_FOUND, field=field, what=str(table.name), id=one)


def _by_code(context: Context, table: sa.Table, args: Any) -> Found:
    if not args.name:
        raise Refused(Code.EMPTY, field="name")
    row = context.conn.execute(sa.select(table).where(table.c.code == args.code)).first()
    if row is not None and args.new:
        raise Refused(Code.DUPLICATE, field="code", what=str(table.name))
    return row


def _set_links(context: Context, table: sa.Table, mine: dict[str, int], rows: list[dict[str, Any]]) -> None:
    """The rows of a table that joins two others, for one of them, are these now."""
    ((name, number),) = mine.items()
    context.conn.execute(sa.delete(table).where(table.c[name] == number))
    if rows:
        context.conn.execute(sa.insert(table), [mine | row for row in rows])


def check_queue(context: Context, args: commands.SaveQueue) -> Found:
    for name in ("primary", "support"):
        _must_exist(context, agent, getattr(args, name), name)
    if args.department is not None:
        _must_exist(context, department, [args.department], "department")
    _must_exist(context, queue, args.transfers or [], "transfers")
    if args.hours is not None and (fault := hours.fault_of(args.hours)) is not None:
        raise Refused(Code.BAD_ARGS, field=fault[0], why=fault[1])
    row = _by_code(context, queue, args)
    if row is not None and row.active and not args.active:
        _check_unfed(context, row.id)
    return row


def _check_unfed(context: Context, queue_id: int) -> None:
    """Customers who come by a channel are to have somebody who is given them: a queue that channels bring them into
    stays on until these have another."""
    feeding = sa.select(channel.c.slug).where(channel.c.queue_id == queue_id).order_by(channel.c.slug)
    if slugs := list(context.conn.scalars(feeding)):
        raise Refused(Code.QUEUE_FED, field="active", channels=", ".join(slugs))


def do_queue(context: Context, args: commands.SaveQueue, row: Found) -> Result:
    values = {
        "code": args.code,
        "name": as_json(args.name),
        "capacity": args.capacity,
        "open_within": args.open_within,
        "reopen_within": args.reopen_within,
        "department_id": args.department,
        "active": args.active,
        "handout": args.handout,
        "answer_within": args.answer_within,
        "own_first": args.own_first,
        "priority": args.priority,
        "hours": "" if args.hours is None else as_json(args.hours),
        "closed_text": as_json(args.closed_text),
        "transfers_any": args.transfers is None,
        "guests_reply": args.guests_reply,
        "offer_again": args.offer_again,
        "topics_required": args.topics_required,
    }
    queue_id = upsert(context, queue, row, "queue.changed", values)
    support = set(args.support) - set(args.primary)
    people = [{"agent_id": a, "support": False} for a in sorted(set(args.primary))]
    people += [{"agent_id": a, "support": True} for a in sorted(support)]
    _set_links(context, member, {"queue_id": queue_id}, people)
    targets = [{"target_id": one} for one in sorted(set(args.transfers or []))]
    _set_links(context, queue_target, {"queue_id": queue_id}, targets)
    context.dispatch.add(queue_id)
    return {"queue": queue_id}


handle("queue.save", check_queue, do_queue)


def settings_of(conn: sa.Connection, row: Any) -> dict[str, Any]:
    """What a queue is set to beside its members, as the arguments of `queue.save`."""
    targets = conn.scalars(sa.select(queue_target.c.target_id).where(queue_target.c.queue_id == row.id))
    return {
        "transfers": None if row.transfers_any else list(targets),
        "code": row.code,
        "name": msgspec.json.decode(row.name),
        "capacity": row.capacity,
        "open_within": row.open_within,
        "reopen_within": row.reopen_within,
        "department": row.department_id,
        "active": bool(row.active),
        "handout": row.handout,
        "answer_within": row.answer_within,
        "own_first": row.own_first,
        "priority": row.priority,
        "hours": msgspec.json.decode(row.hours) if row.hours else None,
        "closed_text": msgspec.json.decode(row.closed_text),
        "guests_reply": bool(row.guests_reply),
        "offer_again": row.offer_again,
        "topics_required": bool(row.topics_required),
    }


def check_branch(context: Context, args: queues.SaveBranch) -> Found:
    if args.zone not in available_timezones():
        raise Refused(Code.BAD_ARGS, field="zone", why=f"there is no time zone {args.zone!r}")
    return _by_code(context, branch, args)


def do_branch(context: Context, args: queues.SaveBranch, row: Found) -> Result:
    values = {"code": args.code, "name": as_json(args.name), "zone": args.zone}
    return {"branch": upsert(context, branch, row, "branch.changed", values)}


handle("branch.save", check_branch, do_branch)


def check_department(context: Context, args: queues.SaveDepartment) -> Found:
    _must_exist(context, branch, [args.branch], "branch")
    return _by_code(context, department, args)


def do_department(context: Context, args: queues.SaveDepartment, row: Found) -> Result:
    values = {"code": args.code, "name": as_json(args.name), "branch_id": args.branch}
    return {"department": upsert(context, department, row, "department.changed", values)}


handle("department.save", check_department, do_department)


def check_team(context: Context, args: queues.SaveTeam) -> Found:
    _must_exist(context, agent, args.members, "members")
    return _by_code(context, team, args)


def do_team(context: Context, args: queues.SaveTeam, row: Found) -> Result:
    team_id = upsert(context, team, row, "team.changed", {"code": args.code, "name": as_json(args.name)})
    _set_links(context, team_member, {"team_id": team_id}, [{"agent_id": a} for a in sorted(set(args.members))])
    context.dispatch.update(context.conn.scalars(sa.select(queue.c.id)))  # what waits for the team waits in any
    return {"team": team_id}


handle("team.save", check_team, do_team)
