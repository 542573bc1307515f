"""Fixtures that every area shares: migrated databases on both engines, and hubs on them.

A database is migrated once a run and engine, and copied for each test: a file for SQLite, a template for PostgreSQL,
whose copies are lent to one test after the other.
"""

import asyncio
import gc
import os
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import sqlalchemy as sa
import structlog
from aiohttp import web_app
from sqlalchemy.engine import Dialect

sys.path.insert(0, str(Path(__file__).parent))
from lent_databases import LentDatabases, drop, make

from hub.config import Config
from hub.hub import Hub
from hub.store.clock import Clock, ManualClock
from hub.store.migrate import migrate

POSTGRES = os.environ.get("BANDEJA_TEST_POSTGRES", "postgresql://root@127.0.0.1:5432")
sys.dont_write_bytecode = False  # whatever the environment says: else each process, and each that tests start, compiles
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # all of its own modules and tests anew
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"  # nobody's own keyring is for tests
IN_CI = os.environ.get("CI") == "true"
structlog.dev.ConsoleRenderer.get_active().exception_formatter = structlog.dev.plain_traceback  # the rich one takes 1 s
MakeHub = Callable[..., Awaitable[Hub]]
FreshDatabase = Callable[..., AbstractAsyncContextManager[str]]


DEAR = ("browser", "sample")  # fixtures that are made once a process: one process does for whoever needs them


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where several processes share the tests, they take the next one in this order. Those that mostly wait, for a
    terminal, a browser or a hub of its own, stand among the first three quarters of the others, so that always somebody
    computes meanwhile and nobody is waited for at the end."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return
    for item in items:
        for name in DEAR:
            if name in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.xdist_group(name))
    waiting = [item for item in items if item.get_closest_marker("e2e") or "soak" in item.path.parts]
    if waiting:
        taken = set(waiting)
        others = [item for item in items if item not in taken]
        apart = len(others) * 3 // 4 // len(waiting)
        items.clear()
        for n, item in enumerate(waiting):
            items += [item, *others[n * apart : (n + 1) * apart]]
        items += others[len(waiting) * apart :]


def pytest_collection_finish() -> None:
    """Take what is loaded now as there for good, as a hub does once it serves, and look for garbage less often: a fifth
    of what the tests of the console cost was walking through all modules, once a few hundred objects. A console or a
    hub lives through one of these walks rather than through five."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def missing(service: str, why: str) -> None:
    """Skip for want of a service, and say why; where everything must be there, fail."""
    if IN_CI:
        pytest.fail(f"{service} is missing: {why}")
    pytest.skip(f"{service} is missing: {why}")


_compiled: dict[type, tuple[Dialect, dict[Any, Any]]] = {}  # an engine's first dialect, and what was compiled for it


@sa.event.listens_for(sa.Engine, "engine_connect")
def _compile_once(connection: sa.Connection) -> None:
    """A hub compiles each statement when it first sends it, which is a third of what a test of it costs: each test has
    a hub of its own. What one has compiled serves the next, as it serves a hub that runs on."""
    engine = connection.engine
    dialect, compiled = _compiled.setdefault(type(engine.dialect), (engine.dialect, {}))
    if engine.get_execution_options().get("compiled_cache") is not compiled:
        engine.dialect = connection.dialect = dialect
        engine.update_execution_options(compiled_cache=compiled)
        connection.execution_options(compiled_cache=compiled)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "hub.db"
    asyncio.run(migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[LentDatabases]:
    try:
        name = asyncio.run(make(POSTGRES))
    except (OSError, asyncpg.PostgresError, TimeoutError) as error:
        missing("PostgreSQL", f"{POSTGRES}: {error}; set BANDEJA_TEST_POSTGRES")
    asyncio.run(migrate(f"{POSTGRES}/{name}"))
    databases = LentDatabases(POSTGRES, name)
    yield databases
    asyncio.run(databases.close())
    asyncio.run(drop(POSTGRES, name))


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def source(engine: str, request: pytest.FixtureRequest) -> Path | LentDatabases:
    """What fresh databases are had from: a migrated file, or a lender. Not async: making it takes a loop of its own."""
    name = "sqlite_template" if engine == "sqlite" else "postgres"
    found: Path | LentDatabases = request.getfixturevalue(name)
    return found


@pytest.fixture
def fresh_database(source: Path | LentDatabases, tmp_path: Path) -> FreshDatabase:
    """Makes fresh, migrated databases: `async with fresh_database() as url`. `file`: its name; `of`: the URL of another
    to copy, which nobody is connected to."""

    @asynccontextmanager
    async def fresh(file: str = "hub.db", of: str = "") -> AsyncIterator[str]:
        if isinstance(source, LentDatabases):
            async with source.copy(of.rpartition("/")[2]) if of else source.lend() as url:
                yield url
            return
        shutil.copy(of.removeprefix("sqlite:///") or source, tmp_path / file)
        yield f"sqlite:///{tmp_path / file}"
        for left in tmp_path.glob(f"{file}*"):
            left.unlink()

    return fresh


@pytest.fixture
async def database(fresh_database: FreshDatabase) -> AsyncIterator[str]:
    """The same for a test that needs just one; the test runs once on each engine."""
    async with fresh_database() as url:
        yield url


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def make_hub(database: str, clock: ManualClock, tmp_path: Path) -> AsyncIterator[MakeHub]:
    """Start hubs on the test's database: `await make_hub(clock=…, grace=…)`; they are stopped at the end."""
    async with AsyncExitStack() as stack:

        async def make(*, clock: Clock = clock, **settings: object) -> Hub:
            given = {"data": tmp_path, "database": database, "zone": "America/Asuncion", "port": 0, "recall_seconds": 0}
            given |= settings  # a message goes out at once, unless a test is about recalling
            hub = Hub(Config(**given), clock)  # type: ignore[arg-type]
            await hub.start()
            stack.push_async_callback(hub.stop)
            return hub

        yield make
    web_app._cached_build_middleware.cache_clear()  # else aiohttp keeps the last hundreds of hubs, whole


@pytest.fixture
async def hub(make_hub: MakeHub) -> Hub:
    """A started hub whose clock stands still until the test moves it."""
    return await make_hub()
