"""Forms as they were, for telling what was filled in of them: in words, and as columns."""

from collections.abc import Iterable

from agent_tui import filling, names
from agent_tui.glyphs import drawn
from agent_tui.i18n import _
from agent_tui.link.model import Desk
from hub.protocol.forms import Field
from hub.protocol.queries import OneFormVersion
from hub.protocol.reports import Attention, Transferred
from hub.protocol.views import FormVersion

Row = Transferred | Attention


class ToldForms:
    """Each version is asked for once; those of today are known."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._told: dict[int, FormVersion] = {}

    async def load(self, rows: Iterable[Row]) -> None:
        """Ask for what these were filled in of. Raises NotTold."""
        for version in sorted({row.form for row in rows if row.form} - self._known().keys()):
            self._told[version] = await self.desk.ask("form_version", OneFormVersion(version=version))

    def of(self, rows: Iterable[Row]) -> list[FormVersion]:
        known = self._known()
        return [known[version] for version in sorted({row.form for row in rows}) if version in known]

    def _known(self) -> dict[int, FormVersion]:
        now = {one.version: FormVersion(one.version, one.queue, 0, one.fields) for one in self.desk.forms.values()}
        return now | self._told

    def filled(self, row: Row) -> str:
        """What was filled in, each by the name of its field; by its code where the form is not known yet."""
        known = self._known().get(row.form)
        fields: list[Field] = [] if known is None else known.fields
        return drawn(" · ").join(f"{name}: {value}" for name, value in filling.told(fields, row.values))

    def said(self, row: Row) -> list[str]:
        """The same as a sentence that says which form it was; none where nothing was filled in."""
        if not row.form:
            return []
        of = names.queue(self.desk, row.queue) or f"#{row.queue}"
        head = _("Form of {queue}, version {version}").format(queue=of, version=row.form)
        filled = self.filled(row)
        return [f"{head}: {filled}" if filled else head]
