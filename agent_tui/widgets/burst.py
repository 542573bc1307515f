"""Telling a paste from typing where the terminal does not mark pastes.

Such a paste comes as keys, read at once: they follow each other within a millisecond or so, which no hand does. So an
Enter that comes that close to another key, before it or after it, is a line of the pasted text and not an order.
"""

GAP = (
    0.015  # seconds; a hand that rolls from one key to the next takes longer, a reader thread that is held up does not
)


class Burst:
    """Told the time of each key, in seconds, as it was read."""

    def __init__(self, gap: float = GAP) -> None:
        self.gap = gap
        self._last = float("-inf")

    def joins(self, at: float) -> bool:
        """Whether the key at `at` came in one burst with the key before it."""
        joined = at - self._last < self.gap
        self._last = max(at, self._last)
        return joined
