"""Which theme the console opens in: what the settings name, else what the person picked, else what fits the terminal.

A pick is kept in `looks.json` in the config folder, a file of the console's own, so that nothing a person wrote by hand
is ever rewritten. It maps the theme that would fit the terminal to the one picked in its place: a pick made in a
terminal of sixteen colours says nothing about one that has them all.
"""

import os
from pathlib import Path

import msgspec

from agent_tui import theme
from agent_tui.appearance import usual
from agent_tui.i18n import _
from agent_tui.theme import ThemeFault, ThemeFile

_NAME = "looks.json"


class Looks:
    """`folder` is the person's config folder; without one there are only the console's own themes, and no pick is kept.
    `setting` is the theme that the settings name, empty where they name none."""

    def __init__(self, folder: Path | None = None, setting: str = "") -> None:
        self.folder, self.setting = folder, setting
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
        if self.folder is None:
            return
        picks = self._picks() | {usual(): name}
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self.folder / f"{_NAME}.{os.getpid()}"
        fresh.write_bytes(msgspec.json.encode(picks))
        fresh.replace(self.folder / _NAME)

    def _picks(self) -> dict[str, str]:
        if self.folder is None:
            return {}
        path = self.folder / _NAME
        try:
            return msgspec.json.decode(path.read_bytes(), type=dict[str, str])
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.DecodeError) as error:
            self.trouble = _("{file} can't be read: {why}").format(file=path, why=error)
            return {}
