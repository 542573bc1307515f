"""The order of a tray and what is inside it, kept from snapshots and from events.

Rows are found by their rank, so that a tray of thousands costs no more than a short one: what a tray holds of a
conversation must therefore be the very row that the mirror knows.
"""

import bisect
from collections.abc import Iterable

from agent_tui.link.model import Tray
from agent_tui.link.windows import MOST
from hub.protocol import views


def rank(row: views.Row) -> tuple[int, int]:
    """Sorts newest first."""
    return (-row.at, -row.id)


def fill(tray: Tray, rows: Iterable[views.Row]) -> None:
    """Make these its rows."""
    tray.rows = sorted(rows, key=rank)


def put(tray: Tray, row: views.Row) -> bool:
    """Place a row; whether that changed anything. Beyond the loaded edge it is left out: a gap would go unseen.
    A tray that is full loses its last row."""
    beyond = tray.more and tray.rows and rank(row) > rank(tray.rows[-1])
    if beyond or _find(tray, row) is not None:
        return False
    bisect.insort(tray.rows, row, key=rank)
    if len(tray.rows) > MOST:
        tray.rows.pop()
        tray.more = True
    return True


def replace(tray: Tray, old: views.Row, new: views.Row) -> bool:
    """Put a newer version in the place that is its own now; whether the old one was there."""
    if not take(tray, old):
        return False
    bisect.insort(tray.rows, new, key=rank)
    return True


def take(tray: Tray, row: views.Row) -> bool:
    """Take a row out; whether it was there."""
    index = _find(tray, row)
    if index is None:
        return False
    del tray.rows[index]
    return True


def _find(tray: Tray, row: views.Row) -> int | None:
    index = bisect.bisect_left(tray.rows, rank(row), key=rank)
    return index if index < len(tray.rows) and tray.rows[index].id == row.id else None
