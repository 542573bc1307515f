"""Principals from the database: by the token of a session, by an API token, or by an agent's id."""

import hashlib
from dataclasses import replace
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from hub.desk.account_tables import session_token
from hub.desk.api_token_tables import api_token
from hub.desk.api_token_text import PREFIX, well_formed
from hub.desk.api_tokens import MANAGE, live
from hub.desk.principal import ROLES, Principal
from hub.desk.tables import agent, member, queue, session, team_member

# What is asked of the agent for whoever comes: making a statement anew takes longer than its answer.
_whose = sa.bindparam("whose", type_=sa.Integer)
_role = sa.select(agent.c.role).where(agent.c.id == _whose, agent.c.active.is_(True))
_queues = (
    sa.select(queue.c.id, queue.c.handout)
    .join(member, member.c.queue_id == queue.c.id)
    .where(member.c.agent_id == _whose)
)
_teams = sa.select(team_member.c.team_id).where(team_member.c.agent_id == _whose)


def token_hash(token: str) -> str:
    """Tokens are 256 random bits, so a plain hash of them can't be guessed back; only it is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def by_token(conn: Connection, token: str, now: int) -> Principal | None:
    """The agent whose live session or API token it is at `now`; None where there is none, or they are inactive."""
    if token.startswith(PREFIX):
        return _by_api_token(conn, api_token.c.token_hash == token_hash(token), now) if well_formed(token) else None
    row = conn.execute(
        sa.select(session.c.id, session.c.agent_id)
        .join(session_token, session_token.c.session_id == session.c.id)
        .where(
            session_token.c.hash == token_hash(token),
            session_token.c.kind.in_(("access", "standing")),
            session_token.c.expires_at.is_(None) | (session_token.c.expires_at > now),
            session_token.c.confirmed_at.is_(None),
            session.c.ended_at.is_(None),
        )
    ).first()
    return None if row is None else by_agent(conn, row.agent_id, session_id=row.id)


def by_any_token(conn: Connection, token: str, now: int) -> Principal | None:
    """The same, also by the token that is exchanged next: for signing out, which takes no more than that."""
    refresh = sa.select(session_token.c.session_id).where(
        session_token.c.hash == token_hash(token), session_token.c.kind == "refresh", session_token.c.used_at.is_(None)
    )
    session_id = conn.scalar(refresh)
    return by_token(conn, token, now) if session_id is None else by_session(conn, session_id)


def again(conn: Connection, who: Principal, now: int) -> Principal | None:
    """The same principal as they are now; None where their session or token has ended, or the agent is inactive."""
    if who.token:
        return _by_api_token(conn, api_token.c.id == who.token, now)
    return by_session(conn, who.session)


def by_session(conn: Connection, session_id: int) -> Principal | None:
    """The agent of a session as they are now; None where it has ended, or the agent is inactive."""
    agent_id = conn.scalar(
        sa.select(session.c.agent_id).where(session.c.id == session_id, session.c.ended_at.is_(None))
    )
    return None if agent_id is None else by_agent(conn, agent_id, session_id=session_id)


def _by_api_token(conn: Connection, which: sa.ColumnElement[bool], now: int) -> Principal | None:
    row = live(conn, which, now)
    who = None if row is None else by_agent(conn, row.agent_id)
    if row is None or who is None:
        return None
    scopes = set(msgspec.json.decode(row.scopes)) - {MANAGE}
    grants = {verb: scope for verb, scope in who.grants.items() if verb in scopes}
    return replace(who, grants=grants, token=row.id, until=row.expires_at)


def by_agent(conn: Connection, agent_id: int, *, session_id: int = 0) -> Principal | None:
    whose = {"whose": agent_id}
    role = conn.scalar(_role, whose)
    if role is None:
        return None
    queues = {one.id: one.handout for one in conn.execute(_queues, whose)}
    offers = frozenset(number for number, handout in queues.items() if handout == "offer")
    teams = frozenset(conn.scalars(_teams, whose))
    return Principal("agent", agent_id, role, frozenset(queues), session_id, ROLES[role], teams=teams, offers=offers)


def credentials(conn: Connection, login: str) -> Any:
    """(id, login, role, password_hash) of an active agent, or None."""
    return conn.execute(_credentials.where(agent.c.login == login)).first()


def credentials_of(conn: Connection, agent_id: int) -> Any:
    """The same by the agent's id."""
    return conn.execute(_credentials.where(agent.c.id == agent_id)).first()


_credentials = sa.select(agent.c.id, agent.c.login, agent.c.role, agent.c.password_hash).where(agent.c.active.is_(True))
