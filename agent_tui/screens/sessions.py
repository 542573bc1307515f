"""Where one is signed in: look, and end what is not known or not needed any more."""

from textual import events
from textual.app import ComposeResult
from textual.geometry import Offset, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from agent_tui import moments, refusals
from agent_tui.actions import SESSIONS
from agent_tui.glyphs import drawn
from agent_tui.i18n import _, ngettext
from agent_tui.link import model
from agent_tui.link.asks import NotTold
from agent_tui.screens.keyed import Cockpit, KeyedScreen
from agent_tui.widgets.cells import width
from agent_tui.widgets.paint import Line, Palette
from agent_tui.widgets.painted import Painted
from agent_tui.widgets.standing import at_text, first_text
from hub.protocol import accounts, queries
from hub.protocol.views import Account, Session

LABEL = 36  # cells that a label may take


class SessionsTitle(Painted):
    DEFAULT_CSS = """
    SessionsTitle { height: 3; }
    """

    account: Account | None = None

    def paint(self, y: int) -> Line:
        line = self.line()
        if y == 1:
            line.put("  ").put(_("My sessions"), "strong", bold=True).put("  ")
            return line.put(self._factor(), "quiet")
        return line.put(drawn("─") * self.size.width, "line") if y == 2 else line

    def _factor(self) -> str:
        if self.account is None:
            return ""
        if not self.account.factor:
            return _("no second factor")
        left = self.account.recovery
        words = ngettext("second factor on, {n} recovery code left", "second factor on, {n} recovery codes left", left)
        return words.format(n=left)


class SessionRows(ScrollView, can_focus=True):
    """One session a line: what the console calls itself, since when, last seen, from where. The choice stays with its
    session."""

    DEFAULT_CSS = """
    SessionRows { height: 1fr; background: $b-ground; scrollbar-size-vertical: 0; scrollbar-size-horizontal: 0; }
    """

    def __init__(self, desk: model.Desk, palette: Palette) -> None:
        super().__init__()
        self.desk, self.palette = desk, palette
        self.rows: list[Session] = []
        self.word = _("Asking the hub…")  # where there are no rows
        self.chosen: int | None = None

    @property
    def marked(self) -> Session | None:
        return next((one for one in self.rows if one.id == self.chosen), None)

    def show(self, rows: list[Session], word: str = "") -> None:
        place = self._index
        self.rows, self.word = rows, word
        if self.marked is None and rows:
            self.chosen = rows[min(place, len(rows) - 1)].id
        self.virtual_size = Size(self.size.width, len(rows))
        self.refresh()

    @property
    def _index(self) -> int:
        return next((index for index, one in enumerate(self.rows) if one.id == self.chosen), 0)

    def move(self, by: int) -> None:
        if self.rows:
            index = min(max(self._index + by, 0), len(self.rows) - 1)
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
            return (line.put("  ").put(self.word, "quiet") if y == 1 else line).strip()
        if index >= len(self.rows):
            return line.strip()
        one = self.rows[index]
        chosen = one.id == self.chosen
        if chosen:
            line = Line(self.size.width, self.palette, "tint")
        line.put(drawn("▌ ") if chosen else "  ", "accent")
        labels = min(max(width(row.label or "—") for row in self.rows), LABEL) + 2
        line.right("  ").right(_("this one") if one.this else "", "good").right("  ")
        line.put(one.label or drawn("—"), "strong" if chosen else "text", bold=chosen).to(labels + 2)
        return line.put(self._when(one), "quiet").put(f"   {one.network}", "faint").strip()

    def _when(self, one: Session) -> str:
        zone, now = self.desk.me.zone if self.desk.me else "", self.desk.now
        seen = moments.span(now - one.seen)
        return _("since {since}, seen {seen}").format(since=moments.short(one.since, now, zone), seen=_ago(seen))

    def on_resize(self, event: events.Resize) -> None:
        self.virtual_size = Size(self.size.width, len(self.rows))

    def on_click(self, event: events.Click) -> None:
        index = event.y + self.scroll_offset.y
        if index < len(self.rows):
            self.chosen = self.rows[index].id
            self.refresh()


def _ago(span: str) -> str:
    return span if span == _("now") else _("{span} ago").format(span=span)


class SessionScreen(KeyedScreen):
    def __init__(self, cockpit: Cockpit) -> None:
        super().__init__(cockpit)
        self.title_line = SessionsTitle(self.desk, self.palette)
        self.list = SessionRows(self.desk, self.palette)
        self.handlers = {
            "list.down": lambda: self.list.move(1),
            "list.up": lambda: self.list.move(-1),
            "list.page_down": lambda: self.list.move(self.list.size.height - 1),
            "list.page_up": lambda: self.list.move(1 - self.list.size.height),
            "list.close": self.leave,
            "sessions": self.leave,
            "session.end": self.end,
            "session.end_others": self.end_others,
            "account.password": self.password,
            "account.factor": self.factor,
        }

    def compose(self) -> ComposeResult:
        yield self.title_line
        yield self.list
        yield self.notice
        yield self.footer

    def on_mount(self) -> None:
        self.list.focus()
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

    def leave(self) -> None:
        self.dismiss()

    def look(self) -> None:
        """Ask the hub how it is now."""
        self.run_worker(self._look(), group="sessions", exclusive=True)

    async def _look(self) -> None:
        try:
            rows = await self.desk.ask("sessions", queries.Sessions(limit=queries.LIMIT))
            account = await self.desk.ask("account", queries.OwnAccount())
        except NotTold as why:
            self.list.show([], refusals.sentence(self.desk, why.code, detail=why.detail))
            return
        self.list.show(rows)
        self.title_line.account = account
        self.title_line.update()

    def end(self) -> None:
        one = self.list.marked
        if one is None:
            return
        if one.this:
            words = _("End this very session? You are signed out here, and the copy of the desk is deleted.")
        else:
            words = _("End the session {label}? Its console is signed out.").format(label=one.label or drawn("—"))
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

        if self._has_account() and self.title_line.account is not None:
            self.app.push_screen(FactorForm(self.cockpit, on=self.title_line.account.factor))

    def _has_account(self) -> bool:
        if self.cockpit.account is None:
            self.notice.say(_("The sample desk signs you in by itself: there is no password here."), "quiet")
        return self.cockpit.account is not None
