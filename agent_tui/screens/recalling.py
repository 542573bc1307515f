"""Taking one's newest message back, as long as the customer has not got it."""

from typing import TYPE_CHECKING

from agent_tui.actions import Handlers

if TYPE_CHECKING:
    from agent_tui.screens.desk import DeskScreen


class Recalling:
    def __init__(self, screen: "DeskScreen") -> None:
        self.screen = screen
        self.handlers: Handlers = {"message.recall": self.recall}

    @property
    def possible(self) -> bool:
        shown = self.screen.shown
        return shown is not None and self.screen.desk.recallable(shown)

    def recall(self) -> None:
        """What had not left comes back at once; the rest when the hub has let go of it."""
        screen = self.screen
        if screen.shown is None:
            return
        taken = screen.desk.recall(screen.shown)
        if taken is not None:
            screen.moves.bring_back(taken)
        else:
            screen.to_conversation()

    def given_back(self, conversation: int) -> None:
        """The draft is another now: go on with it."""
        self.screen.conversation.composer.take_up(conversation)
        self.screen.conversation.settle(self.screen.serving)
