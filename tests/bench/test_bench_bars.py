"""The console's bars: a real hub, a real console in a pseudo-terminal of 120×40, and bare Textual apps beside them.

Nothing is asserted about time: the table at the end says what is over. Bytes are tests too, in
tests/terminal/test_bytes.py, on the sample desk.
"""

import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "terminal"))
from big_desk import MINE, name_of
from conftest import Figure, Record
from desks import Desk, served
from emulator import Emulator, Seen
from wire import Wire, cpu_of

pytestmark = [pytest.mark.bench, pytest.mark.timeout(0)]
SMALL, BIG = 100, 100_000
ROUNDS = 15  # starts of each, of which the best counts: a busy machine makes them longer, never shorter
KEYS = 60  # keys of each kind
START = 1.0  # seconds in which a start, and what follows it, is over
BARE = [sys.executable, str(Path(__file__).parent / "bare.py")]
SENTENCE = "Buenas tardes, ya lo revisamos: sale hoy a las 16 h y llega mañana. ¿Algo más?"


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, Desk]]:
    folder = tmp_path_factory.mktemp("desks")
    with ExitStack() as stack:
        made = {size: stack.enter_context(served(folder / str(size), size)) for size in (SMALL, BIG)}
        for desk in made.values():
            assert desk.faults() == 0, "the desk that is measured holds"
            with desk.console() as console:  # from now on it is warm: the console knows the desk
                console.until(desk.names[0])
                console.settle(quiet=1.0, first=3.0)
        yield made


def p95(values: list[float]) -> float:
    return sorted(values)[round(len(values) * 0.95) - 1]


# -- starting ----------------------------------------------------------------------------------------------------------


class Moment(NamedTuple):
    """What the program had written, and used of a processor (milliseconds), so many seconds after its start."""

    after: float
    written: int
    cpu: float


def usable(console: Wire, names: list[str]) -> tuple[float, float]:
    """(milliseconds, milliseconds of processor) from the start until the first two rows look as a key has left them.

    The key is pressed as soon as the first row is there. What the rows looked like is found out afterwards, from the
    bytes: a program may paint its first screen several times before it gets to the key.
    """
    console.until(names[0])
    console.press("down")
    pressed = len(console.written)
    moments = [Moment(console.last - console.begun, pressed, cpu_of(console.pid))]
    deadline = time.monotonic() + START
    while console.take(deadline - time.monotonic()):
        moments.append(Moment(console.last - console.begun, len(console.written), cpu_of(console.pid)))
    looks = list(_looks(console, moments, names[:2]))
    assert looks[0] != looks[-1], "the key was answered"
    first = next(n for n, look in enumerate(looks) if look == looks[-1])
    return moments[first].after * 1000, moments[first].cpu


def _looks(console: Wire, moments: list[Moment], names: list[str]) -> Iterator[list[list[Seen]]]:
    """The lines that say any of these names, at each of those moments."""
    screen, fed = Emulator(120, 40), 0
    for moment in moments:
        screen.feed(bytes(console.written[fed : moment.written]))
        fed = moment.written
        lines = zip(screen.screen.display, screen.screen.cells(), strict=True)
        yield [cells for text, cells in lines if any(name in text for name in names)]


def test_from_the_start_to_usable_trays(desks: dict[int, Desk], record: Record) -> None:
    took: dict[int, list[tuple[float, float]]] = {0: [], SMALL: [], BIG: []}
    for _ in range(ROUNDS):
        with Wire([*BARE, "list", str(SMALL)], {}) as bare:
            took[0].append(usable(bare, [name_of(SMALL - 1), name_of(SMALL - 2)]))
        for size, desk in desks.items():
            with desk.console() as console:
                took[size].append(usable(console, desk.names))
    for n, what in enumerate(("start to usable trays", "… in processor time")):
        best = {size: min(one[n] for one in found) for size, found in took.items()}
        for size in (SMALL, BIG):
            name = f"{what}, {size:,} conversations"
            record(Figure(name, best[size], "ms", 1.4 * best[0], best[0], "a bare Textual list"))
        share = abs(best[BIG] / best[SMALL] - 1) * 100
        record(Figure(f"{what}: {BIG:,} beside {SMALL:,} differ by", share, "%", 10))


# -- memory ------------------------------------------------------------------------------------------------------------


def test_memory(desks: dict[int, Desk], record: Record) -> None:
    with Wire([*BARE, "list", str(SMALL)], {}) as bare:
        bare.until(name_of(SMALL - 1))
        bare.settle()
        least = bare.memory()
    with Wire([*BARE, "list", str(BIG)], {}) as bare:
        bare.until(name_of(BIG - 1), within=120)
        bare.settle(quiet=1.0, first=2.0)
        full = bare.memory()
    for size, desk in desks.items():
        with desk.console() as console:
            console.until(desk.names[0])
            console.settle(quiet=1.0, first=3.0)
            name = f"memory, trays up, {size:,} conversations"
            record(Figure(name, console.memory(), "MB", 80, least, "a bare Textual list"))
            for tray in ("3", "1"):
                console.cost(tray)
                for _ in range(10):
                    console.cost("end")  # asks for another page each time
            console.cost("2")
            console.cost("enter")
            for _ in range(20):
                console.cost("pgup")
            name = f"memory, after 20 pages and a long thread, {size:,}"
            beside = full if size == BIG else least
            record(Figure(name, console.memory(), "MB", 80, beside, f"an OptionList of {size:,}"))
        record(Figure(f"the hub's memory, {size:,} conversations", desk.hub_memory(), "MB"))


# -- bytes -------------------------------------------------------------------------------------------------------------


def test_bytes(desks: dict[int, Desk], record: Record) -> None:
    desk = desks[BIG]
    for color, most in (("truecolor", 12_000), ("16", 8_000)):
        with desk.console(color) as console:
            console.until(desk.names[0])
            console.settle(quiet=1.0, first=2.0)
            record(Figure(f"first screen, {color}", len(console.written), "B", most))
    with desk.console() as console:
        console.until(desk.names[0])
        console.settle(quiet=1.0, first=3.0)
        inside = [console.cost("down") for _ in range(8)]
        record(Figure("cursor move in a tray, in view, worst", max(inside), "B", 500))
        scrolling = [console.cost("down") for _ in range(30)]
        record(Figure("cursor move in a tray that scrolls, worst", max(scrolling), "B", 3_000))
        console.cost("2")
        long = next(number for number in range(desk.size - MINE + 1, desk.size + 1) if number % MINE == 0)
        for _ in range(desk.size - long):
            console.cost("down")
        record(Figure("open a conversation", console.cost("enter"), "B", 3_000))
        letters = [console.cost(letter) for letter in SENTENCE]
        record(Figure("typed letter, median", statistics.median(letters), "B", 4))
        record(Figure("typed letter, p95", p95(letters), "B", 64))
        for _ in SENTENCE:
            console.cost("bs")
        back = [console.cost("pgup") for _ in range(6)]
        record(Figure("page back in a conversation, worst", max(back), "B", 3_000))
        for _ in range(6):
            console.cost("pgdn")
        for name, most, body in (
            ("tray reordered", 5_000, "¿Y sale hoy también el otro pedido?"),  # this one brings it to the top
            ("tray as it was", 2_000, "Gracias. Lo paso a buscar entonces."),
        ):
            before = len(console.written)
            desk.receive(long, body)
            assert console.take(60), "the message never came"
            console.settle(quiet=1.5)
            record(Figure(f"message in the open thread, {name}", len(console.written) - before, "B", most))
        console.settle(quiet=2.0)
        record(Figure("idle for 10 s", console.settle(quiet=10.0, first=10.0), "B", 0))


# -- delays ------------------------------------------------------------------------------------------------------------


def test_from_a_key_to_its_last_byte(desks: dict[int, Desk], record: Record) -> None:
    desk = desks[BIG]
    with Wire([*BARE, "list", "100"], {}) as bare_list, Wire([*BARE, "text"], {}) as bare_text, desk.console() as ours:
        bare_list.settle(first=3.0)
        bare_text.settle(first=3.0)
        ours.until(desk.names[0])
        ours.settle(quiet=1.0, first=3.0)
        moves: dict[str, list[float]] = {"bare": [], "ours": []}
        for n in range(KEYS):
            key = "down" if n // 5 % 2 == 0 else "up"
            moves["bare"].append(bare_list.timed(key))
            moves["ours"].append(ours.timed(key))
        ours.cost("2")
        ours.cost("enter")
        letters: dict[str, list[float]] = {"bare": [], "ours": []}
        for n in range(KEYS):
            letters["bare"].append(bare_text.timed(SENTENCE[n]))
            letters["ours"].append(ours.timed(SENTENCE[n]))
    for name, found, of in (
        ("a move in a tray", moves, "a bare OptionList"),
        ("a typed letter", letters, "a bare TextArea"),
    ):
        middle = statistics.median(found["bare"])
        record(
            Figure(
                f"key to last byte, {name}, median", statistics.median(found["ours"]), "ms", 1.5 * middle, middle, of
            )
        )
        record(Figure(f"key to last byte, {name}, p95", p95(found["ours"]), "ms", 15, p95(found["bare"]), of))
