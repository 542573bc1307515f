"""What the console costs a thin line, in bytes: upper bounds, since bytes do not depend on the machine."""

import statistics
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from session import Session

pytestmark = pytest.mark.e2e
SENTENCE = "Buenas tardes, ya lo revisamos: sale hoy a las 16 h y llega mañana. ¿Algo más?"


def p95(counts: list[int]) -> int:
    return sorted(counts)[round(len(counts) * 0.95) - 1]


def test_the_first_screen_is_at_most_twelve_kilobytes_and_eight_in_sixteen_colours() -> None:
    with Session() as console:
        console.until("Pendientes")
        assert len(console.written) <= 12_000
    with Session(color="16") as console:
        console.until("Pendientes")
        assert len(console.written) <= 8_000


def test_a_typed_letter_costs_a_byte_or_few() -> None:
    with Session() as console:
        console.until("Pendientes").send("enter")
        console.until("nuevo")
        console.counts.clear()
        for letter in SENTENCE:
            console.send(letter)
        assert statistics.median(console.counts) <= 4
        assert p95(console.counts) <= 64
        console.counts.clear()
        for _ in range(10):
            console.send("bs")
        assert statistics.median(console.counts) <= 4


def test_a_move_in_the_tray_and_opening_a_conversation_fit_their_bounds() -> None:
    with Session() as console:
        console.until("Pendientes")
        console.send("home")
        console.counts.clear()
        for _ in range(4):
            console.send("down")
        # what was given to one and is not opened stands on a ground of its own, which the choice comes and goes over
        assert statistics.median(console.counts) <= 560, console.counts
        console.send("home")
        assert console.send("enter") <= 3_000
        console.send("esc")
        console.send("3")
        console.counts.clear()
        for _ in range(20):
            console.send("down")
        assert max(console.counts) <= 3_000


def test_a_letter_of_a_filter_costs_its_own_cells_and_those_of_the_rows_that_change() -> None:
    with Session() as console:
        console.until("Pendientes")
        assert console.send("/") <= 2_500  # the list makes room for it
        console.counts.clear()
        for letter in "etiqueta:":
            console.send(letter)
        assert statistics.median(console.counts) <= 120, console.counts
        assert max(console.counts) <= 2_500, console.counts  # rows go, or come back
        console.counts.clear()
        for letter in "vi":
            console.send(letter)
        assert max(console.counts) <= 128, console.counts  # nothing is decided by that yet
        assert console.send("esc") <= 3_500


def test_letters_to_jump_to_cost_as_much_as_a_move() -> None:
    with Session() as console:
        console.until("Pendientes")
        console.send("home")
        assert console.send("f") <= 600
        assert console.send("s") <= 900
        assert console.send("f") <= 600
        assert console.send("esc") <= 500


def test_a_message_that_arrives_fits_its_bounds() -> None:
    with Session(EARLIER="40") as console:
        console.until("Pendientes").send("2")
        console.send("home")
        console.send("down")
        console.send("enter")
        assert console.hear() <= 5_000, "its conversation comes to the top of the tray"
        assert console.hear() <= 2_000, "and is there already"


def test_a_page_back_in_a_conversation_fits_its_bound() -> None:
    with Session(EARLIER="80") as console:
        console.until("Pendientes").send("2")
        console.send("home")
        console.send("enter")
        console.counts.clear()
        for _ in range(4):
            console.send("pgup")
        assert min(console.counts) > 200, "each of them showed earlier messages"
        assert max(console.counts) <= 3_000


def test_nothing_is_written_while_nothing_happens() -> None:
    with Session() as console:
        console.until("Pendientes").send("enter")
        console.settle(quiet=1.0)
        before = len(console.written)
        console.settle(quiet=3.0, first=3.0)
        assert len(console.written) == before
