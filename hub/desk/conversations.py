"""Commands that move a conversation between its states, and those that mark it."""

from collections.abc import Callable
from functools import partial

import sqlalchemy as sa

from hub.desk.company import saw
from hub.desk.forms import Answered, check_complete, check_settable, save, set_topics
from hub.desk.recall import release
from hub.desk.registry import Context, Result, handle
from hub.desk.routing import beyond
from hub.desk.tables import agent, conversation, conversation_tag, message, tag
from hub.desk.transitions import Conversation, advance_mark, allowed, load, move, set_timer, unread_after
from hub.protocol import commands
from hub.protocol.errors import Code, Refused
from hub.protocol.states import Owner, State, Transition

Found = tuple[Conversation, Transition]


def check_move(name: str, context: Context, args: commands.OnConversation) -> Found:
    row = load(context, args.conversation)
    return row, allowed(context, row, name)


def do_move(context: Context, args: commands.OnConversation, found: Found) -> Result:
    move(context, *found)
    return {"conversation": args.conversation}


def _plain(name: str) -> None:
    check: Callable[[Context, commands.OnConversation], Found] = partial(check_move, name)
    handle(name, check, do_move)


for _name in ("requeue", "hold", "resume", "wake"):
    _plain(f"conversation.{_name}")


def do_mine(context: Context, args: commands.OnConversation, found: Found) -> Result:
    """Whoever takes one in hand may do so beyond what dispatch would give them; that is on record."""
    row, step = found
    over = beyond(context, context.who.id, row.queue_id) if step.owner is Owner.ACTOR else None
    move(context, row, step, extra=over)
    return {"conversation": args.conversation}


for _name in ("take", "open"):
    handle(f"conversation.{_name}", partial(check_move, f"conversation.{_name}"), do_mine)


def check_reopen(context: Context, args: commands.Reopen) -> Found:
    found = check_move("conversation.reopen", context, args)
    check_settable(context, found[0], args.topics or [])
    return found


def do_reopen(context: Context, args: commands.Reopen, found: Found) -> Result:
    result = do_mine(context, args, found)
    if args.topics is not None:
        set_topics(context, found[0], args.topics)
    return result


handle("conversation.reopen", check_reopen, do_reopen)


def check_reassign(context: Context, args: commands.Reassign) -> Found:
    """One that was opened stays with its agent once the customer has had an answer."""
    row, step = check_move("conversation.reassign", context, args)
    if row.state == State.OPEN and not row.owed:
        raise Refused(Code.WRONG_STATE, state=row.state)
    return row, step


handle("conversation.reassign", check_reassign, do_move)


def check_assign(context: Context, args: commands.Assign) -> Found:
    found = check_move("conversation.assign", context, args)
    known = context.conn.execute(sa.select(agent.c.active).where(agent.c.id == args.agent)).first()
    if known is None or not known.active:
        raise Refused(Code.NOT_FOUND, field="agent", what="agent", id=args.agent)
    return found


def do_assign(context: Context, args: commands.Assign, found: Found) -> Result:
    move(context, *found, named=args.agent, extra=beyond(context, args.agent, found[0].queue_id))
    return {"conversation": args.conversation, "agent": args.agent}


handle("conversation.assign", check_assign, do_assign)


def check_snooze(context: Context, args: commands.Snooze) -> Found:
    if args.until <= context.now:
        raise Refused(Code.BAD_ARGS, field="until", why="it must lie ahead")
    return check_move("conversation.snooze", context, args)


def do_snooze(context: Context, args: commands.Snooze, found: Found) -> Result:
    row, step = found
    move(context, row, step)
    set_timer(context, args.until, "conversation.wake", row.id, row.generation + 1)
    return {"conversation": row.id}


handle("conversation.snooze", check_snooze, do_snooze)


def check_end(context: Context, args: commands.End) -> tuple[Found, Answered | None]:
    found = check_move("conversation.end", context, args)
    row = found[0]
    return found, check_complete(context, row, args.outcome, args.version, args.values, args.topics)


def do_end(context: Context, args: commands.End, checked: tuple[Found, Answered | None]) -> Result:
    found, given = checked
    release(context, found[0])  # nobody waits for the rest of an ended conversation
    if given is not None:
        save(context, found[0], given)
    if args.topics is not None:
        set_topics(context, found[0], args.topics)
    move(context, *found, outcome=args.outcome.value)
    return {"conversation": args.conversation}


handle("conversation.end", check_end, do_end)


def check_read(context: Context, args: commands.Read) -> Conversation:
    row = load(context, args.conversation)
    known = context.conn.execute(
        sa.select(message.c.id).where(message.c.id == args.message, message.c.conversation_id == row.id)
    ).first()
    if known is None:
        raise Refused(Code.NOT_FOUND, field="message", what="message", id=args.message)
    return row


def do_read(context: Context, args: commands.Read, row: Conversation) -> Result:
    """Every agent has a mark of their own, which never goes back; only the owner's shows in the row and outside."""
    reader = context.who.id
    advance_mark(context, reader, row.id, args.message)
    saw(context, row, reader, args.message)
    if row.owner_id == reader and row.read_message_id < args.message:
        rev = context.record("conversation.read", row.id, agent=reader, m=args.message)
        context.conn.execute(
            sa.update(conversation)
            .where(conversation.c.id == row.id)
            .values(rev=rev, read_message_id=args.message, unread=unread_after(context, row.id, args.message))
        )
    return {"conversation": row.id}


handle("conversation.read", check_read, do_read)


def check_tag(context: Context, args: commands.SetTags) -> Conversation:
    row = load(context, args.conversation)
    known = set(context.conn.scalars(sa.select(tag.c.id).where(tag.c.id.in_(args.tags))))
    for tag_id in args.tags:
        if tag_id not in known:
            raise Refused(Code.NOT_FOUND, field="tags", what="tag", id=tag_id)
    return row


def do_tag(context: Context, args: commands.SetTags, row: Conversation) -> Result:
    context.conn.execute(sa.delete(conversation_tag).where(conversation_tag.c.conversation_id == row.id))
    if args.tags:
        context.conn.execute(
            sa.insert(conversation_tag),
            [{"conversation_id": row.id, "tag_id": tag_id} for tag_id in sorted(set(args.tags))],
        )
    rev = context.record("conversation.tagged", row.id, tags=sorted(set(args.tags)))
    context.conn.execute(sa.update(conversation).where(conversation.c.id == row.id).values(rev=rev))
    return {"conversation": row.id}


handle("conversation.tag", check_tag, do_tag)
