"""The parts of a queue's form: one for each kind of question, with its name, its help, and what is wrong with it."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.geometry import Offset
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, TextArea

from agent_tui import filling
from agent_tui.glyphs import drawn
from agent_tui.i18n import _, named
from agent_tui.keys import shown
from agent_tui.screens.fields import Check, Label, TextField
from agent_tui.screens.fields import Field as TextLine
from agent_tui.screens.keyed import Cockpit
from agent_tui.text import body as harmless_body
from agent_tui.text import line as harmless_line
from agent_tui.widgets.paint import Line
from agent_tui.widgets.painted import Painted
from hub.protocol import forms
from hub.protocol.forms import Bad, Field, Value

Choices = Sequence[tuple[str, str]]  # id and words


class Name(Painted):
    """What a field is called, with a red asterisk where it has to be filled in."""

    DEFAULT_CSS = """
    Name { height: 1; }
    """

    def __init__(self, cockpit: Cockpit, words: str, *, required: bool) -> None:
        super().__init__(cockpit.desk, cockpit.palette)
        self.words, self.required = words, required

    def paint(self, y: int) -> Line:
        line = self.line().put(self.words, "text")
        return line.put(" *", "need", bold=True) if self.required else line


class Chooser(Painted, can_focus=True):
    """One of several, or none: Enter lists them to choose by a part of the name, left and right go through them."""

    DEFAULT_CSS = """
    Chooser { height: 1; margin-bottom: 1; }
    """

    @dataclass
    class Opened(Message):
        chooser: "Chooser"

    @dataclass
    class Changed(Message):
        chooser: "Chooser"

    def __init__(self, cockpit: Cockpit, title: str, choices: Choices, chosen: list[str], *, several: bool) -> None:
        super().__init__(cockpit.desk, cockpit.palette)
        self.title, self.choices, self.chosen, self.several = title, choices, chosen, several

    @property
    def caret(self) -> Offset | None:
        return self.content_region.offset + Offset(2, 0)

    def paint(self, y: int) -> Line:
        line = self.line("tint" if self.has_focus else "panel")
        line.put(drawn("▸ ") if self.has_focus else "  ", "accent")
        words = ", ".join(words for one, words in self.choices if one in self.chosen)
        line.right(" ").right(shown("enter") + " " + _("choose") if self.has_focus else "", "quiet")
        return line.put(words or _("nothing chosen"), "strong" if words else "quiet", bold=self.has_focus)

    def choose(self, one: str) -> None:
        """Choose it, or of several turn it; the empty one is none."""
        if not one:
            self.chosen = []
        elif not self.several:
            self.chosen = [one]
        elif one in self.chosen:
            self.chosen.remove(one)
        else:
            self.chosen.append(one)
        self.refresh()
        self.post_message(self.Changed(self))

    def _step(self, by: int) -> None:
        ids = ["", *(one for one, _words in self.choices)]
        here = ids.index(self.chosen[0]) if self.chosen and self.chosen[0] in ids else 0
        self.choose(ids[(here + by) % len(ids)])

    def on_key(self, event: events.Key) -> None:
        if event.key in ("space", "enter"):
            event.stop()
            self.post_message(self.Opened(self))
        elif event.key in ("left", "right") and not self.several:
            event.stop()
            self._step(1 if event.key == "right" else -1)
        elif event.key in ("delete", "backspace"):
            event.stop()
            self.choose("")

    def on_click(self) -> None:
        self.post_message(self.Opened(self))

    def watch_has_focus(self, focused: bool) -> None:
        super().watch_has_focus(focused)
        self.refresh()


class Asked(Vertical):
    """One question of a form. `value` is what stands in it, as it was typed."""

    DEFAULT_CSS = """
    Asked { height: auto; }
    Asked TextArea { height: 4; }
    Asked Input, Asked TextArea { max-width: 100%; }
    Asked .-wrong { display: none; }
    Asked.-faulty .-wrong { display: block; margin-bottom: 1; }
    Asked.-faulty Chooser { margin-bottom: 0; }
    Asked.-faulty Input, Asked.-faulty TextArea { border-left: solid $b-need; margin-bottom: 0; }
    """

    @dataclass
    class Changed(Message):
        asked: "Asked"

    def __init__(self, cockpit: Cockpit, field: Field, value: Value) -> None:
        super().__init__()
        self.cockpit, self.field = cockpit, field
        self.name_line = Name(cockpit, named(field.name), required=field.required)
        self.wrong = Label(cockpit.desk, cockpit.palette, "", "need")
        self.wrong.add_class("-wrong")
        self.checks: dict[str, Check] = {}
        self.input: Widget = self._made(value)

    def _made(self, value: Value) -> Widget:
        field, text = self.field, value if isinstance(value, str) else ""
        match field.kind:
            case "many":
                return self._boxes(value if isinstance(value, list) else [])
            case "choice":
                choices = [(option.code, named(option.name)) for option in field.options]
                return Chooser(self.cockpit, named(field.name), choices, [text] if text else [], several=False)
            case "yesno":
                choices = [(forms.YES, _("yes")), (forms.NO, _("no"))]
                return Chooser(self.cockpit, named(field.name), choices, [text] if text else [], several=False)
            case "long":
                return TextField(text)
            case _:
                line = TextLine()
                line.value = harmless_line(filling.shown(field, text))
                return line

    def _boxes(self, chosen: list[str]) -> Widget:
        cockpit = self.cockpit
        self.checks = {
            option.code: Check(cockpit.desk, cockpit.palette, named(option.name), option.code in chosen)
            for option in self.field.options
        }
        for check in self.checks.values():
            check.turned = self._tell
        boxes = Vertical(*self.checks.values())
        boxes.styles.height = "auto"
        boxes.styles.margin = (0, 0, 1, 0)
        return boxes

    def compose(self) -> ComposeResult:
        yield self.name_line
        if self.field.help:
            yield Label(self.cockpit.desk, self.cockpit.palette, named(self.field.help))
        yield self.input
        yield self.wrong

    @property
    def value(self) -> Value:
        if self.checks:
            return [code for code, check in self.checks.items() if check.on]
        match self.input:
            case Chooser(chosen=chosen):
                return chosen[0] if chosen else ""
            case TextArea(text=text):
                return harmless_body(text)
            case Input(value=text):
                return harmless_line(text)
            case _:
                raise TypeError(self.input)

    def go(self) -> None:
        first = next(iter(self.checks.values()), None)
        (first or self.input).focus()

    def say(self, words: str) -> None:
        """What is wrong with it; empty: nothing."""
        self.set_class(bool(words), "-faulty")
        self.wrong.say(words)

    def look(self) -> bool:
        """Say what is wrong with what stands in it; whether nothing is."""
        try:
            forms.read(self.field, self.value)
        except Bad as bad:
            self.say(filling.why(self.field, bad.why))
            return False
        self.say("")
        return True

    def _tell(self) -> None:
        self.post_message(self.Changed(self))

    def on_chooser_changed(self, message: Chooser.Changed) -> None:
        message.stop()
        self._tell()

    def on_input_changed(self, message: Input.Changed) -> None:
        message.stop()
        self._tell()

    def on_text_area_changed(self, message: TextArea.Changed) -> None:
        message.stop()
        self._tell()

    def on_descendant_blur(self) -> None:
        """One is told of a mistake when one goes on, not while one types."""
        if self.value:
            self.look()
