"""The trays as tabs, with what each holds: as many as there is room for, and the one that is shown."""

from dataclasses import dataclass

from textual import events
from textual.message import Message

from agent_tui import names, tray_catalogue
from agent_tui.glyphs import drawn, spelled
from agent_tui.link.model import TRAYS, Desk
from agent_tui.tray_catalogue import Listed
from agent_tui.widgets.cells import cut, width
from agent_tui.widgets.paint import Line, Palette
from agent_tui.widgets.painted import Painted

LONGEST = 24  # cells of a name
BETWEEN = 3


class Tabs(Painted):
    """Two lines: names with counts, and the accent under the current one."""

    DEFAULT_CSS = """
    Tabs { height: 2; }
    """

    @dataclass
    class Chosen(Message):
        """A tab was clicked."""

        tray: str

    @dataclass
    class Laid(Message):
        """There is room for others than before."""

    def __init__(self, desk: Desk, palette: Palette, *, id: str | None = None) -> None:
        super().__init__(desk, palette, id=id)
        self.current = TRAYS[0]

    def show(self, tray: str) -> None:
        if tray != self.current:
            self.current = tray
            self.refresh()

    def in_view(self) -> list[Listed]:
        """Those that there is room for, in order; the current one takes the place of the last, or of more."""
        every = tray_catalogue.every(self.desk)
        room = (self.size.width or self.app.size.width) - 3
        shown = self._fitting(every, room)
        current = next((one for one in every if one.key == self.current), None)
        if current is None or current in shown:
            return shown
        while shown and self._cells(shown) + BETWEEN + self._cells([current]) > room:
            shown.pop()
        return [*shown, current]

    def _fitting(self, every: list[Listed], room: int) -> list[Listed]:
        fitting, used = every[:1], self._cells(every[:1])
        for one in every[1:]:
            used += BETWEEN + self._cells([one])
            if used > room:
                break
            fitting.append(one)
        return fitting

    def _cells(self, shown: list[Listed]) -> int:
        return sum(sum(map(width, self._said(one))) for one in shown) + BETWEEN * (len(shown) - 1)

    def _said(self, one: Listed) -> tuple[str, str]:
        if one.key in TRAYS:
            number = names.count(self.desk.tray(one.key).count)
        else:
            known = self.desk.counted(one.look)
            number = "" if known is None else names.count(known)
        return cut(one.label, LONGEST), f" {number}" if number else ""

    def spans(self) -> list[tuple[str, int, int]]:
        """(tray, first column, column after it)"""
        spans, column = [], 2
        for one in self.in_view():
            end = column + sum(map(width, self._said(one)))
            spans.append((one.key, column, end))
            column = end + BETWEEN
        return spans

    def paint(self, y: int) -> Line:
        line, column = self.line(), 2
        for one in self.in_view():
            label, number = self._said(one)
            here, end = one.key == self.current, column + width(label) + width(number)
            line.to(column)
            if y == 0:
                line.put(label, "strong" if here else "quiet", bold=here)
                line.put(number, "accent" if here else "quiet", bold=here)
            elif here:
                line.put(drawn("━") * (end - column), "accent")
            column = end + BETWEEN
        if y == 0:
            line.right(spelled(" …"), "faint")
        return line

    def on_resize(self, event: events.Resize) -> None:
        self.post_message(self.Laid())

    def on_click(self, event: events.Click) -> None:
        for name, start, end in self.spans():
            if start <= event.x < end:
                self.post_message(self.Chosen(name))
