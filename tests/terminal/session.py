"""The console on the sample desk in memory, in a pseudo-terminal whose screen can be looked at."""

import errno
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from pathlib import Path
from types import TracebackType

from emulator import Emulator, Screen

PROGRAM = Path(__file__).parents[1] / "console" / "run_fake.py"
KEYS = {"enter": "\r", "esc": "\x1b", "down": "\x1b[B", "up": "\x1b[A", "left": "\x1b[D", "end": "\x1b[F", "tab": "\t",
        "home": "\x1b[H", "bs": "\x7f", "^j": "\n", "^l": "\x0c", "^n": "\x0e", "^p": "\x10", "pgup": "\x1b[5~",
        "pgdn": "\x1b[6~", "f1": "\x1bOP", "f2": "\x1bOQ", "f3": "\x1bOR", "f4": "\x1bOS"}  # fmt: skip
COLORS = {
    "truecolor": {"TERM": "xterm-256color", "COLORTERM": "truecolor"},
    "16": {"TERM": "xterm-16color"},
    "none": {"TERM": "xterm-256color", "NO_COLOR": "1"},
}


def settle(*sessions: "Session", quiet: float = 0.15, first: float = 0.4) -> None:
    """Read from all of them until each has been quiet for a while; wait `first` for what each writes first. Seconds."""
    deadlines = dict.fromkeys(sessions, time.monotonic() + first)
    while waited := [one for one in sessions if deadlines[one] > time.monotonic()]:
        soonest = min(deadlines[one] for one in waited) - time.monotonic()
        ready = select.select([one.fd for one in waited], [], [], max(soonest, 0))[0]
        for one in waited:
            if one.fd in ready:
                deadlines[one] = time.monotonic() + quiet if one.take(0) else 0.0


class Session:
    """`within` is a program that runs the console; `counts` the bytes that each key has cost since it was cleared."""

    def __init__(
        self,
        width: int = 120,
        height: int = 40,
        *,
        plain: bool = False,
        color: str = "truecolor",
        within: tuple[str, ...] = (),
        synchronises: bool = False,
        **environ: str,
    ) -> None:
        self._emulator = Emulator(width, height)
        self.written = bytearray()
        self.counts: list[int] = []
        kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLORTERM", "TMUX", "COLUMNS", "LINES")}
        arguments = ["" if color != "truecolor" else "dark", "es", "agent", "plain" if plain else ""]
        argv = [*within, sys.executable, str(PROGRAM), *arguments]
        self.fd, slave = pty.openpty()
        self._size(width, height)
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.close(self.fd)
                os.login_tty(slave)
                os.execvpe(argv[0], argv, {**kept, **COLORS[color], **environ})
            finally:
                os._exit(127)  # or it would go on as a second run of the tests
        os.close(slave)
        if synchronises:
            os.write(self.fd, b"\x1b[?2026;2$y")

    def __enter__(self) -> "Session":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)

    @property
    def screen(self) -> Screen:
        return self._emulator.screen

    @property
    def text(self) -> str:
        return "\n".join(self.screen.display)

    def _size(self, width: int, height: int) -> None:
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def others_write(self, data: str) -> None:
        """Something on the screen that the console did not write."""
        self._emulator.feed(data)

    def resize(self, width: int, height: int) -> None:
        self.screen.resize(height, width)
        self._size(width, height)

    def press(self, keys: str) -> None:
        os.write(self.fd, KEYS.get(keys, keys).encode())

    def send(self, keys: str) -> int:
        """What was written, in bytes, until it was quiet."""
        before = len(self.written)
        self.press(keys)
        self.settle()
        self.counts.append(len(self.written) - before)
        return self.counts[-1]

    def hear(self) -> int:
        """The customer on show writes: what that was in bytes."""
        before = len(self.written)
        os.kill(self.pid, signal.SIGUSR1)
        assert self.take(30.0), "nothing was shown of it"
        self.settle()
        return len(self.written) - before

    def settle(self, quiet: float = 0.15, first: float = 0.4) -> None:
        settle(self, quiet=quiet, first=first)

    def take(self, within: float) -> bool:
        """Whether anything came within so many seconds."""
        if not select.select([self.fd], [], [], max(within, 0))[0]:
            return False
        try:
            chunk = os.read(self.fd, 65536)
        except OSError as error:
            if error.errno == errno.EIO:
                return False
            raise
        self.written += chunk
        self._emulator.feed(chunk)
        return bool(chunk)

    def until(self, words: str, within: float = 30.0) -> "Session":
        deadline = time.monotonic() + within
        while words not in self.text:
            assert self.take(deadline - time.monotonic()), f"{words!r} never came:\n{self.text}"
        self.settle(quiet=0.6)
        return self
