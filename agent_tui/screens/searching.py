"""Looking for words and people in all conversations, and reading what a contact came with before.

Going to a line that was found, its conversation is shown, and what lies before the line is loaded up to it.
"""

from typing import TYPE_CHECKING

from agent_tui.actions import Handlers
from agent_tui.i18n import _
from agent_tui.screens.search import Looked, SearchScreen

if TYPE_CHECKING:
    from agent_tui.screens.desk import DeskScreen

PAGES = 100  # of earlier messages that are loaded to come to a line


class Searching:
    def __init__(self, screen: "DeskScreen") -> None:
        self.screen = screen
        self.looked = Looked()
        self._wanted: tuple[int, int] | None = None  # conversation and message that one goes to
        self._pages = 0
        self.handlers: Handlers = {"search": self.search, "history": self.history, "matches": self.matches}

    def search(self) -> None:
        self.screen.app.push_screen(SearchScreen(self.screen.cockpit, self.looked, self.go))

    def history(self) -> None:
        from agent_tui.screens.history import HistoryScreen

        row = self.screen.row
        if row is not None:
            self.screen.app.push_screen(HistoryScreen(self.screen.cockpit, row))

    def matches(self) -> None:
        from agent_tui.screens.matches import MatchScreen

        row = self.screen.row
        if row is not None:
            self.screen.app.push_screen(MatchScreen(self.screen.cockpit, row))

    def go(self, conversation: int, message: int) -> None:
        """To a conversation, and to a line of it; 0: to none."""
        self._wanted, self._pages = (conversation, message) if message else None, 0
        self.screen.show(conversation, go=False)
        self.screen.modes.read()
        self.arrived(conversation)

    def arrived(self, conversation: int) -> None:
        """More of the thread is there: choose the line, or load what lies before."""
        if self._wanted is None or self._wanted[0] != conversation:
            return
        if self.screen.shown != conversation:
            self._wanted = None  # the person has gone somewhere else
            return
        thread, message = self.screen.desk.thread(conversation), self._wanted[1]
        if thread is None or not thread.loaded or not thread.messages:
            return
        if any(one.id == message for one in thread.messages):
            self._wanted = None
            self.screen.conversation.thread.update()
            self.screen.selecting.begin(f"m{message}")
        elif thread.more and thread.messages[0].id > message and self._pages < PAGES:
            self._pages += 1
            self.screen.desk.more_messages(conversation)
        else:
            self._wanted = None
            self.screen.notice.say(_("That line is not there any more."), "wait")
