"""The shortcuts of the desk and one's own: look, make, edit, delete."""

from agent_tui import names, refusals, rights
from agent_tui.actions import MANAGE
from agent_tui.i18n import _
from agent_tui.link import model
from agent_tui.screens.keyed import Cockpit
from agent_tui.screens.list_screen import ListScreen
from agent_tui.screens.shortcut_form import ShortcutForm
from agent_tui.shortcuts import fold
from agent_tui.widgets.cells import width
from agent_tui.widgets.item_rows import ItemRows, ListTitle
from agent_tui.widgets.paint import Line
from hub.protocol import commands
from hub.protocol.views import Shortcut


def may_change(desk: model.Desk, shortcut: Shortcut) -> bool:
    """One's own; the desk's takes a grant beyond that."""
    own = desk.me is not None and shortcut.owner == desk.me.agent and not shortcut.shared
    return own or rights.granted(desk, "shortcut.save", beyond_own=True)


class ShortcutRows(ItemRows[Shortcut]):
    """Code, whose it is, how it begins."""

    def update(self) -> None:
        self.show(sorted(self.desk.shortcuts.values(), key=lambda one: (fold(one.code), one.id)))

    def paint(self, line: Line, one: Shortcut, *, chosen: bool) -> Line:
        codes = min(max(width(row.code) for row in self.rows), 24) + 1
        whose = _("the desk's") if one.shared else names.agent(self.desk, one.owner)
        line.right("  ").right(whose, "quiet").right("  ")
        line.put(f"/{one.code}", "strong" if chosen else "text", bold=chosen).to(codes + 5)
        return line.put(one.body, "quiet")


class ShortcutScreen(ListScreen[Shortcut]):
    def __init__(self, cockpit: Cockpit) -> None:
        key = cockpit.chord.keymap.key_of((MANAGE,), "shortcut.new")
        empty = _("None yet: {key} makes the first one.").format(key=key)
        self.shortcuts = ShortcutRows(cockpit.desk, cockpit.palette, empty)
        title = ListTitle(cockpit.desk, cockpit.palette, _("Shortcuts"), _("type / and the code while writing"))
        super().__init__(cockpit, title, self.shortcuts)
        self.handlers = {
            **self.handlers,
            "shortcuts": self.leave,
            "shortcut.new": lambda: self._form(None),
            "shortcut.edit": self.edit,
            "shortcut.delete": self.delete,
        }

    def on_mount(self) -> None:
        self.shortcuts.update()
        super().on_mount()

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
                self.shortcuts.update()
                self.refresh_footer()
            case model.CommandRefused(name=name) if name.startswith("shortcut."):
                self.notice.say(refusals.sentence(self.desk, change.code, field=change.field, detail=change.detail))
            case model.LinkChanged():
                self.footer.update()

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

    def on_item_rows_opened(self, message: ShortcutRows.Opened) -> None:
        self.edit()
