"""A person's keymap file, watched: what is changed in it works without a new start."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from agent_tui.i18n import _
from agent_tui.keymap import Keymap, load


class OwnKeys(msgspec.Struct):
    """`path` need not exist; `style` is the one asked for beside it, or empty."""

    path: Path
    style: str = ""
    _seen: tuple[int, int, int] | None = None

    def read(self) -> Keymap:
        """The keys as they are now. A file that can't be read is a fault among the others."""
        self._seen = self._mark()
        if self._seen is None:
            return load(style=self.style)
        try:
            return load(self.path, self.style)
        except OSError as error:
            keymap = load(style=self.style)
            keymap.faults.append(_("{file} can't be read: {why}").format(file=self.path, why=error.strerror))
            return keymap

    def told(self, faults: Sequence[str]) -> str:
        """Faults as one message: the file once, then each by its line, from the top."""
        mine = f"{self.path}:"
        lines = sorted(
            (int(number), words.strip())
            for number, _colon, words in (one.removeprefix(mine).partition(":") for one in faults)
            if number.isdigit()
        )
        if len(lines) < len(faults) or len(lines) < 2:
            return "\n".join(faults)
        return "\n".join((str(self.path), *(f"  {number}: {words}" for number, words in lines)))

    def changed(self) -> bool:
        """Whether the file is another than the one that was read last."""
        return self._mark() != self._seen

    def _mark(self) -> tuple[int, int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size
