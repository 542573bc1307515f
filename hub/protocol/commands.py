"""Every command there is: name, arguments, who may, what it records and one line of help.

The wire, the console's action list, the documentation and the tests are read off this registry. A handler for each spec
lives in `hub.desk`; a spec without a handler, or the reverse, fails a test.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from hub.protocol import accounts as accounts
from hub.protocol.accounts import EndSession as EndSession
from hub.protocol.accounts import StartSession as StartSession
from hub.protocol.api_tokens import CreateToken as CreateToken
from hub.protocol.api_tokens import RevokeToken as RevokeToken
from hub.protocol.bulk import Bulk as Bulk
from hub.protocol.channels import SaveChannel as SaveChannel
from hub.protocol.company import Invite as Invite
from hub.protocol.company import Leave as Leave
from hub.protocol.contacts import SaveContact as SaveContact
from hub.protocol.erasure import EraseContact as EraseContact
from hub.protocol.form_commands import Fill as Fill
from hub.protocol.form_commands import SaveForm as SaveForm
from hub.protocol.form_commands import SaveTopic as SaveTopic
from hub.protocol.form_commands import SetTopics as SetTopics
from hub.protocol.form_commands import Topics as Topics
from hub.protocol.forms import Values
from hub.protocol.handing import SetIntake as SetIntake
from hub.protocol.handing import SetPriority as SetPriority
from hub.protocol.handing import SetTeam as SetTeam
from hub.protocol.handing import Transfer as Transfer
from hub.protocol.plans import Remind as Remind
from hub.protocol.plans import Schedule as Schedule
from hub.protocol.queues import SaveQueue as SaveQueue
from hub.protocol.queues import SaveTeam as SaveTeam
from hub.protocol.recall import Recall as Recall
from hub.protocol.recall import Release as Release
from hub.protocol.registry import END, NO_NUL, Code, Color, Id, Line, Word, command
from hub.protocol.registry import REGISTRY as REGISTRY
from hub.protocol.registry import Args as Args
from hub.protocol.registry import Body as Body
from hub.protocol.registry import Spec as Spec
from hub.protocol.saved_trays import DeleteTray as DeleteTray
from hub.protocol.saved_trays import SaveTray as SaveTray
from hub.protocol.spam import Spam as Spam
from hub.protocol.states import Delivery, Outcome
from hub.protocol.webhooks import SaveWebhook as SaveWebhook  # and the other commands of webhooks

ExternalId = Annotated[str, Meta(min_length=1, max_length=200, pattern=NO_NUL)]
Address = Annotated[str, Meta(max_length=500, pattern=NO_NUL)]


# -- messages ----------------------------------------------------------------------------------------------------------


class Visit(msgspec.Struct, omit_defaults=True):
    """Where a web visitor writes from, as their browser says it."""

    language: Line = ""
    page: Address = ""
    referrer: Address = ""


@command(
    "message.receive",
    verb="channel.receive",
    events=("message.received", "conversation.changed", "form.filled"),
    help="A customer wrote: finds or starts their conversation and adds the line.",
    actor="channel",
)
class Receive(Args):
    channel: Id
    external_id: ExternalId  # the key of the person on the channel, kept raw
    body: Body
    name: Line = ""
    phone: Line = ""
    sample: bool = False
    visit: Visit | None = None


@command(
    "message.send",
    verb="conversation.serve",
    events=("message.held", "message.sent"),
    help="Answer the customer in an open conversation.",
    personal=True,
)
class Send(Args):
    conversation: Id
    body: Body
    seen: Id | None = None  # the customer's last line that its author has seen: a newer one refuses it


@command(
    "message.note",
    verb="conversation.serve",
    events=("message.noted", "conversation.shared"),
    help="Write a private note that no customer ever sees. `@name` in it tells a colleague, and shows them all of it.",
    personal=True,
)
class Note(Args):
    conversation: Id
    body: Body


@command(
    "message.retry",
    verb="conversation.serve",
    events=("message.delivery",),
    help="Send a failed or uncertain message again.",
)
class Retry(Args):
    message: Id


@command(
    "message.delivery",
    verb="channel.receive",
    events=("message.delivery",),
    help="A channel reports how far a message has come.",
    actor="channel",
)
class Report(Args):
    message: Id
    state: Delivery
    error: Line = ""  # a code: why a failed one failed


@command(
    "message.seen",
    verb="channel.receive",
    events=("message.delivery",),
    help="The customer has received, or read, our messages up to this one.",
    actor="channel",
)
class Seen(Args):
    conversation: Id
    message: Id
    state: Literal["delivered", "read"]


# -- conversations -----------------------------------------------------------------------------------------------------


class OnConversation(Args):
    conversation: Id


@command(
    "conversation.take",
    verb="conversation.serve",
    events=("conversation.changed",),
    help="Assign a waiting conversation to me.",
    personal=True,
)
class Take(OnConversation):
    pass


@command(
    "conversation.open",
    verb="conversation.serve",
    events=("conversation.changed",),
    help="Open a pending conversation and serve it.",
    personal=True,
)
class Open(OnConversation):
    pass


@command(
    "conversation.assign",
    verb="conversation.manage",
    events=("conversation.changed",),
    help="Assign a conversation to an agent.",
)
class Assign(OnConversation):
    agent: Id


@command(
    "conversation.requeue",
    verb="conversation.serve",
    events=("conversation.changed",),
    help="Put a conversation back into its queue.",
)
class Requeue(OnConversation):
    pass


@command(
    "conversation.hold",
    verb="conversation.serve",
    events=("conversation.changed",),
    help="Hold an open conversation.",
)
class Hold(OnConversation):
    pass


@command(
    "conversation.resume",
    verb="conversation.serve",
    events=("conversation.changed",),
    help="Go on with a held conversation.",
)
class Resume(OnConversation):
    pass


@command(
    "conversation.snooze",
    verb="conversation.serve",
    events=("conversation.changed",),
    help="Set a conversation aside until a time, or until the customer writes.",
)
class Snooze(OnConversation):
    until: Annotated[int, Meta(ge=0, lt=2**53)]  # UTC milliseconds


@command(
    "conversation.wake",
    verb="conversation.serve",
    events=("conversation.changed",),
    help="Bring a snoozed conversation back.",
)
class Wake(OnConversation):
    pass


@command(
    "conversation.end",
    verb="conversation.serve",
    events=("message.sent", "conversation.changed", "form.filled", "conversation.classified"),
    help="End a conversation, with its form and topics where they are given. What was held back goes out first.",
)
class End(OnConversation):
    outcome: Outcome = Outcome.ATTENDED
    version: Id | None = None  # of the form that `values` are filled in; null: what was saved stays
    values: Values = {}
    topics: Topics | None = None  # null: those that it has stay


@command(
    "conversation.reopen",
    verb="conversation.serve",
    events=("conversation.changed", "form.filled", "conversation.classified"),
    help="Reopen an attended conversation.",
    personal=True,
)
class Reopen(OnConversation):
    topics: Topics | None = None  # as they were before; null: those that it has stay


@command(
    "conversation.reassign",
    verb="system",
    events=("conversation.changed",),
    help="A conversation was not opened in time: back to its queue.",
    actor="system",
)
class Reassign(OnConversation):
    pass


@command(
    "conversation.read",
    verb="conversation.see",
    events=("conversation.read", "conversation.noticed"),
    help="Mark a conversation as read up to a message. Only its owner's reading clears the unread mark.",
    personal=True,
)
class Read(OnConversation):
    message: Id


@command(
    "conversation.tag",
    verb="conversation.serve",
    events=("conversation.tagged",),
    help="Set the tags of a conversation.",
)
class SetTags(OnConversation):
    tags: Annotated[list[Id], Meta(max_length=20)]


# -- people ------------------------------------------------------------------------------------------------------------


@command(
    "agent.status",
    verb="agent.status",
    events=("agent.changed", "conversation.changed"),
    help="Change my availability; conversations are pushed to me only while I am online.",
    personal=True,
)
class SetStatus(Args):
    status: Literal["online", "resting", "lunch", "documenting", "offline"]


@command(
    "agent.reach",
    verb="system",
    events=("agent.changed", "conversation.changed"),
    help="An agent's console came, or stayed away longer than the grace period.",
    actor="system",
)
class Reach(Args):
    agent: Id
    reachable: bool


@command(
    "agent.save",
    verb="agent.manage",
    events=("agent.changed",),
    help="Add an agent, or change one.",
)
class SaveAgent(Args):
    login: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._@-]{0,63}" + END)]
    name: Word
    role: Literal["agent", "supervisor", "admin"]
    password_hash: Line = ""  # argon2id, PHC form; empty keeps the one there is
    active: bool = True
    sample: bool = False
    capacity: Annotated[int, Meta(ge=0, le=1000)] | None = None  # conversations at once, whatever a queue allows


# -- set-up ------------------------------------------------------------------------------------------------------------


@command(
    "tag.save",
    verb="queue.manage",
    events=("tag.changed",),
    help="Add a tag, or change one.",
)
class SaveTag(Args):
    name: Word
    color: Color
    tag: Id | None = None


@command(
    "shortcut.save",
    verb="shortcut.save",
    events=("shortcut.changed",),
    help="Add a shortcut, or change one. Sharing it with the desk takes a supervisor.",
    personal=True,
)
class SaveShortcut(Args):
    code: Code
    body: Body
    shared: bool = False
    shortcut: Id | None = None


@command(
    "shortcut.delete",
    verb="shortcut.save",
    events=("shortcut.deleted",),
    help="Delete a shortcut.",
)
class DeleteShortcut(Args):
    shortcut: Id


import hub.protocol.inverses  # noqa: E402,F401  enters what takes these commands back
