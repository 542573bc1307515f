"""The head of a conversation: with whom, over what, how long one may still answer, who has it."""

from agent_tui import moments, names, rights
from agent_tui.glyphs import drawn
from agent_tui.i18n import _, ngettext
from agent_tui.link.model import Desk, Thread
from agent_tui.widgets.cells import width
from agent_tui.widgets.paint import Line, Palette
from agent_tui.widgets.painted import Painted
from hub.protocol.states import State
from hub.protocol.views import Row

ASIDE = (State.HELD, State.SNOOZED, State.CLOSED)  # what is not being served, and is shown all the same


class Header(Painted):
    """A line and a hairline. What there is no room for is left out, the least needed first."""

    DEFAULT_CSS = """
    Header { height: 2; }
    """

    def __init__(self, desk: Desk, palette: Palette, *, id: str | None = None) -> None:
        super().__init__(desk, palette, id=id)
        self.conversation: int | None = None
        self.save_key = ""  # what saves the contact, where a key does

    def show(self, conversation: int | None) -> None:
        self.conversation = conversation
        self.refresh()

    def paint(self, y: int) -> Line:
        line = self.line()
        if y == 1:
            return line.put(drawn("─") * self.size.width, "line")
        row = self.desk.row(self.conversation) if self.conversation is not None else None
        return line if row is None else self._head(line, row)

    def _head(self, line: Line, row: Row) -> Line:
        """Id and name always; then who has it, that it rests, that they type, the time left, where, its tags, and that
        the contact is not saved, as far as there is room."""
        desk = self.desk
        thread = desk.thread(row.id)
        line.right("  ").right(f"#{row.id}", "quiet").right("  ")
        line.put("  ").put(names.customer(row), "strong", bold=True)
        if row.owner is not None and not rights.mine(desk, row):
            _also(line, _("with {name}").format(name=names.first(names.agent(desk, row.owner))), "wait")
        if row.guests:
            guests = ", ".join(names.first(names.agent(desk, one)) for one in row.guests)
            _also(line, _("guests: {names}").format(names=guests), "accent")
        if row.muted:
            _also(line, _("muted"), "need")
        if row.upto is not None:
            _also(line, _("handed on"), "wait")
        elif row.state in ASIDE:
            _also(line, _(names.STATES[row.state]), "wait")
        if thread is not None and thread.typing:
            _also(line, _("types…"), "accent")
        if thread is not None:
            self._company(line, thread)
        left = rights.window_left(desk, row)
        if left is not None:
            words = _("{span} left").format(span=moments.span(left)) if left else _("time to answer is over")
            if width(words) + 3 <= line.room:
                line.right(" ").right(words, "wait" if left else "need").right("  ")
        channel = desk.channels.get(row.ch)
        queue = names.queue(desk, row.q)
        where = drawn(" · ").join(part for part in (names.app_name(channel), queue) if part)
        _also(line, where if width(where) + 2 <= line.room else queue, "quiet")
        _also(line, drawn(" · ").join(names.tags(desk, row)), "accent")
        if not (row.saved or row.hid):
            words = _("not in contacts")
            if width(words) + 2 <= line.room:
                _also(line, words, "faint")
                _also(line, self.save_key, "accent")
        if row.sample:
            _also(line, _("sample"), "faint")
        return line

    def _company(self, line: Line, thread: Thread) -> None:
        """Colleagues who write there, and those who only look."""
        writing, looking = thread.writing, [one for one in thread.company if one not in thread.writing]
        called = [", ".join(names.first(names.agent(self.desk, one)) for one in some) for some in (writing, looking)]
        if writing:
            words = ngettext("{names} is typing…", "{names} are typing…", len(writing))
            _also(line, words.format(names=called[0]), "accent")
        if looking:
            words = ngettext("{names} looks too", "{names} look too", len(looking))
            _also(line, words.format(names=called[1]), "wait")


def _also(line: Line, words: str, role: str) -> None:
    """Put it whole, or not at all."""
    if words and width(words) + 2 <= line.room:
        line.put("  ").put(words, role)
