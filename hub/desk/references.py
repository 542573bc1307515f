"""Reference data: agents, queues, channels, tags, shortcuts; whole for a new client, by item for an event."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from hub.desk.form_tables import form, form_version, topic
from hub.desk.principal import Principal
from hub.desk.tables import (
    agent,
    branch,
    channel,
    department,
    member,
    queue,
    queue_target,
    shortcut,
    tag,
    team,
    team_member,
)
from hub.desk.talk_tables import plan
from hub.desk.tray_tables import tray
from hub.protocol import views
from hub.protocol.filter_versions import current
from hub.protocol.forms import decode_fields
from hub.protocol.hours import Hours
from hub.store.compiled import Compiled
from hub.store.schema import journal


@dataclass(frozen=True, slots=True)
class Reference:
    """One kind: its table, the events that change it, and how a record becomes a view."""

    table: sa.Table
    events: tuple[str, ...]
    view: Callable[[Connection, list[Any]], list[views.View]]
    seen_by: tuple[str, ...] = ()  # the events that change who sees them


def _agents(_: Connection, rows: list[Any]) -> list[views.View]:
    return [
        views.Agent(
            id=r.id,
            rev=r.rev,
            login=r.login,
            name=r.name,
            role=r.role,
            status=r.status,
            since=r.status_since,
            reach=bool(r.reachable),
            active=bool(r.active),
            sample=bool(r.sample),
            intake=r.intake,
            capacity=r.capacity,
        )
        for r in rows
    ]


_SAME = (  # a queue's settings that its view calls as its table does
    "capacity",
    "active",
    "handout",
    "priority",
    "open_within",
    "answer_within",
    "reopen_within",
    "own_first",
    "offer_again",
)


def _queues(conn: Connection, rows: list[Any]) -> list[views.View]:
    members: dict[tuple[int, bool], list[int]] = {}
    theirs = sa.select(member).where(member.c.queue_id.in_([r.id for r in rows])).order_by(member.c.agent_id)
    for m in conn.execute(theirs):
        members.setdefault((m.queue_id, bool(m.support)), []).append(m.agent_id)
    targets: dict[int, list[int]] = {}
    granted = sa.select(queue_target).where(queue_target.c.queue_id.in_([r.id for r in rows]))
    for t in conn.execute(granted.order_by(queue_target.c.target_id)):
        targets.setdefault(t.queue_id, []).append(t.target_id)
    return [
        views.Queue(
            id=r.id,
            rev=r.rev,
            code=r.code,
            name=msgspec.json.decode(r.name),
            primary=members.get((r.id, False), []),
            support=members.get((r.id, True), []),
            to=None if r.transfers_any else targets.get(r.id, []),
            hours=msgspec.json.decode(r.hours, type=Hours) if r.hours else None,
            closed_text=msgspec.json.decode(r.closed_text),
            topics_required=bool(r.topics_required),
            department=r.department_id,
            guests_reply=bool(r.guests_reply),
            **{name: getattr(r, name) for name in _SAME},
        )
        for r in rows
    ]


def _channels(_: Connection, rows: list[Any]) -> list[views.View]:
    return [
        views.Channel(
            id=r.id,
            rev=r.rev,
            slug=r.slug,
            app=r.app,
            name=msgspec.json.decode(r.name),
            color=r.color,
            queue=r.queue_id,
            window=r.window,
        )
        for r in rows
    ]


def _branches(_: Connection, rows: list[Any]) -> list[views.View]:
    return [views.Branch(r.id, r.rev, r.code, msgspec.json.decode(r.name), r.zone) for r in rows]


def _departments(_: Connection, rows: list[Any]) -> list[views.View]:
    return [views.Department(r.id, r.rev, r.code, msgspec.json.decode(r.name), r.branch_id) for r in rows]


def _teams(conn: Connection, rows: list[Any]) -> list[views.View]:
    if not rows:
        return []
    members: dict[int, list[int]] = {}
    theirs = sa.select(team_member).where(team_member.c.team_id.in_([r.id for r in rows]))
    for m in conn.execute(theirs.order_by(team_member.c.agent_id)):
        members.setdefault(m.team_id, []).append(m.agent_id)
    return [views.Team(r.id, r.rev, r.code, msgspec.json.decode(r.name), members.get(r.id, [])) for r in rows]


def _tags(_: Connection, rows: list[Any]) -> list[views.View]:
    return [views.Tag(id=r.id, rev=r.rev, name=r.name, color=r.color) for r in rows]


def _shortcuts(_: Connection, rows: list[Any]) -> list[views.View]:
    return [
        views.Shortcut(id=r.id, rev=r.rev, code=r.code, body=r.body, shared=bool(r.shared), owner=r.owner_id)
        for r in rows
    ]


def _trays(_: Connection, rows: list[Any]) -> list[views.View]:
    return [
        views.SavedTray(
            id=r.id,
            rev=r.rev,
            name=r.name,
            base=r.base,
            owner=r.owner_id,
            filter=current(r.version, r.filter),
            sort=r.sort,
            shared=bool(r.shared),
            team=r.team_id,
        )
        for r in rows
    ]


def _forms(conn: Connection, rows: list[Any]) -> list[views.View]:
    if not rows:
        return []
    now = sa.select(form_version).where(form_version.c.id.in_([r.version_id for r in rows]))
    fields = {v.id: decode_fields(v.fields) for v in conn.execute(now)}
    return [views.Form(r.id, r.rev, r.queue_id, r.version_id, fields[r.version_id]) for r in rows]


def _topics(_: Connection, rows: list[Any]) -> list[views.View]:
    return [
        views.Topic(r.id, r.rev, r.queue_id, r.code, msgspec.json.decode(r.name), r.parent_id, bool(r.active))
        for r in rows
    ]


def _plans(_: Connection, rows: list[Any]) -> list[views.View]:
    return [*map(_plan, rows)]


def _plan(row: Any) -> views.Plan:
    return views.Plan(row.id, row.rev, row.conversation_id, row.kind, row.agent_id, row.due, row.body, row.why)


REFERENCES: dict[str, Reference] = {
    "agents": Reference(agent, ("agent.changed",), _agents),
    "queues": Reference(queue, ("queue.changed",), _queues),
    "channels": Reference(channel, ("channel.changed",), _channels),
    "tags": Reference(tag, ("tag.changed",), _tags),
    "shortcuts": Reference(shortcut, ("shortcut.changed", "shortcut.deleted"), _shortcuts),
    "plans": Reference(plan, ("plan.changed", "plan.deleted"), _plans),
    "branches": Reference(branch, ("branch.changed",), _branches),
    "departments": Reference(department, ("department.changed",), _departments),
    "teams": Reference(team, ("team.changed",), _teams),
    "trays": Reference(tray, ("tray.changed", "tray.deleted"), _trays, seen_by=("team.changed",)),
    "forms": Reference(form, ("form.changed",), _forms),
    "topics": Reference(topic, ("topic.changed",), _topics),
}
_versions = {
    name: Compiled(
        sa.select(sa.func.max(journal.c.seq)).where(sa.or_(*(journal.c.kind == e for e in one.events + one.seen_by)))
    )
    for name, one in REFERENCES.items()
}
BY_EVENT = {event: name for name, reference in REFERENCES.items() for event in reference.events}


def _visible(name: str, who: Principal) -> sa.ColumnElement[bool]:
    if name == "shortcuts":
        return sa.or_(shortcut.c.shared.is_(True), shortcut.c.owner_id == who.id)
    if name == "trays":
        teams = [tray.c.team_id.in_(sorted(who.teams))] if who.teams else []
        return sa.or_(tray.c.shared.is_(True), tray.c.owner_id == who.id, *teams)
    return plan.c.agent_id == who.id if name == "plans" else sa.true()


def may_see(name: str, view: views.View, who: Principal) -> bool:
    """The same rule as `_visible`, for one item in memory."""
    match view:
        case views.Shortcut():
            return view.shared or view.owner == who.id
        case views.SavedTray():
            return view.shared or view.owner == who.id or view.team in who.teams
        case views.Plan():
            return view.by == who.id
        case _:
            return True


def whole(conn: Connection, name: str) -> list[views.View]:
    """All items, whoever may see them."""
    reference = REFERENCES[name]
    return reference.view(conn, list(conn.execute(sa.select(reference.table).order_by(reference.table.c.id)).all()))


def page(conn: Connection, name: str, who: Principal, after: int, limit: int) -> list[views.View]:
    """At most `limit` items with ids above `after`, in their order."""
    reference = REFERENCES[name]
    rows = conn.execute(page_query(name, who, after, limit)).all()
    return reference.view(conn, list(rows))


def page_query(name: str, who: Principal, after: int, limit: int) -> sa.Select[Any]:
    of = REFERENCES[name].table
    return sa.select(of).where(_visible(name, who), of.c.id > after).order_by(of.c.id).limit(limit)


def planned(conn: Connection, conversation_id: int) -> list[views.Plan]:
    """What waits to happen in a conversation, the next first, whoever planned it."""
    waits = sa.select(plan).where(plan.c.conversation_id == conversation_id, plan.c.why == "")
    return [*map(_plan, conn.execute(waits.order_by(plan.c.due, plan.c.id)))]


def items(conn: Connection, name: str, ids: Iterable[int]) -> dict[int, views.View]:
    """These items, whoever may see them; those that are gone are missing."""
    reference, wanted = REFERENCES[name], sorted(set(ids))
    if not wanted:
        return {}
    rows = conn.execute(sa.select(reference.table).where(reference.table.c.id.in_(wanted))).all()
    return {view.id: view for view in reference.view(conn, list(rows))}  # type: ignore[attr-defined]


def versions(conn: Connection) -> dict[str, int]:
    """The journal number of the last change of each kind; deletions count as changes."""
    return {name: (query.first(conn, {}) or (0,))[0] or 0 for name, query in _versions.items()}
