"""A hub as it is served: a process of its own, on a port that it keeps."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Protocol

WITHIN = 90.0  # seconds for anything, on a busy machine


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(WITHIN):
        while not holds():
            await asyncio.sleep(0.01)


class Process(Protocol):
    """As much of `asyncio.subprocess.Process` as is used of it."""

    @property
    def pid(self) -> int: ...

    @property
    def returncode(self) -> int | None: ...

    def kill(self) -> None: ...

    def terminate(self) -> None: ...

    async def wait(self) -> int: ...


Spawn = Callable[[list[str], Mapping[str, str], Path], Awaitable[Process]]


async def spawn(args: list[str], env: Mapping[str, str], log: Path) -> Process:
    """`bandeja-hub` with these arguments; what it says goes to the end of the log."""
    with log.open("a") as stream:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "hub", *args, env=env, cwd=Path(__file__).parents[2], stderr=stream
        )


class ServedProcess:
    """Not running until it is started; may be started again once it has ended."""

    def __init__(self, folder: Path, database: str, log: str = "process.log", spawn: Spawn = spawn) -> None:
        self._spawn = spawn
        self.folder = folder
        self.database = database
        self.port = 0
        self.log = folder / log
        self.process: Process | None = None
        self._seen = 0  # of the log, before this start

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def said(self) -> str:
        """What stands in the log since it was started."""
        with self.log.open() as stream:
            stream.seek(self._seen)
            return stream.read()

    async def begin(self, *options: str) -> Process:
        """Start it, and don't wait."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("BANDEJA_")}
        self.log.touch()
        self._seen = self.log.stat().st_size
        args = ["serve", "--port", str(self.port), "--data", str(self.folder), "--recall-seconds", "0"]
        env = {**kept, "BANDEJA_HUB_CONFIG": os.devnull, "BANDEJA_HUB_DATABASE": self.database}
        self.process = await self._spawn([*args, "--return-seconds", "1", *options], env, self.log)
        return self.process

    async def start(self, *options: str) -> None:
        """Start it; return when it listens."""
        process = await self.begin(*options)
        await until(lambda: "event=listening" in self.said or process.returncode is not None)
        assert process.returncode is None, self.said
        self.port = int(self.said.partition("port=")[2].split()[0])

    async def ended(self) -> int:
        assert self.process is not None
        async with asyncio.timeout(WITHIN):
            return await self.process.wait()

    async def kill(self) -> None:
        """SIGKILL, if it still runs."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    async def stop(self) -> None:
        """SIGTERM; it ends as it should."""
        assert self.process is not None
        self.process.terminate()
        assert await self.ended() == 0, self.said
