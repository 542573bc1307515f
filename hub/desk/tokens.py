"""Exchanging the tokens of a session.

A session is one sign-in of one console. It has an access token, which calls the hub for some minutes, and a refresh
token, which is exchanged for the next two. Their successors are made of the token itself and a random salt that the hub
keeps: so they can be handed out again where the answer was lost, and stand nowhere.

Which of two that use one token is the thief can't be told. So a refresh token that comes again after one of its
successors was used ends the session (RFC 9700, 4.14.2). Until then it gets the same successors, however much later:
a console that crashes, or sleeps, before it has written them down has lost nothing. Two consoles that share a profile
and ask at the same time are let pass for `GRACE`, from one network.

None of this is journaled; that a session has ended is.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from hub.desk.account_tables import session_token
from hub.desk.people import token_hash
from hub.desk.registry import Context
from hub.desk.tables import session

GRACE = 20_000  # milliseconds


@dataclass(frozen=True, slots=True)
class Successors:
    access: str
    refresh: str


def exchange(context: Context, token: str, *, network: str, lasts: int, idle: int) -> Successors | None:
    """The successors of a refresh token; None where there are none: its session has ended, now or before.

    `lasts`: milliseconds that an access token is good for; `idle`: after which a session that was not seen has ended.
    """
    row = context.conn.execute(
        sa.select(session_token, session.c.seen_at)
        .join(session, session.c.id == session_token.c.session_id)
        .where(
            session_token.c.hash == token_hash(token),
            session_token.c.kind.in_(("refresh", "standing")),
            session.c.ended_at.is_(None),
        )
    ).first()
    if row is None:
        return None
    if row.seen_at + idle < context.now:
        end_sessions(context, session.c.id == row.session_id, "idle")
        return None
    if _is_reused(row, network, context.now):
        end_sessions(context, session.c.id == row.session_id, "reused")
        return None
    salt = row.salt or secrets.token_hex(16)
    made = Successors(_derived(token, salt, "access"), _derived(token, salt, "refresh"))
    _forget_old(context, row.session_id, idle)
    if row.used_at is None:
        this = sa.update(session_token).where(session_token.c.hash == row.hash)
        context.conn.execute(this.values(used_at=context.now, used_from=network, salt=salt))
        remember(context, row.session_id, made.refresh, "refresh", parent=row.hash)
    context.conn.execute(sa.delete(session_token).where(session_token.c.hash == token_hash(made.access)))
    remember(context, row.session_id, made.access, "access", parent=row.hash, lasts=lasts)
    touch(context, row.session_id, token, network)
    return made


def _is_reused(row: sa.Row[Any], network: str, now: int) -> bool:
    if row.used_at is None or row.confirmed_at is None:
        return False
    return bool(now - row.used_at > GRACE or network != row.used_from)


def _derived(token: str, salt: str, kind: str) -> str:
    made = hmac.new(token.encode(), f"{kind}:{salt}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def _forget_old(context: Context, session_id: int, idle: int) -> None:
    """What is no token any more, and refresh tokens so old that they would open nothing anyway."""
    over = session_token.c.expires_at <= context.now
    old = session_token.c.used_at <= context.now - idle
    context.conn.execute(sa.delete(session_token).where(session_token.c.session_id == session_id, over | old))


def remember(
    context: Context, session_id: int, token: str, kind: str, *, parent: str = "", lasts: int | None = None
) -> None:
    """Keep a token, as its hash."""
    remember_hash(context, session_id, token_hash(token), kind, parent=parent, lasts=lasts)


def remember_hash(
    context: Context, session_id: int, hashed: str, kind: str, *, parent: str = "", lasts: int | None = None
) -> None:
    context.conn.execute(
        sa.insert(session_token).values(
            hash=hashed,
            session_id=session_id,
            kind=kind,
            issued_at=context.now,
            expires_at=None if lasts is None else context.now + lasts,
            parent=parent,
            salt="",
            used_from="",
        )
    )


def touch(context: Context, session_id: int, token: str, network: str) -> None:
    """A token of a session was used from a network: what it succeeds is not to come again."""
    parent = sa.select(session_token.c.parent).where(session_token.c.hash == token_hash(token)).scalar_subquery()
    context.conn.execute(
        sa.update(session_token)
        .where(session_token.c.hash == parent, session_token.c.confirmed_at.is_(None))
        .values(confirmed_at=context.now)
    )
    seen = sa.update(session).where(session.c.id == session_id)
    context.conn.execute(seen.values(seen_at=context.now, network=network))


def end_sessions(context: Context, which: sa.ColumnElement[bool], why: str) -> None:
    """End the live sessions among these. `why` goes on record: asked, idle, reused, password, inactive."""
    live = context.conn.execute(sa.select(session).where(which, session.c.ended_at.is_(None))).all()
    for row in live:
        context.record("session.ended", agent=row.agent_id, session=row.id, why=why)
    ids = [row.id for row in live]
    context.conn.execute(sa.update(session).where(session.c.id.in_(ids)).values(ended_at=context.now))
    context.conn.execute(sa.delete(session_token).where(session_token.c.session_id.in_(ids)))
