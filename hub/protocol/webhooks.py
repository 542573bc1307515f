"""Webhooks: what can be told to somebody's endpoint, and the commands, which `commands` counts among its own."""

from typing import Annotated, Literal

from msgspec import Meta

from hub.protocol.registry import END, NO_NUL, Args, Code, Id, command

EVENTS: dict[str, str] = {
    "message.received": "A customer wrote.",
    "message.sent": "Messages of ours have gone out, or are on their way to their channel.",
    "message.delivery": "Messages of ours have come further: sent, delivered, read, uncertain or failed.",
    "message.noted": "An agent wrote a private note. Only to a webhook that is allowed notes.",
    "conversation.changed": "A conversation began, or its state, queue or agent changed.",
    "conversation.shared": "Somebody was invited to a conversation, mentioned in one, or left it.",
    "conversation.read": "The agent has read the customer's lines up to one.",
    "conversation.tagged": "The tags of a conversation were set.",
    "conversation.classified": "The topics of a conversation were set.",
    "form.filled": "The form of a conversation was filled in, or changed. What stands in it is told by the API.",
    "agent.changed": "An agent was added or changed, or their availability.",
    "conversation.marked": "How urgent a conversation is was set, its customer muted or heard, or its contact saved.",
    "queue.changed": "A queue was added or changed.",
    "branch.changed": "A branch was added or changed.",
    "department.changed": "A department was added or changed.",
    "team.changed": "A team was added or changed.",
    "channel.changed": "A channel was added or changed.",
    "tag.changed": "A tag was added or changed.",
    "form.changed": "The form of a queue was changed.",
    "topic.changed": "A topic was added or changed.",
}
NOTED = "message.noted"

Event = Annotated[str, Meta(pattern=r"^[a-z]+\.[a-z]+" + END)]
Url = Annotated[str, Meta(min_length=1, max_length=500, pattern=NO_NUL)]
Sealed = Annotated[str, Meta(pattern=r"^[!-~]{20,2000}" + END)]
Moment = Annotated[int, Meta(ge=0, lt=2**53)]  # UTC milliseconds


@command(
    "webhook.save",
    verb="webhook.manage",
    events=("webhook.changed",),
    help="Add a webhook, or change the one of this name. It is told what happens from then on, once it has a secret.",
)
class SaveWebhook(Args):
    name: Code
    url: Url
    events: Annotated[list[Event], Meta(max_length=50)] = []  # none: all but notes
    content: bool = False  # what was written, and the contact's name, number and key on the channel
    notes: bool = False  # private notes may leave the desk
    active: bool = True


@command(
    "webhook.delete",
    verb="webhook.manage",
    events=("webhook.deleted",),
    help="Delete a webhook, and what it has not been told yet.",
)
class DeleteWebhook(Args):
    webhook: Id


@command(
    "webhook.retry",
    verb="webhook.manage",
    events=("webhook.changed",),
    help="Tell a webhook again what it could not be told: one delivery of the dead-letter list, or all of them.",
)
class RetryWebhook(Args):
    webhook: Id
    delivery: Id | None = None


@command(
    "webhook.secret",
    verb="system",
    events=("webhook.changed",),
    help="Give a webhook a new secret, already sealed. The one before signs too, until a time.",
    actor="system",
    audited=True,
)
class WebhookSecret(Args):
    webhook: Id
    secret: Sealed
    until: Moment = 0


@command(
    "webhook.disable",
    verb="system",
    events=("webhook.changed",),
    help="Switch a webhook off whose endpoint does not want it any more.",
    actor="system",
    audited=True,
)
class DisableWebhook(Args):
    webhook: Id
    reason: Literal["gone"]


@command(
    "channel.secret",
    verb="system",
    events=("channel.changed",),
    help="Give an API channel a new secret, already sealed. The one before is good too, until a time.",
    actor="system",
    audited=True,
)
class ChannelSecret(Args):
    channel: Id
    secret: Sealed
    until: Moment = 0
