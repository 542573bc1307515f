"""What takes a command back: each function is its spec's `inverse`, entered into the registry here.

It is given the arguments and what was there before, and returns the command that brings that back, with what must still
be so for it to mean that; None where nothing does. Left out on purpose: opening (nothing gives a waiting conversation
its place in the queue back), waking (the time until which it was set aside is over), what customers have seen.
"""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from hub.protocol import commands as c
from hub.protocol.registry import REGISTRY, Before, Inverse, Taken
from hub.protocol.spam import Mute, Spam, Unspam
from hub.protocol.states import Outcome, State
from hub.protocol.views import Row


def _inverse(name: str) -> Callable[[Inverse], Inverse]:
    def enter(inverse: Inverse) -> Inverse:
        REGISTRY[name] = replace(REGISTRY[name], inverse=inverse)
        return inverse

    return enter


def _back(row: Row, after: dict[str, Any]) -> Taken | None:
    """Where a conversation that somebody was given came from: its queue, or whom it was assigned to."""
    if row.state == State.WAITING:
        return Taken("conversation.requeue", c.Requeue(row.id), after)
    if row.state == State.ASSIGNED and row.owner is not None:
        return Taken("conversation.assign", c.Assign(row.id, row.owner), after)
    return None


@_inverse("conversation.take")
def _take(args: c.Take, was: Before) -> Taken | None:
    after = {"state": State.ASSIGNED, "owner": was.me.id}
    return None if was.row is None else _back(was.row, after)


@_inverse("conversation.assign")
def _assign(args: c.Assign, was: Before) -> Taken | None:
    after = {"state": State.ASSIGNED, "owner": args.agent}
    return None if was.row is None else _back(was.row, after)


@_inverse("conversation.requeue")
def _requeue(args: c.Requeue, was: Before) -> Taken | None:
    row, after = was.row, {"state": State.WAITING, "owner": None}
    if row is None or row.owner is None:
        return None
    if row.owner == was.me.id and row.state == State.OPEN:
        return Taken("conversation.open", c.Open(row.id), after)
    if row.owner == was.me.id and row.state == State.ASSIGNED:
        return Taken("conversation.take", c.Take(row.id), after)
    return _back(row, after)


@_inverse("conversation.hold")
def _hold(args: c.Hold, was: Before) -> Taken | None:
    after = {"state": State.HELD, "owner": was.me.id}
    return Taken("conversation.resume", c.Resume(args.conversation), after)


@_inverse("conversation.resume")
def _resume(args: c.Resume, was: Before) -> Taken | None:
    """Only its owner holds a conversation."""
    after = {"state": State.OPEN, "owner": was.me.id}
    mine = was.row is not None and was.row.owner == was.me.id
    return Taken("conversation.hold", c.Hold(args.conversation), after) if mine else None


@_inverse("conversation.snooze")
def _snooze(args: c.Snooze, was: Before) -> Taken | None:
    if was.row is None:
        return None
    after = {"state": State.SNOOZED, "owner": was.row.owner}
    return Taken("conversation.wake", c.Wake(args.conversation), after)


@_inverse("conversation.end")
def _end(args: c.End, was: Before) -> Taken | None:
    """Reopening makes it open, and the reopener's; what was filled in for it comes with it."""
    row = was.row
    if row is None or row.state != State.OPEN or row.owner != was.me.id:
        return None
    after = {"state": State.CLOSED, "owner": was.me.id, "out": args.outcome}
    topics = None if args.topics is None else list(row.topics)
    return Taken("conversation.reopen", c.Reopen(row.id, topics=topics), after)


@_inverse("conversation.spam")
def _spam(args: Spam, was: Before) -> Taken | None:
    """What was set aside would not be so any more."""
    row = was.row
    if row is None or row.muted or row.state in (State.CLOSED, State.SNOOZED, State.CALLING):
        return None
    return Taken("conversation.unspam", Unspam(row.id), {"state": State.CLOSED, "out": Outcome.SPAM})


@_inverse("conversation.mute")
def _mute(args: Mute, was: Before) -> Taken | None:
    if was.row is None or was.row.muted == args.muted:
        return None
    return Taken("conversation.mute", Mute(args.conversation, was.row.muted), {"muted": args.muted})


@_inverse("conversation.reopen")
def _reopen(args: c.Reopen, was: Before) -> Taken | None:
    row = was.row
    if row is None or row.out is None or row.owner != was.me.id:
        return None
    after = {"state": State.OPEN, "owner": was.me.id}
    return Taken("conversation.end", c.End(row.id, Outcome(row.out)), after)


@_inverse("conversation.tag")
def _tag(args: c.SetTags, was: Before) -> Taken | None:
    if was.row is None or set(args.tags) == set(was.row.tags):
        return None
    after = {"tags": sorted(set(args.tags))}
    return Taken("conversation.tag", c.SetTags(args.conversation, list(was.row.tags)), after)


@_inverse("conversation.topics")
def _topics(args: c.SetTopics, was: Before) -> Taken | None:
    if was.row is None or set(args.topics) == set(was.row.topics):
        return None
    after = {"topics": sorted(set(args.topics))}
    return Taken("conversation.topics", c.SetTopics(args.conversation, list(was.row.topics)), after)


@_inverse("agent.status")
def _status(args: c.SetStatus, was: Before) -> Taken | None:
    match was.me.status:
        case "online" | "resting" | "lunch" | "documenting" | "offline" as status if status != args.status:
            return Taken("agent.status", c.SetStatus(status), {"status": args.status})
    return None
