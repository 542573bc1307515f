"""What is proven for long by `make soak`, and shortly by the suite: one test, two forms."""

import os
import random
import sys
from pathlib import Path

import pytest

sys.path[:0] = [
    str(Path(__file__).parents[1] / "hub"),
    str(Path(__file__).parents[1] / "link"),
    str(Path(__file__).parent),
]


@pytest.fixture
def chance() -> random.Random:
    """Everything random of a run follows from its seed, which is printed; `BANDEJA_SOAK_SEED` sets it."""
    seed = int(os.environ.get("BANDEJA_SOAK_SEED") or random.SystemRandom().getrandbits(32))
    print(f"\nBANDEJA_SOAK_SEED={seed}")
    return random.Random(seed)
