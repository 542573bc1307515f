"""What the console writes for what one does, and how soon, beside Textual's own driver in the same run. Prints only.

The bounds on bytes are tests of their own, in tests/terminal/test_bytes.py: bytes do not depend on the machine.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "terminal"))
from session import KEYS, Session

pytestmark = [pytest.mark.bench, pytest.mark.timeout(0)]
SENTENCE = "Buenas tardes, ya lo revisamos: sale hoy a las 16 h."


def timed(console: Session, key: str) -> float:
    """Milliseconds from a key to the last byte that it caused."""
    os.write(console.fd, KEYS.get(key, key).encode())
    begun = last = time.perf_counter()
    while console.take(0.25):
        last = time.perf_counter()
    return (last - begun) * 1000


def figures(plain: bool, color: str) -> dict[str, float]:
    with Session(plain=plain, color=color) as console:
        console.until("Pendientes")
        found: dict[str, float] = {"first screen, B": len(console.written)}
        console.send("home")
        found["move in a tray, B"] = statistics.median(console.send("down") for _ in range(4))
        console.send("home")
        found["open a conversation, B"] = console.send("enter")
        letters = [console.send(letter) for letter in SENTENCE]
        found["typed letter, median B"] = statistics.median(letters)
        found["typed letter, p95 B"] = sorted(letters)[round(len(letters) * 0.95) - 1]
        delays = sorted(timed(console, letter) for letter in SENTENCE)
        found["key to last byte, median ms"] = statistics.median(delays)
        found["key to last byte, p95 ms"] = delays[round(len(delays) * 0.95) - 1]
        console.send("esc")
        console.send("3")
        found["scrolling move, worst B"] = max(console.send("down") for _ in range(15))
        before = len(console.written)
        console.settle(quiet=5, first=5)
        found["idle, B/s"] = (len(console.written) - before) / 5
        return found


def test_bytes_and_delays_of_the_console(say: Callable[[str], None]) -> None:
    for color in ("truecolor", "16"):
        ours, stock = figures(False, color), figures(True, color)
        say(f"\n120×40, {color:<24}{'console':>12}{'stock driver':>16}")
        for name in ours:
            say(f"  {name:<30}{ours[name]:>12,.1f}{stock[name]:>16,.1f}")


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    def aloud(words: str) -> None:
        with capsys.disabled():
            print(words)

    return aloud
