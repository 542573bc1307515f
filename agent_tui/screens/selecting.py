"""Choosing one message of the thread, and what can be done with it."""

from typing import TYPE_CHECKING

from agent_tui.actions import Handlers
from agent_tui.i18n import ngettext
from agent_tui.link.model import Outgoing
from agent_tui.transcript import quoted, transcript
from hub.protocol.views import Message

if TYPE_CHECKING:
    from agent_tui.screens.desk import DeskScreen


class Selecting:
    def __init__(self, screen: "DeskScreen") -> None:
        self.screen = screen
        self.thread = screen.conversation.thread
        self._wrote = True  # the keyboard belonged where one writes when it began
        self.handlers: Handlers = {
            "message.select": self.begin,
            "mark.up": lambda: self.thread.mark_by(-1),
            "mark.down": lambda: self.thread.mark_by(1),
            "mark.first": lambda: self.thread.mark_at(0),
            "mark.last": lambda: self.thread.mark_at(-1),
            "mark.leave": self.leave,
            "message.quote": self.quote,
            "message.copy": self.copy,
            "message.copy_all": self.copy_all,
            "message.retry_this": self.retry,
            "message.discard_this": self.discard,
            "message.shortcut": self.shortcut,
        }

    @property
    def on(self) -> bool:
        return bool(self.thread.marked)

    @property
    def message(self) -> Message | Outgoing | None:
        return self.thread.marked_message

    def begin(self, anchor: str = "") -> None:
        """Choose the message at an anchor, or the newest."""
        self._wrote = self.screen.modes.writes
        self.screen.modes.uncover()
        if anchor:
            self.thread.mark(anchor)
        else:
            self.thread.mark_at(-1)
        self.screen.set_focus(self.thread)

    def leave(self) -> None:
        """Back to where one was, writing or reading."""
        self.thread.unmark()
        self.screen.modes.go_on(write=self._wrote)

    @property
    def text(self) -> str:
        """What the chosen message says; empty where none is chosen."""
        return self.thread.said(self.thread.marked)

    def quote(self) -> None:
        """Put the message before what is written, every line behind a sign."""
        composer, text = self.screen.conversation.composer, self.text
        self.thread.unmark()
        composer.put_back(quoted(text) + composer.text)
        self.screen.modes.write()

    def copy(self) -> None:
        self._copied(self.text)

    def copy_all(self) -> None:
        thread = self.thread.thread
        if thread is not None:
            self._copied(transcript(self.screen.desk, thread))

    def _copied(self, text: str) -> None:
        self.screen.app.copy_to_clipboard(text)
        words = ngettext("Copied {n} character.", "Copied {n} characters.", len(text)).format(n=len(text))
        self.screen.notice.say(words, "good")

    def retry(self) -> None:
        message = self.message
        if message is not None:
            self.screen.serving.retry(message)

    def discard(self) -> None:
        message = self.message
        if isinstance(message, Outgoing):
            self.thread.unmark()
            self.screen.moves.take_back(message)

    def shortcut(self) -> None:
        from agent_tui.screens.shortcut_form import ShortcutForm

        self.screen.app.push_screen(ShortcutForm(self.screen.cockpit, None, text=self.text))
