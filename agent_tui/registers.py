"""What was recorded, a letter each, in one JSON file of the person's own: readable by them only, written whole.

It is read whenever it is needed, so that several consoles of one person share it.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec


class Unreadable(Exception):
    """The file is there but can't be read; says which and why. It is never written over."""


class Registers:
    """`path` need not exist; without one what is recorded lasts as long as the console."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self._kept: dict[str, list[str]] = {}

    def all(self) -> Mapping[str, Sequence[str]]:
        """The steps of each, by letter. Raises Unreadable."""
        if self.path is None:
            return self._kept
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=dict[str, list[str]])
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.DecodeError) as error:
            raise Unreadable(f"{self.path}: {error}") from error

    def keep(self, letter: str, steps: Sequence[str]) -> None:
        """Remember steps in place of those that the letter had. Raises Unreadable, OSError."""
        kept = {name: [*those] for name, those in self.all().items()} | {letter: [*steps]}
        if self.path is None:
            self._kept = kept
            return
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(msgspec.json.encode(dict(sorted(kept.items()))))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)
