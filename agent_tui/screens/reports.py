"""The reports: what was transferred and attended to in a period, as a table that one filters, opens and saves."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from msgspec import UNSET
from textual.message import Message

from agent_tui import moments, names, refusals, reports, rights
from agent_tui.actions import REPORT, Handlers
from agent_tui.glyphs import drawn
from agent_tui.i18n import _, named, ngettext
from agent_tui.link import model
from agent_tui.link.asks import NotTold
from agent_tui.screens.keyed import Cockpit
from agent_tui.screens.list_screen import ListScreen
from agent_tui.shortcuts import fold
from agent_tui.told_forms import ToldForms
from agent_tui.widgets.columns import Column, Laid, lay, put_heads, put_row
from agent_tui.widgets.item_rows import ItemRows, ListTitle
from agent_tui.widgets.paint import Line, Palette
from agent_tui.widgets.painted import Painted
from hub.protocol import reports as protocol

PAGE = 100  # rows asked for at once
VIEWS: dict[str, type[protocol.Report]] = {
    "reports.transfers": protocol.Transfers,
    "reports.attentions": protocol.Attentions,
}


class TableRows(ItemRows[Any]):
    """Rows in columns; says when their end comes near."""

    class Neared(Message):
        """The last of the rows that are loaded is in view."""

    def __init__(self, desk: model.Desk, palette: Palette, empty: str) -> None:
        super().__init__(desk, palette, empty)
        self.columns: list[Column] = []
        self._laid: Laid | None = None

    @property
    def laid(self) -> Laid:
        if self._laid is None:
            self._laid = lay(self.columns, self.rows, max(self.size.width - 4, 20))
        return self._laid

    def show(self, rows: Any) -> None:
        self._laid = None
        super().show(rows)

    def paint(self, line: Line, one: Any, *, chosen: bool) -> Line:
        return put_row(line, self.laid, one, chosen=chosen)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self.look_ahead()

    def look_ahead(self) -> None:
        if self.rows and self.scroll_offset.y + 2 * self.size.height >= len(self.rows):
            self.post_message(self.Neared())


class Heads(Painted):
    """What the columns are called, over a list in columns."""

    DEFAULT_CSS = """
    Heads { height: 1; }
    """

    def __init__(self, rows: TableRows) -> None:
        super().__init__(rows.desk, rows.palette)
        self.rows = rows

    def paint(self, y: int) -> Line:
        return put_heads(self.line().put("  "), self.rows.laid) if self.rows.rows else self.line()


class ReportTitle(ListTitle):
    def say(self, title: str, about: str) -> None:
        self._title, self.about = title, about
        self.update()


class ReportScreen(ListScreen[Any]):
    """`params` is what is asked for without its place; `more`: the hub has further rows."""

    def __init__(self, cockpit: Cockpit) -> None:
        self.table = TableRows(cockpit.desk, cockpit.palette, _("Asking the hub…"))
        self.heading = ReportTitle(cockpit.desk, cockpit.palette, "")
        super().__init__(cockpit, self.heading, self.table)
        self.heads = Heads(self.table)
        self.view, self.period = "reports.transfers", "today"
        self.queue, self.agent = 0, 0  # 0: all
        self.forms = ToldForms(cockpit.desk)
        self.more = self._loading = False
        more: Handlers = {
            "reports": self.leave,
            "report.open": self.open,
            "report.turn": self.turn,
            "report.earlier": lambda: self.step(-1),
            "report.later": lambda: self.step(1),
            "report.queue": self.choose_queue,
            "report.agent": self.choose_agent,
            "report.clear": self.clear,
            "report.export": self.ask_where,
            "report.again": self.look,
        }
        self.handlers = {**self.handlers, **more}
        self.taking = {"report.export": self.export}

    def on_mount(self) -> None:
        super().on_mount()
        self.mount(self.heads, before=self.table)
        self.look()

    def places(self) -> tuple[str, ...]:
        return (REPORT, "global")

    def offered(self) -> tuple[str, ...]:
        one = ("report.open",) if self.table.marked is not None else ()
        kept = ("report.export",) if self.table.rows else ()
        filters = ("report.queue", "report.agent", *(("report.clear",) if self.queue or self.agent else ()))
        return (*one, "report.turn", "report.earlier", "list.close", *filters, *kept)

    def changed(self, change: model.Change) -> None:
        match change:
            case model.LinkChanged():
                self.footer.update()
                if self.desk.link.phase == "online" and not self.table.rows:
                    self.look()

    # -- what is asked for -----------------------------------------------------------------------------------------

    @property
    def _today(self) -> Any:
        return moments.local(self.desk.now, names.zone(self.desk)).date()

    @property
    def params(self) -> protocol.Report:
        first, last = reports.days(self.period, self._today)
        return VIEWS[self.view](
            since=first.isoformat(),
            until=last.isoformat(),
            queue=self.queue or UNSET,
            agent=self.agent or UNSET,
            limit=PAGE,
        )

    def turn(self) -> None:
        """The other report, over the same period and with the same filters."""
        self.view = next(view for view in VIEWS if view != self.view)
        self.look()

    def step(self, by: int) -> None:
        periods = list(reports.PERIODS)
        self.period = periods[min(max(periods.index(self.period) + by, 0), len(periods) - 1)]
        self.look()

    def clear(self) -> None:
        self.queue = self.agent = 0
        self.look()

    def choose_queue(self) -> None:
        from agent_tui.screens.picker import Choice

        queues = sorted(self.desk.queues.values(), key=lambda one: fold(named(one.name)))
        choices = [Choice(str(one.id), named(one.name), words=one.code) for one in queues]
        self._choose(_("Only of the queue"), _("All queues"), choices, "queue")

    def choose_agent(self) -> None:
        from agent_tui.screens.picker import Choice

        people = sorted(self.desk.agents.values(), key=lambda one: (not one.active, fold(one.name)))
        choices = [Choice(str(one.id), one.name, words=one.login) for one in people]
        self._choose(_("Only of the agent"), _("Everybody"), choices, "agent")

    def _choose(self, title: str, whole: str, choices: list[Any], name: str) -> None:
        from agent_tui.screens.picker import Choice, Picker

        def chosen(number: str) -> None:
            setattr(self, name, int(number))
            self.look()

        marked = str(getattr(self, name))
        found = [Choice("0", whole), *choices]
        self.app.push_screen(Picker(self.cockpit, title, found, chosen, typing=True, marked=marked))

    # -- asking for it ---------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Ask the hub anew, from the beginning."""
        self.more, self._loading = False, True
        self.table.empty = _("Asking the hub…")
        self._show([])
        self.run_worker(self._look(), group="report", exclusive=True)

    async def _look(self) -> None:
        try:
            rows = await self._page(self.params)
        except NotTold as why:
            self.table.empty = refusals.sentence(self.desk, why.code, detail=why.detail)
            self._show([])
        else:
            self.table.empty = (
                _("Nothing was transferred in this period.")
                if self.view == "reports.transfers"
                else _("Nothing was attended to in this period.")
            )
            self._show(rows)
            await self._name_fields(rows)
        finally:
            self._loading = False
        self.table.look_ahead()

    async def _name_fields(self, rows: list[Any]) -> None:
        """Codes stand for the names of fields until these are known."""
        if not any(row.form for row in rows):
            return
        try:
            await self.forms.load(rows)
        except NotTold as why:
            self.notice.say(refusals.sentence(self.desk, why.code, detail=why.detail))
        self.table.refresh()

    async def _page(self, params: protocol.Report) -> list[Any]:
        found: list[Any] = await self.desk.ask(self.view, params)
        self.more = len(found) == params.limit
        return found

    def _next(self, rows: Any) -> protocol.Report:
        """What to ask for behind these."""
        last = rows[-1]
        at = last.at if isinstance(last, protocol.Transferred) else last.began
        return msgspec.structs.replace(self.params, after=f"{at}.{last.id}")

    def on_table_rows_neared(self, message: TableRows.Neared) -> None:
        if self.more and not self._loading:
            self._loading = True
            self.run_worker(self._look_further(), group="report")

    async def _look_further(self) -> None:
        rows = list(self.table.rows)
        try:
            further = await self._page(self._next(rows))
            self._show([*rows, *further])
            await self._name_fields(further)
        except NotTold as why:
            self.notice.say(refusals.sentence(self.desk, why.code, detail=why.detail))
        finally:
            self._loading = False

    def _show(self, rows: list[Any]) -> None:
        self.table.columns = reports.columns(
            self.desk, self.view, self.forms, within_day=self.period in ("today", "yesterday")
        )
        self.table.show(rows)
        self.heads.refresh()
        first, last = reports.days(self.period, self._today)
        day = reports.date(last)
        days = day if first == last else _("{first} to {last}").format(first=reports.date(first), last=day)
        about = [
            *([f"{len(rows)}{'+' if self.more else ''}"] if rows else []),
            f"{_(reports.PERIODS[self.period])}, {days}",
            names.queue(self.desk, self.queue) if self.queue else _("all queues"),
            names.agent(self.desk, self.agent) if self.agent else self._everybody,
        ]
        self.heading.say(_(reports.TITLES[self.view]), drawn(" · ").join(about))
        self.refresh_footer()

    @property
    def _everybody(self) -> str:
        beyond = rights.granted(self.desk, "report.see", beyond_own=True)
        return _("all agents") if beyond else _("what was yours")

    # -- one conversation ------------------------------------------------------------------------------------------

    def open(self) -> None:
        from agent_tui.screens.legs import LegScreen

        one = self.table.marked
        if one is not None:
            self.app.push_screen(LegScreen(self.cockpit, one))

    def on_item_rows_opened(self, message: TableRows.Opened) -> None:
        self.open()

    # -- for a spreadsheet -----------------------------------------------------------------------------------------

    def ask_where(self) -> None:
        """Have the file named in the command line, where one is proposed."""
        if self.table.rows:
            self.perform("command", f"export {reports.suggested(self.view, self.params, self._today)}")
        else:
            self.notice.say(_("There is nothing to save."), "quiet")

    def export(self, text: str) -> None:
        try:
            file = Path(text.strip()).expanduser()
        except RuntimeError:  # the home of somebody who is not there
            self.notice.say(_("There is no such folder: {file}").format(file=text))
            return
        self.run_worker(self._export(file), group="export", exclusive=True)

    async def _export(self, file: Path) -> None:
        """All that the filters let through, the rows that were not loaded yet too."""
        view, rows, more = self.view, list(self.table.rows), self.more
        try:
            while more:
                page = await self.desk.ask(view, self._next(rows))
                rows += page
                more = len(page) == PAGE
            await self.forms.load(rows)
        except NotTold as why:
            self.notice.say(refusals.sentence(self.desk, why.code, detail=why.detail))
            return
        await self._write(view, rows, file)

    async def _write(self, view: str, rows: list[Any], file: Path, *, over: bool = False) -> None:
        try:
            n = await asyncio.to_thread(reports.save, self.desk, view, rows, file, self.forms.of(rows), over=over)
        except FileExistsError:
            again = partial(self._write, view, rows, file, over=True)
            words = _("{file} is there already. Write over it?").format(file=file.name)
            self.ask(words, lambda: self.run_worker(again(), group="export", exclusive=True))
        except OSError as error:
            self.notice.say(f"{file}: {error.strerror}")
        else:
            words = ngettext("{n} row is in {file}", "{n} rows are in {file}", n).format(n=n, file=file)
            self.notice.say(words, "good")
