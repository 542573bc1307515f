"""What a contact came with before: their other conversations, searched by words and read in place."""

from collections.abc import Callable, Sequence
from typing import Any

from textual.app import ComposeResult

from agent_tui import markup, moments, names, others, refusals
from agent_tui.actions import TABLE
from agent_tui.glyphs import drawn
from agent_tui.i18n import _, ngettext
from agent_tui.link.asks import NotTold
from agent_tui.link.model import Change, Desk, LinkChanged, Thread
from agent_tui.screens.keyed import Cockpit, KeyedScreen
from agent_tui.screens.reports import Heads, TableRows
from agent_tui.screens.search import parted
from agent_tui.screens.searched_list import SearchedList
from agent_tui.shortcuts import fold
from agent_tui.widgets.columns import Column
from agent_tui.widgets.item_rows import ListTitle
from agent_tui.widgets.paint import Palette
from agent_tui.widgets.thread import ThreadView
from agent_tui.widgets.thread_layout import OUTCOMES, Keys
from hub.protocol.histories import History, HistoryLines
from hub.protocol.queries import Page
from hub.protocol.views import Message, Row

PAGE = 50
LINES = 100  # of a conversation that are asked for at once
SIGNS = {"out": "› ", "note": "┊ "}


class HistoryScreen(SearchedList[Any]):
    """`found`: the rows that are loaded, newest first; `more`: there are earlier ones."""

    DEFAULT_CSS = """
    HistoryScreen Heads { margin-top: 1; }
    HistoryScreen ItemRows { margin-top: 0; }
    """

    def __init__(self, cockpit: Cockpit, row: Row) -> None:
        self.row = row
        self.table = TableRows(cockpit.desk, cockpit.palette, _("Asking the hub…"))
        self.table.columns = columns(cockpit.desk)
        super().__init__(
            cockpit,
            ListTitle(cockpit.desk, cockpit.palette, _("Earlier conversations"), names.customer(row)),
            self.table,
            _("words of what was written"),
        )
        self.heads = Heads(self.table)
        self.found: list[Row] = []
        self.words, self.more = "", False
        self.handlers = {**self.handlers, "list.choose": self.read, "history": self.leave}

    def begin(self) -> None:
        super().begin()
        self.mount(self.heads, before=self.table)
        self.look()

    def changed(self, change: Change) -> None:
        if isinstance(change, LinkChanged):
            self.footer.update()
            if self.desk.link.phase == "online" and not self.found:
                self.look()

    def look(self) -> None:
        """All of it, or what has the words that are typed."""
        self.words, self.found, self.more = self.field.value.strip(), [], False
        self.table.empty = _("Asking the hub…")
        self._show()
        self._ask()

    def _ask(self) -> None:
        self.run_worker(self._look(), group="history", exclusive=True)

    async def _look(self) -> None:
        params = History(conversation=self.row.id, limit=PAGE)
        if self.words:
            params.words = self.words
        if self.found:
            params.after = str(self.found[-1].id)
        try:
            rows: list[Row] = await self.desk.ask("history", params)
        except NotTold as why:
            self.table.empty = refusals.sentence(self.desk, why.code, detail=why.detail)
            self._show()
            return
        self.found += rows
        self.more = len(rows) == PAGE
        self.table.empty = (
            _("None of the earlier conversations that you may read has these words.")
            if self.words
            else _("There is no earlier conversation.")
        )
        self._show()
        if self.found and self.is_current:
            self.list.focus()

    def _show(self) -> None:
        self.list.show(self.found)
        n = len(self.found)
        count = ngettext("{n} conversation", "{n} conversations", n).format(n=f"{n}{'+' if self.more else ''}")
        self.title_line.about = drawn(" · ").join((names.customer(self.row), *((count,) if n else ())))
        self.title_line.update()
        self.heads.refresh()
        self.refresh_footer()

    def on_table_rows_neared(self) -> None:
        if self.more:
            self.more = False
            self._ask()

    def on_item_rows_opened(self) -> None:
        self.read()

    def read(self) -> None:
        one = self.table.marked
        if one is None:
            return
        if one.hid:
            self.notice.say(others.why_not(self.desk, one), "wait")
            return
        words = [fold(word) for word in self.words.split()]
        lines = HistoryLines(conversation=self.row.id, of=one.id, limit=LINES)
        self.app.push_screen(EarlierScreen(self.cockpit, one, "history.lines", lines, words, self.write))


def columns(desk: Desk) -> list[Column]:
    zone = names.zone(desk)
    return [
        Column(_("when"), lambda row: (moments.short(row.begun, desk.now, zone), "quiet"), least=6),
        Column(_("queue"), lambda row: (names.queue(desk, row.q), "text"), rank=1, least=8, most=16),
        Column(_("who had it"), lambda row: (names.agent(desk, row.owner), "text"), least=12, most=20),
        Column(_("how it ended"), _ended, rank=2, least=8, most=14),
        Column(_("last line"), _last, least=20, most=160),
    ]


def _last(row: Row) -> tuple[str, str]:
    return _("not for you to see") if row.hid else last_line(row), "quiet"


def last_line(row: Row) -> str:
    """With a sign before it for whose it is."""
    return drawn(SIGNS.get(row.ld, "")) + (markup.in_a_line(row.last) if row.ld == "note" else row.last)


def _ended(row: Row) -> tuple[str, str]:
    outcome = OUTCOMES.get(row.out or "")
    return (outcome() if outcome is not None else _(names.STATES[row.state])), "quiet"


class EarlierView(ThreadView):
    """A thread that nobody is told of, and that does not change."""

    def __init__(self, desk: Desk, palette: Palette, read: Thread, more: Callable[[], object]) -> None:
        super().__init__(desk, palette, Keys("", "", ""))
        self._read, self._more = read, more
        self.conversation = read.conversation

    @property
    def thread(self) -> Thread:
        return self._read

    def load(self) -> None:
        if self._read.more:
            self._more()


class EarlierScreen(KeyedScreen):
    """The lines of one conversation, from the pages of a `view`; `search` goes back to look for other words. The newest
    line with one of `words`, which are folded, is marked."""

    def __init__(
        self,
        cockpit: Cockpit,
        row: Row,
        view: str,
        lines: Page,
        words: Sequence[str] = (),
        search: Callable[[], object] | None = None,
    ) -> None:
        super().__init__(cockpit)
        self.view, self.asked, self.words, self.search = view, lines, words, search
        self.read = Thread(row.id, row)
        about = drawn(" · ").join(
            part for part in (names.queue(self.desk, row.q), names.agent(self.desk, row.owner)) if part
        )
        self.title_line = ListTitle(self.desk, self.palette, f"{names.customer(row)} #{row.id}", about)
        self.lines = self.unfocused = EarlierView(self.desk, self.palette, self.read, self.look)
        thread = self.lines
        self.handlers = {
            "list.down": lambda: thread.move(1),
            "list.up": lambda: thread.move(-1),
            "list.page_down": lambda: thread.page(1),
            "list.page_up": lambda: thread.page(-1),
            "list.close": self.leave,
            "history": self.leave,
            **({} if search is None else {"search": self.look_again}),
        }

    def compose(self) -> ComposeResult:
        yield self.title_line
        yield self.lines
        yield self.notice
        yield self.footer

    def on_mount(self) -> None:
        self.lines.focus()
        self.look()

    def places(self) -> tuple[str, ...]:
        return (TABLE, "global")

    def offered(self) -> tuple[str, ...]:
        return ("list.page_up", "list.down", *(() if self.search is None else ("search",)), "list.close")

    def changed(self, change: Change) -> None:
        if isinstance(change, LinkChanged):
            self.footer.update()

    def leave(self) -> None:
        self.dismiss()

    def look_again(self) -> None:
        if self.search is not None:
            self.dismiss()
            self.app.call_later(self.search)

    def look(self) -> None:
        """Ask for the lines before those that are there."""
        self.read.more = False
        self.run_worker(self._look(), group="lines", exclusive=True)

    async def _look(self) -> None:
        if self.read.messages:
            self.asked.after = str(self.read.messages[0].id)
        try:
            lines: list[Message] = await self.desk.ask(self.view, self.asked)
        except NotTold as why:
            self.notice.say(refusals.sentence(self.desk, why.code, detail=why.detail), "need")
            return
        self.read.messages[:0] = reversed(lines)
        self.read.more, self.read.loaded = len(lines) == LINES, True
        self.lines.update()
        self.lines.refresh()
        self.call_after_refresh(self._mark)  # it may not have been laid out yet

    def _mark(self) -> None:
        found = (f"m{line.id}" for line in reversed(self.read.messages) if self._has(line))
        if not self.lines.marked:
            self.lines.mark(next(found, ""))

    def _has(self, line: Message) -> bool:
        return any(hit for _part, hit in parted(line.b, self.words))
