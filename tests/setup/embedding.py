"""Hubs as processes of their own, in folders of their own."""

import fcntl
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

WITHIN = 60.0  # seconds for a process to do what it should, on a busy machine


def until(true: Any, what: str) -> Any:
    """Wait until `true()` is; returns what it returned."""
    end = time.monotonic() + WITHIN
    while time.monotonic() < end:
        if found := true():
            return found
        time.sleep(0.02)
    raise AssertionError(f"it took too long: {what}")


@dataclass
class Embedded:
    """A folder in which embedded hubs run, and a console's hold on it."""

    folder: Path
    processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)
    keeper: int = -1

    def spawn(self, *options: str) -> "subprocess.Popen[bytes]":
        arguments = [sys.executable, "-m", "hub", "serve", "--embedded", "--data", str(self.folder), *options]
        process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
        self.processes.append(process)
        return process

    def start(self, *options: str) -> dict[str, Any]:
        """Start a hub and wait until it says where it is."""
        process = self.spawn(*options)
        said = until(lambda: self.said(process), "the hub's start")
        assert isinstance(said, dict), said
        return said

    def said(self, process: "subprocess.Popen[bytes]") -> Any:
        if process.poll() is not None:
            return f"the hub ended with {process.returncode}: {process.stderr.read() if process.stderr else ''!r}"
        path = self.folder / "hub.json"
        said = json.loads(path.read_text()) if path.exists() else {}
        return said if said.get("pid") == process.pid else None

    def hold(self) -> None:
        """Be a console."""
        self.folder.mkdir(exist_ok=True)
        self.keeper = os.open(self.folder / "keepers.lock", os.O_RDWR | os.O_CREAT)
        fcntl.flock(self.keeper, fcntl.LOCK_SH)

    def let_go(self) -> None:
        if self.keeper >= 0:
            os.close(self.keeper)
            self.keeper = -1


def environment(**more: str) -> dict[str, str]:
    """This process's environment without anybody's settings, in English."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BANDEJA_")}
    return {**kept, "BANDEJA_HUB_LANGUAGE": "en", "BANDEJA_LANGUAGE": "en", **more}
