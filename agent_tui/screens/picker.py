"""A small window with a list in it: choose by arrows, by typing, or by the mouse."""

from collections.abc import Callable, Sequence
from functools import cached_property

import msgspec
from textual import events
from textual.app import ComposeResult
from textual.geometry import Offset
from textual.screen import ModalScreen

from agent_tui.actions import LIST
from agent_tui.glyphs import drawn
from agent_tui.i18n import _
from agent_tui.screens.keyed import Cockpit, KeyedScreen
from agent_tui.shortcuts import fold
from agent_tui.terminal.caret import is_shown
from agent_tui.text import line as harmless_line
from agent_tui.widgets.cells import width
from agent_tui.widgets.paint import Line
from agent_tui.widgets.standing import at_text
from agent_tui.widgets.window import Window

ROWS = 12
NAMES = 18  # cells; a longer label pushes its hint to the right


class Choice(msgspec.Struct, frozen=True):
    """`side` stands at the right: a key, or why it can't be chosen."""

    id: str
    label: str
    side: str = ""
    hint: str = ""  # what it is, after its label
    glyph: str = ""
    role: str = "quiet"
    words: str = ""  # further ones that it is found by
    barred: bool = False  # it can't be chosen; `side` says why


class PickerWindow(Window):
    """Title or what is typed, a hairline, and the choices."""

    DEFAULT_CSS = """
    PickerWindow { margin-top: 3; }
    """

    def __init__(self, picker: "Picker") -> None:
        super().__init__(picker.desk, picker.palette)
        self.picker = picker

    def paint(self, y: int) -> Line:
        picker = self.picker
        if y in (0, self.size.height - 1):
            return self.edge("└┘" if y else "┌┐")
        if y == 2:
            return self.rule()
        if y == 1:
            line = self.sided().put(" ").put(picker.title_words, "strong", bold=True)
            if picker.typing:
                line.put(drawn("  › "), "accent", bold=True).put(picker.typed)
                painted = self._in_line and not is_shown(self.app)
                line.put(" ", style=self.palette.style("text", "panel", reverse=painted))
            return line
        index = y - 3 + picker.top
        if not picker.found and y == 3:
            words = _("Nothing by that name.") if picker.typed else _("There is nothing to choose from.")
            return self.sided().put(" ").put(words, "quiet")
        return self._choice(index) if index < len(picker.found) else self.sided()

    @property
    def caret(self) -> Offset | None:
        """Behind what is typed, while one types; else the marked choice."""
        picker = self.picker
        if self._in_line:
            column = 2 + width(picker.title_words) + (width(f"  › {picker.typed}") if picker.typing else 0)
            return self.content_region.offset + Offset(min(column, self.content_region.width - 1), 1)
        y = picker.marked - picker.top + 3
        return at_text(self, y, self.paint(y).strip())

    @property
    def _in_line(self) -> bool:
        """Whether the cursor stands where one types, not at the marked choice."""
        return self.picker.writing or not self.picker.found

    def _choice(self, index: int) -> Line:
        choice, marked = self.picker.found[index], index == self.picker.marked
        line = self.sided("tint" if marked else "panel").put(drawn("▌") if marked else " ", "accent").put(" ")
        if choice.glyph:
            line.put(f"{choice.glyph} ", choice.role)
        side = "wait" if choice.barred else "accent" if marked else "quiet"
        line.right(" ").right(choice.side, side).right("  ")
        start, end = self._matched(choice.label)
        for text, role in ((choice.label[:start], ""), (choice.label[start:end], "accent"), (choice.label[end:], "")):
            plain = "faint" if choice.barred else "strong" if marked else "text"
            line.put(text, role or plain, bold=(marked and not choice.barred) or bool(role))
        if not choice.hint:
            return line
        return line.put(" " * max(self._names - width(choice.label) + 2, 2)).put(choice.hint, "quiet")

    def _matched(self, label: str) -> tuple[int, int]:
        """Where in the label stands what is typed; nowhere, where folding has changed the count of its letters."""
        typed, folded = fold(self.picker.typed), fold(label)
        at = folded.find(typed) if typed and len(folded) == len(label) else -1
        return (at, at + len(typed)) if at >= 0 else (0, 0)

    @cached_property
    def _names(self) -> int:
        """Cells of the column of labels, where they are followed by hints."""
        return max((n for one in self.picker.choices if (n := width(one.label)) <= NAMES), default=0)

    def on_click(self, event: events.Click) -> None:
        index = event.y - 3 + self.picker.top
        if event.y >= 3 and index < len(self.picker.found):
            self.picker.choose(index)


class Picker(KeyedScreen, ModalScreen[None]):
    """Calls `then` with the id of what was chosen. With `typing`, what is typed narrows the list."""

    DEFAULT_CSS = """
    Picker { background: transparent; align-horizontal: center; &:ansi { background: transparent; } }
    """

    def __init__(
        self,
        cockpit: Cockpit,
        title: str,
        choices: Sequence[Choice],
        then: Callable[[str], None],
        *,
        typing: bool = False,
        marked: str = "",
        aside: Callable[[str], None] | None = None,
    ) -> None:
        """`aside` does something else with what is chosen."""
        super().__init__(cockpit)
        self._aside = aside
        self.title_words, self.choices, self.then, self.typing = title, choices, then, typing
        self.typed = ""
        self.writing = False  # the last key typed a letter of it
        self.found: Sequence[Choice] = choices
        self.marked = next((index for index, one in enumerate(choices) if one.id == marked), 0)
        self.top = max(self.marked - ROWS + 1, 0)
        self.window = PickerWindow(self)
        self.handlers = {
            "list.down": lambda: self.move(1),
            "list.up": lambda: self.move(-1),
            "list.page_down": lambda: self.move(ROWS - 1),
            "list.page_up": lambda: self.move(1 - ROWS),
            "list.choose": lambda: self.choose(self.marked),
            "list.aside": self.choose_aside,
            "list.close": self.close_list,
        }

    def compose(self) -> ComposeResult:
        yield self.window
        yield self.footer

    def on_mount(self) -> None:
        self._fit()

    def places(self) -> tuple[str, ...]:
        return (LIST,)

    def offered(self) -> tuple[str, ...]:
        aside = ("list.aside",) if self._aside is not None else ()
        return ("list.choose", *aside, "list.down", "list.close")

    @property
    def caret(self) -> Offset | None:
        return super().caret or self.window.caret

    def _fit(self) -> None:
        self.window.styles.height = min(max(len(self.choices), 1), ROWS) + 4
        self.window.refresh()

    def move(self, by: int) -> None:
        if self.found:
            self.writing = False
            self.marked = (
                (self.marked + by) % len(self.found)
                if abs(by) == 1
                else min(max(self.marked + by, 0), len(self.found) - 1)
            )
            self.top = min(max(self.top, self.marked - ROWS + 1), self.marked)
            self.window.refresh()

    def choose(self, index: int) -> None:
        self._choose(index, self.then)

    def choose_aside(self) -> None:
        if self._aside is not None:
            self._choose(self.marked, self._aside)

    def _choose(self, index: int, then: Callable[[str], None]) -> None:
        if 0 <= index < len(self.found) and not self.found[index].barred:
            chosen = self.found[index].id
            self.dismiss()
            then(chosen)

    def close_list(self) -> None:
        self.cockpit.tape.refuse(_("nothing was chosen"))
        self.dismiss()

    def on_key(self, event: events.Key) -> None:
        if (
            self.chord.pending
            or self.keymap.find(self.contexts, event.key) is not None
            or (not event.is_printable and self.keymap.begins(self.contexts, event.key))
        ):
            super().on_key(event)
        elif self.typing and event.key == "backspace":
            self._narrow(self.typed[:-1])
        elif self.typing and event.is_printable and event.character:
            self._narrow(self.typed + event.character)
        event.stop()
        event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        if self.typing:
            self._narrow(self.typed + harmless_line(event.text))
        event.stop()

    def _narrow(self, typed: str) -> None:
        """Those that begin with what is typed come before those that only have it."""
        self.typed, wanted = typed, fold(typed)
        self.writing = bool(typed)
        ranked = [
            (fold(one.label), one)
            for one in self.choices
            if wanted in fold(f"{one.label} {one.hint} {one.id} {one.words}")
        ]
        ranked.sort(key=lambda pair: (not pair[0].startswith(wanted), wanted not in pair[0]))
        self.found = [one for _, one in ranked]
        self.marked = self.top = 0
        self.window.refresh()
