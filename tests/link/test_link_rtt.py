"""The round-trip time that is told: news only where it is another."""

import pytest

from agent_tui.link.rtt import told


@pytest.mark.parametrize(
    ("before", "took", "then"),
    [
        (None, 3.2, 3.2),
        (3.2, 1.1, 3.2),  # a quiet machine
        (38.0, 51.0, 38.0),  # a line that is as it was
        (38.0, 90.0, 90.0),  # and one that is not
        (1200.0, 900.0, 1200.0),
        (1200.0, 60.0, 60.0),
    ],
)
def test_a_time_that_hardly_differs_is_no_news(before: float | None, took: float, then: float) -> None:
    assert told(before, took) == then
