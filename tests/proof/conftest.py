"""Everything here drives the real hub, stands on the small desk of tests/hub, and reads what the hub logs."""

import gc
import logging
import sys
from collections.abc import AsyncIterator, Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
import structlog

from hub.hub import Hub
from hub.protocol import commands as c
from hub.protocol.limits import LIMITS

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "hub"))
from lent_desk import desk as desk
from lent_desk import desk_file as desk_file
from lent_desk import desk_postgres as desk_postgres
from lent_desk import source as source
from small_desk import Served, SmallDesk, serving


@pytest.fixture(autouse=True)
def faults(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """What the hub logs as its own fault, as it happens. The usual tracebacks of thousands of deaths take minutes."""
    if "open_desk" in request.fixturenames:
        gc.collect()  # they ask what was left behind: what a hub that died before them has left is told now
    found: list[str] = []

    def note(_: Any, level: str, event: MutableMapping[str, Any]) -> Any:
        if level in ("error", "exception", "critical"):
            error = sys.exception()
            found.append(f"{event['event']}: {error!r} {event}")
        raise structlog.DropEvent

    class Libraries(logging.Handler):
        """What asyncio and aiohttp say, such as of tasks that have failed and nobody waits for."""

        def emit(self, record: logging.LogRecord) -> None:
            found.append(record.getMessage())

    handler = Libraries(logging.ERROR)
    structlog.configure(processors=[note], cache_logger_on_first_use=False)
    logging.getLogger().addHandler(handler)
    yield found
    logging.getLogger().removeHandler(handler)
    structlog.reset_defaults()


@pytest.fixture
async def open_desk(hub: Hub, desk: SmallDesk) -> AsyncIterator[Served]:
    """A served desk that nobody is too fast for: what the limits do is tested elsewhere."""
    for name, limit in LIMITS.items():
        if "second" in limit.unit:
            hub.limits.put(name, 1e9, 1e9)
    for name in ("address_pages", "address_sockets", "agent_sockets"):
        hub.limits.put(name, 1e9)
    for person in ("p1", "p2", "p3"):
        await desk.say(person, "Hola")
    await desk.run("sofia", "conversation.take", c.Take(1))
    async with serving(hub) as url:
        yield Served(hub, desk, url)
