"""Which letter to record into, or to play: one key, asked for in the footer, with what each letter holds."""

from collections.abc import Callable, Mapping, Sequence

from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen

from agent_tui.actions import CONFIRM
from agent_tui.i18n import _, ngettext
from agent_tui.keys import shown
from agent_tui.screens.keyed import Cockpit, KeyedScreen
from agent_tui.widgets.footer import Keys


class RegisterScreen(KeyedScreen, ModalScreen[None]):
    """Calls `then` with a letter, after the digits that were typed before it. Any other key leaves. `kept` are the
    letters to offer, with their steps; with `only_kept` no others are offered."""

    DEFAULT_CSS = """
    RegisterScreen { background: transparent; &:ansi { background: transparent; } }
    """

    def __init__(
        self,
        cockpit: Cockpit,
        words: str,
        kept: Mapping[str, Sequence[str]],
        then: Callable[[str], None],
        *,
        only_kept: bool,
    ) -> None:
        super().__init__(cockpit)
        self.words, self.kept, self.then, self.only_kept = words, kept, then, only_kept
        self.digits = ""

    def compose(self) -> ComposeResult:
        yield self.footer

    def places(self) -> tuple[str, ...]:
        return (CONFIRM,)

    def working_keys(self) -> Keys:
        held = [
            (letter, ngettext("{n} step", "{n} steps", len(steps)).format(n=len(steps)))
            for letter, steps in sorted(self.kept.items())
        ]
        return [*([] if self.only_kept else [("a-z", _("letter"))]), *held, (shown("escape"), _("cancel"))]

    def refresh_footer(self) -> None:
        if self.is_mounted:
            self.footer.show(self.working_keys(), f"{self.words} {self.digits}".rstrip())

    def on_key(self, event: events.Key) -> None:
        self._take(event)
        key = event.character or ""
        if self.only_kept and key.isascii() and key.isdigit() and len(self.digits) < 2:
            self.digits += key
            self.refresh_footer()
            return
        self.dismiss()
        if key.isascii() and key.islower():
            self.then(self.digits + key)
