"""A pseudo-terminal to run a console in: type at it, and keep every byte that it writes."""

import codecs
import errno
import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time
from pathlib import Path
from types import TracebackType

import pyte

HERE = Path(__file__).parent


class Terminal:
    """`written` is every byte; `screen` what a person would see of it."""

    def __init__(self, script: str, *arguments: str, size: tuple[int, int] = (120, 40)) -> None:
        self.written = b""
        self.screen = pyte.Screen(*size)
        self._stream = pyte.Stream(self.screen)
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        environ = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        for name in ("NO_COLOR", "COLUMNS", "LINES"):  # the last two would outweigh the size of the pty
            environ.pop(name, None)
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            try:
                os.execve(sys.executable, [sys.executable, str(HERE / script), *arguments], environ)
            finally:
                os._exit(127)  # or it would go on as a second run of the tests
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)
        os.close(self._fd)

    def write(self, keys: bytes) -> None:
        os.write(self._fd, keys)

    def read(self, *, quiet: float = 0.25, first: float = 2.0) -> None:
        """Read until it is quiet; wait no longer than `first` for the first byte. Seconds."""
        deadline = time.monotonic() + first
        while select.select([self._fd], [], [], max(deadline - time.monotonic(), 0))[0]:
            if not self._take():
                return
            deadline = time.monotonic() + quiet

    def until(self, words: str, *, within: float = 20.0) -> None:
        """Read until `words` are on the screen; fails where they are not."""
        deadline = time.monotonic() + within
        while words not in "\n".join(self.screen.display):
            ready = select.select([self._fd], [], [], max(deadline - time.monotonic(), 0))[0]
            assert ready, f"{words!r} was not shown within {within} s:\n" + "\n".join(self.screen.display)
            assert self._take(), f"it ended without showing {words!r}"

    def _take(self) -> bool:
        try:
            chunk = os.read(self._fd, 65536)
        except OSError as error:
            if error.errno == errno.EIO:
                return False
            raise
        self.written += chunk
        self._stream.feed(self._decoder.decode(chunk))
        return bool(chunk)
