"""Fixtures on the small desk."""

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import ClientSession
from argon2 import PasswordHasher
from lent_databases import LentDatabases, drop, make

from hub import auth
from hub.hub import Hub

sys.path.insert(0, str(Path(__file__).parent))
from signing import Caller, with_password
from small_desk import Served, SmallDesk, build_in, find, serving


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A real hash takes a tenth of a second of processor, so that guessing is slow; some tests guess by the hundred."""
    monkeypatch.setattr(auth, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    monkeypatch.setattr(auth, "_nobody", [])


@pytest.fixture(scope="session")
def desk_file(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("desk") / "hub.db"
    shutil.copy(sqlite_template, path)
    asyncio.run(build_in(path.parent, f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def desk_postgres(postgres: LentDatabases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LentDatabases]:
    name = asyncio.run(make(postgres.server, postgres.template))
    asyncio.run(build_in(tmp_path_factory.mktemp("desk"), f"{postgres.server}/{name}"))
    databases = LentDatabases(postgres.server, name)
    yield databases
    asyncio.run(databases.close())
    asyncio.run(drop(postgres.server, name))


@pytest.fixture
def source(engine: str, request: pytest.FixtureRequest) -> Path | LentDatabases:
    """With the small desk in it for who asks for `desk`: building it is half of what most tests would cost."""
    kind = "desk" if "desk" in request.fixturenames else "empty"
    names = {"desk": ("desk_file", "desk_postgres"), "empty": ("sqlite_template", "postgres")}
    found: Path | LentDatabases = request.getfixturevalue(names[kind][engine == "postgresql"])
    return found


@pytest.fixture
async def desk(hub: Hub) -> SmallDesk:
    return await find(hub)


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
