"""Fixtures on the small desk."""

import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import ClientSession
from argon2 import PasswordHasher

from hub import auth
from hub.hub import Hub

sys.path.insert(0, str(Path(__file__).parent))
from lent_desk import desk as desk
from lent_desk import desk_file as desk_file
from lent_desk import desk_postgres as desk_postgres
from lent_desk import source as source
from signing import Caller, with_password
from small_desk import Served, SmallDesk, serving


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A real hash takes a tenth of a second of processor, so that guessing is slow; some tests guess by the hundred."""
    monkeypatch.setattr(auth, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    monkeypatch.setattr(auth, "_nobody", [])


@pytest.fixture
async def served(hub: Hub, desk: SmallDesk) -> AsyncIterator[Served]:
    async with serving(hub) as url:
        served = Served(hub, desk, url)
        yield served
        for watcher in served.watchers:
            await watcher.leave()


@pytest.fixture
async def caller(served: Served) -> AsyncIterator[Caller]:
    """Calls the served hub over HTTP; its address may be what a declared proxy says. Ana has a password."""
    served.hub.config = replace(served.hub.config, proxies=("127.0.0.1",))
    await with_password(served)
    async with ClientSession() as http:
        yield Caller(http, served.url)
