"""What a contact came with before: their other conversations, read beside the one at hand. `queries` counts these among
its own."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from hub.protocol import views
from hub.protocol.queries import Page, query
from hub.protocol.registry import NO_NUL, Id


@query(
    "history",
    path="conversations/{conversation}/history",
    row=views.Row,
    verb="conversation.see",
    help="The other conversations of a conversation's contact, newest first. Those in my sight may be read, and by its "
    "owner and guests, while it lasts, all that have ended; of the others (`hid`) nothing is told but who has them. "
    "With words: those that I may read, with lines in which each of them begins a word.",
)
class History(Page):
    conversation: Id
    words: Annotated[str, Meta(max_length=200, pattern=NO_NUL)] | UnsetType = UNSET


@query(
    "history.lines",
    path="conversations/{conversation}/history/{of}/messages",
    row=views.Message,
    verb="conversation.see",
    help="The lines of a conversation of the `history` of another, the newest first. That it was read is audited.",
)
class HistoryLines(Page):
    conversation: Id  # the one at hand
    of: Id
