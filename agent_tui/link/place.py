"""Which file a console keeps its desk in, and that no other console uses it meanwhile.

One agent may have several consoles open on one machine. Each claims a file of its own with an flock, which the system
takes back when the process dies, however it dies; two consoles can therefore never send the same outbox. Files that a
console left behind are claimed by the next one, which takes over what was not sent (see `disk.adopt`).
"""

import fcntl
import hashlib
import os
import re
from pathlib import Path

import msgspec

_MOST = 32  # consoles of one agent on one machine


class NoPlace(Exception):
    """More consoles of one agent are open than there are places for."""


class Place(msgspec.Struct):
    """A claimed file; `lock` is the open descriptor that holds the claim, -1 once it is released."""

    path: Path
    lock: int

    @property
    def stem(self) -> str:
        """What the names of all files of this agent at this hub begin with."""
        return re.sub(r"-\d+$", "", self.path.stem)

    def release(self) -> None:
        """Let others have it. Whoever opens the file (`disk.open_disk`) does this when closing it."""
        if self.lock >= 0:
            os.close(self.lock)
            self.lock = -1


def claim(folder: Path, hub: str, login: str) -> Place:
    """Claim the first free file for an agent of a hub. `hub` is what stays the same for one hub, usually its URL.

    Raises NoPlace, OSError.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    stem = _stem(hub, login)
    for number in range(1, _MOST + 1):
        place = _try(folder / f"{stem}-{number}.db")
        if place is not None:
            return place
    raise NoPlace(f"{_MOST} consoles of {login} are open")


def left_behind(own: Place) -> list[Place]:
    """Claim the files of the same agent that no console uses."""
    paths = (path for path in sorted(own.path.parent.glob(f"{own.stem}-*.db")) if path != own.path)
    return [place for place in map(_try, paths) if place is not None]


def free(folder: Path, hub: str, login: str) -> list[Place]:
    """Claim all files of an agent that no console uses."""
    found = (_try(path) for path in sorted(folder.glob(f"{_stem(hub, login)}-*.db")))
    return [place for place in found if place is not None]


def held_open(folder: Path, hub: str, login: str) -> bool:
    """Whether a file of an agent is there, once those that are free have been taken away."""
    return any(folder.glob(f"{_stem(hub, login)}-*.db"))


def _stem(hub: str, login: str) -> str:
    return hashlib.sha256(f"{hub}\n{login}".encode()).hexdigest()[:20]


def _try(path: Path) -> Place | None:
    lock = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return Place(path, lock)
