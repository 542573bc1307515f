"""Fields of the forms that a desk is set up with: each under its label and a hint, whose place its fault takes."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Generic, TypeVar, cast

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.geometry import Offset
from textual.message import Message
from textual.widget import Widget

from agent_tui.actions import MANY
from agent_tui.glyphs import drawn
from agent_tui.link.model import Desk
from agent_tui.screens.fields import Check, Field, TextField
from agent_tui.screens.keyed import Cockpit
from agent_tui.screens.picker import Choice, Picker
from agent_tui.setting_texts import BadText
from agent_tui.text import body as harmless_body
from agent_tui.text import line as harmless_line
from agent_tui.widgets.cells import wrap
from agent_tui.widgets.paint import Line, Palette
from agent_tui.widgets.painted import Painted

V = TypeVar("V")
Raw = str | bool | tuple[str, ...]  # what stands in a field, as the person left it
Choices = Callable[[], Sequence[Choice]]


class FieldHead(Painted):
    """What a field is called, and what may stand in it; or what is wrong with what does."""

    DEFAULT_CSS = """
    FieldHead { height: 1; }
    """

    def __init__(self, desk: Desk, palette: Palette, label: str, hint: str, *, required: bool) -> None:
        super().__init__(desk, palette)
        self.label, self.hint, self.fault = f"{label} *" if required else label, hint, ""
        self.required = required
        self._lines: list[str] = []

    def say(self, fault: str) -> None:
        self.fault = fault
        self._lay()

    def on_resize(self, event: events.Resize) -> None:
        self._lay()

    def _lay(self) -> None:
        words = drawn("✗ ") + self.fault if self.fault else self.hint
        self._lines = wrap(f"{self.label}  {words}", max(self.size.width, 20))
        self.styles.height = max(len(self._lines), 1)
        self.refresh()

    def paint(self, y: int) -> Line:
        if y >= len(self._lines):
            return self.line()
        text, role = self._lines[y], "need" if self.fault else "quiet"
        if y or not text.startswith(self.label):
            return self.line().put(text, role)
        line = self.line().put(self.label.removesuffix(" *"), "strong", bold=True)
        return line.put(" *" if self.required else "", "need", bold=True).put(text[len(self.label) :], role)


class FieldChoice(Painted, can_focus=True):
    """Shows what was chosen; choosing is done in a small window."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    FieldChoice { height: 1; border-left: solid $b-line; background: $b-panel; padding: 0 1; max-width: 100; }
    FieldChoice:focus { border-left: solid $b-accent; background: $b-tint; }
    .-ascii FieldChoice { border-left: ascii $b-line; }
    .-ascii FieldChoice:focus { border-left: ascii $b-accent; }
    """

    class Opened(Message):
        """It was clicked, to choose."""

    def __init__(self, desk: Desk, palette: Palette, choices: Choices, nothing: str) -> None:
        """`nothing` stands there as long as nothing is chosen."""
        super().__init__(desk, palette)
        self.choices, self.nothing = choices, nothing
        self._lines: list[str] = []

    @property
    def words(self) -> str:
        raise NotImplementedError

    def open(self, cockpit: Cockpit, title: str) -> None:
        raise NotImplementedError

    @property
    def caret(self) -> Offset | None:
        return self.content_region.offset

    def lay(self) -> None:
        self._lines = wrap(self.words or self.nothing, max(self.size.width, 10))
        self.styles.height = max(len(self._lines), 1)
        self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        self.lay()

    def paint(self, y: int) -> Line:
        line = self.line("tint" if self.has_focus else "panel")
        role = "quiet" if not self.words else "strong" if self.has_focus else "text"
        return line.put(self._lines[y] if y < len(self._lines) else "", role)

    def watch_has_focus(self, focused: bool) -> None:
        super().watch_has_focus(focused)
        self.refresh()

    def on_click(self) -> None:
        self.post_message(self.Opened())


class Pick(FieldChoice):
    """One of several."""

    chosen = ""

    @property
    def words(self) -> str:
        return next((one.label for one in self.choices() if one.id == self.chosen), self.chosen)

    def open(self, cockpit: Cockpit, title: str) -> None:
        picker = Picker(cockpit, title, self.choices(), self.choose, typing=True, marked=self.chosen)
        self.app.push_screen(picker)

    def choose(self, chosen: str) -> None:
        self.chosen = chosen
        self.lay()


class Several(FieldChoice):
    """Any number of them."""

    chosen: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        labels = {one.id: one.label for one in self.choices()}
        return ", ".join(labels.get(one, one) for one in self.chosen)

    def open(self, cockpit: Cockpit, title: str) -> None:
        self.app.push_screen(SeveralPicker(cockpit, title, self.choices(), self.choose, self.chosen))

    def choose(self, chosen: Sequence[str]) -> None:
        self.chosen = tuple(chosen)
        self.lay()


class SeveralPicker(Picker):
    """A list to mark several in. Whichever way it is left, what is marked is."""

    def __init__(
        self,
        cockpit: Cockpit,
        title: str,
        choices: Sequence[Choice],
        then: Callable[[Sequence[str]], None],
        chosen: Sequence[str],
    ) -> None:
        self.chosen, self._then = [*chosen], then
        plain = sorted(choices, key=lambda one: one.id not in chosen)  # what is marked comes first
        super().__init__(cockpit, title, plain, lambda _chosen: None, typing=True)
        self._paint_marks()
        self.handlers = {**self.handlers, "several.turn": lambda: self.choose(self.marked), "several.done": self.done}

    def places(self) -> tuple[str, ...]:
        return (MANY,)

    def offered(self) -> tuple[str, ...]:
        return ("several.turn", "several.done", "list.down")

    def choose(self, index: int) -> None:
        if 0 <= index < len(self.found):
            one = self.found[index].id
            self.chosen = [*self.chosen, one] if one not in self.chosen else [n for n in self.chosen if n != one]
            self._paint_marks()
            self.window.refresh()

    def _paint_marks(self) -> None:
        self.choices = [self._with_mark(one) for one in self.choices]
        self.found = [self._with_mark(one) for one in self.found]

    def _with_mark(self, one: Choice) -> Choice:
        on = one.id in self.chosen
        glyph, role = drawn("[✓]") if on else "[ ]", "accent" if on else "quiet"
        return Choice(one.id, one.label, one.side, one.hint, glyph, role, one.words)

    def done(self) -> None:
        self.dismiss()
        self._then(self.chosen)


class Entry(Vertical, Generic[V]):
    """A field under its head. `read` gives its value, and raises BadText."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    Entry { height: auto; margin-bottom: 1; }
    Fields Entry Input, Fields Entry TextArea { margin-bottom: 0; }
    Fields Entry Input { max-width: 100; }
    Fields Entry TextArea { height: 4; }
    """

    def __init__(self, name: str, head: FieldHead, field: Widget, first: Raw, read: Callable[[Any], V]) -> None:
        """`name` is the field of the command, by which the hub names it in a refusal."""
        super().__init__()
        self.called, self.head, self.field, self.first = name, head, field, first
        self._read = read
        self._value: V | None = None

    def compose(self) -> ComposeResult:
        yield self.head
        yield self.field

    def on_mount(self) -> None:
        self.put(self.first)

    @property
    def raw(self) -> Raw:
        match self.field:
            case Field(value=value):
                return harmless_line(value)
            case TextField(text=text):
                return harmless_body(text)
            case Check(on=on):
                return on
            case Pick(chosen=one) | Several(chosen=one):
                return one
        raise TypeError(self.field)

    def put(self, raw: Raw) -> None:
        match self.field, raw:
            case Field() as field, str():
                field.value = raw
            case TextField() as field, str():
                field.text = raw
            case Check() as field, bool():
                field.on = raw
                field.refresh()
            case Pick() as field, str():
                field.choose(raw)
            case Several() as field, tuple():
                field.choose(raw)

    @property
    def value(self) -> V:
        """What was read last."""
        return cast(V, self._value)

    def check(self) -> bool:
        """Read it; whether it can be used. What is wrong stands beside it then."""
        try:
            self._value = self._read(self.raw)
        except BadText as fault:
            self.head.say(str(fault))
            return False
        self.head.say("")
        return True

    def on_input_changed(self) -> None:
        self._look_again()

    def on_text_area_changed(self) -> None:
        self._look_again()

    def _look_again(self) -> None:
        """A fault goes as soon as it is mended."""
        if self.head.fault:
            self.check()

    def on_descendant_focus(self) -> None:
        """With its label, not only the field, in view."""
        self.call_after_refresh(partial(self.scroll_visible, animate=False))
