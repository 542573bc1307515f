"""The trays as tabs, with what each holds."""

from dataclasses import dataclass

from textual import events
from textual.message import Message

from agent_tui import names
from agent_tui.glyphs import drawn
from agent_tui.i18n import _
from agent_tui.link.model import TRAYS, Desk
from agent_tui.widgets.cells import width
from agent_tui.widgets.paint import Line, Palette
from agent_tui.widgets.painted import Painted


class Tabs(Painted):
    """Two lines: names with counts, and the accent under the current one."""

    DEFAULT_CSS = """
    Tabs { height: 2; }
    """

    @dataclass
    class Chosen(Message):
        """A tab was clicked."""

        tray: str

    def __init__(self, desk: Desk, palette: Palette, *, id: str | None = None) -> None:
        super().__init__(desk, palette, id=id)
        self.current = TRAYS[0]

    def show(self, tray: str) -> None:
        if tray != self.current:
            self.current = tray
            self.refresh()

    def spans(self) -> list[tuple[str, int, int]]:
        """(tray, first column, column after it)"""
        spans, column = [], 2
        for name in TRAYS:
            end = column + width(_(names.TRAYS[name])) + 1 + len(names.count(self.desk.tray(name).count))
            spans.append((name, column, end))
            column = end + 3
        return spans

    def paint(self, y: int) -> Line:
        line = self.line()
        for name, start, end in self.spans():
            here = name == self.current
            line.to(start)
            if y == 0:
                line.put(_(names.TRAYS[name]), "strong" if here else "quiet", bold=here)
                line.put(" " + names.count(self.desk.tray(name).count), "accent" if here else "quiet", bold=here)
            elif here:
                line.put(drawn("━") * (end - start), "accent")
        return line

    def on_click(self, event: events.Click) -> None:
        for name, start, end in self.spans():
            if start <= event.x < end:
                self.post_message(self.Chosen(name))
