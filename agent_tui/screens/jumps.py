"""Going somewhere else at once: any conversation by a part of its name, the place one was at before, one pane full."""

from typing import TYPE_CHECKING

from agent_tui import names
from agent_tui.actions import Handlers
from agent_tui.glyphs import drawn
from agent_tui.i18n import _
from agent_tui.link.model import TRAYS
from agent_tui.widgets.tray_row import mark
from hub.protocol.views import Row

if TYPE_CHECKING:
    from agent_tui.screens.desk import DeskScreen
    from agent_tui.screens.picker import Choice


class Jumps:
    def __init__(self, screen: "DeskScreen") -> None:
        self.screen = screen
        self.before: int | None = None  # the conversation that was shown before the one that is
        self.handlers: Handlers = {
            "conversation.switch": self.switch,
            "conversation.last": self.last,
            "zoom": self.zoom,
            "jump": self.letters,
        }

    def known(self) -> list[tuple[str, Row]]:
        """Every conversation of the trays as far as they are loaded, with its tray; where one was before comes first,
        what happened last before the rest, where one is now last."""
        desk, here = self.screen.desk, self.screen.shown
        rows = [(name, row) for name in TRAYS for row in desk.tray(name).rows]
        return sorted(rows, key=lambda pair: (pair[1].id == here, pair[1].id != self.before, -pair[1].at))

    def switch(self) -> None:
        """Choose among all that are known, by a part of the name, the number or the id."""
        from agent_tui.screens.picker import Picker

        known = self.known()
        digits = max((len(str(row.id)) for _tray, row in known), default=0)
        choices = [self._choice(tray, row, digits) for tray, row in known]
        picker = Picker(self.screen.cockpit, _("Go to"), choices, lambda chosen: self.go(int(chosen)), typing=True)
        self.screen.app.push_screen(picker)

    def letters(self) -> None:
        """Show letters over all that is in view."""
        from agent_tui.screens.desk_targets import Targets

        Targets(self.screen).begin()

    def _choice(self, tray: str, row: Row, digits: int) -> "Choice":
        """With the mark that it has in its tray, or that of an owed answer where lines are unread."""
        from agent_tui.screens.picker import Choice

        about = f"{f'#{row.id}':>{digits + 1}}  {names.queue(self.screen.desk, row.q)}  {row.last}"
        number = "".join(c for c in row.num if c.isdigit())
        glyph, role = (drawn("●"), "need") if row.un else mark(row)
        where = _(names.TRAYS[tray])
        return Choice(str(row.id), names.customer(row), where, about, glyph, role, f"{row.num} {number}")

    def go(self, conversation: int) -> None:
        """Show a conversation, and mark it in its tray; it is not begun to be served by that."""
        screen = self.screen
        if any(row.id == conversation for row in screen.list.tray.rows):
            screen.list.choose(conversation)
            if screen.desk.row(conversation) is not None:
                screen.move_to(conversation)
            return
        tray = next((name for name in TRAYS if any(r.id == conversation for r in screen.desk.tray(name).rows)), None)
        if tray is not None:
            if tray != screen.list.name_of_tray:
                screen.show_tray(tray)
            screen.list.choose(conversation)
        if screen.desk.row(conversation) is not None:
            screen.move_to(conversation)

    def last(self) -> None:
        """Back to where one was; once more, and one is here again."""
        if self.before is not None and self.screen.desk.row(self.before) is not None:
            self.go(self.before)

    def zoom(self) -> None:
        self.screen.zoomed = not self.screen.zoomed
        self.screen.place_panes()
