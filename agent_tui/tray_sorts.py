"""In which order each tray is shown, as the person chose it: a file of the console's own in the config folder."""

import os
from pathlib import Path

import msgspec

from agent_tui.i18n import _

_NAME = "trays.json"


class TraySorts:
    """`folder` is the person's config folder; without one a choice lasts as long as the console."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self.trouble = ""  # why what was kept is left out
        self._sorts = self._kept()

    def of(self, tray: str) -> str:
        """The order that was chosen for a tray; empty where none was."""
        return self._sorts.get(tray, "")

    def keep(self, tray: str, sort: str) -> None:
        """Remember an order, an empty one being the usual. Raises OSError."""
        self._sorts = {**self._sorts, tray: sort}
        if self.folder is None:
            return
        kept = {name: one for name, one in {**self._kept(), tray: sort}.items() if one}
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self.folder / f"{_NAME}.{os.getpid()}"
        fresh.write_bytes(msgspec.json.encode(kept))
        fresh.replace(self.folder / _NAME)

    def _kept(self) -> dict[str, str]:
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
