"""What the command line does to a desk: the same commands as everybody's, submitted by the system.

Works beside a running hub, which notices within a second. Functions take an open store; they raise `Refused`.
"""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from hub.config import Config
from hub.desk import projections
from hub.desk.execute import execute
from hub.desk.people import token_hash
from hub.desk.principal import SYSTEM
from hub.desk.queues import settings_of
from hub.desk.registry import Result, decode
from hub.desk.tables import agent, channel, member, queue
from hub.protocol.errors import Code, Refused
from hub.store.clock import SystemClock
from hub.store.engine import Store, open_store
from hub.store.migrate import read_schema


class NoDesk(Exception):
    """There is no database yet, or nothing in it."""


class OldSchema(Exception):
    """The database has to be upgraded before this version works on it."""

    def __init__(self, found: str, newest: str) -> None:
        super().__init__(f"schema {found}, and {newest} is wanted")
        self.found, self.newest = found, newest


@asynccontextmanager
async def opened(config: Config) -> AsyncIterator[Store]:
    """The store of an existing desk of this version's schema. Raises `NoDesk`, `OldSchema`, `NewerSchema`."""
    if config.sqlite_path is not None and not config.sqlite_path.exists():
        raise NoDesk(str(config.sqlite_path))
    store = open_store(config.database, SystemClock())
    await store.start()
    try:
        schema = await store.read(read_schema)
        if schema.found is None:
            raise NoDesk(str(config.sqlite_path or store.name))
        if schema.outdated:
            raise OldSchema(schema.found, schema.newest)
        yield store
    finally:
        await store.stop()


async def submit(store: Store, command: str, /, **values: Any) -> Result:
    """Run a command as the system, its arguments checked as if they came over the wire."""
    _, args = decode(command, msgspec.json.encode(values))
    key = secrets.token_hex(8)
    return await store.write(lambda unit: execute(unit, SYSTEM, command, args, key))


@dataclass(frozen=True, slots=True)
class Checked:
    """What does not hold, how many rows were mended before, and how much was looked at."""

    faults: list[projections.Fault]
    mended: int
    extent: dict[str, int]


async def check(config: Config, *, repair: bool) -> Checked:
    """Look at the whole desk, as it is at one moment; mend what can be first where `repair` is asked for."""
    async with opened(config) as store:
        mended = await store.write(projections.repair) if repair else 0

        def look(conn: Connection) -> Checked:
            return Checked(projections.check(conn), mended, projections.extent(conn))

        return await store.read(look)


async def has_admin(store: Store) -> bool:
    query = sa.select(agent.c.id).where(agent.c.role == "admin", agent.c.active.is_(True)).limit(1)
    return await store.read(lambda conn: conn.execute(query).first() is not None)


async def change_agent(store: Store, login: str, **values: Any) -> None:
    """Change what is named of an agent, and keep the rest."""
    query = sa.select(agent.c.name, agent.c.role, agent.c.active, agent.c.sample).where(agent.c.login == login)
    found: Any = await store.read(lambda conn: conn.execute(query).first())
    if found is None:
        raise Refused(Code.NOT_FOUND, field="login", what="agent", id=login)
    kept = {"name": found.name, "role": found.role, "active": bool(found.active), "sample": bool(found.sample)}
    await submit(store, "agent.save", login=login, **(kept | values))


async def agent_id(store: Store, login: str) -> int:
    """Raises `Refused(NOT_FOUND)` for the field `login`."""
    found = await store.read(lambda conn: conn.scalar(sa.select(agent.c.id).where(agent.c.login == login)))
    if found is None:
        raise Refused(Code.NOT_FOUND, field="login", what="agent", id=login)
    return int(found)


async def link_password(store: Store, config: Config, login: str) -> str:
    """A link by which the agent sets a new password, good once and for half an hour."""
    token = secrets.token_urlsafe(32)
    await submit(store, "password.link", agent=await agent_id(store, login), token_hash=token_hash(token))
    return f"{config.base_url}/reset#{token}"


async def save_queue(
    store: Store, code: str, names: dict[str, str], primary: list[str], support: list[str], capacity: int
) -> Result:
    """Add or change a queue; members by login. What else one is set to stays."""

    def known(conn: Connection) -> tuple[dict[str, int], dict[str, Any]]:
        row = conn.execute(sa.select(queue).where(queue.c.code == code)).first()
        return _agent_ids(conn, {*primary, *support}), {} if row is None else settings_of(conn, row)

    ids, kept = await store.read(known)
    named = {
        "code": code,
        "name": names,
        "primary": [ids[login] for login in primary],
        "support": [ids[login] for login in support],
        "capacity": capacity,
    }
    return await submit(store, "queue.save", **(kept | named))


def queue_arguments(conn: Connection, row: Any) -> dict[str, Any]:
    """A queue as it is, as the arguments of `queue.save`."""
    people = conn.execute(sa.select(member).where(member.c.queue_id == row.id).order_by(member.c.agent_id)).all()
    members = {
        name: [one.agent_id for one in people if bool(one.support) is helps]
        for name, helps in (("primary", False), ("support", True))
    }
    return settings_of(conn, row) | members


async def save_channel(
    store: Store,
    slug: str,
    app: str,
    names: dict[str, str],
    queue_code: str,
    color: str,
    origins: list[str],
    **more: str | int,
) -> Result:
    """Add or change a channel whose driver has the app's name; its queue by code. `more`: what a driver has besides."""
    queue_id = await store.read(lambda conn: conn.scalar(sa.select(queue.c.id).where(queue.c.code == queue_code)))
    if queue_id is None:
        raise Refused(Code.NOT_FOUND, field="queue", what="queue", id=queue_code)
    return await submit(
        store,
        "channel.save",
        slug=slug,
        app=app,
        name=names,
        queue=queue_id,
        driver=app,
        color=color,
        origins=origins,
        **more,
    )


def _agent_ids(conn: Connection, logins: set[str]) -> dict[str, int]:
    rows = conn.execute(sa.select(agent.c.login, agent.c.id).where(agent.c.login.in_(logins)))
    ids = {row.login: row.id for row in rows}
    for login in sorted(logins):
        if login not in ids:
            raise Refused(Code.NOT_FOUND, field="member", what="agent", id=login)
    return ids


def list_agents(conn: Connection) -> list[tuple[str, ...]]:
    """(login, name, role, status) of every agent."""
    rows = conn.execute(sa.select(agent).order_by(agent.c.login))
    return [(row.login, row.name, row.role, row.status if row.active else "disabled") for row in rows]


def list_queues(conn: Connection) -> list[tuple[str, ...]]:
    """(code, name, capacity, members) of every queue; support members in brackets."""
    members: dict[int, list[str]] = {}
    for row in conn.execute(
        sa.select(member.c.queue_id, member.c.support, agent.c.login)
        .join(agent, agent.c.id == member.c.agent_id)
        .order_by(member.c.support, agent.c.login)
    ):
        members.setdefault(row.queue_id, []).append(f"({row.login})" if row.support else row.login)
    rows = conn.execute(sa.select(queue).order_by(queue.c.code))
    return [(row.code, _named(row.name), str(row.capacity), " ".join(members.get(row.id, []))) for row in rows]


def list_channels(conn: Connection) -> list[tuple[str, ...]]:
    """(slug, app, name, queue, origins) of every channel."""
    rows = conn.execute(
        sa.select(channel, queue.c.code).join(queue, queue.c.id == channel.c.queue_id).order_by(channel.c.slug)
    )
    return [(row.slug, row.app, _named(row.name), row.code, " ".join(msgspec.json.decode(row.origins))) for row in rows]


def _named(names: str) -> str:
    return " / ".join(msgspec.json.decode(names).values())
