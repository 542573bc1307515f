"""The figures of a whole run, printed at its end as one table, each beside its yardstick and its bar."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest


@dataclass(frozen=True, slots=True)
class Figure:
    """`most` is the bar, and `slower` how much slower this machine is than the one it was set on (`yardsticks.py`): a
    figure above the one times the other is over. `yardstick` was measured in the same run, where there is one."""

    name: str
    measured: float
    unit: str
    most: float | None = None
    yardstick: float | None = None
    of: str = ""  # what the yardstick is
    slower: float = 1.0

    @property
    def over(self) -> bool:
        return self.most is not None and self.measured > self.most * self.slower

    def line(self) -> str:
        bar = "" if self.most is None else f"≤ {self.most:,.1f}".removesuffix(".0")
        bar += f" × {self.slower:.1f}" if self.slower > 1 else ""
        verdict = "" if self.most is None else "OVER" if self.over else "ok"
        beside = "" if self.yardstick is None else f"{self.yardstick:,.1f} {self.of}"
        return f"{self.name:<58}{self.measured:>10,.1f} {self.unit:<5}{bar:>14} {verdict:<5} {beside}".rstrip()


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
        head = f"{'figure':<58}{'measured':>10} {'':<5}{'bar':>14} {'':<5} yardstick, in the same run"
        terminalreporter.write_line(head)
        for figure in figures:
            terminalreporter.write_line(figure.line())
        over = sum(figure.over for figure in figures)
        terminalreporter.write_line(f"{len(figures)} figures, {over} over their bar")
