"""Hubs as processes of their own, in folders of their own."""

import asyncio
import logging
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from lent_databases import LentDatabases

sys.path.insert(0, str(Path(__file__).parent))
from embedding import Embedded
from sample_desks import tell
from shell import Shell


@pytest.fixture(autouse=True)
def log_of_its_own() -> Iterator[None]:
    """A command that sets the log up binds it to this test's stderr, which is closed when the next one logs."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Embedded]:
    folder = Embedded(tmp_path / "desk")
    folder.hold()
    yield folder
    folder.let_go()
    for process in folder.processes:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.communicate()


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(tmp_path / "desk", monkeypatch, capsys)


@pytest.fixture
def desk(shell: Shell, sqlite_template: Path) -> Shell:
    """A shell beside an empty, migrated desk."""
    shell.data.mkdir()
    (shell.data / "hub.db").write_bytes(sqlite_template.read_bytes())
    return shell


@pytest.fixture(scope="session")
def sample_file(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "hub.db"
    shutil.copy(sqlite_template, path)
    asyncio.run(tell(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def sample_postgres(postgres: LentDatabases) -> Iterator[LentDatabases]:
    with postgres.furnished(tell) as databases:
        yield databases


@pytest.fixture
def sample(engine: str, request: pytest.FixtureRequest) -> Path | LentDatabases:
    """What fresh databases are had from that hold the sample desk: for a module's own `source`."""
    name = "sample_file" if engine == "sqlite" else "sample_postgres"
    found: Path | LentDatabases = request.getfixturevalue(name)
    return found
