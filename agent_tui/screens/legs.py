"""The legs of one conversation: who had it where, how long it waited, how it went on, and with which comment."""

from typing import Any

import msgspec

from agent_tui import refusals, reports
from agent_tui.actions import TABLE
from agent_tui.glyphs import drawn
from agent_tui.i18n import _
from agent_tui.link import model
from agent_tui.link.asks import NotTold
from agent_tui.screens.keyed import Cockpit
from agent_tui.screens.list_screen import ListScreen
from agent_tui.screens.reports import Heads, TableRows
from agent_tui.told_forms import ToldForms
from agent_tui.widgets.columns import Column
from agent_tui.widgets.explained import LINES, Explained
from agent_tui.widgets.item_rows import ListTitle
from hub.protocol.queries import LIMIT
from hub.protocol.reports import Attention, Attentions, Transferred, Transfers


class Leg(msgspec.Struct, frozen=True):
    """An attention, and the transfer that it ended by, where it did."""

    id: int
    n: int
    attention: Attention
    transfer: Transferred | None = None


class LegScreen(ListScreen[Any]):
    def __init__(self, cockpit: Cockpit, one: reports.Row) -> None:
        self.conversation, self._first = one.conversation, one.id
        about = f"{one.name} #{one.conversation}" if one.name else f"#{one.conversation}"
        self.table = TableRows(cockpit.desk, cockpit.palette, _("Asking the hub…"))
        super().__init__(cockpit, ListTitle(cockpit.desk, cockpit.palette, _("Legs"), about), self.table)
        self.heads, self.comment = Heads(self.table), Explained(self.desk, self.palette)
        self.forms = ToldForms(cockpit.desk)
        self.table.columns = self._columns()
        self.handlers = {**self.handlers, "reports": self.leave}

    def on_mount(self) -> None:
        super().on_mount()
        self.mount(self.heads, before=self.table)
        self.mount(self.comment, after=self.table)
        self.run_worker(self._look(), group="legs", exclusive=True)

    def places(self) -> tuple[str, ...]:
        return (TABLE, "global")

    def offered(self) -> tuple[str, ...]:
        return ("list.down", "list.up", "list.close")

    def changed(self, change: model.Change) -> None:
        if isinstance(change, model.LinkChanged):
            self.footer.update()

    def perform(self, action: str, text: str = "") -> None:
        super().perform(action, text)
        self._explain()

    def on_click(self) -> None:
        super().on_click()
        self._explain()

    def _explain(self) -> None:
        one = self.table.marked
        if one is None:
            self.comment.say([])
            return
        told = one.transfer or one.attention
        self.comment.say([*reports.said(self.desk, told), *self.forms.said(one.attention)])

    def on_resize(self) -> None:
        """The legs are few: what was filled in has the rest of a high screen."""
        self.comment.styles.height = max(LINES + 1, self.size.height // 2)

    def _columns(self) -> list[Column]:
        desk = self.desk
        return [
            Column(_("no."), lambda leg: (str(leg.n), "quiet"), right=True, least=3),
            Column(_("when"), lambda leg: (reports.moment(desk, leg.attention.began, within_day=False), "quiet"),
                   least=11),
            Column(_("who had it"),
                   lambda leg: (reports.place(desk, leg.attention.queue, leg.attention.agent), "text"), least=14,
                   most=30),
            Column(_("waited"), lambda leg: reports.waited(leg.attention), right=True, least=9),
            Column(_("handled"), lambda leg: (reports.lasted(leg.attention.handled), "text"), right=True, rank=2,
                   least=8),
            Column(_("went to"), self._went, least=16, most=30),
            Column(_("transferred by"), lambda leg: (self._by(leg), "text"), rank=3, least=9, most=16),
            Column(_("comment"), lambda leg: (leg.transfer.comment if leg.transfer else "", "quiet"), rank=1,
                   least=12, most=80),
            Column(_("form"), lambda leg: (self.forms.filled(leg.attention), "quiet"), rank=4, least=24,
                   most=60, spare=True),
        ]  # fmt: skip

    def _went(self, leg: Leg) -> tuple[str, str]:
        if leg.transfer is None:
            return reports.end(leg.attention)
        return f"{drawn('▸')} {reports.place(self.desk, leg.transfer.to_queue, leg.transfer.to_agent)}", "text"

    def _by(self, leg: Leg) -> str:
        return reports.person(self.desk, leg.transfer.by) if leg.transfer is not None else ""

    async def _look(self) -> None:
        try:
            attentions: list[Attention] = await self.desk.ask(
                "reports.attentions", Attentions(conversation=self.conversation, limit=LIMIT)
            )
            transfers: list[Transferred] = await self.desk.ask(
                "reports.transfers", Transfers(conversation=self.conversation, limit=LIMIT)
            )
        except NotTold as why:
            self.table.empty = refusals.sentence(self.desk, why.code, detail=why.detail)
            self.table.show([])
            return
        ended = {one.id: one for one in transfers}
        legs = [Leg(one.id, n, one, ended.get(one.id)) for n, one in enumerate(reversed(attentions), 1)]
        self.table.empty = _("There is nothing of it that you may see.")
        self.table.show(legs)
        self.heads.refresh()
        self.table.move_to(next((index for index, one in enumerate(legs) if one.id == self._first), 0))
        self._explain()
        await self._name_fields(attentions)

    async def _name_fields(self, attentions: list[Attention]) -> None:
        """Codes stand for the names of fields until these are known."""
        if not any(one.form for one in attentions):
            return
        try:
            await self.forms.load(attentions)
        except NotTold as why:
            self.notice.say(refusals.sentence(self.desk, why.code, detail=why.detail))
        self.table.refresh()
        self._explain()
