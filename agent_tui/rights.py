"""What the person at the console may do with a conversation, read off the one transition table.

The hub decides; this only keeps the console from offering what it would refuse.
"""

from collections.abc import Callable

from agent_tui.link.model import Desk
from hub.protocol.states import State, Who, transitions
from hub.protocol.views import Row


def granted(desk: Desk, verb: str, *, beyond_own: bool = False) -> bool:
    scope = desk.me.grants.get(verb) if desk.me else None
    return scope is not None and not (beyond_own and scope == "own")


def mine(desk: Desk, row: Row) -> bool:
    return desk.me is not None and row.owner == desk.me.agent


def member(desk: Desk, row: Row) -> bool:
    queue = desk.queues.get(row.q)
    return desk.me is not None and queue is not None and desk.me.agent in (*queue.primary, *queue.support)


def only_seen(row: Row) -> bool:
    """Nothing can be done with it here: of it is seen that it exists, or what it was until it was handed on."""
    return row.hid or row.upto is not None


def may(desk: Desk, row: Row, command: str) -> bool:
    """Whether some row of the transition table lets me submit `command` on `row` now."""
    if only_seen(row):
        return False
    who = {
        Who.OWNER: mine(desk, row),
        Who.MEMBER: member(desk, row) and row.owner is None,
        Who.MANAGER: granted(desk, "conversation.manage"),
    }
    return any(who.get(actor, False) for step in transitions(State(row.state), command) for actor in step.who)


def mine_to_serve(desk: Desk, row: Row) -> bool:
    """Whether Enter on a pending conversation opens it: it is assigned to me, or waits in a queue of mine.

    A supervisor may open others' too, but looking must not take: for them it is an action of its own.
    """
    if only_seen(row):
        return False
    return (row.state == State.ASSIGNED and mine(desk, row)) or (row.state == State.WAITING and member(desk, row))


def may_answer(desk: Desk, row: Row) -> bool:
    """It is open and mine, or I am its guest and the queue lets guests."""
    queue = desk.queues.get(row.q)
    return row.state == State.OPEN and (
        mine(desk, row) or (guest(desk, row) and queue is not None and queue.guests_reply)
    )


def may_note(desk: Desk, row: Row) -> bool:
    return not only_seen(row) and granted(desk, "conversation.serve")


def window_left(desk: Desk, row: Row) -> int | None:
    """Milliseconds in which the channel still takes free text; None where it always does."""
    return None if row.until is None else max(row.until - desk.now, 0)


# -- who else is in it -------------------------------------------------------------------------------------------------


def _mine(desk: Desk, row: Row) -> bool:
    """It is with me, or I manage."""
    return not only_seen(row) and (mine(desk, row) or granted(desk, "conversation.manage"))


def _live(row: Row) -> bool:
    return not only_seen(row) and row.state != State.CLOSED


def guest(desk: Desk, row: Row) -> bool:
    return desk.me is not None and desk.me.agent in row.guests


def may_invite(desk: Desk, row: Row) -> bool:
    return _live(row) and _mine(desk, row)


def may_leave(desk: Desk, row: Row) -> bool:
    """As a guest, or as one who was only mentioned and sees it for no other reason; or there are guests to see out."""
    if only_seen(row):
        return False
    return guest(desk, row) or bool(row.guests and _mine(desk, row)) or not (_mine(desk, row) or member(desk, row))


def may_postpone(desk: Desk, row: Row) -> bool:
    queue = desk.queues.get(row.q)
    offered = row.state == State.WAITING and queue is not None and queue.handout == "offer" and member(desk, row)
    return offered and desk.me is not None and desk.me.agent not in row.later


def may_schedule(desk: Desk, row: Row) -> bool:
    queue = desk.queues.get(row.q)
    return _live(row) and (_mine(desk, row) or (guest(desk, row) and queue is not None and queue.guests_reply))


RULES: dict[str, Callable[[Desk, Row], bool]] = {  # of commands that the table of transitions says nothing of
    "conversation.invite": may_invite,
    "conversation.leave": may_leave,
    "conversation.unspam": lambda desk, row: row.out == "spam" and may(desk, row, "conversation.unspam"),
    "conversation.mute": lambda desk, row: not only_seen(row) and (_mine(desk, row) or member(desk, row)),
    "conversation.contact": lambda desk, row: not only_seen(row) and (_mine(desk, row) or member(desk, row)),
    "conversation.remind": lambda desk, row: _live(row),
    "message.schedule": may_schedule,
    "offer.postpone": may_postpone,
}
