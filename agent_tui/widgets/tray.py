"""A tray: a list over a window of conversations, drawn line by line however long it is.

The choice is anchored to a conversation, not to a place: whatever is reordered, Enter opens what was marked. When the
marked one leaves the tray, nothing is marked until the person moves or comes back.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from textual import events
from textual.geometry import Offset, Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from agent_tui.actions import TRAY
from agent_tui.i18n import _
from agent_tui.keymap import Keymap
from agent_tui.link.model import TRAYS, Desk, Tray
from agent_tui.widgets import tray_row
from agent_tui.widgets.cells import wrap
from agent_tui.widgets.paint import Line, Palette
from agent_tui.widgets.standing import at_text, first_text
from hub.protocol.views import Row

AHEAD = 12  # rows before the end at which the next page is asked for


class TrayList(ScrollView, can_focus=True):
    DEFAULT_CSS = """
    TrayList { height: 1fr; background: $b-ground; scrollbar-size-vertical: 0; scrollbar-size-horizontal: 0; }
    """

    @dataclass
    class Opened(Message):
        """The marked row was clicked: a first click only marks, so that none is served by a slip of the mouse."""

        conversation: int

    @dataclass
    class Moved(Message):
        """Another row is marked, or none."""

        conversation: int | None

    def __init__(self, desk: Desk, palette: Palette, keymap: Keymap) -> None:
        super().__init__()
        self.desk, self.palette, self.keymap = desk, palette, keymap
        self.name_of_tray = self.key = TRAYS[0]  # of the desk's, and of the catalogue's: a VIEW is of many
        self.chosen: int | None = None
        self.pitch = 3
        self.marks: set[int] = set()  # conversations that what is done next is about, all of them
        self._hint = 0  # where the chosen one last stood
        self._drawn: list[Row] = []
        self.filtered = False  # what is shown is what fits a filter
        self._asked = 0  # the length at which a further page was last asked for

    # -- what is shown ---------------------------------------------------------------------------------------------

    @property
    def tray(self) -> Tray:
        return self.desk.tray(self.name_of_tray)

    @property
    def row(self) -> Row | None:
        return next((row for row in self._drawn if row.id == self.chosen), None)

    def show_as(self, name: str, key: str) -> None:
        """Show what the desk holds under a name as a tray of the catalogue; another one from its beginning."""
        if key == self.key:
            self.name_of_tray, self._asked = name, 0
            self.update()
            return
        self.name_of_tray, self.key, self.chosen, self._hint, self._asked = name, key, None, 0, 0
        self._drawn, self.marks = [], set()
        self.scroll_to(y=0, animate=False, force=True)
        self.update()
        self.refresh()

    def set_pitch(self, pitch: int) -> None:
        if pitch != self.pitch:
            self.pitch = pitch
            self._measure()
            self.refresh()

    def update(self) -> None:
        """Take over what the tray holds now; only rows that look different are painted again."""
        before, self._drawn = self._drawn, list(self.tray.rows)
        places = {row.id: index for index, row in enumerate(self._drawn)}
        if self.chosen in places:
            self._hint = places[self.chosen]
        elif self.chosen is not None or not before:
            self._choose(self._drawn[0].id if self._drawn and not before and self.has_focus else None, keep_hint=True)
        if self.tray.loaded and not self.tray.partly:
            self.marks &= places.keys()  # what has left is out of the person's view
        if len(before) != len(self._drawn):
            self._measure()
        if not before or not self._drawn:
            self.refresh()
            return
        for index in range(max(len(before), len(self._drawn))):
            old = before[index] if index < len(before) else None
            new = self._drawn[index] if index < len(self._drawn) else None
            if old is not new and old != new:
                self._refresh_row(index)
        self._load_ahead(self.scroll_offset.y // self.pitch + self.size.height // self.pitch)

    def repaint(self, conversation: int) -> None:
        """Something beside its row is told by it, and has changed."""
        for index, row in enumerate(self._drawn):
            if row.id == conversation:
                self._refresh_row(index)

    def _measure(self) -> None:
        self.virtual_size = Size(self.size.width, len(self._drawn) * self.pitch)

    def _refresh_row(self, index: int) -> None:
        top = index * self.pitch - self.scroll_offset.y
        if -2 < top < self.size.height:
            self.refresh(Region(0, top, self.size.width, 2))

    # -- choosing --------------------------------------------------------------------------------------------------

    def _choose(self, conversation: int | None, *, keep_hint: bool = False) -> None:
        if conversation == self.chosen:
            return
        places = {row.id: index for index, row in enumerate(self._drawn)}
        for one in (self.chosen, conversation):
            if one in places:
                self._refresh_row(places[one])
        self.chosen = conversation
        if conversation in places and not keep_hint:
            self._hint = places[conversation]
        self.post_message(self.Moved(conversation))

    def set_marks(self, marks: set[int]) -> None:
        if marks != self.marks:
            self.marks = marks
            self.refresh()

    def choose(self, conversation: int) -> None:
        """Mark a conversation and bring it into view, where the tray has it."""
        self._choose(conversation)
        index = next((i for i, row in enumerate(self._drawn) if row.id == conversation), None)
        if index is not None:
            self._reveal(index)

    def choose_at(self, index: int) -> None:
        if self._drawn:
            index = min(max(index, 0), len(self._drawn) - 1)
            self._choose(self._drawn[index].id)
            self._reveal(index)
            self._load_ahead(index)

    def move(self, by: int) -> None:
        """Mark the row that many below, or above. With none marked, what stands where the last one stood."""
        self.choose_at(self._hint if self.row is None else self._hint + by)

    @property
    def page(self) -> int:
        return max(self.size.height // self.pitch - 1, 1)

    def _reveal(self, index: int) -> None:
        """While the list is not on the screen it has no height, and stays where it is until it has one again."""
        if not self.size.height:
            return
        top, bottom = index * self.pitch, index * self.pitch + 2
        y = self.scroll_offset.y
        if top < y:
            self.scroll_to(y=top, animate=False, force=True)
        elif bottom > y + self.size.height:
            self.scroll_to(y=bottom - self.size.height, animate=False, force=True)

    def _load_ahead(self, index: int) -> None:
        if self.tray.more and index >= len(self._drawn) - AHEAD and self._asked != len(self._drawn):
            self._asked = len(self._drawn)
            self.desk.more_rows(self.name_of_tray)

    def in_view(self) -> Iterator[tuple[Row, int]]:
        """The rows of which the first line is in view, with that line."""
        for index, row in enumerate(self._drawn):
            y = index * self.pitch - self.scroll_offset.y
            if 0 <= y < self.size.height:
                yield row, y

    @property
    def caret(self) -> Offset | None:
        """The chosen row; what an empty tray says."""
        index = next((i for i, row in enumerate(self._drawn) if row.id == self.chosen), None)
        if index is None:
            return first_text(self)
        y = index * self.pitch - self.scroll_offset.y
        return at_text(self, y, self.render_line(y))

    # -- Textual ---------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        if not self._drawn:
            return self._empty(y).strip()
        index, part = divmod(y + self.scroll_offset.y, self.pitch)
        if index >= len(self._drawn) or part > 1:
            return Line(self.size.width, self.palette).strip()
        row = self._drawn[index]
        stands = {"chosen": row.id == self.chosen, "focused": self.has_focus}
        if part == 0:
            return tray_row.first(self.size.width, self.palette, self.desk, row, **stands).strip()
        marked = row.id in self.marks
        return tray_row.second(self.size.width, self.palette, self.desk, row, **stands, marked=marked).strip()

    def _empty(self, y: int) -> Line:
        words = {
            "pending": _("Nobody waits. New conversations appear here; {open} opens one."),
            "in_progress": _("You serve nobody now. Open a pending conversation: {pending}, then {open}."),
            "attended": _("Nothing attended today. What you end appears here; {reopen} reopens it."),
            "awaiting": _("Nobody waits for you or for an answer."),
            "mine": _("Nothing is yours now. Open a pending conversation: {pending}, then {open}."),
            "unassigned": _("Nobody waits without an agent."),
            "mentions": _("No note waits for you. One that names you, with {handle}, appears here until you see it."),
            "offered": _("Nothing is offered to you now. What your queues offer appears here until somebody takes it."),
            "snoozed": _("Nothing is set aside. What you snooze waits here for its time."),
            "spam": _("No spam."),
            "comments": _("No comments. What people write under your posts appears here, and is counted here only."),
        }
        ended = self.desk.link.phase == "signed_out"
        waits = _("The session has ended.") if ended else _("Waiting for the hub…")
        if self.filtered:
            text = _("Nothing here fits the filter: {clear} takes it away.")
        else:
            text = words.get(self.key, _("Nothing fits this tray now."))
        if not self.tray.loaded or (self.tray.partly and self.desk.link.phase == "online"):
            text = waits
        me = self.desk.agents.get(self.desk.me.agent) if self.desk.me else None
        text = text.format(
            handle=f"@{me.login if me else ''}",
            open=self.keymap.key_of((TRAY,), "conversation.open"),
            reopen=self.keymap.key_of((TRAY,), "conversation.reopen"),
            pending=self.keymap.key_of((TRAY,), "tray.pending"),
            clear=self.keymap.key_of((TRAY,), "tray.clear"),
        )
        lines = wrap(text, max(self.size.width - 4, 10))
        line = Line(self.size.width, self.palette).put("  ")
        return line.put(lines[y - 1], "quiet") if 0 < y <= len(lines) else line

    def on_resize(self, event: events.Resize) -> None:
        self._measure()
        if self.row is not None:
            self._reveal(self._hint)

    def watch_has_focus(self, focused: bool) -> None:
        super().watch_has_focus(focused)
        if focused and self.row is None and self._drawn:
            self.choose_at(self._hint)
        self._refresh_row(self._hint)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._load_ahead(int(new_value) // self.pitch + self.size.height // self.pitch)

    def on_click(self, event: events.Click) -> None:
        index, part = divmod(event.y + self.scroll_offset.y, self.pitch)
        if part < 2 and index < len(self._drawn):
            again = self._drawn[index].id == self.chosen
            self.choose_at(index)
            if again:
                self.post_message(self.Opened(self._drawn[index].id))
