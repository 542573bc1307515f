"""A table's columns: as wide as what stands in them, numbers at their right, the least important gone where there is no
room for all."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from agent_tui.widgets.cells import cut, width
from agent_tui.widgets.paint import Line

GAP = 2


class Column(msgspec.Struct, frozen=True):
    """`cell` gives the words of a row and their role. `most`: cells that it takes at most, `least` those that it can do
    with beside its head. Of the columns that have no room the one with the highest `rank` goes first; rank 0 stays."""

    head: str
    cell: Callable[[Any], tuple[str, str]]
    right: bool = False
    rank: int = 0
    least: int = 6
    most: int = 24
    spare: bool = False  # left out while no row has anything for it


Laid = list[tuple[Column, int]]


def lay(columns: Sequence[Column], rows: Sequence[Any], room: int) -> Laid:
    """The columns that there is room for, with their cells. What is left over goes to those that have more to say."""
    said = [max((width(column.cell(row)[0]) for row in rows), default=0) for column in columns]
    wanted = [min(max(cells, width(one.head)), one.most) for cells, one in zip(said, columns, strict=True)]
    least = [min(max(one.least, width(one.head)), cells) for cells, one in zip(wanted, columns, strict=True)]
    kept = [index for index, one in enumerate(columns) if said[index] or not one.spare]
    while sum(least[index] + GAP for index in kept) - GAP > room:
        last = max(kept, key=lambda index: columns[index].rank)
        if columns[last].rank == 0:
            break
        kept.remove(last)
    free = room - sum(least[index] + GAP for index in kept) + GAP
    while free > 0 and (short := [index for index in kept if least[index] < wanted[index]]):
        for index in short[:free]:
            least[index] += 1
        free -= len(short[:free])
    return [(columns[index], least[index]) for index in kept]


def put_heads(line: Line, laid: Laid) -> Line:
    for column, cells in laid:
        _put(line, cut(column.head, cells), cells, "faint", right=column.right)
    return line


def put_row(line: Line, laid: Laid, row: Any, *, chosen: bool) -> Line:
    for index, (column, cells) in enumerate(laid):
        words, role = column.cell(row)
        strong = chosen and role == "text"
        role = "strong" if strong else role
        _put(line, cut(words, cells), cells, role, right=column.right, bold=strong and not index)
    return line


def _put(line: Line, words: str, cells: int, role: str, *, right: bool, bold: bool = False) -> None:
    blank = " " * max(cells - width(words), 0)
    if right:
        line.put(blank)
    line.put(words, role, bold=bold)
    line.put(" " * GAP if right else blank + " " * GAP)
