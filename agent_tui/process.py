"""A process that is watched until its end, started here or found running."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys

_POLL = 0.5  # seconds, on systems that can't tell of the end of somebody else's process


class Watched:
    """A process by its id. One that was started here is reaped when it ends."""

    def __init__(self, pid: int, started: "subprocess.Popen[bytes] | None" = None) -> None:
        self.pid = pid
        self._started = started

    @property
    def alive(self) -> bool:
        if self._started is not None:
            return self._started.poll() is None
        try:
            os.kill(self.pid, 0)
        except (ProcessLookupError, PermissionError):  # gone, or its number is another user's by now
            return False
        return True

    async def ended(self) -> None:
        """Return when the process is gone."""
        if sys.platform == "linux":
            try:
                descriptor = os.pidfd_open(self.pid)
            except ProcessLookupError:
                return
            try:
                await _readable(descriptor)
            finally:
                os.close(descriptor)
            if self._started is not None:
                self._started.poll()
            return
        while self.alive:  # noqa: ASYNC110 - elsewhere the system tells of its own children only
            await asyncio.sleep(_POLL)

    async def stop(self, within: float) -> None:
        """Ask it to end; make it, where it has not ended in `within` seconds."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            if not self.alive:
                return
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(within):
                    await self.ended()


async def _readable(descriptor: int) -> None:
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(descriptor, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(descriptor)
