"""A thread's messages: what the hub has, and what it has taken but not shown yet.

Between the answer to a command and the event that brings its message, the message stands in the thread as a provisional
one: with the id that the answer named, revision 0, and the state "queued", which is what the answer promises, or "held"
at a hub where it can be recalled. Nothing flickers: the outgoing line turns into it in the same turn, and the hub's own
version replaces it by its id. A message that was recalled is forgotten.
"""

import bisect
from collections.abc import Iterable

import msgspec

from agent_tui import text
from agent_tui.link.model import Outgoing, Thread
from agent_tui.link.windows import MOST, Answer, Window
from hub.protocol import views
from hub.protocol.states import Delivery

DIRECTIONS = {"message.send": "out", "message.note": "note"}  # the commands whose text a thread shows


class Held(msgspec.Struct):
    """A thread, its window, and what is known of it beyond what the screens see."""

    thread: Thread
    window: Window
    open: bool = False
    marked: bool = False  # `first_unread` has been settled since it was opened
    provisional: dict[int, int] = msgspec.field(default_factory=dict)  # message → the tick of its answer

    def versions(self) -> list[tuple[int, int]]:
        return [(message.id, message.rev) for message in self.thread.messages if message.rev]


def put(thread: Thread, message: views.Message) -> bool:
    """Add a message, replace its older version, or take it out where it was recalled; whether anything changed.

    One from before the loaded part is left out: what lies between is not known. A full thread loses its oldest.
    """
    at = bisect.bisect_left(thread.messages, message.id, key=lambda held: held.id)
    if at < len(thread.messages) and thread.messages[at].id == message.id:
        if thread.messages[at].rev > message.rev:
            return False
        thread.messages[at : at + 1] = [] if message.st == Delivery.RECALLED else [message]
        return True
    if message.st == Delivery.RECALLED:
        return False
    if at == 0 and thread.messages and thread.more:
        return False
    thread.messages.insert(at, message)
    if len(thread.messages) > MOST:
        del thread.messages[0]
        thread.more = True
    return True


def put_form(thread: Thread, filled: views.Submission) -> bool:
    """Take in what was filled in for a leg, the newest leg first; whether it is not older than what was known."""
    known = {one.id: one for one in thread.forms}
    if filled.id in known and known[filled.id].rev > filled.rev:
        return False
    known[filled.id] = filled
    thread.forms = [known[one] for one in sorted(known, reverse=True)]
    return True


def put_plan(thread: Thread, plan: views.Plan) -> bool:
    """Take in what waits to happen, or let go of what has come back; whether anything changed."""
    known = {one.id: one for one in thread.plans}
    if plan.id in known and known[plan.id].rev > plan.rev:
        return False
    if plan.why:
        return drop_plan(thread, plan.id)
    known[plan.id] = plan
    thread.plans = sorted(known.values(), key=lambda one: (one.due, one.id))
    return True


def drop_plan(thread: Thread, plan: int) -> bool:
    """Let go of what has happened or was cancelled; whether it was known."""
    before = len(thread.plans)
    thread.plans = [one for one in thread.plans if one.id != plan]
    return len(thread.plans) < before


def shorten(held: Held, most: int) -> None:
    """Let go of the oldest beyond so many: nobody looks at them, and they can be had again."""
    if len(held.thread.messages) > most:
        del held.thread.messages[:-most]
        held.thread.more = True
        held.window.count = most


def cut(held: Held, upto: int) -> None:
    """It was handed on: what is after that line may not be read any more, nor what was filled in since."""
    thread = held.thread
    thread.messages = [message for message in thread.messages if message.id <= upto]
    thread.forms, held.provisional = [], {}


def take_answer(held: Held, answer: Answer, messages: Iterable[views.Message]) -> set[int]:
    """Make a snapshot the thread's content; returns the ids that it lists but nobody has.

    Newer than the snapshot are messages of later events, and provisional ones whose answer came after it was asked for.
    """
    thread = held.thread
    known = {message.id: message for message in thread.messages}
    for message in messages:
        had = known.get(message.id)
        if had is None or had.rev <= message.rev:
            known[message.id] = message
    listed = set(answer.order)
    held.provisional = {made: tick for made, tick in held.provisional.items() if tick > held.window.asked}
    newer = {made for made, message in known.items() if message.rev > answer.seq or made in held.provisional}
    thread.messages = [known[made] for made in sorted((listed & known.keys()) | newer)]
    thread.more = answer.more
    thread.forms = [filled for filled in thread.forms if filled.rev > answer.seq]
    for filled in answer.forms:
        put_form(thread, text.scrub(filled))
    thread.plans = [one for one in thread.plans if one.rev > answer.seq]
    for one in answer.plans:
        put_plan(thread, text.scrub(one))
    thread.loaded = True
    return listed - known.keys()


def mark_unread_after(held: Held, read: int) -> None:
    """Settle where the unread part began when the thread was opened: after message `read`."""
    if held.open and not held.marked:
        unread = (message.id for message in held.thread.messages if message.d == "in" and message.id > read)
        held.thread.first_unread = next(unread, None)
        held.marked = True


def mark_unread_last(held: Held, unread: int) -> None:
    """Settle it where the thread was live already: it is the customer's last `unread` messages."""
    lines = [message.id for message in held.thread.messages if message.d == "in"]
    held.thread.first_unread = lines[-unread] if 0 < unread <= len(lines) else None
    held.marked = True


def accepted(held: Held, outgoing: Outgoing, message: int, me: views.Me | None, tick: int) -> None:
    """The hub has taken an outgoing message: show it as one, until the hub's version comes."""
    if any(known.id == message for known in held.thread.messages):
        return
    direction = DIRECTIONS[outgoing.name]
    promised = Delivery.HELD if me is not None and me.recall else Delivery.QUEUED
    provisional = views.Message(
        id=message,
        rev=0,
        c=outgoing.conversation,
        d=direction,
        at=outgoing.at,
        b=outgoing.body,
        by=me.agent if me is not None else None,
        st=promised.value if direction == "out" else "",
        key=outgoing.key,
    )
    held.thread.messages.append(provisional)
    held.thread.messages.sort(key=lambda known: known.id)
    held.provisional[message] = tick
