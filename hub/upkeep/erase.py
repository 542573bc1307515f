"""Erasing a person from a shell, beside a running hub or without one."""

from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.admin import opened, submit
from hub.config import Config
from hub.desk.tables import channel, contact, conversation, identity, message
from hub.protocol.errors import Code, Refused
from hub.upkeep import erasures
from hub.upkeep.housekeeping import PERSONAL


@dataclass(frozen=True, slots=True)
class Whom:
    """A customer, by one of: the contact's number, a conversation's, or `SLUG:ID` on a channel."""

    contact: int = 0
    conversation: int = 0
    identity: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """`seen`: the day on which they wrote first, in UTC."""

    contact: int
    conversations: int
    messages: int
    seen: str
    erased: bool


async def find(config: Config, whom: Whom) -> Found:
    """Raises `Refused` where there is nobody."""
    async with opened(config) as store:
        return await store.read(lambda conn: _find(conn, whom))


def _find(conn: Connection, whom: Whom) -> Found:
    number = _number(conn, whom)
    person = None if number is None else conn.execute(sa.select(contact).where(contact.c.id == number)).first()
    if person is None:
        named = whom.contact or whom.conversation or whom.identity
        raise Refused(Code.NOT_FOUND, field="contact", what="contact", id=named)
    mine = conversation.c.contact_id == person.id
    lines = sa.select(sa.func.count()).select_from(message).join(conversation).where(mine)
    return Found(
        person.id,
        conn.scalar(sa.select(sa.func.count()).select_from(conversation).where(mine)) or 0,
        conn.scalar(lines) or 0,
        datetime.fromtimestamp(person.created_at / 1000, UTC).date().isoformat(),
        person.erased_at is not None,
    )


def _number(conn: Connection, whom: Whom) -> int | None:
    if whom.contact:
        return whom.contact
    if whom.conversation:
        return conn.scalar(sa.select(conversation.c.contact_id).where(conversation.c.id == whom.conversation))
    slug, _, key = whom.identity.partition(":")
    query = sa.select(identity.c.contact_id).join(channel, channel.c.id == identity.c.channel_id)
    return conn.scalar(query.where(channel.c.slug == slug, identity.c.external_id == key))


async def erase(config: Config, number: int) -> bool:
    """Erase a contact, write it down outside the database, and take it off the disk; False where somebody reads an
    older state of the database just now, so that the last is left to the hub. Raises `Refused`."""
    async with opened(config) as store:
        await submit(store, "contact.erase", contact=number)
        erasures.add(erasures.log_of(config), await store.read(erasures.of_database))
        return await store.scrub(PERSONAL)
