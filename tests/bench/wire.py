"""A program in a pseudo-terminal, watched from the wire: what it writes, when, and how much. No screen is kept."""

import errno
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

KEYS = {"enter": b"\r", "esc": b"\x1b", "down": b"\x1b[B", "up": b"\x1b[A", "home": b"\x1b[H", "end": b"\x1b[F",
        "pgup": b"\x1b[5~", "pgdn": b"\x1b[6~", "bs": b"\x7f"}  # fmt: skip
COLORS = {"truecolor": {"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "16": {"TERM": "xterm-16color"}}
UNKNOWN = ("PYTHONDONTWRITEBYTECODE", "NO_COLOR", "COLORTERM", "TMUX", "COLUMNS", "LINES", "LC_ALL", "LANG")
QUIET = 0.12  # seconds without a byte after which a key has had its answer


class Wire:
    """`begun` and what `until` returns are times of `time.perf_counter`, in seconds."""

    def __init__(
        self,
        argv: Sequence[str],
        environ: Mapping[str, str],
        *,
        color: str = "truecolor",
        size: tuple[int, int] = (120, 40),
    ) -> None:
        kept = {name: value for name, value in os.environ.items() if name not in UNKNOWN}
        around = {**kept, "LANG": "es_PY.UTF-8", **COLORS[color], **environ}
        self.written = bytearray()
        self.last = 0.0  # when the last byte came
        self.fd, slave = pty.openpty()
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.begun = time.perf_counter()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.close(self.fd)
                os.login_tty(slave)
                os.execvpe(argv[0], list(argv), around)
            finally:
                os._exit(127)
        os.close(slave)

    def __enter__(self) -> "Wire":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.kill(self.pid, signal.SIGTERM)
        while self.take(10.0):
            pass
        os.close(self.fd)
        os.waitpid(self.pid, 0)

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
        self.last = time.perf_counter()
        self.written += chunk
        return bool(chunk)

    def until(self, words: str, *, after: int = 0, within: float = 60.0) -> float:
        """When `words` were there, after so many bytes."""
        deadline = time.monotonic() + within
        while words.encode() not in self.written[after:]:
            assert self.take(deadline - time.monotonic()), f"{words!r} never came: {bytes(self.written[-2000:])!r}"
        return self.last

    def settle(self, quiet: float = QUIET, first: float = 0.4) -> int:
        """Wait until nothing is written; returns how many bytes that were."""
        before, deadline = len(self.written), time.monotonic() + first
        while self.take(deadline - time.monotonic()):
            deadline = time.monotonic() + quiet
        return len(self.written) - before

    def press(self, key: str) -> None:
        os.write(self.fd, KEYS.get(key, key.encode()))

    def cost(self, key: str) -> int:
        """Bytes that a key causes."""
        self.press(key)
        return self.settle()

    def timed(self, key: str) -> float:
        """Milliseconds from a key to the last byte that it caused."""
        begun = self.last = time.perf_counter()
        self.press(key)
        self.settle(first=0.25)
        return (self.last - begun) * 1000

    def memory(self) -> float:
        """The most that it has taken so far, in megabytes of resident memory."""
        return memory_of(self.pid)


def memory_of(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def cpu_of(pid: int) -> float:
    """Milliseconds that the process has had a processor so far: a measure that other programs disturb little."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e6
