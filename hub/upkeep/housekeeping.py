"""What a hub does for its data while it runs: it applies the rules of `desk.retention`, writes down who was erased, and
takes what was deleted off the disk.

Promised: an erasure stands in the log outside the database soon after it has committed, whichever hub or shell did it,
and at the latest when a hub starts. Rules are applied a batch at a time, so that nobody's command waits for long.
"""

import asyncio
import secrets

import structlog

from hub.config import Config
from hub.desk.principal import SYSTEM
from hub.desk.retention import BY_KIND, RULES, Rule
from hub.hub import Hub
from hub.live.loops import Loop
from hub.live.tail import Behind
from hub.protocol.erasure import Sweep
from hub.upkeep import erasures

log = structlog.get_logger(__name__)
DAY = 86_400_000  # milliseconds
EVERY = 3600.0  # seconds between two rounds of the rules
AGAIN = 30.0  # seconds until the disk is scrubbed again where somebody was reading
PERSONAL = tuple(
    table
    for kind in ("messages", "conversations", "contacts", "drafts", "results")
    for table in BY_KIND[kind].tables
)  # fmt: skip


class Housekeeping:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._log = erasures.log_of(hub.config)
        self._rules = Loop("retention", self._round)
        self._erasures = Loop("erasures", self._follow)
        self._scrubbing = Loop("scrub", self._scrub)
        self._dirty = asyncio.Event()

    async def start(self) -> None:
        erasures.add(self._log, await self._hub.store.read(erasures.of_database))
        self._dirty.set()  # a shell may have erased somebody since
        for loop in (self._erasures, self._scrubbing, self._rules):
            loop.start()

    async def stop(self) -> None:
        for loop in (self._rules, self._scrubbing, self._erasures):
            await loop.stop()

    async def apply(self) -> dict[str, int]:
        """Apply every rule that has a limit, to its end; returns how many of each kind were deleted."""
        done = {}
        for rule in RULES:
            if days := days_of(self._hub.config, rule):
                done[rule.kind] = await self._sweep(rule, self._hub.clock.now() - days * DAY)
        return done

    async def _round(self) -> None:
        done = {kind: count for kind, count in (await self.apply()).items() if count}
        if done:
            log.info("retention_applied", **done)
        await asyncio.sleep(EVERY)

    async def _sweep(self, rule: Rule, before: int) -> int:
        args, total = Sweep(rule.kind, before, rule.batch), 0
        while True:
            made = await self._hub.submit(SYSTEM, "retention.sweep", args, f"sweep:{secrets.token_hex(8)}")
            count = int(made["count"] or 0)
            total += count
            if count < args.limit:
                return total

    async def _follow(self) -> None:
        try:
            async for changes in self._hub.tail.follow():
                erased = [change for change in changes if change.kind == "contact.erased"]
                if erased:
                    new = [erasures.Erasure(c.data["contact"], c.data["created"], c.at) for c in erased]
                    await asyncio.to_thread(erasures.add, self._log, new)
                if erased or any(change.kind == "retention.swept" for change in changes):
                    self._dirty.set()
        except Behind:
            found = await self._hub.store.read(erasures.of_database)
            await asyncio.to_thread(erasures.add, self._log, found)
            self._dirty.set()

    async def _scrub(self) -> None:
        await self._dirty.wait()
        self._dirty.clear()
        if not await self._hub.store.scrub(PERSONAL):
            self._dirty.set()
            await asyncio.sleep(AGAIN)


def days_of(config: Config, rule: Rule) -> int:
    """How many days the rule keeps its kind; 0: for ever."""
    return int(getattr(config, rule.setting)) if rule.setting else 0
