"""Refuse source files that have grown too long to be held in one's head."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MOST = 400
FOLDERS = ("agent_tui", "hub", "tests", "tools")


def main() -> int:
    too_long = 0
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            lines = len(path.read_text(encoding="utf-8").splitlines())
            if lines > MOST:
                too_long += 1
                print(f"{path.relative_to(ROOT)} has {lines} lines: split it (at most {MOST})")
    return 1 if too_long else 0


if __name__ == "__main__":
    sys.exit(main())
