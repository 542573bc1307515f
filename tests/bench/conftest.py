"""The figures of a whole run, printed at its end as one table, each beside its yardstick and its bar."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest


@dataclass(frozen=True, slots=True)
class Figure:
    """`most` is the bar: a figure above it is over. `yardstick` was measured in the same run, where there is one."""

    name: str
    measured: float
    unit: str
    most: float | None = None
    yardstick: float | None = None
    of: str = ""  # what the yardstick is

    def line(self) -> str:
        bar = "" if self.most is None else f"≤ {self.most:,.1f}".removesuffix(".0")
        verdict = "" if self.most is None else "ok" if self.measured <= self.most else "OVER"
        beside = "" if self.yardstick is None else f"{self.yardstick:,.1f} {self.of}"
        return f"{self.name:<58}{self.measured:>10,.1f} {self.unit:<5}{bar:>12} {verdict:<5} {beside}".rstrip()


Record = Callable[[Figure], None]
_kept = pytest.StashKey[list[Figure]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_kept] = []


@pytest.fixture
def record(pytestconfig: pytest.Config) -> Record:
    return pytestconfig.stash[_kept].append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    figures = config.stash[_kept]
    if figures:
        terminalreporter.section("figures")
        head = f"{'figure':<58}{'measured':>10} {'':<5}{'bar':>12} {'':<5} yardstick, in the same run"
        terminalreporter.write_line(head)
        for figure in figures:
            terminalreporter.write_line(figure.line())
        over = sum(figure.most is not None and figure.measured > figure.most for figure in figures)
        terminalreporter.write_line(f"{len(figures)} figures, {over} over their bar")
