"""Filling in the form of a conversation, and ending it with what its queue asks for."""

from functools import partial
from typing import TYPE_CHECKING

from agent_tui import filling
from agent_tui.actions import Handlers
from agent_tui.filling import Typing
from agent_tui.i18n import _
from agent_tui.link.model import Change, ThreadGone
from hub.protocol.views import Row

if TYPE_CHECKING:
    from agent_tui.screens.desk import DeskScreen


class Filling:
    def __init__(self, screen: "DeskScreen") -> None:
        self.screen = screen
        self.typing = Typing()
        self.handlers: Handlers = {"conversation.form": self.open, "conversation.end": self.end}

    def changed(self, change: Change) -> None:
        if isinstance(change, ThreadGone):
            self.typing.forget(change.conversation)

    def open(self) -> None:
        row = self.screen.row
        if row is not None:
            self._show(row)

    def end(self) -> None:
        """Where the queue asks for something that is not there yet, its form is the question."""
        row, desk = self.screen.row, self.screen.desk
        if row is None:
            return
        asked = filling.fillable(desk, row) and filling.asks(desk, row)
        known = desk.thread(row.id) is not None  # what was saved comes with the thread
        if asked and not (known and filling.is_complete(desk, row, self.typing)):
            self._show(row, ending=True)
        else:
            kept = filling.saved(desk, row) if asked and filling.form_of(desk, row) is not None else None
            self.screen.serving.end(kept)

    def _show(self, row: Row, *, ending: bool = False) -> None:
        """What was saved comes with the thread, so that is opened, too."""
        from agent_tui.screens.form_screen import FormScreen

        if row.id != self.screen.shown:
            self.screen.show(row.id)
        transfer = partial(self.screen.perform, "conversation.transfer")
        form = FormScreen(self.screen.cockpit, row.id, self.typing, transfer, ending=ending)
        self.screen.app.push_screen(form, lambda _left: self._left(row))

    def _left(self, row: Row) -> None:
        if self.typing.of(row) is not None:
            self.screen.notice.say(_("The form is not saved: what you typed stays in it."), "wait")
        self.screen.sheet.update()
