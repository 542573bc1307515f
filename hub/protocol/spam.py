"""Who is not to be heard: spam and muted customers. `commands` counts these among its own."""

from hub.protocol.registry import Args, Id, command


@command(
    "conversation.spam",
    verb="conversation.serve",
    events=("message.sent", "conversation.changed", "conversation.marked"),
    help="End a conversation as spam, and mute who wrote: what they write from then on is kept and wakes nobody.",
)
class Spam(Args):
    conversation: Id


@command(
    "conversation.unspam",
    verb="conversation.serve",
    events=("conversation.changed", "conversation.marked"),
    help="It was no spam: bring the conversation back to where it was, and hear its customer again.",
)
class Unspam(Args):
    conversation: Id


@command(
    "conversation.mute",
    verb="conversation.serve",
    events=("conversation.marked",),
    help="Mute a conversation's customer on its channel, or hear them again. What is muted is kept and wakes nobody.",
)
class Mute(Args):
    conversation: Id
    muted: bool = True
