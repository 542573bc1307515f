"""Writing and reading: which of them one does at a conversation, and goes on doing wherever one moves to."""

from typing import TYPE_CHECKING

from agent_tui import rights
from agent_tui.actions import COMPOSER

if TYPE_CHECKING:
    from agent_tui.screens.desk import DeskScreen


class Modes:
    """One who writes has the keyboard in the composer, one who reads has it in the conversation's lines."""

    def __init__(self, screen: "DeskScreen") -> None:
        self.screen = screen
        self.follows = True  # the keyboard goes to the composer as soon as there is one

    @property
    def modal(self) -> bool:
        """Whether the keys have a mode for writing, which is not entered by coming to a conversation."""
        return bool(self.screen.keymap.keys_for(COMPOSER, "read"))

    @property
    def writes(self) -> bool:
        """Whether one who comes to a conversation writes there: not after going to read, nor, where there is a mode for
        writing, outside of that."""
        conversation, focused = self.screen.conversation, self.screen.focused
        if focused is conversation.composer:
            return True
        return not self.modal and (self.follows or focused is not conversation.thread)

    def uncover(self) -> None:
        """Bring the conversation that the screen is about into view, where the trays or the sheet cover it."""
        screen = self.screen
        if (about := screen.about) is not None and about != screen.shown:
            screen.show(about, go=False)
        if screen.one_pane:
            screen.remove_class("-sheet")
        screen.add_class("-reading")

    def write(self) -> None:
        """Go to the composer, or to the lines as long as there is none."""
        self.follows = True
        conversation = self.screen.conversation
        self.uncover()
        conversation.settle(self.screen.serving)
        self.screen.set_focus(conversation.composer if conversation.writing.display else conversation.thread)

    def read(self) -> None:
        """Go to the conversation's lines, and stay there whatever becomes of the composer."""
        self.follows = False
        self.screen.add_class("-reading")
        self.screen.set_focus(self.screen.conversation.thread)

    def come(self) -> None:
        """Go to a conversation that was opened: to write, or to read where writing is a mode of its own."""
        self.go_on(write=not self.modal)

    def go_on(self, *, write: bool) -> None:
        """Go back to the conversation, to write or to read."""
        self.write() if write else self.read()

    def follow_opening(self) -> None:
        """Once a conversation that is read can be answered, the cursor is where one writes."""
        screen, conversation = self.screen, self.screen.conversation
        if self.follows and screen.focused is conversation.thread and conversation.writing.display:
            row = conversation.row
            if row is not None and rights.may_answer(screen.desk, row):
                screen.set_focus(conversation.composer)
