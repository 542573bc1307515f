"""Everything here drives the real hub, stands on the small desk of tests/hub, and reads what the hub logs."""

import sys
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
import structlog

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "hub")]


@pytest.fixture(autouse=True)
def faults() -> Iterator[list[str]]:
    """What the hub logs as its own fault, as it happens. The usual tracebacks of thousands of deaths take minutes."""
    found: list[str] = []

    def note(_: Any, level: str, event: MutableMapping[str, Any]) -> Any:
        if level in ("error", "exception", "critical"):
            error = sys.exception()
            found.append(f"{event['event']}: {error!r} {event}")
        raise structlog.DropEvent

    structlog.configure(processors=[note], cache_logger_on_first_use=False)
    yield found
    structlog.reset_defaults()
