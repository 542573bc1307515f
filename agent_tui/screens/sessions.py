"""Where one is signed in: look, and end what is not known or not needed any more."""

from agent_tui import moments, names, refusals
from agent_tui.actions import SESSIONS
from agent_tui.glyphs import drawn
from agent_tui.i18n import _, ngettext
from agent_tui.link import model
from agent_tui.link.asks import NotTold
from agent_tui.screens.keyed import Cockpit
from agent_tui.screens.list_screen import ListScreen
from agent_tui.widgets.cells import cut, width
from agent_tui.widgets.item_rows import ItemRows, ListTitle
from agent_tui.widgets.paint import Line
from hub.protocol import accounts, queries
from hub.protocol.views import Account, Session

LABEL = 36  # cells that a label may take
ASKED = 18  # … in a question, which has to be read whole on the smallest screen


def _factor(account: Account) -> str:
    if not account.factor:
        return _("no second factor")
    left = account.recovery
    words = ngettext("second factor on, {n} recovery code left", "second factor on, {n} recovery codes left", left)
    return words.format(n=left)


class SessionRows(ItemRows[Session]):
    """What the console calls itself, since when, last seen, from where."""

    def paint(self, line: Line, one: Session, *, chosen: bool) -> Line:
        most = min(LABEL, self.size.width // 3)
        labels = min(max(width(row.label or "—") for row in self.rows), most)
        line.right("  ").right(_("this one") if one.this else "", "good").right("  ")
        label = cut(one.label or drawn("—"), labels)
        line.put(label, "strong" if chosen else "text", bold=chosen).to(labels + 4)
        line.put(self._when(one), "quiet")
        whence = f"   {one.network}"
        return line.put(whence, "faint") if width(whence) <= line.room else line

    def _when(self, one: Session) -> str:
        zone, now = names.zone(self.desk), self.desk.now
        seen = moments.span(now - one.seen)
        return _("since {since}, seen {seen}").format(since=moments.short(one.since, now, zone), seen=_ago(seen))


def _ago(span: str) -> str:
    return span if span == _("now") else _("{span} ago").format(span=span)


class SessionScreen(ListScreen[Session]):
    def __init__(self, cockpit: Cockpit) -> None:
        title = ListTitle(cockpit.desk, cockpit.palette, _("My sessions"))
        super().__init__(cockpit, title, SessionRows(cockpit.desk, cockpit.palette, _("Asking the hub…")))
        self.account: Account | None = None
        self.handlers = {
            **self.handlers,
            "sessions": self.leave,
            "session.end": self.end,
            "session.end_others": self.end_others,
            "account.password": self.password,
            "account.factor": self.factor,
        }

    def on_mount(self) -> None:
        super().on_mount()
        self.look()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.look()

    def places(self) -> tuple[str, ...]:
        return (SESSIONS, "global")

    def offered(self) -> tuple[str, ...]:
        return ("session.end", "session.end_others", "account.password", "account.factor", "list.close")

    def changed(self, change: model.Change) -> None:
        match change:
            case model.CommandDone(name=name) if name.startswith("session."):
                self.look()
            case model.CommandRefused(name=name) if name.startswith("session."):
                self.notice.say(refusals.sentence(self.desk, change.code, field=change.field, detail=change.detail))
                self.look()
            case model.LinkChanged():
                self.footer.update()
                if self.desk.link.phase == "online" and not self.list.rows:
                    self.look()

    def look(self) -> None:
        """Ask the hub how it is now."""
        self.run_worker(self._look(), group="sessions", exclusive=True)

    async def _look(self) -> None:
        try:
            rows = await self.desk.ask("sessions", queries.Sessions(limit=queries.LIMIT))
            account = await self.desk.ask("account", queries.OwnAccount())
        except NotTold as why:
            self.list.empty = refusals.sentence(self.desk, why.code, detail=why.detail)
            self.list.show([])
            return
        self.list.show(rows)
        self.account, self.title_line.about = account, _factor(account)
        self.title_line.update()

    def end(self) -> None:
        one = self.list.marked
        if one is None:
            return
        if one.this:
            words = _("End this session? It signs you out and deletes the copy here.")
        else:
            words = _("End the session {label}? Its console is signed out.").format(
                label=cut(one.label or drawn("—"), ASKED)
            )
        self.ask(words, lambda: self.desk.submit("session.end", accounts.EndSession(session=one.id)))

    def end_others(self) -> None:
        others = sum(not one.this for one in self.list.rows)
        if not others:
            self.notice.say(_("There is no other session."), "quiet")
            return
        words = ngettext("End {n} other session?", "End all {n} other sessions?", others).format(n=others)
        self.ask(words, lambda: self.desk.submit("session.end_others", accounts.EndOtherSessions()))

    def password(self) -> None:
        from agent_tui.screens.account_forms import PasswordForm

        if self._has_account():
            self.app.push_screen(PasswordForm(self.cockpit))

    def factor(self) -> None:
        from agent_tui.screens.account_forms import FactorForm

        if self._has_account() and self.account is not None:
            self.app.push_screen(FactorForm(self.cockpit, on=self.account.factor))

    def _has_account(self) -> bool:
        if self.cockpit.account is None:
            self.notice.say(_("The sample desk signs you in by itself: there is no password here."), "quiet")
        return self.cockpit.account is not None
