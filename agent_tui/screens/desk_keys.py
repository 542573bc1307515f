"""Moving about the desk: what each key of the trays, the thread and the composer does there."""

from itertools import chain
from typing import TYPE_CHECKING

from agent_tui.actions import COMPOSER, FILTER, MARK, SUGGEST, THREAD, TRAY, Handlers
from agent_tui.i18n import _
from agent_tui.link.model import Outgoing
from hub.protocol.views import Row

if TYPE_CHECKING:
    from agent_tui.screens.desk import DeskScreen

_SERVE = (
    "conversation.take", "conversation.resume", "conversation.end", "conversation.reopen", "conversation.transfer",
    "conversation.hold", "conversation.requeue",
)  # fmt: skip
FOOTER: dict[str, tuple[str, ...]] = {
    TRAY: ("outbox.release", "conversation.open", *_SERVE[:5], "conversation.unread", "palette", "status",
           "conversation.switch", "tray.filter", "tray.choose", "pane", "tray.mark"),
    THREAD: ("message.recall", "message.retry", "message.discard", "conversation.open", "write", *_SERVE, "back",
             "composer.note", "palette", "conversation.switch"),
    COMPOSER: ("message.send", "message.recall", "composer.newline", "message.retry", "message.discard",
               "composer.shortcuts", "composer.note", "conversation.transfer", "back", "read", "conversation.end",
               "conversation.next", "palette", "conversation.switch"),
    MARK: ("message.retry_this", "message.discard_this", "message.quote", "message.copy", "mark.leave",
           "message.copy_all", "message.shortcut"),
    FILTER: ("filter.keep", "filter.complete", "filter.clear"),
    SUGGEST: ("suggest.insert", "suggest.next", "suggest.close"),
}  # fmt: skip


class Moves:
    """Handlers that move the choice, the focus or the place one reads at."""

    def __init__(self, screen: "DeskScreen") -> None:
        self.screen = screen
        self._wrote = True  # the keyboard belonged where one writes when the sheet was shown
        tray, thread = screen.list, screen.conversation.thread
        self.handlers: Handlers = {
            "conversation.open": self.open_chosen,
            "conversation.reopen": self.reopen,
            "conversation.next": lambda: self.step(1),
            "conversation.previous": lambda: self.step(-1),
            "conversation.unread": self.unread,
            "message.retry": self.retry,
            "message.discard": self.discard,
            "composer.note": self.note,
            "composer.emoji": self.emoji,
            "tray.down": lambda: tray.move(1),
            "tray.up": lambda: tray.move(-1),
            "tray.page_down": lambda: tray.move(tray.page),
            "tray.page_up": lambda: tray.move(-tray.page),
            "tray.first": lambda: tray.choose_at(0),
            "tray.last": lambda: tray.choose_at(len(tray.tray.rows) - 1),
            "thread.up": lambda: thread.move(-1),
            "thread.down": lambda: thread.move(1),
            "thread.page_up": lambda: thread.page(-1),
            "thread.page_down": lambda: thread.page(1),
            "thread.start": thread.go_start,
            "thread.end": thread.go_end,
            "load": self.load,
            "write": screen.modes.write,
            "read": screen.modes.read,
            "pane": self.pane,
            "back": self.back,
            "sheet": self.sheet,
        }

    def open_chosen(self) -> None:
        row = self.screen.row
        if row is not None:
            self.open(row.id)

    def open(self, conversation: int) -> None:
        """Enter: begin to serve what is mine to serve, and show it."""
        row = self.screen.desk.row(conversation)
        if row is not None:
            self.screen.serving.open(row)
            self.screen.show(conversation)

    def reopen(self) -> None:
        """Reopen it, and show it."""
        row = self.screen.row
        if row is not None:
            self.screen.serving.reopen(row)
            self.screen.show(row.id)

    def step(self, by: int) -> None:
        """The neighbour of the conversation that is shown, without serving it."""
        screen, rows = self.screen, self.screen.list.tray.rows
        places = {row.id: index for index, row in enumerate(rows)}
        if not rows:
            return
        here = places.get(screen.shown) if screen.shown is not None else None
        if here is None:
            screen.list.move(by if screen.list.row is not None else 0)
        else:
            screen.list.choose_at(here + by)
        row = screen.list.row
        if row is not None:
            screen.move_to(row.id)

    @property
    def next_unread(self) -> tuple[str, Row] | None:
        """The next conversation with unread lines, and its tray: further down this one, then the other trays from
        their top."""
        screen, row = self.screen, self.screen.row
        here = row.id if row is not None else None
        tray, rows = screen.list.name_of_tray, screen.list.tray.rows
        at = next((index for index, row in enumerate(rows) if row.id == here), -1)
        others = [name for name in ("in_progress", "pending") if name != tray]
        order = chain(
            ((tray, row) for row in chain(rows[at + 1 :], rows[: max(at, 0)])),
            ((name, row) for name in others for row in screen.desk.tray(name).rows),
        )
        return next(((name, row) for name, row in order if row.un and row.id != here), None)

    def unread(self) -> None:
        screen, found = self.screen, self.next_unread
        if found is None:
            return
        name, row = found
        if name != screen.list.name_of_tray:
            screen.show_tray(name)
        screen.list.choose(row.id)
        screen.move_to(row.id)

    def load(self) -> None:
        screen = self.screen
        if screen.places()[0] == TRAY:
            screen.desk.more_rows(screen.list.name_of_tray)
        else:
            screen.conversation.thread.load()

    def pane(self) -> None:
        if self.screen.places()[0] == TRAY:
            self.screen.modes.come()
        else:
            self.screen.to_trays()

    def back(self) -> None:
        """One step at a time: the sheet, then an empty note, then the conversation."""
        screen, composer = self.screen, self.screen.conversation.composer
        if screen.has_class("-sheet"):
            self.sheet()
        elif composer.has_focus and composer.note and not composer.text:
            composer.set_note(False)
            screen.modes.write()
        else:
            screen.to_trays()

    def sheet(self) -> None:
        """Show or hide the sheet; the keyboard is never left in a pane that it covers, and afterwards is where it was.
        Where it covers all, it is about the conversation marked in the trays."""
        screen, in_tray = self.screen, self.screen.places()[0] == TRAY
        row = screen.list.row if screen.one_pane and in_tray else None
        opens = not screen.has_class("-sheet")
        if opens:
            self._wrote = screen.modes.writes
        screen.set_class(opens, "-sheet")
        if opens and screen.one_pane:
            screen.sheet.show(row.id if row else screen.shown)
            screen.set_focus(None)
        elif screen.one_pane and not screen.has_class("-reading"):
            screen.sheet.show(screen.shown)
            screen.to_trays()
        elif screen.one_pane:
            screen.modes.go_on(write=self._wrote)
        elif opens and in_tray and screen.has_class("-two"):
            screen.modes.read()

    def note(self) -> None:
        composer = self.screen.conversation.composer
        self.screen.modes.uncover()
        composer.set_note(not composer.note)
        self.screen.modes.write()

    def emoji(self) -> None:
        """Choose one by its name; it goes where the cursor is."""
        from agent_tui.emoji import catalogue
        from agent_tui.screens.picker import Choice, Picker

        choices = [Choice(one, name, glyph=one, role="text") for one, name in catalogue()]
        composer = self.screen.conversation.composer
        self.screen.app.push_screen(Picker(self.screen.cockpit, _("Emoji"), choices, composer.put_in, typing=True))

    def retry(self) -> None:
        stuck = self.screen.serving.stuck(self.screen.shown)
        if stuck is not None:
            self.screen.serving.retry(stuck)

    def discard(self) -> None:
        """Take a refused message back, to be changed or dropped by hand: nothing typed is thrown away by a key."""
        refused = self.screen.serving.refused(self.screen.shown)
        if refused is not None:
            self.take_back(refused)

    def take_back(self, refused: Outgoing) -> None:
        refused.body = self.screen.desk.discard(refused.key)
        self.bring_back(refused)

    def bring_back(self, line: Outgoing) -> None:
        """What was a line is to be written again, before what is being written."""
        composer = self.screen.conversation.composer
        composer.set_note(composer.note or line.name == "message.note")
        composer.put_back("\n".join(part for part in (line.body, composer.text) if part))
        self.screen.modes.write()
