"""API tokens: what a program acts for an agent with.

A token leaves of its agent's grants those that its scopes name, as they are at each use: it never reaches further than
the agent, and loses what the agent loses. It can't make or revoke tokens, so that a leaked one can't outlive its own
revocation. An agent who is made inactive loses theirs for good.
"""

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from hub.desk.api_token_tables import api_token
from hub.desk.principal import ROLES, Scope
from hub.desk.registry import Context, Result, handle
from hub.desk.tables import agent
from hub.protocol.api_tokens import CreateToken, RevokeToken
from hub.protocol.errors import Code, Refused
from hub.store.unit import Unit

MANAGE = "token.manage"  # the one grant that no token leaves


def grantable(role: str) -> list[str]:
    """The scopes that a token of an agent with this role may have, sorted."""
    return sorted(ROLES[role].keys() - {MANAGE})


def check_create(context: Context, args: CreateToken) -> int:
    """The agent whom the token acts for."""
    agent_id = args.agent if args.agent is not None else context.who.id
    if context.who.kind == "agent" and agent_id != context.who.id:
        raise Refused(Code.FORBIDDEN, field="agent", verb=MANAGE)
    if not agent_id:
        raise Refused(Code.EMPTY, field="agent")
    row = context.conn.execute(sa.select(agent).where(agent.c.id == agent_id, agent.c.active.is_(True))).first()
    if row is None:
        raise Refused(Code.NOT_FOUND, field="agent", what="agent", id=agent_id)
    allowed = grantable(row.role)
    for verb in args.scopes:
        if verb not in allowed:
            raise Refused(Code.FORBIDDEN, field="scopes", verb=verb)
    if args.expires and args.expires <= context.now:
        raise Refused(Code.BAD_ARGS, field="expires", why="it must lie ahead")
    twin = sa.select(api_token.c.id).where(api_token.c.token_hash == args.token_hash)
    if context.conn.execute(twin).first() is not None:
        raise Refused(Code.DUPLICATE, field="token_hash", what="token")
    return agent_id


def do_create(context: Context, args: CreateToken, agent_id: int) -> Result:
    new = context.conn.execute(
        sa.insert(api_token).values(
            agent_id=agent_id,
            name=args.name,
            token_hash=args.token_hash,
            scopes=msgspec.json.encode(sorted(set(args.scopes))).decode(),
            created_at=context.now,
            expires_at=args.expires,
            last_address="",
        )
    )
    made: int = new.inserted_primary_key[0]  # type: ignore[index]
    context.record("token.created", agent=agent_id, token=made)
    return {"token": made}


handle("token.create", check_create, do_create)


def check_revoke(context: Context, args: RevokeToken) -> sa.Row[Any]:
    row = context.conn.execute(sa.select(api_token).where(api_token.c.id == args.token)).first()
    if row is None or (row.agent_id != context.who.id and context.who.scope(MANAGE) != Scope.ENTITY):
        raise Refused(Code.NOT_FOUND, field="token", what="token", id=args.token)
    return row


def do_revoke(context: Context, args: RevokeToken, row: sa.Row[Any]) -> Result:
    _revoke(context, api_token.c.id == row.id)
    return {"token": row.id}


handle("token.revoke", check_revoke, do_revoke)


def revoke_all(context: Context, agent_id: int) -> None:
    """End every token of an agent."""
    _revoke(context, api_token.c.agent_id == agent_id)


def _revoke(context: Context, which: sa.ColumnElement[bool]) -> None:
    live = which & api_token.c.revoked_at.is_(None)
    for row in context.conn.execute(sa.select(api_token.c.id, api_token.c.agent_id).where(live)).all():
        context.record("token.revoked", agent=row.agent_id, token=row.id)
    context.conn.execute(sa.update(api_token).where(live).values(revoked_at=context.now))


def live(conn: Connection, which: sa.ColumnElement[bool], now: int) -> sa.Row[Any] | None:
    """A token that was neither revoked nor has expired."""
    row = conn.execute(sa.select(api_token).where(which, api_token.c.revoked_at.is_(None))).first()
    return None if row is None or 0 < row.expires_at <= now else row


def used(unit: Unit, token_id: int, address: str) -> None:
    """Note the last use. No event: nothing changes for anybody."""
    unit.conn.execute(
        sa.update(api_token).where(api_token.c.id == token_id).values(last_used_at=unit.now, last_address=address)
    )
