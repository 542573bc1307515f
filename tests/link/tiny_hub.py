"""Stands in for an embedded hub: takes the lock, says where it is, and does as the folder's `behave` file says."""

import fcntl
import json
import os
import signal
import sys
from pathlib import Path

folder = Path(sys.argv[1])
with (folder / "starts").open("a") as starts:
    starts.write(" ".join(sys.argv[2:]) + "\n")
behave = (folder / "behave").read_text() if (folder / "behave").exists() else ""
if behave == "fail":
    sys.exit("no room on the disk\x1b[2J")
lock = os.open(folder / "hub.lock", os.O_RDWR | os.O_CREAT, 0o600)
try:
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    sys.exit("another hub runs here")
signal.signal(signal.SIGTERM, lambda *_: sys.exit((folder / "ended").touch()))
said = {"url": f"http://127.0.0.1:{os.getpid()}", "chat": "", "pid": os.getpid(), "token": "t", "agent": "luis"}
(folder / "hub.json.new").write_text(json.dumps(said))
(folder / "hub.json.new").rename(folder / "hub.json")
while True:
    signal.pause()
