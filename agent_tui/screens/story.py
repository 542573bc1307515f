"""The story of a conversation: each move with who and when, and why it came to whom it came."""

import msgspec

from agent_tui import moments, names, refusals, story
from agent_tui.actions import TABLE
from agent_tui.i18n import _
from agent_tui.link import model
from agent_tui.link.asks import NotTold
from agent_tui.screens.keyed import Cockpit
from agent_tui.screens.list_screen import ListScreen
from agent_tui.widgets.cells import width
from agent_tui.widgets.explained import Explained
from agent_tui.widgets.item_rows import ItemRows, ListTitle
from agent_tui.widgets.paint import Line
from hub.protocol import queries


class Chapter(msgspec.Struct, frozen=True):
    """An event with its words."""

    id: int
    at: int
    words: str
    why: tuple[str, ...] = ()


class StoryRows(ItemRows[Chapter]):
    def paint(self, line: Line, one: Chapter, *, chosen: bool) -> Line:
        when = moments.short(one.at, self.desk.now, names.zone(self.desk))
        line.right("  ").right(_("why: below") if one.why and chosen else "", "quiet")
        line.put(" " * (moments.short_cells() - width(when))).put(f"{when}  ", "quiet")
        return line.put(one.words, "strong" if chosen else "text", bold=chosen)


class StoryScreen(ListScreen[Chapter]):
    def __init__(self, cockpit: Cockpit, conversation: int) -> None:
        self.conversation = conversation
        row = cockpit.desk.row(conversation)
        about = f"{names.customer(row)} #{conversation}" if row is not None else f"#{conversation}"
        title = ListTitle(cockpit.desk, cockpit.palette, _("What happened"), about)
        super().__init__(cockpit, title, StoryRows(cockpit.desk, cockpit.palette, _("Asking the hub…")))
        self.why = Explained(self.desk, self.palette)
        self.handlers = {**self.handlers, "story": self.leave}

    def on_mount(self) -> None:
        super().on_mount()
        self.mount(self.why, after=self.list)
        self.look()

    def places(self) -> tuple[str, ...]:
        return (TABLE, "global")

    def offered(self) -> tuple[str, ...]:
        return ("list.down", "list.up", "list.close")

    def perform(self, action: str, text: str = "") -> None:
        super().perform(action, text)
        self._explain()

    def _explain(self) -> None:
        marked = self.list.marked
        self.why.say(marked.why if marked is not None else ())

    def changed(self, change: model.Change) -> None:
        match change:
            case model.ThreadChanged(conversation) if conversation == self.conversation:
                self.look()
            case model.LinkChanged():
                self.footer.update()
                if self.desk.link.phase == "online" and not self.list.rows:
                    self.look()

    def look(self) -> None:
        self.run_worker(self._look(), group="story", exclusive=True)

    async def _look(self) -> None:
        params = queries.Timeline(conversation=self.conversation, order="newest", limit=queries.LIMIT)
        try:
            events: list[queries.Event] = await self.desk.ask("timeline", params)
        except NotTold as why:
            self.list.empty = refusals.sentence(self.desk, why.code, detail=why.detail)
            self.list.show([])
            return
        chapters = [
            (Chapter(one.seq, one.at, words, tuple(story.reasons(self.desk, one))), story.gave(one))
            for one in events
            if (words := story.told(self.desk, one))
        ]
        first = not self.list.rows
        self.list.show([chapter for chapter, _gave in chapters])
        if first:  # what is asked most: why it is with whom it is with
            self.list.move_to(next((index for index, (_one, gave) in enumerate(chapters) if gave), 0))
        self._explain()
