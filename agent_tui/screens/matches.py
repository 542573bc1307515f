"""Who may be the customer at hand under another entry: why, what they came with, and that read in place."""

from typing import Any

import msgspec

from agent_tui import moments, names, others, refusals
from agent_tui.actions import TABLE
from agent_tui.glyphs import drawn
from agent_tui.i18n import N_, _, ngettext
from agent_tui.link.asks import NotTold
from agent_tui.link.model import Change, Desk, LinkChanged
from agent_tui.screens.history import LINES, EarlierScreen, last_line
from agent_tui.screens.keyed import Cockpit
from agent_tui.screens.list_screen import ListScreen
from agent_tui.screens.reports import Heads, TableRows
from agent_tui.widgets.columns import Column
from agent_tui.widgets.item_rows import ListTitle
from hub.protocol.matches import Match, Matches, MatchesOf
from hub.protocol.queries import Messages
from hub.protocol.views import Row

REASONS: dict[str, str] = {
    "number": N_("number"),
    "email": N_("e-mail"),
    "document": N_("document"),
    "name": N_("name"),
}


class Met(msgspec.Struct, frozen=True):
    """One of a match's conversations; `first`: the one beside which the match itself is told."""

    match: Match
    row: Row
    first: bool

    @property
    def id(self) -> int:
        return self.row.id


class MatchScreen(ListScreen[Any]):
    def __init__(self, cockpit: Cockpit, row: Row) -> None:
        self.row = row
        self.table = TableRows(cockpit.desk, cockpit.palette, _("Asking the hub…"))
        self.table.columns = columns(cockpit.desk)
        super().__init__(
            cockpit, ListTitle(cockpit.desk, cockpit.palette, _("Matches"), names.customer(row)), self.table
        )
        self.heads = Heads(self.table)
        self.handlers = {**self.handlers, "list.choose": self.read}

    def begin(self) -> None:
        super().begin()
        self.mount(self.heads, before=self.table)
        self.look()

    def places(self) -> tuple[str, ...]:
        return (TABLE, "global")

    def offered(self) -> tuple[str, ...]:
        return ("list.choose", "list.down", "list.close")

    def changed(self, change: Change) -> None:
        if isinstance(change, LinkChanged):
            self.footer.update()
            if self.desk.link.phase == "online" and not self.table.rows:
                self.look()

    def look(self) -> None:
        self.run_worker(self._look(), group="matches", exclusive=True)

    async def _look(self) -> None:
        try:
            found: Matches = await self.desk.ask("matches", MatchesOf(conversation=self.row.id))
        except NotTold as why:
            self.table.empty = refusals.sentence(self.desk, why.code, detail=why.detail)
            self._show(Matches([]))
            return
        self.table.empty = _("Nobody else has this number, e-mail, document, or nearly this name.")
        self._show(found)

    def _show(self, found: Matches) -> None:
        self.table.show([Met(one, row, not n) for one in found.items for n, row in enumerate(one.rows)])
        n = len(found.items)
        count = ngettext("{n} contact", "{n} contacts", n).format(n=f"{n}{'+' if found.many else ''}")
        self.title_line.about = drawn(" · ").join((names.customer(self.row), *((count,) if n else ())))
        self.title_line.update()
        self.heads.refresh()
        self.refresh_footer()

    def on_item_rows_opened(self) -> None:
        self.read()

    def read(self) -> None:
        one = self.table.marked
        if one is None:
            return
        if one.row.hid:
            self.notice.say(others.why_not(self.desk, one.row), "wait")
            return
        lines = Messages(conversation=one.row.id, order="newest", limit=LINES)
        self.app.push_screen(EarlierScreen(self.cockpit, one.row, "messages", lines))


def columns(desk: Desk) -> list[Column]:
    zone = names.zone(desk)
    return [
        Column(_("contact"), _contact, least=15, most=24),
        Column(_("in common"), _why, least=16, most=40),
        Column(_("when"), lambda one: (moments.short(one.row.at, desk.now, zone), "quiet"), rank=1, least=6),
        Column("#", lambda one: (f"#{one.row.id}", "quiet"), right=True, rank=2, least=6, most=14),
        Column(_("how it stands"), lambda one: (others.standing(desk, one.row), "text"), least=32, most=44),
        Column(_("last line"), _last, rank=3, least=16, most=160),
    ]


def _contact(one: Met) -> tuple[str, str]:
    """Beside the first of their conversations alone; a number says where there are older ones than are told."""
    name = one.match.name or names.customer(one.row)
    told = f"{name} {len(one.match.rows)}+" if one.match.more else name
    return (told if one.first else "", "text")


def _why(one: Met) -> tuple[str, str]:
    why = ", ".join(_(REASONS[reason]) for reason in one.match.why if reason in REASONS)
    return (why if one.first else ""), "accent"


def _last(one: Met) -> tuple[str, str]:
    return last_line(one.row), "quiet"
