"""Forms for one's own account: a new password, and the second factor."""

from collections.abc import Awaitable, Callable

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from agent_tui import refusals
from agent_tui.actions import FORM, Situation
from agent_tui.i18n import _
from agent_tui.link.account import Account
from agent_tui.link.sign_in import NotSignedIn
from agent_tui.screens.fields import Field, Fields, Label
from agent_tui.screens.keyed import Cockpit, KeyedScreen
from agent_tui.widgets.qr import QrCode

LEAST = 8  # characters of a password, as the hub asks


class AccountForm(KeyedScreen):
    """What the forms share: fields one below the other, and a hub that takes its time. What is in them is a secret, and
    is kept nowhere."""

    def __init__(self, cockpit: Cockpit) -> None:
        super().__init__(cockpit)
        self._working = False
        self.handlers = {
            "form.keep": self.keep,
            "form.next": self.focus_next,
            "form.previous": self.focus_previous,
            "form.close": self.leave,
        }

    @property
    def account(self) -> Account:
        assert self.cockpit.account is not None
        return self.cockpit.account

    def label(self, words: str, role: str = "quiet", *, bold: bool = False) -> Label:
        return Label(self.desk, self.palette, words, role, bold=bold)

    def places(self) -> tuple[str, ...]:
        return (FORM, "global")

    def offered(self) -> tuple[str, ...]:
        return ("form.keep", "form.next", "form.close")

    def leave(self) -> None:
        self.dismiss()

    def keep(self) -> None:
        """Do what the form is for."""

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter goes on to what is still empty; with everything there, it is done."""
        event.stop()
        shown = (field for field in self.query(Field) if all(one.display for one in field.ancestors_with_self))
        empty = next((field for field in shown if not field.value), None)
        if empty is not None:
            empty.focus()
        else:
            self.keep()

    def work(self, doing: Callable[[], Awaitable[None]]) -> None:
        """Have the hub do it; a refusal is said, and the form stays."""
        if not self._working:
            self._working = True
            self.notice.say(_("Asking the hub…"), "quiet")
            self.run_worker(self._work(doing), exclusive=True)

    async def _work(self, doing: Callable[[], Awaitable[None]]) -> None:
        try:
            await doing()
        except NotSignedIn as refusal:
            self.refused(refusal)
        finally:
            self._working = False

    def refused(self, refusal: NotSignedIn) -> None:
        code = "wrong_password" if refusal.code == "bad_credentials" else refusal.code
        self.notice.say(refusals.sentence(self.desk, code, detail=refusal.detail))


class PasswordForm(AccountForm):
    def __init__(self, cockpit: Cockpit) -> None:
        super().__init__(cockpit)
        self.password, self.new, self.again = (Field(password=True) for _field in range(3))

    def compose(self) -> ComposeResult:
        with Fields():
            yield self.label(_("Change my password"), "strong", bold=True)
            yield self.label("")
            yield self.label(_("All your sessions end, this one too: sign in again with the new password."))
            yield self.label("")
            yield self.label(_("Password of now"))
            yield self.password
            yield self.label(_("New password, at least 8 characters"))
            yield self.new
            yield self.label(_("The new one again"))
            yield self.again
        yield self.notice
        yield self.footer

    def on_mount(self) -> None:
        self.password.focus()

    def keep(self) -> None:
        if len(self.new.value) < LEAST:
            self.notice.say(_("A password has at least {least} characters.").format(least=LEAST))
            self.new.focus()
        elif self.new.value != self.again.value:
            self.notice.say(_("The two new ones are not the same: type them again."))
            self.again.focus()
        else:
            self.work(self._change)

    async def _change(self) -> None:
        await self.account.change_password(self.password.value, self.new.value)
        self.dismiss()

    def refused(self, refusal: NotSignedIn) -> None:
        super().refused(refusal)
        self.password.value = ""
        self.password.focus()


class FactorForm(AccountForm):
    """Turn it off with the password; or on: the password, then what the authenticator needs and a code that it shows,
    then the recovery codes."""

    DEFAULT_CSS = """
    FactorForm #secret, FactorForm #codes { display: none; height: auto; }
    FactorForm.-secret #secret, FactorForm.-codes #codes { display: block; }
    FactorForm.-secret #password, FactorForm.-codes #password, FactorForm.-codes #secret { display: none; }
    FactorForm #password { height: auto; }
    """

    def __init__(self, cockpit: Cockpit, *, on: bool) -> None:
        super().__init__(cockpit)
        self.on = on
        self.password = Field(password=True)
        self.code = Field()
        self.qr = QrCode(self.desk, self.palette)
        self.lead = self.label("")
        self.secret = self.label("", "strong")
        self.codes = self.label("", "strong")

    def compose(self) -> ComposeResult:
        with Fields():
            title = _("Turn the second factor off") if self.on else _("Turn a second factor on")
            yield self.label(title, "strong", bold=True)
            yield self.label("")
            with Vertical(id="password"):
                yield self.label(_("Password"))
                yield self.password
            with Vertical(id="secret"):
                yield self.qr
                yield self.lead
                yield self.secret
                yield self.label("")
                yield self.label(_("The code that it shows now"))
                yield self.code
            with Vertical(id="codes"):
                yield self.label(_("Recovery codes, each good once in place of a code."), "wait")
                yield self.label(_("Write them down: they are not shown again."), "wait")
                yield self.label("")
                yield self.codes
        yield self.notice
        yield self.footer

    def on_mount(self) -> None:
        self.password.focus()

    def offered(self) -> tuple[str, ...]:
        """With the codes there, nothing is left to do but to close."""
        return ("form.close",) if self.has_class("-codes") else super().offered()

    def called(self, action: str, situation: Situation) -> str:
        if action == "form.close" and self.has_class("-codes"):
            return _("close")
        if action == "form.keep":
            return _("turn off") if self.on else _("go on")
        return super().called(action, situation)

    def keep(self) -> None:
        if self.has_class("-codes"):
            self.leave()
        elif self.has_class("-secret"):
            self.work(self._confirm)
        else:
            self.work(self._drop if self.on else self._enrol)

    def leave(self) -> None:
        if self.has_class("-codes"):
            self.ask(_("Have you written the recovery codes down?"), self._close)
        else:
            self._close()

    def _close(self) -> None:
        self.dismiss()

    async def _drop(self) -> None:
        await self.account.drop(self.password.value)
        self.dismiss()

    async def _enrol(self) -> None:
        made = await self.account.enrol(self.password.value)
        self.password.value = ""
        self.qr.show(made.uri)
        self._say_lead()
        self.secret.say(" ".join(made.secret[i : i + 4] for i in range(0, len(made.secret), 4)))
        self.notice.hush()
        self.add_class("-secret")
        self.code.focus()

    async def _confirm(self) -> None:
        codes = await self.account.confirm(self.code.value)
        self.codes.say("\n".join(codes))
        self.notice.hush()
        self.remove_class("-secret")
        self.add_class("-codes")
        self.set_focus(None)
        self.unfocused = self.codes
        self.refresh_footer()

    def refused(self, refusal: NotSignedIn) -> None:
        super().refused(refusal)
        field = self.code if self.has_class("-secret") else self.password
        field.value = ""
        field.focus()

    def on_resize(self, event: events.Resize) -> None:
        """Without room for all of it a code is cut, and can't be read: rather none than that."""
        self.qr.fit()
        self._say_lead()

    def _say_lead(self) -> None:
        scanned = _("Scan this with an authenticator, or type this secret there:")
        self.lead.say(scanned if self.qr.fits else _("Type this secret into an authenticator:"))
