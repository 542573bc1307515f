"""What was tried and refused, for the audit trail: bounded, however often it is tried.

The first refusal of its kind is entered at once, those that follow within the minute are counted and entered together
at its end: so a flood of guesses at a password costs two entries a minute and account, and none is lost without trace.
Logins that nobody has are one kind, and not entered as they were typed: people type passwords there.
"""

import asyncio
from dataclasses import dataclass

import sqlalchemy as sa
import structlog

from hub.desk import audit
from hub.desk.principal import Principal
from hub.desk.whence import ADDRESS
from hub.live.loops import Loop
from hub.protocol.errors import Code, Refused
from hub.store.engine import Store
from hub.store.unit import Unit

log = structlog.get_logger(__name__)
SIGN_IN = "sign-in.failed"
MINUTE = 60.0  # seconds
MOST = 1000  # kinds that are counted apart in one minute; what comes beyond them is counted together


@dataclass(frozen=True, slots=True)
class Kind:
    who: str
    what: str
    outcome: str
    via: str = ""


OTHERS = Kind("", "others.refused", "rate_limited")


class Attempts:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._more: dict[Kind, int] = {}  # by kind, how many followed the first within this minute
        self._addresses: dict[Kind, str] = {}  # of the last of them
        self._loop = Loop("attempts", self._minute)

    def start(self) -> None:
        self._loop.start()

    async def stop(self) -> None:
        """Enter what is left, if the database takes it."""
        await self._loop.stop()
        try:
            await self.settle()
        except (sa.exc.SQLAlchemyError, OSError, Refused) as error:
            log.warning("attempts_not_entered", kinds=len(self._more), error=repr(error))

    def sign_in_failed(self, agent: int | None, why: Code = Code.BAD_CREDENTIALS) -> None:
        """Somebody could not sign in as this agent; None where nobody has that login."""
        self._count(Kind("" if agent is None else f"agent:{agent}", SIGN_IN, why.value))

    def refused(self, who: Principal, what: str, why: Code) -> None:
        """A command that would have been audited is not theirs to submit."""
        self._count(Kind(who.name, what, why.value, audit.via_of(who)))

    def _count(self, kind: Kind) -> None:
        if kind not in self._more and len(self._more) >= MOST:
            kind = OTHERS
        first = kind not in self._more
        self._more[kind] = 0 if first else self._more[kind] + 1
        self._addresses[kind] = ADDRESS.get()
        if first:
            self._enter({kind: 1}, dict(self._addresses)).add_done_callback(_said)

    async def settle(self) -> None:
        """The minute is over: enter what has been counted since. Returns once that is on record."""
        more, addresses = {kind: times for kind, times in self._more.items() if times}, self._addresses
        self._more, self._addresses = {}, {}
        if more:
            try:
                await self._enter(more, addresses)
            except Exception:
                for kind, times in more.items():
                    self._more[kind] = self._more.get(kind, 0) + times
                    self._addresses.setdefault(kind, addresses[kind])
                raise

    def _enter(self, counted: dict[Kind, int], addresses: dict[Kind, str]) -> "asyncio.Future[None]":
        def job(unit: Unit) -> None:
            for kind, times in counted.items():
                audit.append(
                    unit,
                    kind.who,
                    kind.what,
                    via=kind.via,
                    outcome=kind.outcome,
                    address=addresses[kind],
                    keep_address=kind.what == SIGN_IN,
                    about={"times": times},
                )

        return self._store.write(job)

    async def _minute(self) -> None:
        await asyncio.sleep(MINUTE)
        await self.settle()


def _said(done: "asyncio.Future[None]") -> None:
    if not done.cancelled() and (error := done.exception()) is not None:
        log.warning("attempt_not_entered", error=repr(error))
