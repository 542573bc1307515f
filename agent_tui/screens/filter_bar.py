"""The line over a tray that says what is shown of it and in which order, and in which the filter is typed."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input

from agent_tui.actions import FILTER
from agent_tui.filtering import Word
from agent_tui.glyphs import drawn
from agent_tui.i18n import _
from agent_tui.keymap import Keymap
from agent_tui.link.model import Desk
from agent_tui.screens.fields import KeyField
from agent_tui.widgets.cells import width, wrap
from agent_tui.widgets.paint import Line, Palette
from agent_tui.widgets.painted import Painted

LINES = 3  # of a fault at most


class _Mark(Painted):
    """The slash before the filter; in its place a red cross where that can't be read."""

    DEFAULT_CSS = """
    _Mark { width: 3; height: 1; }
    """
    bad = False

    def paint(self, y: int) -> Line:
        if self.bad:
            return self.line("tint").put(drawn("▌✗"), "need", bold=True)
        return self.line("panel").put(" / ", "accent", bold=True)


class _Side(Painted):
    """At the right: how many there are, and the order where it is not the usual one."""

    DEFAULT_CSS = """
    _Side { width: auto; height: 1; }
    """
    words = ""

    def say(self, words: str) -> None:
        if words != self.words:
            self.words = words
            self.styles.width = width(words) + 2
            self.refresh()

    def paint(self, y: int) -> Line:
        return self.line("panel").put(" ").put(self.words, "quiet")


class _Below(Painted):
    """What the last word may become, or what is wrong."""

    DEFAULT_CSS = """
    _Below { height: 1; }
    """
    words: Sequence[Word] = ()
    marked = -1
    fault = ""
    hint = ""

    def lay(self) -> None:
        self.styles.height = len(self._faults) if self.fault else 1
        self.update()

    @property
    def _faults(self) -> list[str]:
        return wrap(self.fault, max(self.app.size.width if not self.size.width else self.size.width - 4, 10))[:LINES]

    def paint(self, y: int) -> Line:
        if self.fault:
            line = self.line("tint").put(drawn("▌") if y == 0 else " ", "need", bold=True).put("  ")
            return line.put(self._faults[y], "strong") if y < len(self._faults) else line
        line = self.line("panel").put("   ")
        if not self.words:
            return line.put(self.hint, "quiet")
        first = max(0, self.marked - 2)
        for index, word in enumerate(self.words[first:], first):
            marked = index == self.marked
            if width(word.text) > line.room:
                break
            line.put(word.text, "accent" if marked else "quiet", bold=marked).put("  ")
        return line


class FilterBar(Vertical):
    """Not there while there is nothing to say. It tells what is typed; what is wrong with it is for others to say."""

    DEFAULT_CSS = """
    FilterBar { height: auto; display: none; background: $b-panel; }
    FilterBar Horizontal { height: 1; }
    FilterBar Input { border: none; height: 1; padding: 0; background: $b-panel; color: $b-text; width: 1fr; }
    FilterBar Input:focus { border: none; background-tint: transparent; }
    FilterBar Input > .input--cursor { background: $b-text; color: $b-ground; text-style: none; }
    FilterBar Input:ansi > .input--cursor { text-style: reverse; }
    """

    @dataclass
    class Typed(Message):
        """The filter reads like this now."""

        text: str

    def __init__(self, desk: Desk, palette: Palette, keymap: Keymap) -> None:
        super().__init__()
        self.field = KeyField(keymap, FILTER)
        self._mark, self._side, self._below = _Mark(desk, palette), _Side(desk, palette), _Below(desk, palette)
        self._put = ""

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield self._mark
            yield self.field
            yield self._side
        yield self._below

    @property
    def typing(self) -> bool:
        return self.screen.focused is self.field  # which the field itself is told only later

    @property
    def words(self) -> Sequence[Word]:
        return self._below.words

    def write(self, text: str) -> None:
        """Have this stand in the line, without telling that it was typed."""
        self._put = text
        if self.field.value != text:
            self.field.value = text
        self.field.cursor_position = len(text)

    def show(self, *, there: bool, side: str, bad: bool, fault: str, words: Sequence[Word], marked: int) -> None:
        """`fault` is what is wrong, `bad` whether that is to be marked; `words` what the last one may become."""
        typing = self.typing
        self.display = there or typing
        self._side.say(side)
        if self._mark.bad != bad:
            self._mark.bad = bad
            self._mark.refresh()
        below = self._below
        below.words, below.marked, below.fault = words, marked, fault
        below.hint = _("tab completes   ⏎ keeps it   esc takes it away") if typing else ""
        below.display = typing or bool(fault)
        if self.display:
            below.lay()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value != self._put:
            self._put = event.value
            self.post_message(self.Typed(event.value))
