"""What the person at the console may do with a conversation, read off the one transition table.

The hub decides; this only keeps the console from offering what it would refuse.
"""

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


def may(desk: Desk, row: Row, command: str) -> bool:
    """Whether some row of the transition table lets me submit `command` on `row` now."""
    if row.hid:
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
    if row.hid:
        return False
    return (row.state == State.ASSIGNED and mine(desk, row)) or (row.state == State.WAITING and member(desk, row))


def may_answer(desk: Desk, row: Row) -> bool:
    return row.state == State.OPEN and mine(desk, row)


def may_note(desk: Desk, row: Row) -> bool:
    return not row.hid and granted(desk, "conversation.serve")


def window_left(desk: Desk, row: Row) -> int | None:
    """Milliseconds in which the channel still takes free text; None where it always does."""
    return None if row.until is None else max(row.until - desk.now, 0)
