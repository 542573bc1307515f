"""Hubs that begin at once, for who needs many.

`python nursery.py` has imported what a hub is made of, and forks one for each line of JSON on its standard input,
`{args, env, log}`. It prints the pid, and how it ended once it has: one after the other.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class Nursery:
    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None

    async def fork(self, args: list[str], env: Mapping[str, str], log: Path) -> "Forked":
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, __file__, stdin=-1, stdout=-1, cwd=Path(__file__).parents[2]
            )
        assert self._process.stdin is not None
        order = {"args": args, "env": dict(env), "log": str(log)}
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        return Forked(await self.hear(), self)

    async def hear(self) -> int:
        assert self._process is not None
        assert self._process.stdout is not None
        return int(await self._process.stdout.readline())

    async def close(self) -> None:
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            await self._process.wait()


class Forked:
    """As much of a process as a test needs."""

    def __init__(self, pid: int, nursery: Nursery) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._nursery = nursery
        self._ended = asyncio.create_task(self._end())

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def terminate(self) -> None:
        os.kill(self.pid, signal.SIGTERM)

    async def wait(self) -> int:
        return await asyncio.shield(self._ended)

    async def _end(self) -> int:
        self.returncode = await self._nursery.hear()
        return self.returncode


def main() -> None:
    import hub.cli
    import hub.serving

    for line in sys.stdin:
        order: dict[str, Any] = json.loads(line)
        pid = os.fork()
        if pid == 0:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            for stream in (1, 2):
                os.dup2(os.open(order["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT), stream)
            os.environ.clear()
            os.environ.update(order["env"])
            sys.argv = ["bandeja-hub", *order["args"]]
            hub.cli.main()
            os._exit(0)
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    main()
