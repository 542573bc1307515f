"""A line in the footer to type commands into: `:assign Luis`, `:tag vip`, `:snooze 30m`."""

from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from agent_tui.actions import LINE
from agent_tui.arguments import BadOrder
from agent_tui.glyphs import drawn
from agent_tui.i18n import _
from agent_tui.orders import Candidate, Orders, Ready
from agent_tui.screens.fields import KeyField
from agent_tui.screens.keyed import Cockpit, KeyedScreen
from agent_tui.widgets.cells import cut, width, wrap
from agent_tui.widgets.paint import Line
from agent_tui.widgets.painted import Painted

ROWS = 8
HISTORY = 100
NAMED = 24  # cells of a name


class _Sign(Painted):
    """The colon before what is typed."""

    DEFAULT_CSS = """
    _Sign { width: 3; height: 1; }
    """

    def paint(self, y: int) -> Line:
        return self.line("panel").put(" :", "accent", bold=True)


class _Target(Painted):
    """Whom the line is about."""

    DEFAULT_CSS = """
    _Target { width: 0; height: 1; }
    """

    name_shown = ""

    def say(self, name: str) -> None:
        self.name_shown = cut(name, NAMED)
        self.styles.width = width(self.name_shown) + 2 if name else 0
        self.refresh()

    def paint(self, y: int) -> Line:
        return self.line("panel").put(f" {self.name_shown} ", "accent")


class _Above(Painted):
    """What the line may become, or what is wrong with it; a line of help where there is neither. Below a hairline where
    the theme has no other ground to tell it by."""

    def __init__(self, screen: "CommandLine") -> None:
        super().__init__(screen.desk, screen.palette)
        self.line_screen = screen

    def lay(self) -> None:
        screen = self.line_screen
        lines = len(self._faults) if screen.fault else min(max(len(screen.shown), 1), ROWS)
        self.styles.height = lines + self.palette.flat
        self.refresh()

    @property
    def _faults(self) -> list[str]:
        return wrap(self.line_screen.fault, max(self.app.size.width - 4, 10))

    def paint(self, y: int) -> Line:
        if self.palette.flat and y == 0:
            return self.line("panel").put(drawn("─") * self.size.width, "line")
        return self._paint(y - self.palette.flat)

    def _paint(self, y: int) -> Line:
        screen = self.line_screen
        if screen.fault:
            line = self.line("tint").put(drawn(" ✗ ") if y == 0 else "   ", "need", bold=True)
            return line.put(self._faults[y], "strong") if y < len(self._faults) else line
        if not screen.shown:
            keys = _("⏎ does it   tab completes   ↑ earlier ones   esc leaves")
            return self.line("panel").put("   ").put(screen.hint or keys, "quiet")
        top = min(max(screen.marked - ROWS + 1, 0), max(len(screen.shown) - ROWS, 0))
        if y + top >= len(screen.shown):  # not laid out again yet
            return self.line("panel")
        one, marked = screen.shown[y + top], y + top == screen.marked
        column = max(width(candidate.text) for candidate in screen.shown) + 5
        line = self.line("tint" if marked else "panel").put(drawn(" ▌ ") if marked else "   ", "accent").right(" ")
        line.put(one.text, "strong" if marked else "text", bold=marked).to(min(column, self.size.width // 2))
        return line.put(one.about, "quiet")


class CommandLine(KeyedScreen, ModalScreen[None]):
    """Calls `then` with what is to be done, once the line says something that can be. `history` is added to."""

    DEFAULT_CSS = """
    CommandLine { background: transparent; &:ansi { background: transparent; } }
    CommandLine #bottom { dock: bottom; height: auto; background: $b-panel; }
    CommandLine #line { height: 1; }
    CommandLine _Above { height: 1; }
    CommandLine Input { border: none; height: 1; padding: 0; background: $b-panel; color: $b-text; width: 1fr; }
    CommandLine Input:focus { border: none; background-tint: transparent; }
    CommandLine Input > .input--cursor { background: $b-text; color: $b-ground; text-style: none; }
    """

    def __init__(
        self, cockpit: Cockpit, orders: Orders, history: list[str], then: Callable[[Ready], None], line: str = ""
    ) -> None:
        """`line` is what stands in it at first."""
        super().__init__(cockpit)
        self._first = line
        self.orders, self.history, self.then = orders, history, then
        self.shown: Sequence[Candidate] = ()
        self.marked = -1
        self.fault = self.hint = ""
        self._past = len(history)
        self._put = ""  # the line as it was last put in, not typed
        self.field = KeyField(self.keymap, LINE)
        self.above, self.target = _Above(self), _Target(self.desk, self.palette)
        self.handlers = {
            "line.run": self.run_line,
            "line.complete": lambda: self.turn(1),
            "line.complete_back": lambda: self.turn(-1),
            "line.older": lambda: self.remember(-1),
            "line.newer": lambda: self.remember(1),
            "line.close": self.leave,
        }

    def compose(self) -> ComposeResult:
        with Vertical(id="bottom"):
            yield self.above
            with Horizontal(id="line"):
                yield _Sign(self.desk, self.palette)
                yield self.field
                yield self.target

    def on_mount(self) -> None:
        self.field.focus()
        self._write(self._first)
        self._offer()

    def places(self) -> tuple[str, ...]:
        return (LINE,)

    def leave(self) -> None:
        self.dismiss()

    def _offer(self) -> None:
        """List what the line may become; after an empty one everything, which says what there is."""
        self.shown, self.marked, self.fault = self.orders.complete(self.field.value), -1, ""
        self.hint = "" if self.shown else self.orders.hint(self.field.value)
        self.above.lay()
        self.target.say(self.orders.target(self.field.value))

    def turn(self, by: int) -> None:
        """Put in the next of what the line may become; once the only one is in, go on with what may follow it."""
        if not self.shown:
            return
        self.marked = (self.marked + by) % len(self.shown) if self.marked >= 0 or by > 0 else len(self.shown) - 1
        self._write(self.shown[self.marked].line)
        self.target.say(self.orders.target(self.field.value))
        if len(self.shown) == 1:
            self._offer()
        self.above.lay()

    def remember(self, by: int) -> None:
        past = self._past + by
        if 0 <= past <= len(self.history):
            self._past = past
            self._write(self.history[past] if past < len(self.history) else "")
            self._offer()

    def _write(self, line: str) -> None:
        self._put = self.field.value = line
        self.field.cursor_position = len(line)

    def run_line(self) -> None:
        line = self.field.value.strip()
        if not line:
            self.leave()
            return
        try:
            ready = self.orders.read(line)
        except BadOrder as error:
            self.fault = str(error)
            self.above.lay()
            return
        if not self.history or self.history[-1] != line:
            self.history.append(line)
            del self.history[:-HISTORY]
        self.dismiss()
        self.then(ready)

    def on_key_field_ordered(self, message: KeyField.Ordered) -> None:
        self.perform(message.action)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value != self._put:
            self._put = ""
            self._offer()
