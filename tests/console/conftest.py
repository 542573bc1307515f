"""The fixtures of `opened`, under a name of its own so that no other folder's conftest is taken for it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from opened import desk, open_console

__all__ = ["desk", "open_console"]
