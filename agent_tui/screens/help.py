"""What can be done here, read off the registry and the live keymap: where one is first, then everywhere else."""

from collections.abc import Iterator, Sequence

from textual import events
from textual.app import ComposeResult
from textual.geometry import Offset, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from agent_tui.actions import ACTIONS, CONTEXTS, HELP, Action, Situation, called
from agent_tui.i18n import _
from agent_tui.keymap import Keymap
from agent_tui.keys import shown
from agent_tui.screens.keyed import Cockpit, KeyedScreen
from agent_tui.widgets.cells import wrap
from agent_tui.widgets.paint import Line, Palette
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

    def _lay(self) -> Iterator[Line]:
        yield self._line()
        others = [name for name in CONTEXTS if name not in self.contexts]
        for context in (*self.contexts, "", *others):
            if not context:
                yield from self._macros()
            keys = self._keys(context)
            if not keys:
                continue
            here = context in self.contexts
            yield self._line().put("  ").put(_(CONTEXTS[context]), "accent" if here else "strong", bold=True)
            for key, action in keys:
                works = not here or action.applies(self.situation)
                yield from self._action(key, action, works)
            yield self._line()

    def _macros(self) -> Iterator[Line]:
        if self.macros:
            yield self._line().put("  ").put(_("Macros"), "strong", bold=True)
            for name, steps in self.macros:
                yield from self._entry(name, steps, True)
            yield self._line()

    def _action(self, key: str, action: Action, works: bool) -> Iterator[Line]:
        macro = self.keymap.macros.get(action.id.partition(".")[2]) if action.id not in ACTIONS else None
        return self._entry(key, f"{action.label}: {', '.join(macro)}" if macro else _(action.help), works)

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
        self._lines = [line.strip() for line in self._lay()]
        self.virtual_size = Size(self.size.width, len(self._lines))
        self.refresh()

    def move(self, lines: int) -> None:
        self.scroll_to(y=self.scroll_offset.y + lines, animate=False, force=True)


class HelpScreen(KeyedScreen):
    last = "list.close"

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
            "list.close": self.leave,
            "help": self.leave,
        }

    def leave(self) -> None:
        self.dismiss()

    def compose(self) -> ComposeResult:
        yield self.page
        yield self.footer

    def on_mount(self) -> None:
        self.page.focus()

    def places(self) -> tuple[str, ...]:
        return (HELP, "global")

    def offered(self) -> tuple[str, ...]:
        return ("list.page_down", "list.page_up")
