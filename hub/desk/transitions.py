"""The state machine at work: who may move a conversation, and everything that follows from a move.

`allowed` reads and refuses; `move` writes: the conversation, its periods and legs, its timers, the journal. Nothing
else in the hub changes a conversation's state, owner or queue.
"""

from typing import Any

import msgspec
import sqlalchemy as sa

from hub.desk import handed_on, submissions
from hub.desk.filters import Place
from hub.desk.involvement import COLUMNS, Involved, Part, as_text, involved, without
from hub.desk.principal import Principal, Scope
from hub.desk.registry import Context
from hub.desk.sight import sight
from hub.desk.tables import contact, conversation, leg, member, message, period, queue, read_mark
from hub.desk.talk_tables import involvement
from hub.protocol.errors import Code, Refused
from hub.protocol.states import ERASED, MUTED, Delivery, Owner, State, Transition, Who, transitions
from hub.store.schema import timer

WORKING = (State.ASSIGNED.value, State.CALLING.value, State.OPEN.value, State.HELD.value)  # what counts as load
Conversation = sa.Row[Any]
_load = sa.select(conversation).where(conversation.c.id == sa.bindparam("id"))


def place_of(row: Any) -> Place:
    return Place(row.state, row.queue_id, row.owner_id, row.closed_at, row.kind, row.team_id, involved(row.involved))


def load(context: Context, conversation_id: int) -> Conversation:
    """A conversation that the principal may see. Says who has it where that is all that they may know."""
    row = context.conn.execute(_load, {"id": conversation_id}).first()
    if row is None:
        raise Refused(Code.NOT_FOUND, what="conversation", id=conversation_id)
    if row.kind == ERASED:
        raise Refused(Code.ERASED, what="conversation", id=conversation_id)
    if context.who.kind == "agent" and not sight(context.who).test(place_of(row)):
        if row.owner_id is not None and row.state != State.CLOSED:
            raise Refused(Code.NOT_OWNER, owner=row.owner_id)
        raise Refused(Code.NOT_FOUND, what="conversation", id=conversation_id)
    return row


def relations(context: Context, row: Conversation) -> set[Who]:
    """How the principal stands to the conversation."""
    who = context.who
    if who.kind == "system":
        return {Who.SYSTEM, Who.MANAGER}
    if who.kind == "channel":
        return {Who.CHANNEL} if row.channel_id == who.id else set()
    found = {Who.OWNER} if row.owner_id == who.id else set()
    if manages(who, row.queue_id):
        found.add(Who.MANAGER)
    if context.conn.execute(
        sa.select(member.c.agent_id).where(member.c.queue_id == row.queue_id, member.c.agent_id == who.id)
    ).first():
        found.add(Who.MEMBER)
    return found


def manages(who: Principal, queue_id: int) -> bool:
    """Whether the principal may act on conversations of the queue that are with others."""
    scope = who.scope("conversation.manage")
    return scope is not None and (scope >= Scope.ENTITY or (scope >= Scope.QUEUE and queue_id in who.queues))


def allowed(context: Context, row: Conversation, command: str, target: State | None = None) -> Transition:
    """The row of the table that this command takes from here, to `target` where it has several; refuses by state first,
    then by who asks."""
    options = [step for step in transitions(State(row.state), command) if target in (None, step.target)]
    if not options:
        raise Refused(Code.WRONG_STATE, state=row.state)
    mine = relations(context, row)
    for option in options:
        if option.who & mine and not (option.owner is Owner.ACTOR and context.who.kind != "agent"):
            return option
    if row.owner_id is not None and row.owner_id != context.who.id and any(Who.OWNER in o.who for o in options):
        raise Refused(Code.NOT_OWNER, owner=row.owner_id)
    raise Refused(Code.FORBIDDEN, verb="conversation.manage")


def move(
    context: Context,
    row: Conversation,
    step: Transition,
    *,
    named: int | None = None,
    queue_id: int | None = None,
    note: int | None = None,
    extra: dict[str, Any] | None = None,
    **values: Any,
) -> int:
    """Take a conversation along a row of the table; returns the event's number.

    `named` is the agent where the row's owner is NAMED; `queue_id` another queue that it goes to; `note` the message
    that says why the leg ended; `values` are further columns to set; `extra` goes into the event (for dispatch: why).
    """
    was = place_of(row)
    if context.who.kind == "agent" and row.owner_id not in (None, context.who.id):
        context.audit(conversation=row.id, owner=row.owner_id)
    kept = handed_on.as_it_is(context.conn, row.id) if _hands_on(row, step) else None
    target = step.target.value if step.target is not None else row.resume_state
    owner = {Owner.NOBODY: None, Owner.SAME: row.owner_id, Owner.NAMED: named, Owner.ACTOR: context.who.id}[step.owner]
    now = context.now
    closed = now if target == State.CLOSED else None
    place = Place(target, queue_id or row.queue_id, owner, closed, row.kind, row.team_id, _involved(was, target, owner))
    rev = context.record(
        "conversation.changed", row.id, by=step.command, was=was, now=place, **({"why": extra} if extra else {})
    )
    if closed is not None:
        values = {"response": handed_on.response_of(context.conn, row.id)} | values
    change: dict[str, Any] = {
        "rev": rev,
        "state": target,
        "queue_id": place.queue_id,
        "owner_id": owner,
        "closed_at": closed,
        "generation": row.generation + 1,
        "resume_state": row.state if step.target is State.SNOOZED else None,
        "waiting_since": _waiting_since(row, target, now),
        "outcome": None,
        **_given_up(row, target),
        **(_handed_over(context, row, owner) if owner != row.owner_id else {}),
        **values,
    }
    context.conn.execute(sa.update(conversation).where(conversation.c.id == row.id).values(**change))
    if target == State.OPEN and owner is not None:
        context.conn.execute(sa.update(contact).where(contact.c.id == row.contact_id).values(agent_id=owner))
    if place.involved != was.involved:
        store_involved(context, row.id, place.involved)
    _account(context, row, place, step.command, note=note)
    if kept is not None:
        handed_on.keep(context.unit, row.id, row.owner_id, rev, kept)
    _set_timers(context, row.id, place, change["generation"], owed=change.get("owed", row.owed))
    if target == State.WAITING:
        context.dispatch.add(place.queue_id)
    if row.state in WORKING and row.owner_id is not None and (target not in WORKING or owner != row.owner_id):
        context.dispatch.update(queues_of(context, row.owner_id))
    return rev


def _hands_on(row: Conversation, step: Transition) -> bool:
    """Whether the leg of an agent ends by a transfer."""
    return step.command == handed_on.COMMAND and row.owner_id is not None


def _involved(was: Place, target: str, owner: int | None) -> Involved:
    """Guests stay, whoever has it, until one of them is given it; what waits no more is put off by nobody."""
    now = was.involved
    if owner is not None and owner != was.owner_id:
        now = without(now, Part.GUEST, [owner])
    return now if target == State.WAITING else without(now, Part.POSTPONED)


def store_involved(context: Context, conversation_id: int, who: Involved) -> None:
    """Write down who is involved in a conversation now; what mentions them last is for whoever calls."""
    i, held = involvement.c, dict(who)
    mine = i.conversation_id == conversation_id
    context.conn.execute(
        sa.update(conversation).where(conversation.c.id == conversation_id).values(involved=as_text(who))
    )
    context.conn.execute(sa.delete(involvement).where(mine, i.agent_id.not_in(held)))
    known = set(context.conn.scalars(sa.select(i.agent_id).where(mine)))
    for agent_id, parts in held.items():
        values = {name: bool(parts & part) for part, name in COLUMNS.items()}
        if agent_id in known:
            context.conn.execute(sa.update(involvement).where(mine, i.agent_id == agent_id).values(**values))
        else:
            whose = {"conversation_id": conversation_id, "agent_id": agent_id}
            context.conn.execute(sa.insert(involvement).values(**whose, **values))


def _waiting_since(row: Conversation, target: str, now: int) -> int | None:
    """One that nobody opened has been waiting all the time: it goes back to its place in the queue, not behind it."""
    if target == State.WAITING:
        return row.waiting_since or now
    return row.waiting_since if target in (State.ASSIGNED, State.SNOOZED) else None


def _given_up(row: Conversation, target: str) -> dict[str, Any]:
    """Who gave it up last is remembered until somebody opens it; what was given out once is kept for nobody."""
    if target == State.WAITING and row.state in WORKING:
        return {"left_id": row.owner_id, "own_until": None}
    return {"left_id": None} if target == State.OPEN else {}


def keep_for_own(context: Context, conversation_id: int) -> None:
    """While the queue's time for it lasts, one that begins to wait is for its contact's own agent, if there is one."""
    c = conversation.c
    row = context.conn.execute(
        sa.select(queue.c.own_first, c.generation)
        .join(queue, queue.c.id == c.queue_id)
        .join(contact, contact.c.id == c.contact_id)
        .where(c.id == conversation_id, queue.c.own_first > 0, contact.c.agent_id.is_not(None))
    ).first()
    if row is not None:
        until = context.now + row.own_first * 1000
        context.conn.execute(sa.update(conversation).where(c.id == conversation_id).values(own_until=until))
        set_timer(context, until, "conversation.dispatch", conversation_id, row.generation)


def begin(context: Context, values: dict[str, Any]) -> int:
    """A new conversation, waiting in its queue; returns its id. `values` are its columns but for state and rev."""
    place = Place(State.WAITING.value, values["queue_id"], None, None, values.get("kind", "chat"))
    new = context.conn.execute(
        sa.insert(conversation).values(**values, rev=0, state=State.WAITING.value, waiting_since=context.now)
    )
    conversation_id: int = new.inserted_primary_key[0]  # type: ignore[index]
    rev = context.record("conversation.changed", conversation_id, by="message.receive", was=None, now=place)
    context.conn.execute(sa.update(conversation).where(conversation.c.id == conversation_id).values(rev=rev))
    row = context.conn.execute(_load, {"id": conversation_id}).one()
    _account(context, row, place, "message.receive", new=True)
    keep_for_own(context, conversation_id)
    context.dispatch.add(values["queue_id"])
    return conversation_id


def queues_of(context: Context, agent_id: int) -> set[int]:
    return set(context.conn.scalars(sa.select(member.c.queue_id).where(member.c.agent_id == agent_id)))


def _handed_over(context: Context, row: Conversation, owner: int | None) -> dict[str, Any]:
    """The marks as the new owner has them: the first answer is owed anew if the customer's line is unanswered; what was
    answered, by whoever it was, need not be read again."""
    m = message.c
    by_somebody = m.author_id.is_not(None)  # what the hub says by itself answers nothing
    answered = (m.conversation_id == row.id, m.direction == "out", m.state != Delivery.RECALLED.value, by_somebody)
    mark = context.conn.scalar(sa.select(sa.func.max(m.id)).where(*answered)) or 0
    if owner is not None:
        mark = advance_mark(context, owner, row.id, mark)
    return {
        "owed": row.last_in_at is not None and not row.answered,
        "read_message_id": mark,
        "unread": unread_after(context, row.id, mark),
    }


def advance_mark(context: Context, agent_id: int, conversation_id: int, message_id: int) -> int:
    """Bring an agent's read mark up to a message; it never goes back. Returns where it stands."""
    mine = (read_mark.c.agent_id == agent_id) & (read_mark.c.conversation_id == conversation_id)
    held: int | None = context.conn.scalar(sa.select(read_mark.c.message_id).where(mine))
    if held is None:
        context.conn.execute(
            sa.insert(read_mark).values(agent_id=agent_id, conversation_id=conversation_id, message_id=message_id)
        )
        return message_id
    if held < message_id:
        context.conn.execute(sa.update(read_mark).where(mine).values(message_id=message_id))
    return max(held, message_id)


def unread_after(context: Context, conversation_id: int, mark: int) -> int:
    """The customer's lines after the owner's mark."""
    m = message.c
    counted = context.conn.scalar(
        sa.select(sa.func.count()).where(
            m.conversation_id == conversation_id, m.direction == "in", m.state != MUTED, m.id > mark
        )
    )
    return counted or 0


def _account(
    context: Context, row: Conversation, place: Place, command: str, *, new: bool = False, note: int | None = None
) -> None:
    """Close a period and open the next; likewise the leg, where queue or owner change or the conversation ends."""
    mine = {"conversation_id": row.id, "queue_id": place.queue_id, "owner_id": place.owner_id}
    at = context.now if new else _end_period(context, row.id)
    if place.state != State.CLOSED:
        context.conn.execute(sa.insert(period).values(**mine, state=place.state, began_at=at))
    same = (row.owner_id, row.queue_id) == (place.owner_id, place.queue_id)
    if same and not new and State.CLOSED not in (row.state, place.state):
        return
    if not new:
        context.conn.execute(
            sa.update(leg)
            .where(leg.c.conversation_id == row.id, leg.c.ended_at.is_(None))
            .values(ended_at=at, ended_by=command, by_id=_actor(context), note_id=note)
        )
    if place.state != State.CLOSED:
        made = context.conn.execute(sa.insert(leg).values(**mine, began_at=at, ended_by=""))
        if row.state == State.CLOSED:
            leg_id: int = made.inserted_primary_key[0]  # type: ignore[index]
            submissions.carry(context.unit, context.who.name, row.id, place.queue_id, place.owner_id, leg_id)


def _actor(context: Context) -> int | None:
    return context.who.id if context.who.kind == "agent" else None


def _end_period(context: Context, conversation_id: int) -> int:
    """Close the open period, if there is one; returns when. Where the clock was set back, nothing ends before it began:
    the period took no time, and the next begins where it did."""
    began, now = period.c.began_at, context.now
    ended: int | None = context.conn.scalar(
        sa.update(period)
        .where(period.c.conversation_id == conversation_id, period.c.ended_at.is_(None))
        .values(ended_at=sa.case((began > now, began), else_=now))
        .returning(period.c.ended_at)
    )
    return now if ended is None else ended


def _set_timers(context: Context, conversation_id: int, place: Place, generation: int, *, owed: bool) -> None:
    """An assigned conversation that nobody opens goes back to its queue after the queue's time, and so does an opened
    one whose customer gets no first answer."""
    within = {State.ASSIGNED: queue.c.open_within, State.OPEN: queue.c.answer_within}.get(State(place.state))
    if within is None or (place.state == State.OPEN and not owed):
        return
    seconds = context.conn.scalar(sa.select(within).where(queue.c.id == place.queue_id))
    if seconds:
        set_timer(context, context.now + seconds * 1000, "conversation.reassign", conversation_id, generation)


def set_timer(
    context: Context, due: int, command: str, conversation_id: int | None, generation: int, **args: Any
) -> None:
    """Have a command run at `due` (UTC ms), unless the conversation has moved on by then."""
    given = args if conversation_id is None else {"conversation": conversation_id, **args}
    context.conn.execute(
        sa.insert(timer).values(
            due=due,
            command=command,
            version=1,
            args=msgspec.json.encode(given).decode(),
            conversation_id=conversation_id,
            generation=generation,
        )
    )
    context.unit.timers = True
