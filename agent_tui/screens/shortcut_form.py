"""A form for one shortcut: its code, its text, and whether it is the whole desk's."""

import re

from textual.app import ComposeResult

from agent_tui import refusals, rights
from agent_tui.actions import FORM
from agent_tui.fill import VALUES
from agent_tui.i18n import _
from agent_tui.link import model
from agent_tui.screens.fields import Check, Field, Fields, Label, TextField
from agent_tui.screens.keyed import Cockpit, KeyedScreen
from agent_tui.text import body as harmless_body
from agent_tui.text import line as harmless_line
from hub.protocol import commands
from hub.protocol.errors import Code
from hub.protocol.views import Shortcut

CODE = re.compile(r"^[a-z0-9][a-z0-9_-]{0,31}$")


class ShortcutForm(KeyedScreen):
    DEFAULT_CSS = """
    ShortcutForm Check { margin-bottom: 1; }
    """

    def __init__(self, cockpit: Cockpit, shortcut: Shortcut | None, *, text: str = "") -> None:
        """`text` is what a new shortcut begins with."""
        super().__init__(cockpit)
        self.shortcut, self.text = shortcut, text
        self.code = Field()
        self.body = TextField(shortcut.body if shortcut else text)
        shared = shortcut.shared if shortcut else False
        self.shared = Check(self.desk, self.palette, _("for the whole desk"), shared)
        self._sent = ""
        self.handlers = {
            "form.keep": self.keep,
            "form.next": self.focus_next,
            "form.previous": self.focus_previous,
            "form.close": self.leave,
        }

    def compose(self) -> ComposeResult:
        desk, palette = self.desk, self.palette
        title = _("Edit /{code}").format(code=self.shortcut.code) if self.shortcut else _("New shortcut")
        known = "  ".join(f"{{{{{name}}}}}" for name in VALUES)
        with Fields():
            yield Label(desk, palette, title, "strong", bold=True)
            yield Label(desk, palette, "")
            yield Label(desk, palette, _("Code: small letters, digits, - and _"))
            yield self.code
            yield Label(desk, palette, _("Text. Filled in for each customer:"))
            yield Label(desk, palette, known, "accent")
            yield self.body
            if rights.granted(desk, "shortcut.save", beyond_own=True):
                yield self.shared
        yield self.notice
        yield self.footer

    def on_mount(self) -> None:
        self.code.value = harmless_line(self.shortcut.code) if self.shortcut else ""
        self.code.focus()

    def places(self) -> tuple[str, ...]:
        return (FORM, "global")

    def offered(self) -> tuple[str, ...]:
        return ("form.keep", "form.next", "form.close")

    def leave(self) -> None:
        changed = (self.code.value, self.body.text) != (
            (harmless_line(self.shortcut.code), harmless_body(self.shortcut.body)) if self.shortcut else ("", self.text)
        )
        if changed:
            self.ask(_("Leave without saving?"), self._close)
        else:
            self._close()

    def _close(self) -> None:
        self.dismiss()

    def keep(self) -> None:
        """Save it; the form stays until the hub has taken it."""
        code, body = harmless_line(self.code.value).removeprefix("/").lower(), harmless_body(self.body.text).strip()
        if not CODE.match(code):
            self.notice.say(_("The code takes small letters, digits, - and _ only, at most 32."))
            self.code.focus()
        elif not body:
            self.notice.say(refusals.sentence(self.desk, Code.EMPTY, field="body"))
            self.body.focus()
        else:
            args = commands.SaveShortcut(
                code=code, body=body, shared=self.shared.on, shortcut=self.shortcut.id if self.shortcut else None
            )
            self._sent = self.desk.submit("shortcut.save", args)
            if self.desk.link.phase != "online":
                self.notice.say(_("Kept: it is saved when the link is back."), "wait")

    def changed(self, change: model.Change) -> None:
        match change:
            case model.CommandDone(key=key) if key == self._sent:
                self._close()
            case model.CommandRefused(key=key) if key == self._sent:
                self.notice.say(refusals.sentence(self.desk, change.code, field=change.field, detail=change.detail))
            case model.LinkChanged():
                self.footer.update()
