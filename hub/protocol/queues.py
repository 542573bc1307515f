"""Setting up where work waits and who does it: queues, the tree that they stand in, teams. `commands` counts these
among its own."""

from typing import Annotated, Literal

from msgspec import Meta

from hub.protocol.hours import Hours
from hub.protocol.registry import NO_NUL, Args, Code, Id, Seconds, Text, command

Members = Annotated[list[Id], Meta(max_length=1000)]
Priority = Annotated[int, Meta(ge=1, le=4)]  # 1 urgent, 2 high, 3 normal, 4 low
NORMAL = 3


@command(
    "queue.save",
    verb="queue.manage",
    events=("queue.changed", "conversation.changed"),
    help="Add a queue, or change one and its members.",
)
class SaveQueue(Args):
    code: Code
    name: Text
    primary: Members = []
    support: Members = []
    capacity: Annotated[int, Meta(ge=0, le=1000)] = 5  # conversations that an agent has at once to be given one more
    open_within: Seconds = 0  # seconds until an unopened one is reassigned; 0: never
    reopen_within: Seconds = 86_400  # seconds in which a customer's line reopens an ended one
    department: Id | None = None
    active: bool = True  # one that is not takes nothing new and hands out what it has; no channel may feed it
    handout: Literal["push", "offer"] = "push"  # assigned to one, or offered to all of whom the first to accept has it
    answer_within: Seconds = 0  # seconds until an opened one whose first answer is owed is reassigned; 0: never
    own_first: Seconds = 0  # seconds in which only the contact's own agent is given one, if they are there
    priority: Priority = NORMAL  # of the conversations that come in
    hours: Hours | None = None  # None: always open
    closed_text: Text = {}  # what a customer is told who writes outside the hours
    guests_reply: bool = False  # whether a guest may answer the customer
    offer_again: Annotated[int, Meta(ge=10, le=86_400)] = 300  # seconds for which an agent can put an offer off
    transfers: Annotated[list[Id], Meta(max_length=1000)] | None = None  # queues that its members may transfer to
    topics_required: bool = False  # an attended conversation can't end without one of the queue's topics
    new: bool = False  # a code that is taken is refused, rather than change what goes by it


@command(
    "branch.save",
    verb="queue.manage",
    events=("branch.changed",),
    help="Add a branch, or change one.",
)
class SaveBranch(Args):
    code: Code
    name: Text
    zone: Annotated[str, Meta(min_length=1, max_length=64, pattern=NO_NUL)]  # IANA
    new: bool = False  # a code that is taken is refused, rather than change what goes by it


@command(
    "department.save",
    verb="queue.manage",
    events=("department.changed",),
    help="Add a department of a branch, or change one.",
)
class SaveDepartment(Args):
    code: Code
    name: Text
    branch: Id
    new: bool = False  # a code that is taken is refused, rather than change what goes by it


@command(
    "team.save",
    verb="queue.manage",
    events=("team.changed", "conversation.changed"),
    help="Add a team, or change one and its members, who see what is the team's.",
)
class SaveTeam(Args):
    code: Code
    name: Text
    members: Members = []
    new: bool = False  # a code that is taken is refused, rather than change what goes by it
