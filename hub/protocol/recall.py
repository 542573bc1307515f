"""Taking a message back before it has gone out: the commands, which `commands` counts among its own."""

from hub.protocol.registry import Args, Id, Key, command


@command(
    "message.recall",
    verb="conversation.serve",
    events=("message.recalled",),
    help="Take back a message of mine that is still held back from the customer.",
    personal=True,
)
class Recall(Args):
    conversation: Id
    key: Key  # of the command that sent it, so that it can be recalled before its answer is known


@command(
    "message.release",
    verb="system",
    events=("message.sent",),
    help="The time to recall a message is over: it goes out, after those that were sent before it.",
    actor="system",
)
class Release(Args):
    message: Id
