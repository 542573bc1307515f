"""Around the composer: the hairline with its label, the prompt sign, the button, the list of what fits."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message

from agent_tui.glyphs import drawn
from agent_tui.i18n import _
from agent_tui.link.model import Desk
from agent_tui.suggesting import Suggestion
from agent_tui.widgets.cells import width
from agent_tui.widgets.paint import Line, Palette
from agent_tui.widgets.painted import Painted


class WritingRule(Painted):
    """The hairline over the composer. In note mode it says so, in words and on the notes' ground."""

    DEFAULT_CSS = """
    WritingRule { height: 1; }
    """
    note = False

    def paint(self, y: int) -> Line:
        if not self.note:
            return self.line().put(drawn("─") * self.size.width, "line")
        line = self.line("note_ground").put(drawn("─ "), "note")
        line.put(_("Private note: the customer never sees it") + " ", "note", bold=True)
        return line.put(drawn("─") * line.room, "note")


class Prompt(Painted):
    """The sign before what is written: an answer and a note begin differently."""

    DEFAULT_CSS = """
    Prompt { width: 4; height: 100%; &.-note { background: $b-note-ground; } }
    """
    note = False
    lit = False

    def paint(self, y: int) -> Line:
        line = self.line("note_ground" if self.note else "ground")
        if self.note:
            return line.put(drawn("  ┊ "), "note", bold=True)
        return line.put(drawn("  › "), "accent" if self.lit else "faint", bold=True) if y == 0 else line


class SendButton(Painted):
    """For the mouse; the keyboard has Enter."""

    DEFAULT_CSS = """
    SendButton { height: 100%; &.-note { background: $b-note-ground; } }
    """
    note = False
    ready = False

    @dataclass
    class Clicked(Message):
        pass

    @property
    def label(self) -> str:
        return f"[{_('note') if self.note else _('send')}]"

    def on_mount(self) -> None:
        self.styles.width = max(width(f"[{_('note')}]"), width(f"[{_('send')}]")) + 3

    def paint(self, y: int) -> Line:
        line = self.line("note_ground" if self.note else "ground")
        if y:
            return line
        return line.right("  ").right(self.label, "note" if self.note else "accent" if self.ready else "faint")

    def on_click(self, event: events.Click) -> None:
        self.post_message(self.Clicked())


class Suggestions(Painted):
    """What matches what is typed, one a line: the desk's shortcuts, or emoji."""

    DEFAULT_CSS = """
    Suggestions { height: auto; display: none; }
    """

    @dataclass
    class Chosen(Message):
        """A line was clicked."""

        index: int

    def __init__(self, desk: Desk, palette: Palette, *, id: str | None = None) -> None:
        super().__init__(desk, palette, id=id)
        self._found: Sequence[Suggestion] = ()
        self._marked = 0

    def show(self, found: Sequence[Suggestion], marked: int) -> None:
        if len(found) != len(self._found):
            self.styles.height = len(found)
            self.display = bool(found)
        self._found, self._marked = found, marked
        self.refresh()

    def paint(self, y: int) -> Line:
        if y >= len(self._found):
            return self.line()
        one, marked = self._found[y], y == self._marked
        names = max(width(each.name) for each in self._found)
        line = self.line("tint" if marked else "panel").put("   ", ground="ground").right("  ", ground="ground")
        line.put(drawn("▌") if marked else " ", "accent")
        line.put(one.name, "accent" if marked else "text", bold=marked).to(names + 7)
        return line.put(one.about, "text" if marked else "quiet").put(" ")

    def on_click(self, event: events.Click) -> None:
        if event.y < len(self._found):
            self.post_message(self.Chosen(event.y))
