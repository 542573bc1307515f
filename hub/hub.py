"""The hub of one process: wires store, tail, presence, timers and leases, and is what channels and pages submit to."""

import asyncio
import random
from collections.abc import Sized
from datetime import datetime, time, timedelta
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.config import Config
from hub.desk.execute import Command, foresee
from hub.desk.principal import Principal
from hub.desk.queries import Asking
from hub.desk.registry import Result
from hub.desk.tray_filters import Reader
from hub.desk.whence import ADDRESS
from hub.limits import Crowd, Limits
from hub.live.api_token_uses import TokenUses
from hub.live.attempts import Attempts
from hub.live.boundaries import Boundaries
from hub.live.drafts import Drafts
from hub.live.kept_references import KeptReferences
from hub.live.leases import Leases
from hub.live.looks import Looks
from hub.live.loops import Loop
from hub.live.presence import Presence
from hub.live.seen import Seen
from hub.live.tail import Tail
from hub.live.timers import Timers
from hub.live.wake import LocalWake
from hub.metrics import Metrics
from hub.protocol import views
from hub.protocol.commands import REGISTRY, Args
from hub.protocol.errors import Code, Refused
from hub.store.clock import Clock, SystemClock
from hub.store.engine import open_store
from hub.store.schema import head, journal
from hub.store.unit import Unit
from hub.tls import Certificate

LIMITED = frozenset(("tray.save",))  # commands that a limit holds
RETRY_AFTER = 1000  # milliseconds after which a client of a stopping hub comes back
SPREAD = 20  # milliseconds that each client adds to the time over which all of them come back
DAY = 24 * 3600 * 1000  # milliseconds
LOOK = 60.0  # seconds between looks at the calendar: a timer stands still while the machine sleeps


class Client(Protocol):
    """A console's connection, as far as the hub itself has to do with it."""

    who: Principal
    cursor: int  # the journal number that it has been told up to

    @property
    def windows(self) -> Sized: ...

    async def leave(self, after: int, hurry: asyncio.Event) -> None:
        """Answer what was handed in, unless told to `hurry`; say when to come back, in milliseconds; close."""

    @property
    def session(self) -> int: ...

    async def resubscribe(self) -> None: ...

    @property
    def due(self) -> int | None: ...

    async def look_again(self) -> None: ...


class Page(Protocol):
    """A visitor's connection, likewise."""

    async def leave(self, after: int, hurry: asyncio.Event) -> None: ...


class Hub:
    """Make it, `start` it, `submit` to it, `stop` it. The database must have been migrated."""

    def __init__(self, config: Config, clock: Clock | None = None) -> None:
        self.config = config
        self.clock = clock or SystemClock()
        self.store = open_store(config.database, self.clock)
        self.wake = LocalWake()
        self.tail = Tail(self.store, self.wake)
        self.references = KeptReferences()
        self.presence = Presence()
        self.drafts = Drafts(self.store)
        self.timers = Timers(self.store)
        self.token_uses = TokenUses(self.store, self.clock)
        self.leases = Leases(self.store, config.grace)
        self.metrics = Metrics()
        self.limits = Limits(self.metrics)
        self.limits.put("token_requests", config.api_per_minute / 60, max(1.0, config.api_per_minute / 6))
        self.consoles = Crowd("address_sockets", self.limits)
        self.looks = Looks(self.store)
        self.attempts = Attempts(self.store)
        self.certificate: Certificate | None = None  # where the hub speaks TLS itself
        self.connections: set[Client] = set()
        self.pages: set[Page] = set()
        self.boundaries = Boundaries(self.clock, self.connections)
        self.draining = False
        self.seen = Seen(self.store, lambda: {one.session for one in self.connections} - {0})
        self._today = self.day_start()
        self._midnight = Loop("midnight", self._await_midnight)
        self._stopped = False
        self.store.on_commit += [self._committed, self.metrics.committed]
        self.store.on_fault.append(self.metrics.failed)
        self.store.before_group = foresee

    async def start(self) -> None:
        await self.store.start()
        await self.tail.start()
        await self.leases.start()
        self.timers.start()
        self.attempts.start()
        self._midnight.start()
        self.boundaries.start()
        self.seen.start()

    async def stop(self) -> None:
        """Tell the clients when to come back, finish what was handed in, close. A second call does nothing."""
        if self._stopped:
            return
        self._stopped = True
        await self.farewell()
        await self._midnight.stop()
        await self.boundaries.stop()
        await self.seen.stop()
        await self.timers.stop()
        await self.tail.stop()
        await self.attempts.stop()
        await self.store.stop()

    async def farewell(self, hurry: asyncio.Event | None = None) -> None:
        """Send the clients away for a moment, once what they have handed in is answered, or half of the time to stop is
        over, or `hurry` is set. The leases begin, so that nobody is taken as gone because we go."""
        self.draining = True
        clients: list[Client | Page] = [*self.connections, *self.pages]
        hurry = hurry or asyncio.Event()
        late = asyncio.get_running_loop().call_later(self.config.drain_seconds / 2, hurry.set)
        leaving = (client.leave(self.comeback(len(clients)), hurry) for client in clients)
        await asyncio.gather(self.leases.stop(), *leaving, return_exceptions=True)
        late.cancel()

    def comeback(self, clients: int) -> int:
        """In how many milliseconds one of so many clients is to come back: not all in the same instant."""
        spread = min(self.config.return_seconds * 1000, clients * SPREAD)
        return RETRY_AFTER + random.randint(0, spread)  # noqa: S311 - nothing is kept secret by it

    # -- commands ------------------------------------------------------------------------------------------------------

    def hand_in(self, who: Principal, name: str, args: Args, key: str) -> "asyncio.Future[Result]":
        """Queue a command for the writer, in order, without waiting. The future ends in its result or `Refused`."""
        recall = self.config.recall_seconds * 1000
        handed_in = self.store.write(Command(who, name, args, key, recall, ADDRESS.get()), name, key)
        if REGISTRY[name].audited or name in LIMITED:
            handed_in.add_done_callback(lambda done: self._tell_refusal(who, name, done))
        return handed_in

    def _tell_refusal(self, who: Principal, name: str, done: "asyncio.Future[Result]") -> None:
        """What somebody tried without being granted it; that another was faster, or a field wrong, is no guilt. And
        what was over a limit."""
        if done.cancelled() or not isinstance(error := done.exception(), Refused):
            return
        if error.code is Code.FORBIDDEN and REGISTRY[name].audited:
            self.attempts.refused(who, name, error.code)
        elif error.code is Code.TOO_MANY:
            self.limits.refused(error.detail["limit"])

    async def submit(self, who: Principal, name: str, args: Args, key: str) -> Result:
        """Run a command; returns when it is durable. `key` makes it safe to submit again. Raises `Refused`."""
        return await self.hand_in(who, name, args, key)

    def _committed(self, unit: Unit) -> None:
        self.wake.notify()
        if unit.timers:
            self.timers.wake.notify()

    def asking(self, conn: Connection, who: Principal) -> Asking:
        """What the views are answered from, in an open transaction."""
        since = self.clock.now() - self.config.session_days * DAY
        return Asking(conn, who, self.me(who), self.day_start(), since, self.clock.now(), self.reader(who))

    def me(self, who: Principal) -> views.Me:
        """What a principal is told about themselves."""
        return views.Me(
            agent=who.id,
            session=who.session,
            grants={verb: scope.name.lower() for verb, scope in who.grants.items()},
            entity=self.config.entity,
            zone=self.config.zone,
            language=self.config.language,
            recall=self.config.recall_seconds,
        )

    # -- continuity ----------------------------------------------------------------------------------------------------

    async def resume(
        self, epoch: str, cursor: tuple[int, int] | None
    ) -> tuple[str, Literal["fresh", "resumed", "restored"]]:
        """The epoch, and whether a client that knew this epoch and journal row may go on from there.

        A cursor of this very epoch that the journal does not bear out means that the database is an older copy of
        itself. Every client finds that out by its own cursor: one client's word is not believed for the others.
        """
        ours, nonce = await self.store.read(lambda conn: _bears_out(conn, cursor))
        if not epoch or cursor is None:
            return ours, "fresh"
        return ours, "resumed" if epoch == ours and nonce == cursor[1] else "restored"

    # -- days ----------------------------------------------------------------------------------------------------------

    def day_start(self) -> int:
        """UTC ms of the last midnight in the desk's time zone."""
        return _ms(self._midnight_of(0))

    def reader(self, who: Principal) -> Reader:
        """Whose filter it is, on which day."""
        zone = ZoneInfo(self.config.zone)
        today = datetime.fromtimestamp(self.clock.now() / 1000, zone).date()
        return Reader(who.id, today, zone, who.offers)

    def _midnight_of(self, days: int) -> datetime:
        zone = ZoneInfo(self.config.zone)
        today = datetime.fromtimestamp(self.clock.now() / 1000, zone).date()
        return datetime.combine(today + timedelta(days=days), time.min, zone)

    async def _await_midnight(self) -> None:
        left = (_ms(self._midnight_of(1)) - self.clock.now()) / 1000
        await asyncio.sleep(min(LOOK, max(0.05, left)))
        await self.turn_day()

    async def turn_day(self) -> None:
        """What "attended today" means changes at midnight, without any event."""
        if (today := self.day_start()) != self._today:
            self._today = today
            await asyncio.gather(*(c.resubscribe() for c in self.connections), return_exceptions=True)


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _bears_out(conn: Connection, cursor: tuple[int, int] | None) -> tuple[str, int | None]:
    """(epoch, nonce of the journal row at the cursor; 0 before the first row, None where there is no such row)."""
    epoch = conn.scalar(sa.select(head.c.epoch)) or ""
    if cursor is None or cursor[0] == 0:
        return epoch, 0
    return epoch, conn.scalar(sa.select(journal.c.nonce).where(journal.c.seq == cursor[0]))
