"""A hub in a process of its own on a desk of some size, and consoles that are signed in there."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from big_desk import LOGIN, make, name_of
from wire import Wire, memory_of

from hub import admin
from hub.config import Config
from hub.desk.registry import Result

BIN = Path(sys.executable).parent
PATIENCE = 60.0  # seconds that a hub has to begin listening


class Desk:
    """A desk of `size` conversations, kept in `folder`; `first` is the customer whose row stands at the top."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder, self.size = folder, size
        self.config = Config(data=folder / "hub", zone="UTC")
        self.url = self.token = ""
        self._hub: subprocess.Popen[bytes] | None = None
        self.names = [name_of(number) for number in range(size, 0, -1) if number % 3 == 0 and number <= size - 5]

    @property
    def environ(self) -> dict[str, str]:
        return {f"XDG_{name}_HOME": str(self.folder / name.lower()) for name in ("CONFIG", "DATA", "STATE", "CACHE")}

    def start(self) -> None:
        """Make the desk, serve it, and sign the agent in."""
        self.token = asyncio.run(make(self.folder / "hub", self.size))
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        command = [BIN / "bandeja-hub", "serve", "--data", self.folder / "hub", "--port", str(port), "--zone", "UTC"]
        with (self.folder / "hub.log").open("wb") as log:
            self._hub = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + PATIENCE
        while not _listens(port):
            assert time.monotonic() < deadline, (self.folder / "hub.log").read_text()
            time.sleep(0.05)
        profile = self.folder / "config" / "bandeja" / "profile.json"
        profile.parent.mkdir(parents=True)
        self.url = f"http://127.0.0.1:{port}"
        profile.write_text(json.dumps({"url": self.url, "login": LOGIN, "token": self.token}))

    def stop(self) -> None:
        if self._hub is not None:
            self._hub.send_signal(signal.SIGTERM)
            self._hub.wait()

    def hub_memory(self) -> float:
        assert self._hub is not None
        return memory_of(self._hub.pid)

    def console(self, color: str = "truecolor") -> Wire:
        return Wire([str(BIN / "bandeja")], self.environ, color=color)

    def receive(self, customer: int, body: str) -> Result:
        """A customer writes; the running hub notices."""

        async def write() -> Result:
            async with admin.opened(self.config) as store:
                return await admin.submit(store, "message.receive", channel=1, external_id=f"c{customer}", body=body)

        return asyncio.run(write())

    def faults(self) -> int:
        return len(asyncio.run(admin.check(self.config, repair=False)).faults)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


@contextmanager
def served(folder: Path, size: int) -> Iterator[Desk]:
    desk = Desk(folder, size)
    desk.start()
    try:
        yield desk
    finally:
        desk.stop()
