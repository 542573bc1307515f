"""The sheet: what is known of the customer and of this visit. Sections without anything fold to nothing."""

from collections.abc import Iterator

from agent_tui import filling, moments, names, reports
from agent_tui.glyphs import drawn
from agent_tui.i18n import _
from agent_tui.link.model import Desk
from agent_tui.widgets.cells import wrap
from agent_tui.widgets.paint import Line, Palette
from agent_tui.widgets.painted import Painted
from hub.protocol.views import Row

Fact = tuple[str, str]
VALUES_AT = 13  # the column in which values stand


class Sheet(Painted):
    DEFAULT_CSS = """
    Sheet { height: 1fr; }
    """

    def __init__(self, desk: Desk, palette: Palette, *, id: str | None = None) -> None:
        super().__init__(desk, palette, id=id)
        self.conversation: int | None = None

    def show(self, conversation: int | None) -> None:
        self.conversation = conversation
        self.refresh()

    def paint(self, y: int) -> Line:
        if y == 0:
            return self.line().put("  ").put(_("Sheet"), "strong", bold=True)
        if y == 1:
            return self.line().put(drawn("─") * self.size.width, "line")
        row = self.desk.row(self.conversation) if self.conversation is not None else None
        lines = list(self._lines(row) if row is not None and not row.hid else self._empty())
        return lines[y - 3] if 0 <= y - 3 < len(lines) else self.line()

    def _empty(self) -> Iterator[Line]:
        for part in wrap(_("What is known of a customer and their visit stands here."), self.size.width - 4):
            yield self.line().put("  ").put(part, "quiet")

    def _lines(self, row: Row) -> Iterator[Line]:
        for title, facts in (
            (_("Contact"), self._contact(row)),
            (_("Visit"), self._visit(row)),
            (_("Conversation"), self._conversation(row)),
            (_("Form"), self._form(row)),
        ):
            known = [(name, value) for name, value in facts if value]
            if not known:
                continue
            yield self.line().put("  ").put(title, "accent", bold=True)
            for name, value in known:
                for index, part in enumerate(wrap(value, max(self.size.width - VALUES_AT - 2, 8))):
                    yield self.line().put("  ").put("" if index else name, "quiet").to(VALUES_AT).put(part)
            yield self.line()

    def _contact(self, row: Row) -> list[Fact]:
        channel = self.desk.channels.get(row.ch)
        app = names.app_name(channel)
        return [
            (_("Name"), row.name),
            (_("Number"), row.num),
            (_("Channel"), app),
            (_("Language"), row.lang),
            (_("Saved"), _("in the contacts") if row.saved else _("not in the contacts")),
            (_("Muted"), _("yes: what they write wakes nobody") if row.muted else ""),
            (_("Sample"), _("yes: not a real customer") if row.sample else ""),
        ]

    def _visit(self, row: Row) -> list[Fact]:
        return [(_("Page"), row.page), (_("Came from"), row.ref)]

    def _form(self, row: Row) -> list[Fact]:
        """What was saved of the form; that it was not, where there is one."""
        form, kept = filling.form_of(self.desk, row), filling.saved(self.desk, row)
        topics = (filling.topic_path(self.desk, self.desk.topics[one]) for one in row.topics if one in self.desk.topics)
        facts = [] if kept is None else filling.told([] if form is None else form.fields, kept.values)
        if form is not None and not facts:
            facts = [(_("Filled in"), _("not yet"))]
        return [*facts, (_("Topics"), ", ".join(topics))]

    def _conversation(self, row: Row) -> list[Fact]:
        zone = names.zone(self.desk)
        return [
            (_("Queue"), names.queue(self.desk, row.q)),
            (_("With"), names.agent(self.desk, row.owner)),
            (_("Guests"), ", ".join(names.agent(self.desk, one) for one in row.guests)),
            (_("Began"), moments.full(row.begun, zone)),
            (_("Ended at"), moments.full(row.ended, zone) if row.ended is not None else ""),
            (_("Lasted"), reports.lasted(row.ended - row.begun) if row.ended is not None else ""),
            (_("Answered"), _("after {span}").format(span=reports.lasted(row.resp)) if row.resp is not None else ""),
            (_("Tags"), ", ".join(names.tags(self.desk, row))),
            (_("Before"), f"#{row.prev}" if row.prev else ""),
        ]
