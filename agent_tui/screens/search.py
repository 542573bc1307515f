"""Looking for words in all that was ever written, and for people by name and number; and going to where they stand."""

from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from agent_tui import moments, names, others, refusals
from agent_tui.glyphs import drawn
from agent_tui.i18n import _, ngettext
from agent_tui.link.asks import NotTold
from agent_tui.screens.keyed import Cockpit
from agent_tui.screens.searched_list import SearchedList
from agent_tui.shortcuts import fold
from agent_tui.widgets.cells import cut, width
from agent_tui.widgets.item_rows import ItemRows, ListTitle
from agent_tui.widgets.paint import Line
from hub.protocol import queries
from hub.protocol.views import Row

NAME = 20  # cells of a customer's name
PAGE = 50


class Called(msgspec.Struct, frozen=True):
    """A conversation that was found by whom it is with, or by its number."""

    row: Row

    @property
    def id(self) -> int:
        """Beside the ids of lines, among which it stands."""
        return -self.row.id


Item = queries.Hit | Called


class Looked(msgspec.Struct):
    """A search as it was left, so that one comes back to its results. `next`: where it goes on; 0: it is whole.
    `many`: more are called so than are listed."""

    words: str = ""
    called: list[Called] = msgspec.field(default_factory=list)
    many: bool = False
    hits: list[queries.Hit] = msgspec.field(default_factory=list)
    next: int = 0
    marked: int | None = None

    @property
    def items(self) -> list[Item]:
        return [*self.called, *self.hits]


class HitRows(ItemRows[Item]):
    """When, whom with, who wrote it, and the words with those looked for marked; of a conversation how it stands."""

    words: Sequence[str] = ()

    def paint(self, line: Line, one: Item, *, chosen: bool) -> Line:
        line.right("  ")
        at = one.row.at if isinstance(one, Called) else one.at
        when = moments.short(at, self.desk.now, names.zone(self.desk))
        line.put(" " * (moments.short_cells() - width(when))).put(f"{when}  ", "quiet")
        cells = min(NAME, self.size.width // 4)
        name = cut(others.customer(one.row), cells)
        if isinstance(one, Called):
            for part, hit in parted(name, self.words):
                line.put(part, "accent" if hit else "strong" if chosen else "text", bold=hit or chosen)
        else:
            line.put(name, "strong" if chosen else "text", bold=chosen)
        line.put(" " * max(cells - width(name) + 2, 1))
        if isinstance(one, Called):
            return line.put(f"#{one.row.id}  {others.standing(self.desk, one.row)}", "text" if chosen else "quiet")
        sign, role = {"out": ("› ", "accent"), "note": ("┊ ", "note")}.get(one.d, ("  ", "text"))
        line.put(drawn(sign), role)
        for part, hit in parted(cut(one.text, line.room), self.words):
            line.put(part, "accent" if hit else "text" if chosen else "quiet", bold=hit)
        return line


def parted(text: str, words: Sequence[str]) -> list[tuple[str, bool]]:
    """A text cut at its words: which of them begin with one that was looked for."""
    found, start = [], 0
    while start < len(text):
        end = start
        letters = text[start].isalnum()
        while end < len(text) and text[end].isalnum() == letters:
            end += 1
        part = text[start:end]
        found.append((part, letters and any(fold(part).startswith(word) for word in words)))
        start = end
    return found


def _about() -> str:
    """What is looked through, for whoever has not looked for anything yet."""
    return _("Words are looked for in all that you may see, newest first; people by name and number everywhere.")


class SearchScreen(SearchedList[Item]):
    """Calls `then` with the conversation and the line that one goes to; 0: none of its lines. `looked` is kept up to
    date."""

    def __init__(self, cockpit: Cockpit, looked: Looked, then: Callable[[int, int], object]) -> None:
        title = ListTitle(cockpit.desk, cockpit.palette, _("Search"))
        rows = HitRows(cockpit.desk, cockpit.palette, _about())
        super().__init__(cockpit, title, rows, _("words, a name, a number or #id"))
        self.rows, self.looked, self.then = rows, looked, then
        self.handlers = {**self.handlers, "list.choose": self.go}

    def begin(self) -> None:
        self.field.value = self.looked.words
        self.field.cursor_position = len(self.looked.words)
        if self.looked.items:
            self._show()
            self.list.chosen = self.looked.marked
            self.list.move(0)
            self.list.focus()
        else:
            self.field.focus()

    def look(self) -> None:
        """Look for what is typed, from the newest line back."""
        words = self.field.value.strip()
        if words:
            self.looked.words, self.looked.next = words, 0
            self.looked.called, self.looked.many, self.looked.hits = [], False, []
            self.rows.empty = _("Looking…")
            self._show()
            self.run_worker(self._look(), group="search", exclusive=True)

    async def _look(self) -> None:
        looked = self.looked
        params = queries.Search(words=looked.words, limit=PAGE)
        if looked.next:
            params.before = looked.next
        try:
            found: queries.Found = await self.desk.ask("search", params)
        except NotTold as why:
            self.rows.empty = refusals.sentence(self.desk, why.code, detail=why.detail)
            self._show()
            return
        first = not looked.items
        if found.called:
            looked.called, looked.many = [Called(row) for row in found.called], found.many
        looked.hits += found.items
        looked.next = found.next
        self.rows.empty = _("Nothing that begins so was written here, as far as you may see, and nobody is called so.")
        self._show()
        if first and looked.items and self.is_current:
            self.list.focus()

    def _show(self) -> None:
        looked = self.looked
        self.rows.words = [fold(word) for word in looked.words.split()]
        self.list.show(looked.items)
        c, n = len(looked.called), len(looked.hits)
        called = ngettext("{n} conversation", "{n} conversations", c).format(n=f"{c}{'+' if looked.many else ''}")
        lines = ngettext("{n} line", "{n} lines", n).format(n=f"{n}{'+' if looked.next else ''}")
        found = drawn(" · ").join([*([called] if c else []), *([lines] if n else [])])
        self.title_line.about = found
        self.title_line.update()
        self.refresh_footer()

    def perform(self, action: str, text: str = "") -> None:
        super().perform(action, text)
        looked = self.looked
        looked.marked = self.list.chosen
        at_end = bool(looked.items) and self.list.chosen == looked.items[-1].id
        if at_end and looked.next and action.startswith("list."):
            self.run_worker(self._look(), group="search", exclusive=True)

    def go(self) -> None:
        one = self.list.marked
        if one is None:
            return
        if one.row.hid:
            self.notice.say(others.why_not(self.desk, one.row), "wait")
            return
        self.looked.marked = one.id
        self.dismiss()
        self.app.call_later(partial(self.then, one.row.id, 0 if isinstance(one, Called) else one.id))
