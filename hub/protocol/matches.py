"""Who may be the contact of a conversation under another entry. `queries` counts this among its own."""

import msgspec

from hub.protocol import views
from hub.protocol.queries import Params, query
from hub.protocol.registry import Id

REASONS = ("number", "email", "document", "name")  # the strongest first


class Match(views.View):
    """Another contact, why it may be the same person, and their newest conversations: those in my sight as they are; of
    others (`hid`) nothing but whom they are with and who has them. `more`: there are older ones."""

    id: int  # of the contact
    name: str
    why: list[str]  # of REASONS, the strongest first
    rows: list[views.Row]
    more: bool = False


class Matches(msgspec.Struct, omit_defaults=True):
    """`many`: there are more than are told."""

    items: list[Match]
    many: bool = False


@query(
    "matches",
    path="conversations/{conversation}/matches",
    row=Matches,
    verb="conversation.see",
    help="Other contacts with a number, an e-mail address or a document id of a conversation's contact, by their forms "
    "too, or nearly their name, each with their newest conversations. Of those out of my sight nothing is told but who "
    "has them.",
)
class MatchesOf(Params):
    conversation: Id
