"""Who else is in a conversation, and who is not to be heard: what the keys for it do. What takes a name, a time or a
text is typed in the command line, which completes it."""

from typing import TYPE_CHECKING

from agent_tui import names, rights
from agent_tui.actions import Handlers
from agent_tui.i18n import _
from agent_tui.serving import NAMED
from agent_tui.widgets.cells import cut
from hub.protocol import commands
from hub.protocol.company import Postpone
from hub.protocol.spam import Mute, Unspam

if TYPE_CHECKING:
    from agent_tui.screens.desk import DeskScreen


class Company:
    def __init__(self, screen: "DeskScreen") -> None:
        self.screen = screen
        self.desk = screen.desk
        self.handlers: Handlers = {
            "conversation.leave": self.leave,
            "conversation.spam": self.spam,
            "conversation.unspam": self.unspam,
            "conversation.mute": self.mute,
            "offer.postpone": self.postpone,
        }

    def leave(self) -> None:
        """As a guest, at once; who has the conversation says which guest is to go."""
        row, me = self.screen.row, self.desk.me
        if row is None or me is None:
            return
        if row.guests and not rights.guest(self.desk, row):
            self.screen.post_message(self.screen.Asked("conversation.leave"))
        else:
            self.desk.submit("conversation.leave", commands.Leave(row.id))

    def spam(self) -> None:
        row = self.screen.row
        if row is not None:
            words = _("End it as spam and mute {name}?").format(name=cut(names.customer(row), NAMED))
            self.screen.ask(words, lambda: self.desk.submit("conversation.spam", commands.Spam(row.id)))

    def unspam(self) -> None:
        row = self.screen.row
        if row is not None:
            self.desk.submit("conversation.unspam", Unspam(row.id))

    def mute(self) -> None:
        row = self.screen.row
        if row is not None:
            self.desk.submit("conversation.mute", Mute(row.id, not row.muted))

    def postpone(self) -> None:
        row = self.screen.row
        if row is not None:
            self.desk.submit("offer.postpone", Postpone(row.id))
