"""What forms are made of: labels, fields that take nothing harmful, and a box to tick."""

from collections.abc import Callable
from dataclasses import dataclass

from rich.text import Text
from textual import events
from textual.containers import Vertical
from textual.geometry import Offset
from textual.message import Message

from agent_tui.glyphs import drawn
from agent_tui.keymap import Keymap
from agent_tui.link.model import Desk
from agent_tui.terminal.caret import CaretInput, CaretTextArea
from agent_tui.text import body as harmless_body
from agent_tui.text import line as harmless_line
from agent_tui.widgets.cells import wrap
from agent_tui.widgets.paint import Line, Palette
from agent_tui.widgets.painted import Painted


class Label(Painted):
    """Fixed words, in as many lines as they take."""

    DEFAULT_CSS = """
    Label { height: 1; }
    """

    def __init__(
        self, desk: Desk | None, palette: Palette, words: str, role: str = "quiet", *, bold: bool = False
    ) -> None:
        super().__init__(desk, palette)
        self.words, self.role, self.bold = words, role, bold
        self._lines: list[str] = []

    def say(self, words: str) -> None:
        self.words = words
        self._lay()

    def _lay(self) -> None:
        self._lines = wrap(self.words, max(self.size.width, 10))
        self.styles.height = max(len(self._lines), 1)
        self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        self._lay()

    def paint(self, y: int) -> Line:
        return self.line().put(self._lines[y] if y < len(self._lines) else "", self.role, bold=self.bold)


class Fields(Vertical):
    """A form: what is in it, one below the other."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    Fields { padding: 1 3; height: 1fr; overflow-y: auto; scrollbar-size-vertical: 0; }
    Fields Input, Fields TextArea { border: none; border-left: solid $b-line; background: $b-panel; color: $b-text;
        padding: 0 1; margin-bottom: 1; }
    Fields Input { height: 1; max-width: 40; }
    Fields TextArea { height: 8; max-width: 100; }
    Fields Input:focus, Fields TextArea:focus { border: none; border-left: solid $b-accent; background: $b-tint; }
    .-ascii Fields Input, .-ascii Fields TextArea { border-left: ascii $b-line; }
    .-ascii Fields Input:focus, .-ascii Fields TextArea:focus { border-left: ascii $b-accent; }
    Fields Input > .input--cursor { background: $b-text; color: $b-ground; text-style: none; }
    Fields Input:ansi > .input--cursor { text-style: reverse; }
    Fields TextArea .text-area--cursor { background: $b-text; color: $b-ground; text-style: none; }
    """


class Field(CaretInput):
    """One line to fill in; `sought` says with what, while it is empty. What is pasted is made harmless first: Textual
    would write it to the terminal as it is."""

    def __init__(self, *, password: bool = False, sought: str = "") -> None:
        super().__init__(password=password, placeholder=sought, select_on_focus=False)
        self.cursor_blink = False

    @property
    def _value(self) -> Text:
        """What is shown: for a password a mark a letter, of those that the console draws with."""
        if not self.password:
            return super()._value
        return Text(drawn("•") * len(self.value), no_wrap=True, overflow="ignore", end="")

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self.insert_text_at_cursor(harmless_line(event.text))


class KeyField(Field):
    """Keys that mean something in the line are found here: what was typed before them counts, what comes after not."""

    @dataclass
    class Ordered(Message):
        action: str

    def __init__(self, keymap: Keymap, context: str) -> None:
        super().__init__()
        self.keymap, self.context = keymap, context

    def on_key(self, event: events.Key) -> None:
        action = None if event.is_printable else self.keymap.find((self.context,), event.key)
        if action is not None:
            event.stop()
            event.prevent_default()
            self.post_message(self.Ordered(action))


class TextField(CaretTextArea):
    """Several lines to fill in, the same."""

    def __init__(self, text: str = "") -> None:
        super().__init__(harmless_body(text), soft_wrap=True, highlight_cursor_line=False)
        self.cursor_blink = False

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self.replace(harmless_body(event.text), *self.selection)


class Check(Painted, can_focus=True):
    """Yes or no: a mark in brackets, turned by Space, Enter or the mouse."""

    DEFAULT_CSS = """
    Check { height: 1; }
    """

    def __init__(self, desk: Desk, palette: Palette, words: str, on: bool) -> None:
        super().__init__(desk, palette)
        self.words, self.on = words, on
        self.turned: Callable[[], object] = lambda: None  # called after each turn

    @property
    def caret(self) -> Offset | None:
        return self.content_region.offset + Offset(1, 0)

    def paint(self, y: int) -> Line:
        line = self.line().put(drawn("[✓] ") if self.on else "[ ] ", "accent" if self.has_focus else "text", bold=True)
        return line.put(self.words, "strong" if self.has_focus else "text", bold=self.has_focus)

    def _turn(self) -> None:
        self.on = not self.on
        self.refresh()
        self.turned()

    def on_key(self, event: events.Key) -> None:
        if event.key in ("space", "enter"):
            event.stop()
            self._turn()

    def on_click(self) -> None:
        self._turn()

    def watch_has_focus(self, focused: bool) -> None:
        super().watch_has_focus(focused)
        self.refresh()
