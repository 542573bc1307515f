"""CSV that a spreadsheet shows and does not run: a cell that would be taken for a formula begins with an apostrophe.

Source: OWASP, "CSV Injection". RFC 4180 otherwise.
"""

import csv
from collections.abc import Iterable
from typing import TextIO

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # the wide ones count too, in Excel


def harmless(cell: str) -> str:
    """What nobody sees hides no formula: a mark at the very beginning is dropped as the file's, and blanks may be."""
    first = next((char for char in cell if char in FORMULA or (char.isprintable() and char != " ")), "")
    return f"'{cell}" if first in FORMULA else cell


def write(file: TextIO, rows: Iterable[Iterable[object]]) -> int:
    """Write rows; returns how many."""
    count, writer = 0, csv.writer(file)
    for row in rows:
        writer.writerow([harmless(str(cell)) if isinstance(cell, str) else cell for cell in row])
        count += 1
    return count
