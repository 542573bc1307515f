"""Where the written goes: the terminal for as long as it is there, and nowhere afterwards.

Textual writes from a thread that ends with the first error, and then waits for ever for somebody to take what it has
queued: a console whose terminal was closed would neither end nor let its hub end.
"""

from typing import IO


class Outlet:
    """As much of a file as the writing thread uses."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self.gone = False  # the terminal was closed

    def write(self, text: str) -> None:
        if not self.gone:
            try:
                self._file.write(text)
            except OSError:
                self.gone = True

    def flush(self) -> None:
        if not self.gone:
            try:
                self._file.flush()
            except OSError:
                self.gone = True

    def fileno(self) -> int:
        return self._file.fileno()
