"""Signing in: where the hub is, who one is, and the password; what is wrong with them stands below."""

from collections.abc import Awaitable, Callable, Sequence

from textual import events, work
from textual.app import App, ComposeResult
from textual.widgets import Input

from agent_tui import i18n, refusals
from agent_tui.appearance import chosen, textual_theme
from agent_tui.glyphs import drawn, only_ascii
from agent_tui.i18n import _, ngettext
from agent_tui.link.address import BadAddress
from agent_tui.link.sign_in import NotSignedIn
from agent_tui.screens.fields import Field, Fields, Label
from agent_tui.terminal import driver_class
from agent_tui.theme import ThemeFile
from agent_tui.widgets.cells import cut
from agent_tui.widgets.paint import Palette
from hub.protocol.errors import Code

SHOWN = 3  # of the texts that are not sent
CUT = 54  # cells of each: a line
Attempt = Callable[[str, str, str, str], Awaitable[None]]


class SignInApp(App[bool], inherit_bindings=False):
    """`attempt(url, login, password, code)` signs in, or raises NotSignedIn or BadAddress; the code of a second factor
    is asked for where the hub wants one. `run` returns whether it did.
    `unsent` are texts that go out, or are drafts again, after the same person has signed in to the same hub."""

    ENABLE_COMMAND_PALETTE = False
    TITLE = "Bandeja"
    CSS = """
    Screen { background: $b-ground; color: $b-text; align: center middle; }
    Fields { width: 56; max-width: 96%; height: auto; padding: 0; }
    Fields Input { max-width: 100%; }
    .factor { display: none; }
    .-factor .factor { display: block; }
    """

    def __init__(
        self,
        attempt: Attempt,
        *,
        url: str = "",
        login: str = "",
        theme: str | ThemeFile = "",
        language: str = "",
        plain: bool = False,
        unsent: Sequence[str] = (),
    ) -> None:
        file = chosen(theme) if isinstance(theme, str) else theme
        super().__init__(driver_class=None if plain else driver_class(), ansi_color=file.ansi)
        i18n.use(i18n.choose(language))
        self.set_class(only_ascii(), "-ascii")
        self.animation_level = "none"
        self.attempt = attempt
        self.palette = Palette(file)
        self.register_theme(textual_theme(file))
        self.theme = f"bandeja-{file.name}"
        self._known = (url, login)
        self.url = Field()
        self.login = Field()
        self.password = Field(password=True)
        self.code = Field()
        self.fault = Label(None, self.palette, "", "need")
        self._trying = False
        self._unsent = unsent

    def compose(self) -> ComposeResult:
        def label(words: str, role: str = "quiet", *, bold: bool = False) -> Label:
            return Label(None, self.palette, words, role, bold=bold)

        with Fields():
            yield label("Bandeja", "accent", bold=True)
            yield label("")
            for words, field in ((_("Hub"), self.url), (_("Login"), self.login), (_("Password"), self.password)):
                yield label(words)
                yield field
            asked = label(_("Code of the second factor"))
            for one in (asked, self.code):
                yield one.add_class("factor")
            yield self.fault
            yield label("")
            yield label(_("⏎ sign in   tab next field   esc leave"), "faint")
            if self._unsent:
                n = len(self._unsent)
                words = ngettext(
                    "{n} text not sent: it is back when you sign in here again, and forgotten if you leave.",
                    "{n} texts not sent: they are back when you sign in here again, and forgotten if you leave.",
                    n,
                )
                yield label("")
                yield label(words.format(n=n), "wait")
                for text in self._unsent[:SHOWN]:
                    yield label(drawn("› ") + cut(" ".join(text.split()), CUT), "text")

    def on_mount(self) -> None:
        self.url.value, self.login.value = self._known
        empty = next((field for field in (self.url, self.login) if not field.value), self.password)
        self.screen.set_focus(empty)

    def on_key(self, event: events.Key) -> None:
        match event.key:
            case "escape" | "ctrl+c" | "f10":
                self.exit(False)
            case "down":
                self.screen.focus_next()
            case "up":
                self.screen.focus_previous()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter goes on to what is still empty; with everything there, it signs in."""
        event.stop()
        asked = (self.url, self.login, self.password, *((self.code,) if self.code.display else ()))
        empty = next((field for field in asked if not field.value.strip()), None)
        if empty is not None:
            self.screen.set_focus(empty)
        elif not self._trying:
            self._trying = True
            self._say(_("Signing in…"), "quiet")
            self._try(self.url.value.strip(), self.login.value.strip(), self.password.value, self.code.value.strip())

    @work
    async def _try(self, url: str, login: str, password: str, code: str) -> None:
        try:
            await self.attempt(url, login, password, code)
        except NotSignedIn as refusal:
            self._refuse(refusal.code, refusal.detail)
        except BadAddress as fault:
            self._refuse(fault.code, {})
        else:
            self.exit(True)
        finally:
            self._trying = False

    def _refuse(self, code: str, detail: dict[str, int | str | None]) -> None:
        self._say(refusals.sentence(None, code, detail=detail), "need")
        if code in ("bad_address", "insecure", "no_hub", "unreachable"):
            self.screen.set_focus(self.url)
        elif code == Code.SECOND_FACTOR and "enrol" not in detail:
            self.screen.add_class("-factor")
            self.code.value = ""
            self.call_after_refresh(self.screen.set_focus, self.code)
        else:
            self.password.value = ""
            self.screen.set_focus(self.password)

    def _say(self, words: str, role: str) -> None:
        self.fault.role = role
        self.fault.say(words)
