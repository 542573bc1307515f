"""Any tray by a part of its name, with how many each holds; those in view are counted live."""

from collections.abc import Callable

from agent_tui import names, tray_catalogue
from agent_tui.i18n import _
from agent_tui.link import model
from agent_tui.link.model import TRAYS, Look
from agent_tui.screens.keyed import Cockpit
from agent_tui.screens.picker import ROWS, Choice, Picker


class TrayPicker(Picker):
    """`watch` has looks counted while the list is open, and none of them once it is closed."""

    def __init__(
        self, cockpit: Cockpit, here: str, then: Callable[[str], None], watch: Callable[[list[Look]], None]
    ) -> None:
        self._watch, self._listed = watch, tray_catalogue.every(cockpit.desk)
        super().__init__(cockpit, _("Trays"), self._choices(cockpit.desk), then, typing=True, marked=here)
        self.top = max(self.marked - ROWS + 1, 0)

    def on_mount(self) -> None:
        super().on_mount()
        self._watch_shown()

    def on_unmount(self) -> None:
        self._watch([])

    def move(self, by: int) -> None:
        super().move(by)
        self._watch_shown()

    def _narrow(self, typed: str) -> None:
        super()._narrow(typed)
        self._watch_shown()

    def _watch_shown(self) -> None:
        shown = {choice.id for choice in self.found[self.top : self.top + ROWS]} - {*TRAYS}
        self._watch([one.look for one in self._listed if one.key in shown])

    def changed(self, change: model.Change) -> None:
        if isinstance(change, model.CountsChanged | model.TrayChanged | model.RefsChanged):
            self._listed = tray_catalogue.every(self.desk)
            fresh = {choice.id: choice for choice in self._choices(self.desk)}
            self.choices = list(fresh.values())
            self.found = [fresh[one.id] for one in self.found if one.id in fresh]
            self.marked = min(self.marked, max(len(self.found) - 1, 0))
            self.window.update()

    def _choices(self, desk: model.Desk) -> list[Choice]:
        return [Choice(one.key, one.label, count(desk, one), one.about) for one in self._listed]


def count(desk: model.Desk, tray: tray_catalogue.Listed) -> str:
    """How many a tray holds; empty while that is not known."""
    if tray.key in TRAYS:
        return names.count(desk.tray(tray.key).count)
    known = desk.counted(tray.look)
    return "" if known is None else names.count(known)
