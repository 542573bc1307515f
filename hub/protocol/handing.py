"""Handing conversations on: transfers, teams, priorities, and what an agent wants to be given. `commands` counts these
among its own."""

from typing import Annotated, Literal

from msgspec import Meta

from hub.protocol.queues import Priority
from hub.protocol.registry import NO_NUL, Args, Id, command


@command(
    "conversation.transfer",
    verb="conversation.serve",
    events=("message.noted", "message.sent", "conversation.changed", "conversation.shared"),
    help="Transfer an open conversation to a queue, or to an agent of one.",
)
class Transfer(Args):
    conversation: Id
    queue: Id
    agent: Id | None = None
    comment: Annotated[str, Meta(max_length=8000, pattern=NO_NUL)] = ""  # a private note for whoever has it next


@command(
    "conversation.dispatch",
    verb="system",
    events=("conversation.changed",),
    help="The time is over in which a conversation was for one agent only: anybody may be given it.",
    actor="system",
)
class Dispatch(Args):
    conversation: Id


@command(
    "conversation.priority",
    verb="conversation.serve",
    events=("conversation.marked", "conversation.changed"),
    help="Set how urgent a conversation is: of those that wait, the most urgent one is handed out first.",
)
class SetPriority(Args):
    conversation: Id
    priority: Priority


@command(
    "conversation.team",
    verb="conversation.serve",
    events=("conversation.changed",),
    help="Make a conversation a team's: its members see it, and while it waits only they are given it.",
)
class SetTeam(Args):
    conversation: Id
    team: Id | None  # null: nobody's any more


@command(
    "agent.intake",
    verb="agent.status",
    events=("agent.changed", "conversation.changed"),
    help="Say how work comes to me: pushed, only what I take, or none while I pause.",
    personal=True,
)
class SetIntake(Args):
    intake: Literal["push", "manual", "paused"]
