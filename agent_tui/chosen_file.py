"""A file of the console's own in the config folder, in which it keeps what a person has chosen, by name."""

import os
from pathlib import Path

import msgspec

from agent_tui.i18n import _


class ChosenFile:
    """`folder` is the person's config folder; without one nothing is kept, and nothing was."""

    def __init__(self, folder: Path | None, name: str) -> None:
        self._folder, self._name = folder, name
        self._fault: Exception | None = None

    @property
    def trouble(self) -> str:
        """Why what was kept is left out, in the language of the moment; empty where it is not."""
        if self._folder is None or self._fault is None:
            return ""
        return _("{file} can't be read: {why}").format(file=self._folder / self._name, why=self._fault)

    def read(self) -> dict[str, str]:
        """What was kept; nothing where it can't be read, which is told in `trouble`."""
        if self._folder is None:
            return {}
        path = self._folder / self._name
        try:
            return msgspec.json.decode(path.read_bytes(), type=dict[str, str])
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.DecodeError) as error:
            self._fault = error
            return {}

    def write(self, choices: dict[str, str]) -> None:
        """Keep these in place of what was there. Raises OSError."""
        if self._folder is None:
            return
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self._folder / f"{self._name}.{os.getpid()}"
        fresh.write_bytes(msgspec.json.encode(choices))
        fresh.replace(self._folder / self._name)
