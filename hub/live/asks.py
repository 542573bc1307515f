"""Answers to what clients ask for: one read each, of what the asking agent may see."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import sqlalchemy as sa

from hub.desk.account_tables import recovery
from hub.desk.accounts import has_factor, mail_of
from hub.desk.principal import Principal, Scope
from hub.desk.registry import decode_args
from hub.desk.sessions import sessions_of
from hub.hub import Hub
from hub.protocol import asks, views
from hub.protocol.errors import Code, Refused

DAY = 24 * 3600 * 1000  # milliseconds


async def answer(hub: Hub, who: Principal, name: str, raw: bytes | msgspec.Raw) -> bytes:
    """The view as JSON. Raises `Refused`."""
    asked = asks.ASKS.get(name)
    if asked is None:
        raise Refused(Code.BAD_ARGS, field="view", why=f"no view {name[:32]!r}")
    return msgspec.json.encode(await ANSWERS[name](hub, who, decode_args(asked.args, raw)))


async def _sessions(hub: Hub, who: Principal, args: asks.OfAgent) -> list[views.Session]:
    agent_id = args.agent or who.id
    if agent_id != who.id and who.scope("session.end") != Scope.ENTITY:
        raise Refused(Code.FORBIDDEN, verb="session.end")
    since = hub.clock.now() - hub.config.session_days * DAY
    return await hub.store.read(lambda conn: sessions_of(conn, agent_id, who, since))


async def _account(hub: Hub, who: Principal, args: asks.OfMe) -> views.Account:
    def read(conn: sa.Connection) -> views.Account:
        codes = sa.select(sa.func.count()).select_from(recovery).where(recovery.c.agent_id == who.id)
        return views.Account(
            factor=has_factor(conn, who.id), recovery=conn.scalar(codes) or 0, mail=mail_of(conn, who.id)
        )

    return await hub.store.read(read)


ANSWERS: dict[str, Callable[[Hub, Principal, Any], Awaitable[Any]]] = {"sessions": _sessions, "account": _account}
