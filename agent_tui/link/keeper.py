"""Keeps the disk as the mirror and the drafts are: soon after they change, together, and never in anybody's way."""

import asyncio
import logging
from collections.abc import Callable

import msgspec

from agent_tui.link import kept
from agent_tui.link.clock import Clock
from agent_tui.link.disk import Disk, Statement, Stored
from agent_tui.link.drafts import Drafts
from agent_tui.link.mirror import Mirror
from agent_tui.link.model import Change
from hub.protocol.frames import Cursor

log = logging.getLogger(__name__)

SOON = 0.5  # seconds


class Keeper:
    def __init__(self, disk: Disk, mirror: Mirror, drafts: Drafts, clock: Clock, seen: Callable[[], int]) -> None:
        """`seen`: when the hub was last heard, by its own clock; 0: never."""
        self._seen = seen
        self.epoch = ""
        self.cursor: Cursor | None = None  # where the events of this connection stand
        self.newest: Cursor | None = None  # the newest that was heard of the journal, in an event or a snapshot
        self._disk = disk
        self._mirror = mirror
        self._drafts = drafts
        self._clock = clock
        self._names: set[str] = set()
        self._threads: set[str] = set()  # names of those that the disk holds
        self._dirty = asyncio.Event()
        self._task = asyncio.create_task(self._keep(), name="keeper")

    def restore(self, stored: Stored) -> None:
        """Take in what the disk holds. A desk that can't be read any more is left: the hub has it."""
        self._drafts.restore(stored.drafts, stored.kept)
        self.epoch = stored.meta.get("epoch", "")
        if "cursor" in stored.meta:
            self.cursor = self.newest = msgspec.json.decode(stored.meta["cursor"], type=Cursor)
        self._threads = {name for name in stored.kept if name.startswith("thread:")}
        try:
            kept.unpack(self._mirror, stored.kept)
        except msgspec.DecodeError:
            log.exception("the last known desk can't be read")
            self._mirror.void()

    def changed(self, change: Change) -> None:
        name = kept.name_of(change)
        if name:
            self._names.add(name)
            self._dirty.set()

    def typed(self) -> None:
        """A draft has changed."""
        self._dirty.set()

    def at(self, epoch: str, cursor: Cursor) -> None:
        self.epoch, self.cursor = epoch, cursor
        self.saw(cursor)

    def saw(self, cursor: Cursor) -> None:
        """A snapshot may be ahead of the events. The next hello asks whether the hub still knows of it:
        a database that was restored to a time in between would go unnoticed otherwise."""
        if self.newest is None or cursor[0] > self.newest[0]:
            self.newest = cursor
        self._dirty.set()

    def forget(self) -> None:
        """The desk isn't ours to keep any more."""
        self.epoch, self.cursor, self.newest = "", None, None
        self._names.clear()
        self._threads.clear()
        self._drafts.forget_versions()

    def save(self) -> None:
        """Have everything that changed written."""
        self._dirty.clear()
        statements: list[Statement] = list(self._drafts.take_changes())
        names, self._names = self._names, set()
        for name in names | self._no_longer_held():
            packed = kept.pack(self._mirror, name)
            if packed is None:
                statements.append(("DELETE FROM kept WHERE name = ?", (name,)))
            else:
                statements.append(("INSERT OR REPLACE INTO kept VALUES (?, ?)", (name, packed)))
        self._threads = (self._threads | names) & kept.thread_names(self._mirror)
        statements += self.position()
        if statements:
            self._disk.write(statements)

    def _no_longer_held(self) -> set[str]:
        return self._threads - kept.thread_names(self._mirror)

    def position(self) -> list[Statement]:
        """What makes the disk hold where we are."""
        if self.newest is None:
            return []
        put = "INSERT OR REPLACE INTO meta VALUES (?, ?)"
        cursor = msgspec.json.encode(self.newest).decode()
        return [(put, ("epoch", self.epoch)), (put, ("cursor", cursor)), (put, ("seen", str(self._seen())))]

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])
        self.save()

    async def _keep(self) -> None:
        while True:
            await self._dirty.wait()
            await self._clock.sleep(SOON)
            self.save()
