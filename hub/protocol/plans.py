"""What is to happen in a conversation later: reminders, and messages that go out by themselves. `commands` counts these
among its own."""

from typing import Annotated

from msgspec import Meta

from hub.protocol.registry import NO_NUL, Args, Body, Id, command

At = Annotated[int, Meta(ge=0, lt=2**53)]  # UTC milliseconds
Said = Annotated[str, Meta(max_length=500, pattern=NO_NUL)]


@command(
    "conversation.remind",
    verb="conversation.serve",
    events=("plan.changed",),
    help="Remind of a conversation at a time: whoever has it then, otherwise me, by a private note.",
    personal=True,
)
class Remind(Args):
    conversation: Id
    at: At
    text: Said = ""
    plan: Id | None = None  # to change one of mine


@command(
    "message.schedule",
    verb="conversation.serve",
    events=("plan.changed",),
    help="Send a message at a time, if the conversation is still with the same agent then; otherwise it comes back.",
    personal=True,
)
class Schedule(Args):
    conversation: Id
    at: At
    body: Body
    plan: Id | None = None  # to change one of mine


@command(
    "plan.cancel",
    verb="conversation.serve",
    events=("plan.deleted",),
    help="Cancel a reminder or a scheduled message of mine, or put away one that came back.",
    personal=True,
)
class CancelPlan(Args):
    plan: Id


@command(
    "plan.fire",
    verb="system",
    events=("message.noted", "message.sent", "conversation.shared", "plan.changed", "plan.deleted"),
    help="The time of a reminder or a scheduled message has come.",
    actor="system",
)
class FirePlan(Args):
    plan: Id
