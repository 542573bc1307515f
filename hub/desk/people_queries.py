"""Contacts, and what an agent has open at the hub: themselves, their sessions, their API tokens."""

from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import UNSET

from hub.desk.account_tables import recovery
from hub.desk.accounts import has_factor, mail_of
from hub.desk.api_token_tables import api_token
from hub.desk.filters import AllOf
from hub.desk.handed_on import beyond_sight
from hub.desk.principal import Scope
from hub.desk.queries import FIRST, Asking, Placed, after, answers
from hub.desk.sight import NOT_ERASED, sight_of
from hub.desk.tables import contact, conversation, session
from hub.desk.ways import alternatives
from hub.protocol import queries, views
from hub.protocol.errors import Code, Refused


@answers("contacts")
def contacts(asking: Asking, params: queries.Contacts) -> list[Placed]:
    """Gathered like a list of conversations: whoever sees all reads the contacts themselves, anybody else the contacts
    of each way in which a conversation is in their sight."""
    (last,) = after(params) or (FIRST,)
    found: set[int] = set()
    for query in contact_pages(asking, last, params.limit):
        found.update(asking.conn.scalars(query))
    ids = sorted(found, reverse=True)[: params.limit + 1]
    rows = asking.conn.execute(sa.select(contact).where(contact.c.id.in_(ids)).order_by(contact.c.id.desc()))
    return [((row.id,), _contact(row)) for row in rows]


def contact_pages(asking: Asking, last: int, limit: int) -> list[sa.Select[Any]]:
    """Queries for the ids of the newest contacts before `last`."""
    ways = alternatives(sight_of(asking.who).whole)
    if (NOT_ERASED,) in ways:
        here = contact.c.erased_at.is_(None)
        return [sa.select(contact.c.id).where(here, contact.c.id < last).order_by(contact.c.id.desc()).limit(limit + 1)]
    of, sight = conversation.c.contact_id, sight_of(asking.who)
    wheres = [(AllOf(way).sql(),) for way in ways]
    kept = [] if sight.upto is None else [(*beyond_sight(sight), NOT_ERASED.sql())]
    return [
        sa.select(of).where(*where, of < last).distinct().order_by(of.desc()).limit(limit + 1)
        for where in (*wheres, *kept)
    ]


def _contact(row: Any) -> queries.Contact:
    return queries.Contact(
        id=row.id,
        name=row.name,
        since=row.created_at,
        phone=row.phone,
        agent=row.agent_id,
        saved=bool(row.saved),
        sample=bool(row.sample),
    )


@answers("me")
def me(asking: Asking, params: queries.WhoAmI) -> views.Me:
    return asking.me


@answers("sessions")
def sessions(asking: Asking, params: queries.Sessions) -> list[Placed]:
    this = asking.who.session
    return [
        (
            (row.id,),
            views.Session(row.id, row.label, row.started_at, row.seen_at, row.kind, row.network, this=row.id == this),
        )
        for row in asking.conn.execute(sessions_page(asking, params))
    ]


def sessions_page(asking: Asking, params: queries.Sessions) -> sa.Select[Any]:
    agent_id = asking.who.id if params.agent is UNSET else params.agent
    if agent_id != asking.who.id and asking.who.scope("session.end") != Scope.ENTITY:
        raise Refused(Code.FORBIDDEN, verb="session.end")
    (last,) = after(params) or (FIRST,)
    alive = session.c.ended_at.is_(None) & (session.c.seen_at >= asking.seen_since)
    theirs = (session.c.agent_id == agent_id, alive, session.c.id < last)
    return sa.select(session).where(*theirs).order_by(session.c.id.desc()).limit(params.limit + 1)


@answers("account")
def account(asking: Asking, params: queries.OwnAccount) -> views.Account:
    conn, agent_id = asking.conn, asking.who.id
    codes = sa.select(sa.func.count()).select_from(recovery).where(recovery.c.agent_id == agent_id)
    return views.Account(
        factor=has_factor(conn, agent_id), recovery=conn.scalar(codes) or 0, mail=mail_of(conn, agent_id)
    )


@answers("tokens")
def tokens(asking: Asking, params: queries.Tokens) -> list[Placed]:
    return [
        (
            (row.id,),
            queries.Token(
                id=row.id,
                name=row.name,
                scopes=msgspec.json.decode(row.scopes),
                since=row.created_at,
                expires=row.expires_at,
                used=row.last_used_at,
                address=row.last_address,
            ),
        )
        for row in asking.conn.execute(tokens_page(asking, params))
    ]


def tokens_page(asking: Asking, params: queries.Tokens) -> sa.Select[Any]:
    """Expired ones too, until they are revoked: the agent may want to know."""
    (last,) = after(params) or (FIRST,)
    mine = (api_token.c.agent_id == asking.who.id, api_token.c.revoked_at.is_(None), api_token.c.id < last)
    return sa.select(api_token).where(*mine).order_by(api_token.c.id.desc()).limit(params.limit + 1)
