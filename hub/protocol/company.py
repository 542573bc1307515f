"""Who else is in a conversation: guests, and what an agent puts off. `commands` counts these among its own."""

from hub.protocol.registry import Args, Id, command


@command(
    "conversation.invite",
    verb="conversation.serve",
    events=("conversation.shared",),
    help="Invite a colleague, who then sees the conversation, writes notes, and replies if the queue lets guests.",
)
class Invite(Args):
    conversation: Id
    agent: Id


@command(
    "conversation.leave",
    verb="conversation.serve",
    events=("conversation.shared",),
    help="Leave a conversation that I was invited to or mentioned in; or, of a conversation of mine, see a guest out.",
    personal=True,
)
class Leave(Args):
    conversation: Id
    agent: Id | None = None  # null: me


@command(
    "offer.postpone",
    verb="conversation.serve",
    events=("conversation.noticed",),
    help="Put off a conversation that my queue offers: my notice of it goes, and comes back after a while.",
    personal=True,
)
class Postpone(Args):
    conversation: Id


@command(
    "offer.again",
    verb="system",
    events=("conversation.noticed",),
    help="The time is over for which an agent has put an offer off.",
    actor="system",
)
class OfferAgain(Args):
    conversation: Id
    agent: Id
