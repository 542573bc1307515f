"""What can be done here, read off the registry and the live keymap: where one is first, then everywhere else."""

from collections.abc import Iterable, Iterator, Sequence

from textual import events
from textual.app import ComposeResult
from textual.geometry import Offset, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from agent_tui.actions import ACTIONS, CONTEXTS, HELP, Action, Situation, called
from agent_tui.glyphs import spelled
from agent_tui.i18n import _
from agent_tui.keymap import Keymap
from agent_tui.keys import shown
from agent_tui.markup import TYPED
from agent_tui.screens.keyed import Cockpit, KeyedScreen
from agent_tui.shortcuts import fold
from agent_tui.text import line as harmless_line
from agent_tui.widgets.cells import width, wrap
from agent_tui.widgets.paint import Line, Palette
from agent_tui.widgets.painted import Painted
from agent_tui.widgets.standing import first_text


class HelpPage(ScrollView, can_focus=True):
    DEFAULT_CSS = """
    HelpPage { height: 1fr; background: $b-ground; scrollbar-size-vertical: 0; scrollbar-size-horizontal: 0; }
    """

    def __init__(
        self,
        palette: Palette,
        keymap: Keymap,
        contexts: tuple[str, ...],
        situation: Situation,
        macros: Sequence[tuple[str, str]],
    ) -> None:
        """`macros` are keys or names, and steps."""
        super().__init__()
        self.macros = macros
        self.palette, self.keymap, self.contexts, self.situation = palette, keymap, contexts, situation
        self._lines: list[Strip] = []
        self.sought = ""  # only entries that have it in their keys or their words are shown
        self.found = 0  # entries

    def _lay(self) -> Iterator[Line]:
        yield self._line()
        others = [name for name in CONTEXTS if name not in self.contexts]
        for context in (*self.contexts, "", *others):
            if not context:
                yield from self._macros()
                yield from self._typed()
                continue
            here = context in self.contexts
            entries = (
                (key, self._words(action), not here or action.applies(self.situation))
                for key, action in self._keys(context)
            )
            yield from self._section(_(CONTEXTS[context]), "accent" if here else "strong", entries)

    def _macros(self) -> Iterator[Line]:
        yield from self._section(_("Macros"), "strong", ((name, steps, True) for name, steps in self.macros))

    def _typed(self) -> Iterator[Line]:
        """All of it where its title is sought: whoever looks for notes wants to know."""
        title = _("What can be typed in a note")
        typed = ((spelled(marks), _(words), True) for marks, words in TYPED)
        yield from self._section(title, "strong", typed, whole=fold(self.sought) in fold(title))

    def _section(
        self, title: str, role: str, entries: Iterable[tuple[str, str, bool]], *, whole: bool = False
    ) -> Iterator[Line]:
        """What of keys, words and whether they work now is sought, under a title; nothing where there is none. `whole`:
        all of it is sought."""
        wanted = fold(self.sought)
        found = [one for one in entries if whole or wanted in fold(one[1]) or self.sought in one[0].split()]
        if not found:
            return
        self.found += len(found)
        yield self._line().put("  ").put(title, role, bold=True)
        for key, words, works in found:
            yield from self._entry(key, words, works)
        yield self._line()

    def _words(self, action: Action) -> str:
        macro = self.keymap.macros.get(action.id.partition(".")[2]) if action.id not in ACTIONS else None
        return f"{action.label}: {', '.join(macro)}" if macro else _(action.help)

    def _entry(self, key: str, words: str, works: bool) -> Iterator[Line]:
        column = 20
        for index, part in enumerate(wrap(words, max(self.size.width - column - 2, 20))):
            line = self._line().put("  ")
            if index == 0:
                line.put(key, "text" if works else "faint", bold=works)
            yield line.to(column).put(part, "text" if works else "faint")

    def _line(self) -> Line:
        return Line(self.size.width, self.palette)

    def _keys(self, context: str) -> list[tuple[str, Action]]:
        """In the registry's order, which is the same in every style."""
        actions = (*ACTIONS.values(), *(called(f"macro.{name}") for name in self.keymap.macros))
        found = ((action, self.keymap.keys_for(context, action.id)) for action in actions)
        return [("  ".join(map(shown, keys)), action) for action, keys in found if keys]

    @property
    def caret(self) -> Offset | None:
        return first_text(self)

    def render_line(self, y: int) -> Strip:
        index = y + self.scroll_offset.y
        return self._lines[index] if index < len(self._lines) else self._line().strip()

    def on_resize(self, event: events.Resize) -> None:
        self._lay_out()

    def _lay_out(self) -> None:
        self.found = 0
        self._lines = [line.strip() for line in self._lay()]
        if not self.found:
            self._lines.append(self._line().put("  ").put(_("Nothing by that name."), "quiet").strip())
        self.virtual_size = Size(self.size.width, len(self._lines))
        self.refresh()

    def seek(self, sought: str) -> None:
        """Show only what has `sought` in it, from the beginning."""
        self.sought = sought
        self._lay_out()
        self.scroll_to(y=0, animate=False, force=True)

    def move(self, lines: int) -> None:
        self.scroll_to(y=self.scroll_offset.y + lines, animate=False, force=True)


class _Sought(Painted):
    """The line in which one types what is sought, above the footer."""

    DEFAULT_CSS = """
    _Sought { height: 1; dock: bottom; display: none; margin-bottom: 1; }
    """
    words = ""

    def paint(self, y: int) -> Line:
        return self.line("tint").put(" / ", "accent", bold=True).put(self.words, "strong")

    @property
    def caret(self) -> Offset:
        end = min(width(self.words) + 3, self.content_region.width - 1)
        return self.content_region.offset + Offset(end, 0)


class HelpScreen(KeyedScreen):
    """Scrolled by keys; `help.find` begins to narrow it by what is typed, until Enter or Escape."""

    never_left_out = "list.close"

    def __init__(
        self,
        cockpit: Cockpit,
        contexts: tuple[str, ...],
        situation: Situation,
        macros: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(cockpit)
        self.page = HelpPage(cockpit.palette, cockpit.keymap, contexts, situation, macros)
        self.handlers = {
            "list.down": lambda: self.page.move(1),
            "list.up": lambda: self.page.move(-1),
            "list.page_down": lambda: self.page.move(self.page.size.height - 2),
            "list.page_up": lambda: self.page.move(2 - self.page.size.height),
            "list.first": lambda: self.page.scroll_to(y=0, animate=False, force=True),
            "list.last": lambda: self.page.scroll_to(y=self.page.max_scroll_y, animate=False, force=True),
            "help.find": self.find,
            "list.close": self.leave,
            "help": self.leave,
        }
        self.sought = _Sought(cockpit.desk, cockpit.palette)
        self.typing = False

    def find(self) -> None:
        self.typing = self.sought.display = True
        self.set_focus(None)
        self.sought.refresh()

    def _stop_typing(self) -> None:
        self.typing = False
        self.page.focus()

    def leave(self) -> None:
        """What was sought first, then the help."""
        if self.sought.display:
            self.sought.display = False
            self._stop_typing()
            self._seek("")
        else:
            self.dismiss()

    def _seek(self, words: str) -> None:
        self.sought.words = words
        self.sought.refresh()
        self.page.seek(words)
        self.refresh_footer()

    def on_key(self, event: events.Key) -> None:
        """While one types what is sought, letters are no orders, and Enter ends the typing."""
        if not self.typing:
            super().on_key(event)
            return
        if event.key == "backspace":
            self._seek(self.sought.words[:-1])
        elif event.key == "enter":
            self._stop_typing()
        elif event.is_printable and event.character:
            self._seek(self.sought.words + event.character)
        else:
            super().on_key(event)
        event.stop()
        event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        if self.typing:
            self._seek(self.sought.words + harmless_line(event.text))

    @property
    def caret(self) -> Offset | None:
        return self.sought.caret if self.typing else super().caret

    def compose(self) -> ComposeResult:
        yield self.page
        yield self.sought
        yield self.footer

    def on_mount(self) -> None:
        self.page.focus()

    def places(self) -> tuple[str, ...]:
        return (HELP, "global")

    def offered(self) -> tuple[str, ...]:
        return ("help.find", "list.page_down", "list.page_up")
