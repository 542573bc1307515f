"""Principals from the database: by the token of a session, or by an agent's id."""

import hashlib
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.desk.principal import ROLES, Principal
from hub.desk.tables import agent, member, session


def token_hash(token: str) -> str:
    """Tokens are 256 random bits, so a plain hash of them can't be guessed back; only it is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def by_token(conn: Connection, token: str) -> Principal | None:
    """The agent whose live session the token belongs to; None where there is none, or the agent is inactive."""
    row = conn.execute(
        sa.select(session.c.id, session.c.agent_id).where(
            session.c.token_hash == token_hash(token), session.c.ended_at.is_(None)
        )
    ).first()
    return None if row is None else by_agent(conn, row.agent_id, session_id=row.id)


def by_session(conn: Connection, session_id: int) -> Principal | None:
    """The agent of a session as they are now; None where it has ended, or the agent is inactive."""
    agent_id = conn.scalar(
        sa.select(session.c.agent_id).where(session.c.id == session_id, session.c.ended_at.is_(None))
    )
    return None if agent_id is None else by_agent(conn, agent_id, session_id=session_id)


def by_agent(conn: Connection, agent_id: int, *, session_id: int = 0) -> Principal | None:
    row = conn.execute(sa.select(agent).where(agent.c.id == agent_id, agent.c.active.is_(True))).first()
    if row is None:
        return None
    queues = frozenset(conn.scalars(sa.select(member.c.queue_id).where(member.c.agent_id == agent_id)))
    return Principal("agent", agent_id, row.role, queues, session_id, ROLES[row.role])


def credentials(conn: Connection, login: str) -> Any:
    """(id, password_hash) of an active agent, or None."""
    return conn.execute(
        sa.select(agent.c.id, agent.c.password_hash).where(agent.c.login == login, agent.c.active.is_(True))
    ).first()
