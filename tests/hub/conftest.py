"""Fixtures on the small desk."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.hub import Hub

sys.path.insert(0, str(Path(__file__).parent))
from small_desk import Served, SmallDesk, build, serving


@pytest.fixture
async def desk(hub: Hub) -> SmallDesk:
    return await build(hub)


@pytest.fixture
async def served(hub: Hub, desk: SmallDesk) -> AsyncIterator[Served]:
    async with serving(hub) as url:
        served = Served(hub, desk, url)
        yield served
        for watcher in served.watchers:
            await watcher.leave()
