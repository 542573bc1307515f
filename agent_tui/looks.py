"""Which theme the console opens in: what the settings name, else what the person picked, else what fits the terminal.

A pick is kept in `looks.json` in the config folder, a file of the console's own, so that nothing a person wrote by hand
is ever rewritten. It maps the theme that would fit the terminal to the one picked in its place: a pick made in a
terminal of sixteen colours says nothing about one that has them all.
"""

from pathlib import Path

from agent_tui import theme
from agent_tui.appearance import usual
from agent_tui.chosen_file import ChosenFile
from agent_tui.theme import ThemeFault, ThemeFile


class Looks:
    """`folder` is the person's config folder; without one there are only the console's own themes, and no pick is kept.
    `setting` is the theme that the settings name, empty where they name none."""

    def __init__(self, folder: Path | None = None, setting: str = "") -> None:
        self.folder, self.setting = folder, setting
        self._file = ChosenFile(folder, "looks.json")
        self.folders = (folder / "themes",) if folder is not None else ()
        self.trouble = ""  # why the console did not open in what was picked

    def opening(self) -> ThemeFile:
        """The theme to open in. Raises ThemeFault where the settings name one that can't be used; a pick that can't be
        is told in `trouble`, and what fits the terminal stands in."""
        picked = self.setting or self._picks().get(usual(), "")
        try:
            return theme.load(picked or usual(), self.folders)
        except ThemeFault as fault:
            if self.setting:
                raise
            self.trouble = str(fault)
            return theme.load(usual())

    def keep(self, name: str) -> None:
        """Remember a pick. Raises OSError."""
        self._file.write(self._picks() | {usual(): name})

    def _picks(self) -> dict[str, str]:
        picks = self._file.read()
        self.trouble = self._file.trouble or self.trouble
        return picks
