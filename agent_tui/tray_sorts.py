"""In which order each tray is shown, as the person chose it: a file of the console's own in the config folder."""

from pathlib import Path

from agent_tui.chosen_file import ChosenFile


class TraySorts:
    """`folder` is the person's config folder; without one a choice lasts as long as the console."""

    def __init__(self, folder: Path | None = None) -> None:
        self._file = ChosenFile(folder, "trays.json")
        self._sorts = self._file.read()

    @property
    def trouble(self) -> str:
        """Why what was kept is left out; empty where it is not."""
        return self._file.trouble

    def of(self, tray: str) -> str:
        """The order that was chosen for a tray; empty where none was."""
        return self._sorts.get(tray, "")

    def keep(self, tray: str, sort: str) -> None:
        """Remember an order, an empty one being the usual. Raises OSError."""
        self._sorts = {**self._sorts, tray: sort}
        self._file.write({name: one for name, one in {**self._file.read(), tray: sort}.items() if one})
