"""What was filled in before, for the earlier legs of a conversation, each with the form as it was then."""

from typing import TYPE_CHECKING

from textual import events

from agent_tui import filling, moments, names
from agent_tui.glyphs import drawn
from agent_tui.i18n import _
from agent_tui.link.asks import NotTold
from agent_tui.widgets.cells import wrap
from agent_tui.widgets.paint import Line
from agent_tui.widgets.painted import Painted
from hub.protocol.forms import Field
from hub.protocol.queries import OneFormVersion
from hub.protocol.views import Submission

if TYPE_CHECKING:
    from agent_tui.screens.form_screen import FormScreen


class Earlier(Painted):
    DEFAULT_CSS = """
    Earlier { height: auto; }
    """

    def __init__(self, form: "FormScreen") -> None:
        super().__init__(form.desk, form.palette)
        self.form = form
        self._fields: dict[int, list[Field]] = {}  # by version
        self._lines: list[tuple[str, str]] = []  # words and role

    def load(self) -> None:
        """Lay out what is there; forms that changed since are asked for."""
        self._lay()
        self.run_worker(self._ask(), exclusive=True)

    async def _ask(self) -> None:
        for version in {one.version for one in self._earlier()} - self._known().keys():
            try:
                told = await self.desk.ask("form_version", OneFormVersion(version=version))
            except NotTold:
                return  # the codes of the fields stand for their names
            self._fields[version] = told.fields
        self._lay()

    def _known(self) -> dict[int, list[Field]]:
        return {form.version: form.fields for form in self.desk.forms.values()} | self._fields

    def _earlier(self) -> list[Submission]:
        row, thread = self.form.row, self.desk.thread(self.form.conversation)
        if row is None or thread is None:
            return []
        now = filling.saved(self.desk, row)
        return [one for one in thread.forms if now is None or one.id != now.id]

    def _lay(self) -> None:
        known, cells, zone = self._known(), max(self.size.width - 2, 10), names.zone(self.desk)
        self._lines = [(_("Earlier"), "accent")] if self._earlier() else []
        for one in self._earlier():
            who = (names.queue(self.desk, one.q), names.agent(self.desk, one.owner))
            when = moments.short(one.at, self.desk.now, zone)
            self._lines.append((drawn(" · ").join(part for part in (*who, when) if part), "quiet"))
            for name, value in filling.told(known.get(one.version, []), one.values):
                self._lines += [
                    (f"  {part}" if index else part, "text")
                    for index, part in enumerate(wrap(f"{name}: {value}", cells))
                ]
        self.styles.height = len(self._lines)
        self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        self._lay()

    def paint(self, y: int) -> Line:
        words, role = self._lines[y] if y < len(self._lines) else ("", "text")
        return self.line().put(words, role, bold=role == "accent")
