"""A disk that fills up while all are at work: they are told so, nothing acked is lost; with room the hub goes on."""

import asyncio
import os
import random
import shutil
import sqlite3
import subprocess
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from aiohttp import ClientSession
from crowd import Crowd, MakeHub, furnish
from forms import forms
from ledger import read
from served_process import ServedProcess

from hub.store.clock import SystemClock

ROOM = {"sqlite": 12, "postgresql": 32}  # MiB of the disk: a fresh database is in it
LEFT = {"sqlite": 1_500_000, "postgresql": 400_000}  # bytes, for the work until it is full


def mount(folder: Path, options: str) -> None:
    """Mount a small disk, or skip and say why; where everything must be there, fail."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk takes root")
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, text=True)
    if mounted.returncode and os.environ.get("CI") != "true":
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr}")
    assert mounted.returncode == 0, mounted.stderr


@pytest.fixture
async def disk(engine: str) -> AsyncIterator[Path]:
    """A small disk, which the server of the engine may write to; unmounted afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="bandeja_disk_"))
    try:
        folder.chmod(0o755)  # PostgreSQL goes through
        small = folder / "small"
        small.mkdir()
        mount(small, f"size={ROOM[engine]}m")
        try:
            yield small
        finally:
            subprocess.run(["umount", "--lazy", str(small)], check=True)
    finally:
        shutil.rmtree(folder)


@asynccontextmanager
async def moved(database: str, disk: Path) -> AsyncIterator[str]:
    """The database, on that disk."""
    if database.startswith("sqlite:"):
        paths = (database.removeprefix("sqlite:///"), disk / "hub.db")
        with closing(sqlite3.connect(paths[0])) as source, closing(sqlite3.connect(paths[1])) as target:
            source.backup(target)  # with what stands in the journal beside the file
        yield f"sqlite:///{disk}/hub.db"
        return
    server, _, name = database.rpartition("/")
    connection, space = await asyncpg.connect(f"{server}/postgres"), f"bandeja_test_{uuid4().hex[:12]}"
    try:
        where = Path(await connection.fetchval("SHOW data_directory"))
        if not where.exists():
            pytest.skip("PostgreSQL runs on another machine, whose disks nobody fills from here")
        os.chown(disk, where.stat().st_uid, where.stat().st_gid)
        await connection.execute(f"CREATE TABLESPACE {space} LOCATION '{disk}'")
        try:
            await connection.execute(f"ALTER DATABASE {name} SET TABLESPACE {space}")
            yield database
        finally:
            gone = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1"
            await connection.execute(gone.replace("$1", f"'{name}'"))
            await connection.execute(f"ALTER DATABASE {name} SET TABLESPACE pg_default")
            await connection.execute(f"DROP TABLESPACE {space}")
    finally:
        await connection.close()


def fill(ballast: Path, leaving: int) -> None:
    """Take up all the room but so many bytes."""
    about = os.statvfs(ballast.parent)
    with ballast.open("wb") as stream:
        stream.write(bytes(max(0, about.f_bavail * about.f_frsize - leaving)))


async def ready(served: ServedProcess) -> tuple[int, list[str]]:
    async with ClientSession() as http, http.get(f"{served.url}/readyz") as answer:
        return answer.status, (await answer.json())["reasons"]


async def gauge(served: ServedProcess) -> str:
    async with ClientSession() as http, http.get(f"{served.url}/metrics") as answer:
        lines = (await answer.text()).splitlines()
    return next(line for line in lines if line.startswith("bandeja_database_full"))


def told(crowd: Crowd) -> tuple[int, int]:
    """How often customers, and agents, were told that the disk is full."""
    of = [sum((one.put_off for one in some), Counter[str]()) for some in (crowd.customers, crowd.agents)]
    return of[0]["disk_full"], of[1]["disk_full"]


@forms("fillings", short=1, long=20)
async def test_a_disk_that_fills_up_and_has_room_again(
    make_hub: MakeHub, database: str, engine: str, disk: Path, tmp_path: Path, chance: random.Random, fillings: int
) -> None:
    hub = await make_hub(clock=SystemClock())
    staff = await furnish(hub)
    await hub.stop()
    async with moved(database, disk) as there:
        served, ballast = ServedProcess(tmp_path, there), disk / "ballast"
        try:
            await served.start()
            async with staff.at_work(lambda _: lambda: served.url, chance) as crowd:
                for n in range(1, fillings + 1):
                    await crowd.answers(20)
                    before = told(crowd)
                    fill(ballast, LEFT[engine])
                    await crowd.until(
                        lambda was=before: all(now > then for now, then in zip(told(crowd), was, strict=True))
                    )
                    assert await ready(served) == (503, ["disk_full"])
                    assert await gauge(served) == "bandeja_database_full 1.0"
                    ballast.unlink()
                    await crowd.answers(20)
                    async with asyncio.timeout(30):
                        while await ready(served) != (200, []):
                            await asyncio.sleep(0.1)
                    assert await gauge(served) == "bandeja_database_full 0.0"
                    print(f"{n} fillings: {crowd.told()}", flush=True)
                await crowd.finish()
            await served.stop()
        finally:
            await served.kill()
        assert await read(there, crowd.ledger.faults) == []
    assert "hub_fault" not in crowd.ledger.refused.values()
    crowd.has_heard_everything()
