"""Accounts: passwords and the links for a new one, second factors, and where mail for an agent goes."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.desk.account_tables import account, factor, link, recovery
from hub.desk.registry import Context, Result, handle
from hub.desk.tables import agent, session
from hub.desk.tokens import end_sessions
from hub.protocol import accounts
from hub.protocol.errors import Code, Refused

LINK_LASTS = 30 * 60 * 1000  # milliseconds


def _agent(context: Context, agent_id: int) -> sa.Row[Any]:
    row = context.conn.execute(sa.select(agent).where(agent.c.id == agent_id)).first()
    if row is None:
        raise Refused(Code.NOT_FOUND, field="agent", what="agent", id=agent_id)
    return row


def _active(context: Context, agent_id: int) -> sa.Row[Any]:
    row = _agent(context, agent_id)
    if not row.active:
        raise Refused(Code.WRONG_STATE, field="agent", state="inactive")
    return row


def mail_of(conn: Connection, agent_id: int) -> str:
    """The agent's mail address, or empty."""
    return conn.scalar(sa.select(account.c.mail).where(account.c.agent_id == agent_id)) or ""


def factor_of(conn: Connection, agent_id: int) -> Any:
    """(sealed, confirmed_at, last_step) of an agent's second factor, or None."""
    return conn.execute(sa.select(factor).where(factor.c.agent_id == agent_id)).first()


def has_factor(conn: Connection, agent_id: int) -> bool:
    """Whether sign-in asks the agent for a code."""
    held = factor_of(conn, agent_id)
    return held is not None and held.confirmed_at is not None


# -- passwords ---------------------------------------------------------------------------------------------------------


def set_password(context: Context, agent_id: int, password_hash: str) -> None:
    """A new password: all that the old one had begun ends, and links that were made for another one are void."""
    rev = context.record("agent.changed", agent=agent_id)
    changed = sa.update(agent).where(agent.c.id == agent_id)
    context.conn.execute(changed.values(password_hash=password_hash, rev=rev))
    context.conn.execute(sa.delete(link).where(link.c.agent_id == agent_id))
    end_sessions(context, session.c.agent_id == agent_id, "password")


def check_change(context: Context, args: accounts.ChangePassword) -> sa.Row[Any]:
    return _active(context, args.agent)


def do_change(context: Context, args: accounts.ChangePassword, row: sa.Row[Any]) -> Result:
    set_password(context, row.id, args.password_hash)
    context.audit(acting=f"agent:{row.id}")
    return {"agent": row.id}


handle("password.change", check_change, do_change)


def check_link(context: Context, args: accounts.LinkPassword) -> sa.Row[Any]:
    return _active(context, args.agent)


def do_link(context: Context, args: accounts.LinkPassword, row: sa.Row[Any]) -> Result:
    """The last link is the one that works."""
    stale = (link.c.agent_id == row.id) | (link.c.expires_at <= context.now)
    context.conn.execute(sa.delete(link).where(stale))
    context.conn.execute(
        sa.insert(link).values(hash=args.token_hash, agent_id=row.id, expires_at=context.now + LINK_LASTS)
    )
    context.record("password.linked", agent=row.id)
    return {"agent": row.id}


handle("password.link", check_link, do_link)


def linked(conn: Connection, hashed: str, now: int) -> Any:
    """(agent_id, login) that a link is for; None where it was used, is over, or never was."""
    return conn.execute(
        sa.select(link.c.agent_id, agent.c.login)
        .join(agent, agent.c.id == link.c.agent_id)
        .where(link.c.hash == hashed, link.c.expires_at > now, agent.c.active.is_(True))
    ).first()


def check_reset(context: Context, args: accounts.ResetPassword) -> sa.Row[Any]:
    row: sa.Row[Any] | None = linked(context.conn, args.token_hash, context.now)
    if row is None:
        raise Refused(Code.NOT_FOUND, field="token", what="link", id="")
    return row


def do_reset(context: Context, args: accounts.ResetPassword, row: sa.Row[Any]) -> Result:
    set_password(context, row.agent_id, args.password_hash)
    context.audit(acting=f"agent:{row.agent_id}")
    return {"agent": row.agent_id}


handle("password.reset", check_reset, do_reset)


# -- second factors ----------------------------------------------------------------------------------------------------


def check_enrol(context: Context, args: accounts.EnrolFactor) -> sa.Row[Any]:
    row = _active(context, args.agent)
    held = factor_of(context.conn, row.id)
    if held is not None and held.confirmed_at is not None:
        raise Refused(Code.DUPLICATE, field="agent", what="factor")
    return row


def do_enrol(context: Context, args: accounts.EnrolFactor, row: sa.Row[Any]) -> Result:
    _forget_factor(context, row.id)
    context.conn.execute(sa.insert(factor).values(agent_id=row.id, sealed=args.sealed, last_step=0))
    context.audit(acting=f"agent:{row.id}")
    return {"agent": row.id}


handle("factor.enrol", check_enrol, do_enrol)


def check_confirm(context: Context, args: accounts.ConfirmFactor) -> sa.Row[Any]:
    held: sa.Row[Any] | None = factor_of(context.conn, args.agent)
    if held is None or held.confirmed_at is not None:
        raise Refused(Code.NOT_FOUND, field="agent", what="factor", id=args.agent)
    return held


def do_confirm(context: Context, args: accounts.ConfirmFactor, held: sa.Row[Any]) -> Result:
    mine = sa.update(factor).where(factor.c.agent_id == args.agent)
    context.conn.execute(mine.values(confirmed_at=context.now, last_step=args.step))
    rows = [{"agent_id": args.agent, "hash": one} for one in dict.fromkeys(args.recovery)]
    if rows:
        context.conn.execute(sa.insert(recovery), rows)
    context.record("factor.changed", agent=args.agent, on=True)
    context.audit(acting=f"agent:{args.agent}")
    return {"agent": args.agent}


handle("factor.confirm", check_confirm, do_confirm)


def check_drop(context: Context, args: accounts.DropFactor) -> sa.Row[Any]:
    return _agent(context, args.agent)


def do_drop(context: Context, args: accounts.DropFactor, row: sa.Row[Any]) -> Result:
    if _forget_factor(context, row.id):
        context.record("factor.changed", agent=row.id, on=False)
    return {"agent": row.id}


def _forget_factor(context: Context, agent_id: int) -> bool:
    context.conn.execute(sa.delete(recovery).where(recovery.c.agent_id == agent_id))
    return context.conn.execute(sa.delete(factor).where(factor.c.agent_id == agent_id)).rowcount > 0


handle("agent.factor_off", check_drop, do_drop)


# -- mail --------------------------------------------------------------------------------------------------------------


def check_mail(context: Context, args: accounts.SetMail) -> sa.Row[Any]:
    return _agent(context, args.agent)


def do_mail(context: Context, args: accounts.SetMail, row: sa.Row[Any]) -> Result:
    context.conn.execute(sa.delete(account).where(account.c.agent_id == row.id))
    if args.mail:
        context.conn.execute(sa.insert(account).values(agent_id=row.id, mail=args.mail))
    context.record("mail.changed", agent=row.id)
    return {"agent": row.id}


handle("agent.mail", check_mail, do_mail)
