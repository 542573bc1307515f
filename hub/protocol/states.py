"""The one state machine that serves chats, comments, turns, appointments and calls.

`TRANSITIONS` is the whole of it: a change of state that is not a row here can't happen. docs/ARCHITECTURE.md prints it.
"""

from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    SCHEDULED = "scheduled"
    WAITING = "waiting"
    ASSIGNED = "assigned"
    CALLING = "calling"
    OPEN = "open"
    HELD = "held"
    SNOOZED = "snoozed"
    CLOSED = "closed"


class Outcome(StrEnum):
    ATTENDED = "attended"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"
    SPAM = "spam"


class Who(StrEnum):
    """Who may make a transition, in relation to the conversation."""

    OWNER = "owner"  # the agent it is with
    MEMBER = "member"  # an agent of its queue
    MANAGER = "manager"  # whoever holds conversation.manage over it
    CHANNEL = "channel"  # the customer's side
    SYSTEM = "system"  # dispatch and timers


class Owner(StrEnum):
    """Whose the conversation is afterwards."""

    NOBODY = "nobody"
    ACTOR = "actor"
    NAMED = "named"  # the agent that the command or dispatch names
    SAME = "same"


class Transition(NamedTuple):
    source: State | None  # None: the conversation did not exist
    command: str
    target: State | None  # None: back to the state that it was set aside from
    who: frozenset[Who]
    owner: Owner


HANDED_ON = "transferred"  # instead of an Outcome: how it ended for whom it was transferred away from
ERASED = "erased"  # the kind of a conversation whose words and person were erased; nobody sees it
LIVE = (State.WAITING, State.ASSIGNED, State.CALLING, State.OPEN, State.HELD, State.SNOOZED)
TRAYS: dict[str, tuple[State, ...]] = {
    "pending": (State.WAITING, State.ASSIGNED),
    "in_progress": (State.CALLING, State.OPEN, State.HELD),
    "attended": (State.CLOSED,),
}


def _rows(
    sources: tuple[State | None, ...], command: str, target: State | None, who: tuple[Who, ...], owner: Owner
) -> list[Transition]:
    return [Transition(source, command, target, frozenset(who), owner) for source in sources]


_S = State
TRANSITIONS: tuple[Transition, ...] = tuple(
    _rows((None,), "message.receive", _S.WAITING, (Who.CHANNEL,), Owner.NOBODY)
    + _rows((_S.CLOSED,), "message.receive", _S.WAITING, (Who.CHANNEL,), Owner.NOBODY)
    + _rows((_S.CLOSED,), "message.receive", _S.ASSIGNED, (Who.CHANNEL,), Owner.SAME)
    + _rows((_S.SNOOZED,), "message.receive", None, (Who.CHANNEL,), Owner.SAME)
    + _rows((_S.WAITING,), "dispatch", _S.ASSIGNED, (Who.SYSTEM,), Owner.NAMED)
    + _rows((_S.WAITING,), "conversation.take", _S.ASSIGNED, (Who.MEMBER, Who.MANAGER), Owner.ACTOR)
    + _rows((_S.WAITING,), "conversation.open", _S.OPEN, (Who.MEMBER, Who.MANAGER), Owner.ACTOR)
    + _rows((_S.ASSIGNED,), "conversation.open", _S.OPEN, (Who.OWNER,), Owner.SAME)
    + _rows((_S.ASSIGNED, _S.OPEN, _S.HELD), "conversation.take", _S.ASSIGNED, (Who.MANAGER,), Owner.ACTOR)
    + _rows(
        (_S.WAITING, _S.ASSIGNED, _S.OPEN, _S.HELD), "conversation.assign", _S.ASSIGNED, (Who.MANAGER,), Owner.NAMED
    )
    + _rows((_S.ASSIGNED, _S.OPEN, _S.HELD), "conversation.requeue", _S.WAITING, (Who.OWNER, Who.MANAGER), Owner.NOBODY)
    + _rows((_S.ASSIGNED, _S.OPEN), "conversation.reassign", _S.WAITING, (Who.SYSTEM,), Owner.NOBODY)
    + _rows((_S.OPEN, _S.HELD), "conversation.transfer", _S.WAITING, (Who.OWNER, Who.MANAGER), Owner.NOBODY)
    + _rows((_S.OPEN, _S.HELD), "conversation.transfer", _S.ASSIGNED, (Who.OWNER, Who.MANAGER), Owner.NAMED)
    + _rows((_S.OPEN,), "conversation.hold", _S.HELD, (Who.OWNER,), Owner.SAME)
    + _rows((_S.HELD,), "conversation.resume", _S.OPEN, (Who.OWNER, Who.MANAGER), Owner.SAME)
    + _rows(
        (_S.WAITING, _S.ASSIGNED, _S.OPEN, _S.HELD),
        "conversation.snooze",
        _S.SNOOZED,
        (Who.OWNER, Who.MANAGER),
        Owner.SAME,
    )
    + _rows((_S.SNOOZED,), "conversation.wake", None, (Who.OWNER, Who.MANAGER, Who.SYSTEM), Owner.SAME)
    + _rows((_S.OPEN, _S.HELD), "conversation.end", _S.CLOSED, (Who.OWNER, Who.MANAGER), Owner.SAME)
    + _rows((_S.WAITING, _S.ASSIGNED, _S.SNOOZED), "conversation.end", _S.CLOSED, (Who.OWNER, Who.MANAGER), Owner.SAME)
    + _rows((_S.WAITING,), "conversation.spam", _S.CLOSED, (Who.MEMBER, Who.MANAGER), Owner.ACTOR)
    + _rows(LIVE[1:], "conversation.spam", _S.CLOSED, (Who.OWNER, Who.MANAGER), Owner.SAME)
    + _rows((_S.CLOSED,), "conversation.unspam", _S.WAITING, (Who.OWNER, Who.MANAGER), Owner.NOBODY)
    + _rows((_S.CLOSED,), "conversation.unspam", _S.ASSIGNED, (Who.OWNER, Who.MANAGER), Owner.SAME)
    + _rows((_S.CLOSED,), "conversation.unspam", _S.OPEN, (Who.OWNER, Who.MANAGER), Owner.SAME)
    + _rows((_S.CLOSED,), "conversation.unspam", _S.HELD, (Who.OWNER, Who.MANAGER), Owner.SAME)
    + _rows((_S.CLOSED,), "conversation.reopen", _S.OPEN, (Who.OWNER, Who.MANAGER), Owner.ACTOR)
    + _rows(LIVE, "contact.erase", _S.CLOSED, (Who.MANAGER, Who.SYSTEM), Owner.SAME)
)


def transitions(source: State | None, command: str) -> list[Transition]:
    """The rows that `command` may take from `source`; empty where the state does not allow it."""
    return [row for row in TRANSITIONS if row.source == source and row.command == command]


class Delivery(StrEnum):
    """How far an outgoing message has come. `sending` is only ever said by a client, of its own outbox."""

    HELD = "held"  # durable at the hub, kept back for a moment in which its author can recall it
    QUEUED = "queued"  # durable at the hub, not yet handed to the provider
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    UNCERTAIN = "uncertain"  # handed over, the answer was lost: it may or may not have arrived
    FAILED = "failed"
    RECALLED = "recalled"  # taken back while it was held: nobody is shown it any more


MUTED = "muted"  # instead of a Delivery: an incoming line that woke nobody
UNSEEN = (Delivery.HELD, Delivery.RECALLED)  # what no customer gets to see
