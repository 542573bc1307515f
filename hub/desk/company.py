"""Who else is in a conversation: whom its notes mention, who was invited, and who has put off the offer of it.

Being mentioned or invited grants sight of that one conversation, also after its end, until one leaves it; no other one
of the customer's. A mention is unseen until its agent has read as far as the note. Guests stay whoever has the
conversation, until one of them is given it themselves. Whoever has no access is given it by being mentioned: who may
write a note may show the conversation to a colleague, and it stands in its timeline. Who is inactive is mentioned by
nothing.
"""

from typing import Any

import msgspec
import sqlalchemy as sa

from hub.desk import references
from hub.desk.involvement import SEES, Part, changed, involved, part_of
from hub.desk.registry import Context, Result, handle
from hub.desk.tables import agent, conversation, queue
from hub.desk.talk_tables import involvement
from hub.desk.transitions import Conversation, load, place_of, relations, set_timer, store_involved
from hub.protocol import company
from hub.protocol.errors import Code, Refused
from hub.protocol.mentions import MOST, mentions
from hub.protocol.states import State, Who

SHARED, NOTICED = "conversation.shared", "conversation.noticed"


def involve(context: Context, row: Conversation, kind: str, by: str, parts: dict[int, Part]) -> None:
    """Agents have these parts now in the conversation, whose row is as it stands; nothing where they had them."""
    was = place_of(row)
    who = changed(was.involved, parts)
    if who == was.involved:
        return
    rev = context.record(kind, row.id, by=by, was=was, now=msgspec.structs.replace(was, involved=who))
    context.conn.execute(sa.update(conversation).where(conversation.c.id == row.id).values(rev=rev))
    store_involved(context, row.id, who)


# -- mentions ----------------------------------------------------------------------------------------------------------


def mentioned_in(context: Context, body: str) -> list[int]:
    """The agents whom a note of the principal's mentions, but for themselves."""
    if "@" not in body:
        return []
    people: Any = references.whole(context.conn, "agents")
    found = {one.agent for one in mentions(body, people)}
    if context.who.kind == "agent":
        found.discard(context.who.id)
    if len(found) > MOST:
        raise Refused(Code.BAD_ARGS, field="body", why=f"it mentions more than {MOST} agents")
    return sorted(found)


def tell_mentioned(context: Context, conversation_id: int, message_id: int, agents: list[int]) -> None:
    """A note has mentioned these: they see the conversation, and have it among their mentions until they read it."""
    if not agents:
        return
    row = context.conn.execute(sa.select(conversation).where(conversation.c.id == conversation_id)).one()
    held = involved(row.involved)
    parts = {one: part_of(held, one) | Part.MENTIONED | Part.UNSEEN for one in agents}
    involve(context, row, SHARED, "message.note", parts)
    i = involvement.c
    mine = (i.conversation_id == conversation_id, i.agent_id.in_(agents))
    context.conn.execute(sa.update(involvement).where(*mine).values(mention_id=message_id))


def saw(context: Context, row: Conversation, agent_id: int, message_id: int) -> None:
    """An agent has read as far as that line: what mentions them up to it is seen."""
    part = part_of(involved(row.involved), agent_id)
    if not part & Part.UNSEEN:
        return
    i = involvement.c
    newest = sa.select(i.mention_id).where(i.conversation_id == row.id, i.agent_id == agent_id)
    if (context.conn.scalar(newest) or 0) <= message_id:
        involve(context, row, NOTICED, "conversation.read", {agent_id: part & ~Part.UNSEEN})


# -- guests ------------------------------------------------------------------------------------------------------------


def may_reply(context: Context, row: Conversation) -> bool:
    """Whether the principal was invited, and the queue lets guests answer the customer."""
    if not part_of(involved(row.involved), context.who.id) & Part.GUEST:
        return False
    return bool(context.conn.scalar(sa.select(queue.c.guests_reply).where(queue.c.id == row.queue_id)))


def check_invite(context: Context, args: company.Invite) -> Conversation:
    row = load(context, args.conversation)
    if row.state == State.CLOSED:
        raise Refused(Code.WRONG_STATE, state=row.state)
    _check_host(context, row)
    known = context.conn.execute(sa.select(agent.c.active).where(agent.c.id == args.agent)).first()
    if known is None or not known.active:
        raise Refused(Code.NOT_FOUND, field="agent", what="agent", id=args.agent)
    if args.agent == row.owner_id:
        raise Refused(Code.BAD_ARGS, field="agent", why="it is with them already")
    return row


def _check_host(context: Context, row: Conversation) -> None:
    if not relations(context, row) & {Who.OWNER, Who.MANAGER}:
        if row.owner_id is not None:
            raise Refused(Code.NOT_OWNER, owner=row.owner_id)
        raise Refused(Code.FORBIDDEN, verb="conversation.manage")


def do_invite(context: Context, args: company.Invite, row: Conversation) -> Result:
    part = part_of(involved(row.involved), args.agent)
    involve(context, row, SHARED, "conversation.invite", {args.agent: part | Part.GUEST})
    return {"conversation": row.id, "agent": args.agent}


handle("conversation.invite", check_invite, do_invite)


def check_leave(context: Context, args: company.Leave) -> Conversation:
    row = load(context, args.conversation)
    whose = context.who.id if args.agent is None else args.agent
    if whose != context.who.id:
        _check_host(context, row)
    if not part_of(involved(row.involved), whose) & SEES:
        raise Refused(Code.NOT_FOUND, field="agent", what="guest", id=whose)
    return row


def do_leave(context: Context, args: company.Leave, row: Conversation) -> Result:
    """Nothing else changes: the conversation goes on with whoever has it."""
    whose = context.who.id if args.agent is None else args.agent
    part = part_of(involved(row.involved), whose) & Part.POSTPONED
    involve(context, row, SHARED, "conversation.leave", {whose: part})
    return {"conversation": row.id, "agent": whose}


handle("conversation.leave", check_leave, do_leave)


# -- offers ------------------------------------------------------------------------------------------------------------


def check_postpone(context: Context, args: company.Postpone) -> tuple[Conversation, int]:
    """The conversation, and for how many seconds."""
    row = load(context, args.conversation)
    if row.state != State.WAITING:
        raise Refused(Code.WRONG_STATE, state=row.state)
    if Who.MEMBER not in relations(context, row):
        raise Refused(Code.NOT_FOUND, what="conversation", id=row.id)  # it is offered to others
    of = context.conn.execute(sa.select(queue.c.handout, queue.c.offer_again).where(queue.c.id == row.queue_id)).one()
    if of.handout != "offer":
        raise Refused(Code.BAD_ARGS, field="conversation", why="its queue offers nothing")
    return row, of.offer_again


def do_postpone(context: Context, args: company.Postpone, found: tuple[Conversation, int]) -> Result:
    row, seconds = found
    me, until = context.who.id, context.now + seconds * 1000
    part = part_of(involved(row.involved), me)
    if not part & Part.POSTPONED:
        involve(context, row, NOTICED, "offer.postpone", {me: part | Part.POSTPONED})
        set_timer(context, until, "offer.again", row.id, row.generation, agent=me)
    return {"conversation": row.id, "until": until}


handle("offer.postpone", check_postpone, do_postpone)


def check_again(context: Context, args: company.OfferAgain) -> Conversation:
    return load(context, args.conversation)


def do_again(context: Context, args: company.OfferAgain, row: Conversation) -> Result:
    """Nothing where it waits no more: nobody puts it off then."""
    part = part_of(involved(row.involved), args.agent)
    involve(context, row, NOTICED, "offer.again", {args.agent: part & ~Part.POSTPONED})
    return {"conversation": row.id}


handle("offer.again", check_again, do_again)
