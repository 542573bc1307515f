"""Spam and muted customers.

Muted is an identity: a person on one channel. What they write is kept, in the conversation that they had last, and
found by search; but it begins or reopens no conversation, brings back none that was set aside, counts as unread for
nobody, moves no row up in its tray, and leaves what is owed and answered as it was. Agents can write to them all the
same. Spam is an end that mutes as well; taking it back brings the conversation to where it was, if its agent still
works here, otherwise to its queue.
"""

import sqlalchemy as sa

from hub.desk.recall import release
from hub.desk.registry import Context, Result, handle
from hub.desk.tables import agent, conversation, identity
from hub.desk.transitions import Conversation, allowed, load, move, relations
from hub.protocol import spam
from hub.protocol.errors import Code, Refused
from hub.protocol.states import Outcome, State, Transition, Who

Found = tuple[Conversation, Transition]
BACK = (State.ASSIGNED, State.OPEN, State.HELD)  # where spam comes back to, if it came from there


def check_spam(context: Context, args: spam.Spam) -> Found:
    row = load(context, args.conversation)
    return row, allowed(context, row, "conversation.spam")


def do_spam(context: Context, args: spam.Spam, found: Found) -> Result:
    row, step = found
    release(context, row)
    kept = {"resume_state": row.state, "waiting_since": row.waiting_since}
    move(context, row, step, outcome=Outcome.SPAM.value, **kept)
    _mute(context, row, muted=True)
    return {"conversation": row.id}


handle("conversation.spam", check_spam, do_spam)


def check_unspam(context: Context, args: spam.Unspam) -> Found:
    row = load(context, args.conversation)
    if row.outcome != Outcome.SPAM.value:
        raise Refused(Code.WRONG_STATE, state=row.state)
    there = sa.select(agent.c.active).where(agent.c.id == row.owner_id)
    back = row.resume_state in BACK and bool(context.conn.scalar(there))
    return row, allowed(context, row, "conversation.unspam", State(row.resume_state) if back else State.WAITING)


def do_unspam(context: Context, args: spam.Unspam, found: Found) -> Result:
    row, step = found
    move(context, row, step)
    _mute(context, row, muted=False)
    return {"conversation": row.id}


handle("conversation.unspam", check_unspam, do_unspam)


def check_mute(context: Context, args: spam.Mute) -> Conversation:
    row = load(context, args.conversation)
    if not relations(context, row) & {Who.OWNER, Who.MEMBER, Who.MANAGER}:
        raise Refused(Code.FORBIDDEN, verb="conversation.manage")
    return row


def do_mute(context: Context, args: spam.Mute, row: Conversation) -> Result:
    _mute(context, row, muted=args.muted)
    return {"conversation": row.id}


handle("conversation.mute", check_mute, do_mute)


def _mute(context: Context, row: Conversation, *, muted: bool) -> None:
    mine = identity.c.id == row.identity_id
    if bool(context.conn.scalar(sa.select(identity.c.muted).where(mine))) == muted:
        return
    context.conn.execute(sa.update(identity).where(mine).values(muted=muted))
    rev = context.record("conversation.marked", row.id, muted=muted)
    context.conn.execute(sa.update(conversation).where(conversation.c.id == row.id).values(rev=rev))
