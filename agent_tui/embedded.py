"""The console's watch over the hub that runs beside it.

In the data folder `DIR` hub and consoles agree on these files, all readable by their owner only:

`hub.lock`      the hub holds an exclusive flock on it as long as it runs: there is one hub a folder
`hub.json`      how to reach the hub, written in one move when it is ready to serve (`Ready`)
`hub.log`       what the hub says, and what it said when it died
`keepers.lock`  every console holds a shared flock on it; without any, the hub ends by itself after a while

Promised: whichever console comes first starts the hub, the others find it; when it dies, one of them starts it again;
the last console to leave stops it and waits until it has ended, so that the next start finds everything at rest. The
hub runs in a session of its own, so that neither Ctrl+C nor the end of the terminal reaches it.
"""

import asyncio
import fcntl
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from agent_tui import text
from agent_tui.link.clock import Clock, SystemClock
from agent_tui.process import Watched

log = logging.getLogger(__name__)

READY_WITHIN = 60.0  # seconds from its start until the hub serves; the first one makes a database and a sample desk
STOP_WITHIN = 10.0  # seconds for the hub to end by itself
STEADY = 5.0  # seconds after which a hub that dies has not died at once
GIVE_UP = 3  # starts in a row that fail before it is told
LONGEST = 10.0  # seconds between two starts
LEAVE_TO_OWNER = 0.5  # seconds in which the console that started the hub may start it again
TAIL = 20  # lines of the log that are told
_LOOK = 0.05  # seconds between two looks at the folder
_LOG_BYTES = 5 * 2**20


class Ready(msgspec.Struct, frozen=True):
    """What `hub.json` says: the hub's base URL, the address of the web chat page, and a token for the sample agent."""

    url: str
    chat: str
    pid: int
    token: str
    agent: str = ""  # login

    def __repr__(self) -> str:
        return f"Ready({self.url!r}, pid={self.pid})"


class HubFailed(Exception):
    """The hub doesn't start. `lines` are the last ones of its log."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines) or "the hub said nothing")
        self.lines = lines


class HubInUse(Exception):
    """To start over was asked for, but another console works on this hub."""


def command(folder: Path, *, fresh: bool, sample: bool) -> list[str]:
    """How the embedded hub is started; `-P`, so that a folder named hub where the console happens to run is not it."""
    options = ["--fresh"] * fresh + ["--sample"] * sample
    return [sys.executable, "-P", "-m", "hub", "serve", "--embedded", "--data", str(folder), *options]


class EmbeddedHub:
    """`moved` is told when the hub has been started again; `trouble`, with the log's end, when it doesn't stay up."""

    def __init__(
        self,
        folder: Path,
        *,
        fresh: bool = False,
        sample: bool = False,
        moved: Callable[[Ready], None],
        trouble: Callable[[list[str]], None],
        command: Callable[..., Sequence[str]] = command,
        clock: Clock | None = None,
    ) -> None:
        self._folder = folder
        self._fresh = fresh
        self._sample = sample
        self._moved = moved
        self._trouble = trouble
        self._command = command
        self._clock = clock or SystemClock()
        self._keepers = -1
        self._process = Watched(0)
        self._ours = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> Ready:
        """Find the running hub, or start it. Raises HubFailed, HubInUse, OSError."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._keepers = os.open(self._folder / "keepers.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            await asyncio.to_thread(fcntl.flock, self._keepers, fcntl.LOCK_SH)  # waits for one that is just leaving
            if self._fresh:
                await self._clear()
            ready = await self._ensure()
        except BaseException:
            os.close(self._keepers)
            raise
        self._task = asyncio.create_task(self._watch(), name="embedded hub")
        return ready

    async def stop(self) -> None:
        """Leave; the last one stops the hub."""
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.wait([self._task])
        self._task = None
        try:
            if self._alone():
                await self._process.stop(STOP_WITHIN)
        finally:
            os.close(self._keepers)

    # -- finding and starting ------------------------------------------------------------------------------------------

    async def _clear(self) -> None:
        """Stop the hub that runs, so that a fresh one can start; not while others use it."""
        running = self._running()
        if running is None:
            return
        try:
            if not self._alone():
                raise HubInUse(str(self._folder))
            await Watched(running.pid).stop(STOP_WITHIN)
        finally:
            fcntl.flock(self._keepers, fcntl.LOCK_SH)

    async def _ensure(self) -> Ready:
        failures = 0
        until = self._clock.monotonic() + READY_WITHIN
        while failures < GIVE_UP and self._clock.monotonic() < until:
            running = self._running()
            if running is not None:
                self._process, self._ours = Watched(running.pid), False
                return running
            if self._locked():  # somebody else's hub is just starting, or just ending
                await self._clock.sleep(_LOOK)
                continue
            ready = await self._begin()
            if ready is not None:
                return ready
            if not self._locked():
                failures += 1
                await self._clock.sleep(_pause(failures))
        raise HubFailed(self._log_tail())

    async def _begin(self) -> Ready | None:
        """Start a hub and wait until it serves; None where it ended before."""
        process = self._spawn()
        until = self._clock.monotonic() + READY_WITHIN
        while process.alive:
            ready = self._read()
            if ready is not None and ready.pid == process.pid:
                self._process, self._ours, self._fresh = process, True, False
                return ready
            if self._clock.monotonic() >= until:
                await process.stop(STOP_WITHIN)
                raise HubFailed(self._log_tail())
            await self._clock.sleep(_LOOK)
        return None

    def _spawn(self) -> Watched:
        """Not through asyncio: its transports kill the process when the loop is closed, and others may need the hub."""
        path = self._folder / "hub.log"
        if path.exists() and path.stat().st_size > _LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))
        arguments = list(self._command(self._folder, fresh=self._fresh, sample=self._sample))
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            started = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                arguments, stdin=subprocess.DEVNULL, stdout=descriptor, stderr=descriptor, start_new_session=True
            )
        finally:
            os.close(descriptor)
        log.info("the embedded hub is started as process %d", started.pid)
        return Watched(started.pid, started)

    async def _watch(self) -> None:
        """Start the hub again whenever it ends."""
        deaths = 0
        while True:
            since = self._clock.monotonic()
            await self._process.ended()
            log.warning("the embedded hub has ended")
            deaths = deaths + 1 if self._clock.monotonic() - since < STEADY else 0
            if deaths >= GIVE_UP:
                self._trouble(self._log_tail())
            await self._clock.sleep(_pause(deaths) if self._ours else max(LEAVE_TO_OWNER, _pause(deaths)))
            try:
                ready = await self._ensure()
            except HubFailed as failure:
                deaths = GIVE_UP
                self._trouble(failure.lines)
            else:
                self._moved(ready)

    # -- the folder ----------------------------------------------------------------------------------------------------

    def _running(self) -> Ready | None:
        """The hub that serves; None where there is none, or not yet."""
        ready = self._read()
        return ready if ready is not None and self._locked() and Watched(ready.pid).alive else None

    def _read(self) -> Ready | None:
        try:
            return msgspec.json.decode((self._folder / "hub.json").read_bytes(), type=Ready)
        except (
            FileNotFoundError,
            msgspec.DecodeError,
        ):  # of a hub that was killed while it wrote it, or of another version
            return None

    def _locked(self) -> bool:
        """Whether a hub runs here."""
        descriptor = os.open(self._folder / "hub.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        else:
            return False
        finally:
            os.close(descriptor)

    def _alone(self) -> bool:
        """Whether no other console holds the hub. While it is so, a new one waits."""
        try:
            fcntl.flock(self._keepers, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _log_tail(self) -> list[str]:
        try:
            lines = (self._folder / "hub.log").read_text(errors="replace").splitlines()
        except FileNotFoundError:
            return []
        return [text.line(line) for line in lines[-TAIL:]]


def _pause(deaths: int) -> float:
    """Seconds before a hub that has died so many times in a row is started again."""
    return 0.0 if deaths == 0 else min(LONGEST, 0.2 * 2**deaths)
