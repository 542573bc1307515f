"""The console looks the same, cell by cell, as through Textual's own driver: after every key, at every size."""

import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from emulator import differences
from session import Session, settle

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
WALK = (
    *("down", "down", "up", "home", "enter", "H", "o", "l", "a", " ", "ñ", "日", "left", "left", "bs", "x", "end"),
    *(
        "^j",
        "d",
        "o",
        "s",
        "up",
        "home",
        "^n",
        "^n",
        "/",
        "esc",
        "enter",
        "pgup",
        "pgdn",
        "^p",
        "t",
        "o",
        "down",
        "esc",
    ),
    *("f1", "pgdn", "esc", "f3", "down", "esc", "f4", "f4", "esc", "2", "down", "enter", "esc", "3", "end", "pgup"),
    *("120x30", "home", "80x24", "1", "enter", "160x45", "^l", "f2", "enter", "tab", "x", "esc", "esc"),
)


class Comparison:
    """The one shows a cursor where the other paints it, and leaves it painted behind a window: that cell may differ."""

    def __init__(self, thrifty: Session, stock: Session) -> None:
        self.thrifty, self.stock = thrifty, stock
        self._cursor = (-1, -1)
        self._left: set[tuple[int, int]] = set()  # where the cursor stood, as long as it is left painted there

    def differences(self) -> list[str]:
        x, y, hidden = self.thrifty.screen.where
        if not hidden and (x, y) != self._cursor:
            self._left.add(self._cursor)
            self._cursor = (x, y)
        found = differences(self.thrifty.screen, self.stock.screen)
        self._left = {place for place in self._left if any(one.startswith(self._cells(*place)) for one in found)}
        but = tuple(cell for place in (self._cursor, *self._left) for cell in self._cells(*place))
        return [one for one in found if not one.startswith(but)]

    def _cells(self, x: int, y: int) -> tuple[str, ...]:
        return (f"({x}, {y}):", f"({x + 1}, {y}):") if self._wide(x, y) else (f"({x}, {y}):",)

    def _wide(self, x: int, y: int) -> bool:
        return 0 <= x < self.stock.screen.columns - 1 and self.stock.screen.cell(x + 1, y).text == ""


@pytest.mark.parametrize(
    ("size", "color"),
    [((120, 40), "truecolor"), ((80, 24), "truecolor"), ((120, 40), "16"), ((80, 24), "none")],
)
def test_after_every_key_both_screens_are_the_same(size: tuple[int, int], color: str) -> None:
    with Session(*size, color=color) as thrifty, Session(*size, color=color, plain=True) as stock:
        thrifty.until("Pendientes")
        stock.until("Pendientes")
        comparison = Comparison(thrifty, stock)
        for step in WALK:
            for session in (thrifty, stock):
                if "x" in step and step[0].isdigit():
                    width, height = step.split("x")
                    session.resize(int(width), int(height))
                else:
                    session.press(step)
            settle(thrifty, stock)
            deadline = time.monotonic() + 5
            while comparison.differences() and time.monotonic() < deadline:
                settle(thrifty, stock)
            assert comparison.differences() == [], f"after {step}:\n{thrifty.text}"
        assert b"Traceback" not in thrifty.written + stock.written, "both have ended, which looks the same, too"
        assert len(thrifty.written) < len(stock.written) / 4
