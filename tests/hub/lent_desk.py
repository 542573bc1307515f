"""Fixtures: the small desk, built once and copied or lent. `tests/proof` has them, too."""

import asyncio
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from lent_databases import LentDatabases
from small_desk import SmallDesk, build_in, find

from hub.hub import Hub


@pytest.fixture(scope="session")
def desk_file(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("desk") / "hub.db"
    shutil.copy(sqlite_template, path)
    asyncio.run(build_in(path.parent, f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def desk_postgres(postgres: LentDatabases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LentDatabases]:
    with postgres.furnished(partial(build_in, tmp_path_factory.mktemp("desk"))) as databases:
        yield databases


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
