"""Consoles without a screen, each behind a line of its own that something is done to."""

import random
from collections import Counter
from pathlib import Path
from typing import Any

from clients import serve
from ledger import Ledger
from line import Line
from tap import Tap

from agent_tui.link.address import Address
from agent_tui.link.clock import SystemClock
from agent_tui.link.desk import LiveDesk, open_desk
from agent_tui.link.model import TRAYS, Change, CommandDone, CommandRefused
from agent_tui.link.place import claim
from hub.protocol import frames
from hub.protocol.commands import REGISTRY

UNSENT = 10  # commands in an outbox, at which its console waits
THIN = {"bits": 8000, "round_trip": 1.0}


class Hurried(SystemClock):
    """Goes `times` as fast, for a console and its line alike."""

    def __init__(self, times: float) -> None:
        self._times = times

    def monotonic(self) -> float:
        return super().monotonic() * self._times

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds / self._times)


class FarConsole:
    def __init__(
        self, name: str, me: int, others: list[int], line: Line, ledger: Ledger, chance: random.Random
    ) -> None:
        self.name, self.me, self.line, self.ledger = name, me, line, ledger
        self.chance = random.Random(chance.getrandbits(32))
        self.tap = Tap()
        self.desk: LiveDesk
        self.suffered: Counter[str] = Counter()
        self._others = [one for one in others if one != me]
        self._made = 0

    async def open(self, folder: Path, token: str, clock: SystemClock) -> None:
        place = claim(folder / self.name, "hub", self.name)
        self.desk = await open_desk(place, Address(self.line.url, token), clock=clock, dial=self.tap)
        self.desk.subscribe(self._hear)
        self.desk.start()

    def _hear(self, change: Change) -> None:
        match change:
            case CommandDone(key=key, result=result):
                self.ledger.told(key, result)
            case CommandRefused(key=key, code=code) if key:
                self.ledger.refuse(key, code)

    def work(self) -> None:
        """One thing more, if there isn't enough on its way. It is not waited for."""
        if self.desk.link.unsent >= UNSENT:
            return
        pending = [row for row in self.desk.tray("pending").rows if row.owner in (None, self.me)]
        mine = [row for row in self.desk.tray("in_progress").rows if row.owner == self.me]
        self._made += 1
        if pending and (not mine or self.chance.random() < 0.3):
            name, args = "conversation.open", {"conversation": self.chance.choice(pending).id}
        elif mine:
            row, body = self.chance.choice(mine), f"{self.name} writes line {self._made}"
            name, args = serve(self.chance, row.id, row.state, body, self._others)
        else:
            return
        key = self.desk.submit(name, REGISTRY[name].args(**args))
        self.ledger.ask(key, str(args.get("body", "")))

    def suffer(self) -> None:
        """Something is done to the line."""
        line = self.line
        what = self.chance.choice(("reset", "cut", "half_open", "thin", "brittle", "well"))
        self.suffered[what] += 1
        match what:
            case "reset" | "cut":
                line.cut(reset=what == "reset")
            case "half_open":
                line.half_open()
            case "thin":
                line.bits, line.round_trip = int(THIN["bits"]), THIN["round_trip"]
            case "brittle":
                line.most = 5000
            case _:
                self.heal()

    def heal(self) -> None:
        self.line.bits, self.line.round_trip, self.line.most = 0, 0.0, 0

    def shows(self) -> dict[str, Any]:
        trays = {name: self.desk.tray(name) for name in TRAYS}
        return {name: ([(row.id, row.rev) for row in tray.rows], tray.count) for name, tray in trays.items()}

    def told_to_start_over(self) -> list[frames.HubFrame]:
        restored = [one for one in self.tap.of(frames.Welcome) if one.resume == "restored"]
        return [*restored, *self.tap.of(frames.Resync)]
