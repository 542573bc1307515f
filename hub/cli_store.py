"""What the parts of the command line share that work on a desk: opening it, and printing a table of what is there."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from hub.config import read_config
from hub.i18n import _

if TYPE_CHECKING:
    from hub.store.engine import Store


def with_store(
    settings: dict[str, str] | None, config: str, run: "Callable[[Store], Coroutine[Any, Any, None]]"
) -> None:
    from hub import admin

    chosen = read_config(settings, file=config, say=_)

    async def opened() -> None:
        async with admin.opened(chosen) as store:
            await run(store)

    asyncio.run(opened())


def print_table(
    settings: dict[str, str] | None,
    config: str,
    head: tuple[str, ...],
    rows: "Callable[[Any], list[tuple[str, ...]]]",
) -> None:
    async def run(store: "Store") -> None:
        lines = [head, *await store.read(rows)]
        widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
        for line in lines:
            print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())

    with_store(settings, config, run)
