"""The desk in memory, as the console's tests have it."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "console"))

from fake_desk import FakeDesk

from agent_tui import i18n


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture(autouse=True)
def english() -> None:
    i18n.use("en")
