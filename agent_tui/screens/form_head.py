"""The head of a conversation's form."""

from typing import TYPE_CHECKING

from agent_tui import names
from agent_tui.glyphs import drawn
from agent_tui.i18n import _, named
from agent_tui.widgets.paint import Line
from agent_tui.widgets.painted import Painted

if TYPE_CHECKING:
    from agent_tui.screens.form_screen import FormScreen


class Head(Painted):
    """Whose form, of which channel, and whether it is saved."""

    DEFAULT_CSS = """
    Head { height: 3; }
    """

    def __init__(self, screen: "FormScreen") -> None:
        super().__init__(screen.desk, screen.palette)
        self.form = screen

    def paint(self, y: int) -> Line:
        row, line = self.form.row, self.line()
        if y == 2:
            return line.put(drawn("─") * self.size.width, "line")
        if row is None:
            return line
        if y == 0:
            line.right("  ").right(f"#{row.id}", "quiet").right("  ")
            title = _("End the conversation") if self.form.ending else _("Form")
            line.put("  ").put(title, "need" if self.form.ending else "strong", bold=True)
            return line.put("  ").put(names.queue(self.desk, row.q), "text")
        words, role = self.form.state
        line.right("  ").right(words, role).right("  ")
        channel = self.desk.channels.get(row.ch)
        where = [named(channel.name) if channel else "", names.customer(row)]
        return line.put("  ").put(drawn(" · ").join(part for part in where if part), "quiet")
