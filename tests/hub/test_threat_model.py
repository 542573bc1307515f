"""docs/THREAT_MODEL.md names walls and tests that there are."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "THREAT_MODEL.md").read_text(encoding="utf-8")
HERE = Path(__file__)


def written() -> set[str]:
    files = (path for path in (ROOT / "tests").rglob("*.py") if path != HERE)
    return {name for file in files for name in re.findall(r"def (test_\w+)\(", file.read_text(encoding="utf-8"))}


def walls() -> dict[str, list[str]]:
    """By the wall's name, the tests that its row names."""
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in PAGE.splitlines() if line[:2] == "| "]
    return {
        row[0]: re.findall(r"`(test_\w+)`", row[2]) for row in rows if len(row) == 3 and row[0] not in ("wall", "---")
    }


def test_every_wall_names_a_test() -> None:
    assert len(walls()) > 20
    assert [wall for wall, named in walls().items() if not named] == []


def test_every_test_that_a_wall_names_is_there() -> None:
    there = written()
    named = re.findall(r"`(test_[a-z]\w+)`", PAGE)
    assert len(named) > 60
    assert [name for name in named if name not in there] == []
