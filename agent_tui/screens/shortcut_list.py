"""The shortcuts of the desk and one's own: look, make, edit, delete."""

from functools import partial

from textual import events
from textual.app import ComposeResult
from textual.geometry import Offset, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from agent_tui import names, refusals, rights
from agent_tui.actions import MANAGE
from agent_tui.glyphs import drawn
from agent_tui.i18n import _
from agent_tui.link import model
from agent_tui.screens.jump import JumpScreen, Target
from agent_tui.screens.keyed import Cockpit, KeyedScreen
from agent_tui.screens.shortcut_form import ShortcutForm
from agent_tui.shortcuts import fold
from agent_tui.widgets.cells import width
from agent_tui.widgets.paint import Line, Palette
from agent_tui.widgets.painted import Painted
from agent_tui.widgets.standing import at_text, first_text
from hub.protocol import commands
from hub.protocol.views import Shortcut


def may_change(desk: model.Desk, shortcut: Shortcut) -> bool:
    """One's own; the desk's takes a grant beyond that."""
    own = desk.me is not None and shortcut.owner == desk.me.agent and not shortcut.shared
    return own or rights.granted(desk, "shortcut.save", beyond_own=True)


class _Title(Painted):
    DEFAULT_CSS = """
    _Title { height: 3; }
    """

    def paint(self, y: int) -> Line:
        line = self.line()
        if y == 1:
            line.put("  ").put(_("Shortcuts"), "strong", bold=True).put("  ")
            return line.put(_("type / and the code while writing"), "quiet")
        return line.put(drawn("─") * self.size.width, "line") if y == 2 else line


class ShortcutRows(ScrollView, can_focus=True):
    """One shortcut a line: code, whose it is, how it begins. The choice stays with its shortcut."""

    DEFAULT_CSS = """
    ShortcutRows { height: 1fr; background: $b-ground; scrollbar-size-vertical: 0; scrollbar-size-horizontal: 0; }
    """

    class Opened(Message):
        """The marked one was clicked."""

    def __init__(self, desk: model.Desk, palette: Palette, key: str) -> None:
        super().__init__()
        self.desk, self.palette, self.key = desk, palette, key
        self.rows: list[Shortcut] = []
        self.chosen: int | None = None

    @property
    def marked(self) -> Shortcut | None:
        return next((one for one in self.rows if one.id == self.chosen), None)

    def update(self) -> None:
        place = self._index
        self.rows = sorted(self.desk.shortcuts.values(), key=lambda one: (fold(one.code), one.id))
        if self.marked is None and self.rows:
            self.chosen = self.rows[min(place, len(self.rows) - 1)].id
        self.virtual_size = Size(self.size.width, len(self.rows))
        self.refresh()

    @property
    def _index(self) -> int:
        return next((index for index, one in enumerate(self.rows) if one.id == self.chosen), 0)

    def move(self, by: int) -> None:
        self.move_to(self._index + by)

    def move_to(self, index: int) -> None:
        if self.rows:
            index = min(max(index, 0), len(self.rows) - 1)
            self.chosen = self.rows[index].id
            top = self.scroll_offset.y
            if not top <= index < top + self.size.height:
                self.scroll_to(y=index if index < top else index - self.size.height + 1, animate=False, force=True)
            self.refresh()

    @property
    def caret(self) -> Offset | None:
        if self.marked is None:
            return first_text(self)
        y = self._index - self.scroll_offset.y
        return at_text(self, y, self.render_line(y))

    def render_line(self, y: int) -> Strip:
        line, index = Line(self.size.width, self.palette), y + self.scroll_offset.y
        if not self.rows:
            words = _("None yet: {key} makes the first one.").format(key=self.key)
            return (line.put("  ").put(words, "quiet") if y == 1 else line).strip()
        if index >= len(self.rows):
            return line.strip()
        one = self.rows[index]
        chosen = one.id == self.chosen
        if chosen:
            line = Line(self.size.width, self.palette, "tint")
        line.put(drawn("▌ ") if chosen else "  ", "accent")
        codes = min(max(width(row.code) for row in self.rows), 24) + 1
        line.right("  ").right(self._whose(one), "quiet").right("  ")
        line.put(f"/{one.code}", "strong" if chosen else "text", bold=chosen).to(codes + 5)
        return line.put(one.body, "quiet").strip()

    def targets(self) -> list[Target]:
        """Each shortcut in view, for a letter over it."""
        top, at = self.scroll_offset.y, self.region.offset
        seen = list(enumerate(self.rows))[top : top + self.size.height]
        return [Target(str(one.id), at + Offset(0, i - top), partial(self.move_to, i)) for i, one in seen]

    def _whose(self, one: Shortcut) -> str:
        return _("the desk's") if one.shared else names.agent(self.desk, one.owner)

    def on_resize(self, event: events.Resize) -> None:
        self.update()

    def on_click(self, event: events.Click) -> None:
        index = event.y + self.scroll_offset.y
        if index < len(self.rows):
            again = self.rows[index].id == self.chosen
            self.chosen = self.rows[index].id
            self.refresh()
            if again:
                self.post_message(self.Opened())


class ShortcutScreen(KeyedScreen):
    def __init__(self, cockpit: Cockpit) -> None:
        super().__init__(cockpit)
        self.list = ShortcutRows(self.desk, self.palette, self.keymap.key_of((MANAGE,), "shortcut.new"))
        self.handlers = {
            "list.down": lambda: self.list.move(1),
            "list.up": lambda: self.list.move(-1),
            "list.page_down": lambda: self.list.move(self.list.size.height - 1),
            "list.page_up": lambda: self.list.move(1 - self.list.size.height),
            "list.close": self.leave,
            "jump": lambda: self.app.push_screen(JumpScreen(self.cockpit, self.list.targets)),
            "shortcuts": self.leave,
            "shortcut.new": lambda: self._form(None),
            "shortcut.edit": self.edit,
            "shortcut.delete": self.delete,
        }

    def compose(self) -> ComposeResult:
        yield _Title(self.desk, self.palette)
        yield self.list
        yield self.notice
        yield self.footer

    def on_mount(self) -> None:
        self.list.update()
        self.list.focus()

    def places(self) -> tuple[str, ...]:
        return (MANAGE, "global")

    def offered(self) -> tuple[str, ...]:
        one = self.list.marked
        if one is None or not may_change(self.desk, one):
            return ("shortcut.new", "list.close")
        return ("shortcut.edit", "shortcut.new", "shortcut.delete", "list.close")

    def changed(self, change: model.Change) -> None:
        match change:
            case model.RefsChanged("shortcuts"):
                self.list.update()
                self.refresh_footer()
            case model.CommandRefused(name=name) if name.startswith("shortcut."):
                self.notice.say(refusals.sentence(self.desk, change.code, field=change.field, detail=change.detail))
            case model.LinkChanged():
                self.footer.update()

    def leave(self) -> None:
        self.dismiss()

    def _form(self, shortcut: Shortcut | None) -> None:
        self.app.push_screen(ShortcutForm(self.cockpit, shortcut))

    def edit(self) -> None:
        one = self.list.marked
        if one is not None and self._allowed(one):
            self._form(one)

    def delete(self) -> None:
        one = self.list.marked
        if one is not None and self._allowed(one):
            self.ask(_("Delete the shortcut /{code}?").format(code=one.code), lambda: self._delete(one.id))

    def _delete(self, shortcut: int) -> None:
        self.desk.submit("shortcut.delete", commands.DeleteShortcut(shortcut=shortcut))

    def _allowed(self, one: Shortcut) -> bool:
        if may_change(self.desk, one):
            return True
        self.notice.say(_("/{code} is not yours: ask a supervisor to change it.").format(code=one.code))
        return False

    def on_click(self) -> None:
        self.refresh_footer()

    def on_shortcut_rows_opened(self, message: ShortcutRows.Opened) -> None:
        self.edit()
