"""Picking a theme: the console itself is the preview, and puts its old colours on again where nothing is chosen."""

from collections.abc import Callable, Mapping

from agent_tui.i18n import _
from agent_tui.screens.keyed import Cockpit
from agent_tui.screens.picker import Choice, Picker
from agent_tui.theme import ThemeFile


class ThemePicker(Picker):
    """`themes` holds each theme by its name, or what is wrong with it. `show` wears one for now; `then` is told the
    name that is chosen."""

    def __init__(
        self,
        cockpit: Cockpit,
        themes: Mapping[str, ThemeFile | str],
        worn: ThemeFile,
        show: Callable[[ThemeFile], None],
        then: Callable[[str], None],
    ) -> None:
        choices = [
            Choice(name, name, _("now") if name == worn.name else "", _("has faults") if isinstance(one, str) else "")
            for name, one in themes.items()
        ]
        super().__init__(cockpit, _("Colours"), choices, then, typing=True, marked=worn.name)
        self._themes, self._before, self._show = themes, worn, show

    def move(self, by: int) -> None:
        super().move(by)
        self._preview()

    def _narrow(self, typed: str) -> None:
        super()._narrow(typed)
        self._preview()

    def _preview(self) -> None:
        if self.found:
            marked = self._themes[self.found[self.marked].id]
            self._show(self._before if isinstance(marked, str) else marked)

    def choose(self, index: int) -> None:
        if 0 <= index < len(self.found) and isinstance(self._themes[self.found[index].id], str):
            self._show(self._before)
        super().choose(index)

    def close_list(self) -> None:
        self._show(self._before)
        super().close_list()
