"""Two customers over 9,600 bit/s with a second of way: `python tests/bench/thin_line.py [SUMMARY]`

The real console in a pseudo-terminal, behind a relay that lets 960 bytes a second through and holds each for half a
second, both ways. An agent opens a conversation, types an answer at eight keys a second, sends it, and does the same in
another one. For each key: when it was pressed, and when the last byte that it caused was on the agent's screen.

That the echo keeps up is asserted in bytes: what waits for the line must never be more than one second of it while
somebody types.
"""

import os
import sys
import tempfile
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from desks import served
from wire import KEYS, Wire

RATE = 960  # bytes a second: 9,600 bit/s with a start and a stop bit
WAY = 0.5  # seconds each way
TYPING = 8  # keys a second
LOOK = 0.005  # seconds between two looks at the clock
MOST = RATE  # bytes that may wait while somebody types
ANSWERS = (
    "Buenas tardes, ya lo revisamos: sale hoy a las 16 h.",
    "Gracias por avisar; se lo reenviamos sin costo, llega mañana.",
)


@dataclass(slots=True)
class Key:
    """Times in seconds from the beginning; `waiting` is the most that waited for the line until the next key."""

    name: str
    pressed: float
    shown: float = 0.0
    caused: int = 0
    waiting: int = 0
    typed: bool = False


class Line:
    """The relay: what the console writes goes into `queue` and leaves it at the line's pace."""

    def __init__(self, console: Wire) -> None:
        self.console, self.begun = console, time.monotonic()
        self.keys: list[Key] = []
        self._to_console: deque[tuple[float, bytes, Key]] = deque()  # when it arrives there
        self._answered: Key | None = None  # the key that the console works on
        self._free = 0.0  # when the line has sent all that it was given
        self._seen = len(console.written)

    @property
    def now(self) -> float:
        return time.monotonic() - self.begun

    @property
    def waiting(self) -> int:
        """Bytes that the line has not sent yet."""
        return max(round((self._free - self.now) * RATE), 0)

    def press(self, name: str, *, typed: bool = False) -> None:
        key = Key(name, self.now, typed=typed)
        self.keys.append(key)
        self._to_console.append((self.now + WAY, KEYS.get(name, name.encode()), key))

    def run(self, seconds: float) -> None:
        """Let so much time pass."""
        until = self.now + seconds
        while self.now < until:
            while self._to_console and self._to_console[0][0] <= self.now:
                _, keys, self._answered = self._to_console.popleft()
                os.write(self.console.fd, keys)
            self.console.take(LOOK)
            self._carry()
            if self.keys:
                self.keys[-1].waiting = max(self.keys[-1].waiting, self.waiting)

    def _carry(self) -> None:
        fresh, self._seen = len(self.console.written) - self._seen, len(self.console.written)
        if fresh:
            self._free = max(self._free, self.now) + fresh / RATE
            if self._answered is not None:
                self._answered.caused += fresh
                self._answered.shown = self._free + WAY

    def rest(self) -> None:
        """Until everything has come, and nothing more does."""
        self.run(2 * WAY + 0.5)
        while self.waiting:
            self.run(0.2)


def serve(line: Line) -> None:
    """Answer two customers, at typing speed."""
    line.press("2")  # the tray of those in hand
    line.rest()
    for n, answer in enumerate(ANSWERS):
        if n:
            line.press("esc")
            line.run(1.0)
            line.press("down")
            line.run(1.0)
        line.press("enter")
        line.rest()
        for letter in answer:
            line.press(letter, typed=True)
            line.run(1 / TYPING)
        line.press("enter")
        line.rest()


def summary(line: Line, first: int) -> str:
    rows = [f"{'key':<8}{'pressed s':>11}{'shown s':>10}{'later ms':>10}{'bytes':>8}{'waiting B':>11}"]
    for key in line.keys:
        shown = f"{key.shown:>10.2f}{(key.shown - key.pressed) * 1000:>10.0f}" if key.caused else f"{'—':>10}{'—':>10}"
        rows.append(f"{key.name!r:<8}{key.pressed:>11.2f}{shown}{key.caused:>8}{key.waiting:>11}")
    letters = [key for key in line.keys if key.typed]
    echoes = sorted((key.shown - key.pressed) * 1000 for key in letters if key.caused)
    rows += [
        "",
        f"{RATE} bytes/s, {WAY * 2:.0f} s there and back, {TYPING} keys/s, 120×40, truecolor, no compression",
        f"first screen: {first:,} bytes, {first / RATE:.1f} s of the line",
        f"{len(letters)} letters cost {sum(key.caused for key in letters):,} bytes; the whole {line.now:.0f} s session "
        f"{sum(key.caused for key in line.keys):,}",
        f"an echo after {echoes[len(echoes) // 2]:.0f} ms (median), {echoes[-1]:.0f} ms at most; "
        f"the way alone takes {WAY * 2000:.0f}",
        f"waiting for the line while typing: {max(key.waiting for key in letters)} bytes at most, {MOST} allowed",
    ]
    return "\n".join(rows)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, served(Path(folder) / "desk", 100) as desk, desk.console() as console:
        console.until(desk.names[0])
        console.settle(quiet=1.0, first=3.0)
        line = Line(console)
        first = len(console.written)
        serve(line)
        told = summary(line, first)
    print(told)
    if sys.argv[1:]:
        Path(sys.argv[1]).write_text(told + "\n", encoding="utf-8")
    typed = [key for key in line.keys if key.typed]
    assert all(key.caused for key in typed), "every letter was echoed"
    assert max(key.waiting for key in typed) <= MOST, "a backlog grew while somebody typed"
    assert typed[-1].waiting <= 2 * max(key.waiting for key in typed[:10]) + 64, "a backlog was left at the end"


if __name__ == "__main__":
    main()
