"""Saving a conversation's contact under a name. All their living conversations show it at once."""

import sqlalchemy as sa

from hub.desk import contact_search
from hub.desk.registry import Context, Result, handle
from hub.desk.tables import contact, conversation
from hub.desk.transitions import Conversation, load, relations
from hub.protocol.contact_words import contact_words
from hub.protocol.contacts import SaveContact
from hub.protocol.errors import Code, Refused
from hub.protocol.states import State, Who

_c = conversation.c


def check_contact(context: Context, args: SaveContact) -> Conversation:
    row = load(context, args.conversation)
    if not relations(context, row) & {Who.OWNER, Who.MEMBER, Who.MANAGER}:
        raise Refused(Code.FORBIDDEN, verb="conversation.manage")
    if not contact_words(args.name, ""):
        raise Refused(Code.BAD_ARGS, field="name", why="it has no letter and no digit: give a name")
    return row


def do_contact(context: Context, args: SaveContact, row: Conversation) -> Result:
    conn, mine = context.conn, contact.c.id == row.contact_id
    was = conn.execute(sa.select(contact).where(mine)).one()
    name, phone = " ".join(args.name.split()), was.phone if args.phone is None else args.phone.strip()
    if (was.name, was.phone, bool(was.saved)) != (name, phone, True):
        values = {"name": name, "phone": phone, "folded": contact_words(name, phone), "saved": True}
        conn.execute(sa.update(contact).where(mine).values(values))
        contact_search.put(conn, row.contact_id, contact_words(name, phone))
        living = (_c.contact_id == row.contact_id, _c.id != row.id, _c.state != State.CLOSED.value)
        for number in (row.id, *conn.scalars(sa.select(_c.id).where(*living))):
            rev = context.record("conversation.marked", number, contact=row.contact_id)
            conn.execute(sa.update(conversation).where(_c.id == number).values(rev=rev))
    return {"conversation": row.id, "contact": row.contact_id}


handle("conversation.contact", check_contact, do_contact)
