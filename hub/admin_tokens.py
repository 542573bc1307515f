"""What the command line does with tokens: those of programs, and the sessions that people are signed in with.

An id tells which of the two it is: `t3` is an API token, `s9` a session.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from hub.admin import submit
from hub.desk.api_token_tables import api_token
from hub.desk.api_token_text import new_token
from hub.desk.api_tokens import grantable
from hub.desk.people import token_hash
from hub.desk.tables import agent, session
from hub.protocol.errors import Code, Refused
from hub.store.engine import Store

DAY = 86_400_000  # milliseconds


async def scopes_of(store: Store, login: str) -> list[str]:
    """What a token of this agent may be given. Raises `Refused` where there is no such agent."""
    row = await store.read(lambda conn: _agent(conn, login))
    return grantable(row.role)


async def add(store: Store, login: str, name: str, scopes: list[str], days: int) -> tuple[str, str]:
    """Make an API token that ends after so many days, 0 for never: (its id, the token)."""
    row = await store.read(lambda conn: _agent(conn, login))
    token = new_token()
    expires = store.clock.now() + days * DAY if days else 0
    values = {"name": name, "scopes": scopes, "token_hash": token_hash(token), "expires": expires, "agent": row.id}
    made = await submit(store, "token.create", **values)
    return f"t{made['token']}", token


async def revoke(store: Store, identifier: str) -> None:
    """End an API token or a session. Raises ValueError where the id is neither's, `Refused` where there is none."""
    kind, number = identifier[:1], int(identifier[1:])
    if kind == "t":
        await submit(store, "token.revoke", token=number)
    elif kind == "s":
        await submit(store, "session.end", session=number)
    else:
        raise ValueError(identifier)


def table(conn: Connection, login: str, zone: str) -> list[tuple[str, ...]]:
    """(id, login, name, scopes, since, until, last used, from) of what opens the hub now, sessions first; of all agents
    where no login is named. Times are those of the zone."""
    mine = sa.true() if not login else agent.c.id == _agent(conn, login).id
    local = ZoneInfo(zone)

    def said(moment: int | None) -> str:
        return datetime.fromtimestamp(moment / 1000, local).strftime("%Y-%m-%d %H:%M") if moment else ""

    sessions = sa.select(session, agent.c.login).join(agent, agent.c.id == session.c.agent_id)
    rows: list[tuple[str, ...]] = [
        (f"s{row.id}", row.login, row.label, "", said(row.started_at), "", "", "")
        for row in conn.execute(
            sessions.where(mine, session.c.ended_at.is_(None)).order_by(agent.c.login, session.c.id)
        )
    ]
    tokens = sa.select(api_token, agent.c.login).join(agent, agent.c.id == api_token.c.agent_id)
    live = tokens.where(mine, api_token.c.revoked_at.is_(None)).order_by(agent.c.login, api_token.c.id)
    for row in conn.execute(live):
        scopes = " ".join(msgspec.json.decode(row.scopes))
        used = (said(row.last_used_at), row.last_address)
        rows.append((f"t{row.id}", row.login, row.name, scopes, said(row.created_at), said(row.expires_at), *used))
    return rows


def _agent(conn: Connection, login: str) -> sa.Row[Any]:
    row = conn.execute(sa.select(agent).where(agent.c.login == login)).first()
    if row is None:
        raise Refused(Code.NOT_FOUND, field="login", what="agent", id=login)
    return row
