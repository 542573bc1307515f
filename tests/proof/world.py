"""A desk under whatever an example does to it: its hub, which can be opened again, and the ledger of what it has acked.

What must hold is asserted here: an acked command has taken effect, and one effect, under whatever it comes again; one
without an answer has taken effect whole, or not at all; the invariants hold; and what the hub told is what there is.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from dying import Died, fated
from listeners import listen
from payloads import LOGINS, Pick, encoded, resolved
from small_desk import build
from sqlalchemy import Connection
from watcher import Watcher

from hub.config import Config
from hub.desk import people, tables
from hub.desk.api_token_tables import api_token
from hub.desk.form_tables import form_version, topic
from hub.desk.hook_tables import webhook, webhook_delivery
from hub.desk.principal import SYSTEM, Principal
from hub.desk.projections import check
from hub.desk.registry import Result, decode
from hub.desk.talk_tables import plan
from hub.desk.tray_tables import tray
from hub.hub import Hub
from hub.protocol import commands as c
from hub.protocol.errors import Code, Refused
from hub.store.clock import ManualClock
from hub.store.schema import idempotency, journal

IDS: dict[str, sa.Table] = {
    **{name: getattr(tables, name) for name in ("agent", "channel", "contact", "conversation", "message", "queue")},
    **{name: getattr(tables, name) for name in ("session", "shortcut", "tag", "branch", "department", "team")},
    "topic": topic,
    "version": form_version,
    "token": api_token,
    "tray": tray,
    "plan": plan,
    "webhook": webhook,
    "delivery": webhook_delivery,
}
T = TypeVar("T")
EARS = ("ana", "luis", "sofia")
FORGETTING = ("contact.erase", "retention.sweep")
Known = tuple[str, str]  # principal and key


@dataclass(frozen=True)
class Order:
    """A command to be given: a new one, or with `again` one of those that were given before, by its place; with `other`
    the key of that one for this command. `who`: a login, `system`; `channel` for the one that it is about, `owner` for
    whose conversation it is."""

    name: str
    who: str
    args: dict[str, Any]
    again: int | None = None
    other: bool = False


@dataclass
class Given:
    """A command that was given, and how it ended: an answer, a refusal, or neither."""

    who: Principal
    name: str
    args: c.Args
    key: str
    answer: Result | Refused | None = None

    @property
    def known(self) -> Known:
        return self.who.name, self.key


@dataclass
class World:
    """`open` it before anything else."""

    database: str
    data: Path
    clock: ManualClock = field(default_factory=ManualClock)
    given: list[Given] = field(default_factory=list)
    acked: dict[Known, Given] = field(default_factory=dict)
    ears: list[Watcher] = field(default_factory=list)
    accepted: Counter[str] = field(default_factory=Counter)
    hub: Hub = field(init=False)
    _file: sa.Engine | None = None

    async def open(self) -> None:
        """The hub with what is needed to write and to tell. Its timers fire when the example says so."""
        config = Config(data=self.data, database=self.database, zone="America/Asuncion", port=0, recall_seconds=5)
        self.hub = Hub(config, self.clock)
        self._file = sa.create_engine(self.database) if self.database.startswith("sqlite:") else None
        await self.hub.store.start()
        await self.hub.tail.start()

    async def furnish(self) -> None:
        desk = await build(self.hub, capacity=2, open_within=30)
        await desk.run(SYSTEM, "agent.save", c.SaveAgent("rosa", "Rosa", "admin", "x"))
        for login in ("ana", "luis"):
            await desk.reach(login)
        for person in ("p1", "p2", "p3"):
            await desk.say(person, "Hola")
        owner = await self.look(
            lambda conn: conn.scalar(sa.select(tables.conversation.c.owner_id).where(tables.conversation.c.id == 1))
        )
        who = next(login for login in desk.ids if desk.ids[login] == owner)
        await desk.run(who, "conversation.open", c.Open(1))
        await desk.run(who, "message.send", c.Send(1, "Buenas"), "furnished-send-1")

    async def listen(self) -> None:
        for login in EARS:
            who = await self.agent(login)
            if who is not None:
                self.ears.append(await listen(self.hub, who.id))

    async def close(self) -> None:
        for ear in self.ears:
            await ear.leave()
        self.ears.clear()
        if self._file is not None:
            self._file.dispose()
        await self.hub.tail.stop()
        await self.hub.store.stop()

    async def look(self, fn: Callable[[Connection], T]) -> T:
        """What the database holds. Where it is a file, it is asked without the detour through another thread."""
        if self._file is None:
            return await self.hub.store.read(fn)
        with self._file.connect() as conn:
            return fn(conn)

    # -- giving commands -----------------------------------------------------------------------------------------------

    async def agent(self, login: str) -> Principal | None:
        def find(conn: Connection) -> Principal | None:
            number = conn.scalar(sa.select(tables.agent.c.id).where(tables.agent.c.login == login))
            return None if number is None else people.by_agent(conn, number)

        return await self.look(find)

    async def make(self, orders: Sequence[Order]) -> list[Given]:
        """The commands as they are submitted; without those of agents who are inactive."""
        there = await self.look(_there)
        made = [await self._made(order, there) for order in orders]
        return [given for given in made if given is not None]

    async def _made(self, order: Order, there: dict[str, list[Any]]) -> Given | None:
        before = self.given[order.again % len(self.given)] if order.again is not None and self.given else None
        if before is not None and not order.other:
            return Given(before.who, before.name, before.args, before.key)
        _, args = decode(order.name, encoded(order.args, there, self.clock.now()))
        key = f"machine-{len(self.given):06}"
        who: Principal | None = SYSTEM
        if order.who == "owner":
            who = await self.look(partial(_owner, args))
        elif order.who in LOGINS:
            who = await self.agent(order.who)
        elif order.who == "channel":
            about = order.args.get("channel", Pick("channel", 0))
            who = Principal.channel(resolved(about, there, 0))
        if who is None:
            return None
        given = Given(who, order.name, args, before.key if before is not None else key)
        if before is None:
            self.given.append(given)
        return given

    async def submit(self, batch: Sequence[Given]) -> list[Given]:
        """Hand these in at once, and hold their answers to what was promised. Returns those that got none."""
        before, effects = await self.look(_kept)
        futures = [self.hub.hand_in(one.who, one.name, one.args, one.key) for one in batch]
        ended = await asyncio.gather(*futures, return_exceptions=True)
        unanswered = []
        for given, end in zip(batch, ended, strict=True):
            if isinstance(end, Died):
                unanswered.append(given)
                continue
            if not isinstance(end, dict | Refused):
                raise AssertionError(f"{given.name} {given.args}: a fault of the hub's own") from end
            given.answer = end
        forgets = any(one.name in FORGETTING for one in batch)
        for given in batch:
            if given not in unanswered:
                self._hold(given, repeated=given.known in before and not forgets)
        _, after = await self.look(_kept)
        repeated = {known: times for known, times in effects.items() if known in before and not forgets}
        assert {known: after[known] for known in repeated if after[known] > repeated[known]} == {}, "a second effect"
        return unanswered

    def _hold(self, given: Given, *, repeated: bool) -> None:
        first = self.acked.get(given.known)
        if isinstance(given.answer, Refused):
            assert not repeated or first is None or given.answer.code is Code.KEY_REUSED, (
                f"{given}: refused the second time"
            )
            return
        assert isinstance(given.answer, dict)
        if first is None or not repeated:
            self.acked[given.known] = given
            self.accepted[given.name] += 1
            return
        assert (given.name, given.args) == (first.name, first.args), f"{given}: answered under another one's key"
        assert given.answer == first.answer, f"{given}: another answer than the first time"

    async def die(self, batch: Sequence[Given], at: int) -> bool:
        """The hub dies at a step of writing these, is opened again, and gets again what it has not answered. Whether it
        did: there may be fewer steps."""
        with fated(self.hub, at) as fate:
            unanswered = await self.submit(batch)
            await self.close()
        await self.open()
        known, effects = await self.look(_kept)
        for given in unanswered:
            assert given.known in known or not effects[given.known], f"{given}: half of it is there"
        assert fate.dead or not unanswered
        await self.verify()
        assert await self.submit(unanswered) == []
        return fate.dead

    async def jump(self, by: int) -> None:
        """The clock is set forward or back."""
        self.clock.advance(by)
        await self.hub.turn_day()

    async def fire(self) -> None:
        """All timers that are due."""
        await self.hub.timers.fire_due()

    # -- what holds ----------------------------------------------------------------------------------------------------

    async def verify(self) -> None:
        """Nothing that was acked is lost, but for what was forgotten on purpose; and all invariants hold."""
        kept, _ = await self.look(_kept)
        forgotten = sum(self.accepted[name] for name in FORGETTING)
        for known, given in self.acked.items():
            if known in kept or not forgotten:
                assert kept.get(known) == given.answer, f"{given}: acked and lost"
        faults = await self.look(check)
        assert faults == [], faults

    async def compare(self) -> None:
        """What was there and what was told is what there is, for everybody who listens."""
        seq = await self.look(lambda conn: conn.scalar(sa.select(_newest)))
        listening = list(self.ears)
        for ear in listening:
            await ear.reach(seq)
        for ear in [one for one in listening if one.bye is None]:
            assert ear.mirror.me is not None
            fresh = await listen(self.hub, ear.mirror.me.agent)
            self.ears.append(fresh)
            for conversation in sorted(ear.mirror.held):
                await fresh.watch(conversation)
            seq = await self.look(lambda conn: conn.scalar(sa.select(_newest)))
            await ear.reach(seq)
            await fresh.reach(seq)
            told, there = ear.state(), fresh.state()
            assert told == there, f"told {told}, but there is {there}"


_newest = sa.func.max(journal.c.seq)


def _there(conn: Connection) -> dict[str, list[Any]]:
    ids: dict[str, list[Any]] = {of: list(conn.scalars(sa.select(t.c.id).order_by(t.c.id))) for of, t in IDS.items()}
    out = tables.message.c.direction == "out"
    ids["key"] = list(conn.scalars(sa.select(tables.message.c.key).where(out).order_by(tables.message.c.id)))
    return ids


def _owner(args: Any, conn: Connection) -> Principal | None:
    """Whose the conversation is that the arguments name, or that of their message."""
    of = getattr(args, "conversation", 0)
    if not of and hasattr(args, "message"):
        of = conn.scalar(sa.select(tables.message.c.conversation_id).where(tables.message.c.id == args.message))
    number = conn.scalar(sa.select(tables.conversation.c.owner_id).where(tables.conversation.c.id == of))
    return None if number is None else people.by_agent(conn, number)


def _kept(conn: Connection) -> tuple[dict[Known, Result], Counter[Known]]:
    """The answers that are kept; and how many events each command has recorded."""
    i = idempotency.c
    rows = conn.execute(sa.select(i.principal, i.key, i.result))
    answers = {(row.principal, row.key): msgspec.json.decode(row.result) for row in rows}
    return answers, Counter(tuple(row) for row in conn.execute(sa.select(journal.c.actor, journal.c.key)))
