"""How much of a soak there is: a short form in the suite, and a long one that the environment may set."""

import os
from typing import Any

import pytest


def forms(name: str, *, short: int, long: int) -> Any:
    """Parametrises a test by `name`: `short` in the suite; in `make soak` `long`, or BANDEJA_SOAK_NAME."""
    most = int(os.environ.get(f"BANDEJA_SOAK_{name.upper()}", str(long)))
    marks = [pytest.mark.soak, pytest.mark.timeout(0)]
    return pytest.mark.parametrize(name, [pytest.param(short, id="short"), pytest.param(most, id="long", marks=marks)])
