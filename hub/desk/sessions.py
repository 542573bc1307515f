"""Sessions: a sign-in of one console, from its beginning to its end."""

from typing import Any

import sqlalchemy as sa

from hub.desk.account_tables import factor, recovery
from hub.desk.principal import Scope
from hub.desk.registry import Context, Result, handle
from hub.desk.tables import agent, session
from hub.desk.tokens import end_sessions, remember_hash
from hub.protocol.accounts import EndOtherSessions, EndSession, StartSession
from hub.protocol.errors import Code, Refused


def check_start(context: Context, args: StartSession) -> sa.Row[Any]:
    """A code of the second factor is taken once, also when it comes twice at a time."""
    row = context.conn.execute(sa.select(agent).where(agent.c.id == args.agent)).first()
    if row is None:
        raise Refused(Code.NOT_FOUND, field="agent", what="agent", id=args.agent)
    if not row.active:
        raise Refused(Code.BAD_CREDENTIALS)
    if args.step:
        last = context.conn.scalar(sa.select(factor.c.last_step).where(factor.c.agent_id == row.id))
        if last is None or args.step <= last:
            raise Refused(Code.SECOND_FACTOR, field="code", wrong=1)
    if args.recovery:
        left = sa.select(recovery.c.hash).where(recovery.c.agent_id == row.id, recovery.c.hash == args.recovery)
        if context.conn.execute(left).first() is None:
            raise Refused(Code.SECOND_FACTOR, field="code", wrong=1)
    return row


def do_start(context: Context, args: StartSession, row: sa.Row[Any]) -> Result:
    if args.step:
        context.conn.execute(sa.update(factor).where(factor.c.agent_id == row.id).values(last_step=args.step))
    if args.recovery:
        used = (recovery.c.agent_id == row.id) & (recovery.c.hash == args.recovery)
        context.conn.execute(sa.delete(recovery).where(used))
    new = context.conn.execute(
        sa.insert(session).values(
            agent_id=row.id,
            kind=args.kind,
            label=args.label,
            network=args.network,
            started_at=context.now,
            seen_at=context.now,
        )
    )
    session_id: int = new.inserted_primary_key[0]  # type: ignore[index]
    if args.refresh_hash:
        remember_hash(context, session_id, args.token_hash, "access", lasts=args.lasts)
        remember_hash(context, session_id, args.refresh_hash, "refresh")
    else:
        remember_hash(context, session_id, args.token_hash, "standing", lasts=args.lasts or None)
    by = "recovery" if args.recovery else "code" if args.step else "password"
    context.record("session.started", agent=row.id, session=session_id, by=by)
    context.audit(acting=f"agent:{row.id}")
    return {"session": session_id}


handle("session.start", check_start, do_start)


def check_end(context: Context, args: EndSession) -> sa.Row[Any]:
    """Whoever may end their own only is not told whether there is another."""
    row = context.conn.execute(sa.select(session).where(session.c.id == args.session)).first()
    if row is None or (row.agent_id != context.who.id and context.who.scope("session.end") != Scope.ENTITY):
        raise Refused(Code.NOT_FOUND, field="session", what="session", id=args.session)
    return row


def do_end(context: Context, args: EndSession, row: sa.Row[Any]) -> Result:
    end_sessions(context, session.c.id == row.id, "asked")
    return {"session": row.id}


handle("session.end", check_end, do_end)


def check_end_others(context: Context, args: EndOtherSessions) -> None:
    """Nothing can speak against it."""


def do_end_others(context: Context, args: EndOtherSessions, _: None) -> Result:
    mine, this = session.c.agent_id == context.who.id, session.c.id == context.who.session
    end_sessions(context, mine & ~this, "asked")
    return {"agent": context.who.id}


handle("session.end_others", check_end_others, do_end_others)
