"""Who is known by name. `commands` counts this among its own."""

from hub.protocol.registry import Args, Id, Line, command


@command(
    "conversation.contact",
    verb="conversation.serve",
    events=("conversation.marked",),
    help="Save the contact of a conversation under a name: who is saved stays, however long they don't write.",
)
class SaveContact(Args):
    conversation: Id
    name: Line
    phone: Line | None = None  # raw; null: as it is
