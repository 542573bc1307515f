"""Hands queued messages to the drivers of their channels, and reports what became of them.

What is promised: a message is handed over only by whoever has claimed it, durably, before; so two hubs on one database
never hand over the same one, and a hub that dies in between leaves a claim behind that runs out. Such a message becomes
`uncertain`: it may have arrived, so sending it again is for a person to decide. Messages of one conversation go out in
order, one at a time; conversations don't wait for each other.
"""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy import Connection

from hub.channels import AnswerLost, Driver, Handed, Outgoing
from hub.channels.tables import handover
from hub.desk.principal import Principal
from hub.desk.tables import channel, conversation, identity, message
from hub.hub import Hub
from hub.live.tail import Behind
from hub.protocol.commands import Report
from hub.protocol.errors import Code, Refused
from hub.protocol.states import Delivery
from hub.store.unit import Unit

TIMEOUT = 30  # seconds that a driver has to hand a message over
CLAIM = (TIMEOUT + 15) * 1000  # milliseconds after which a claim without an answer has run out
RETRY = 2  # seconds until the database is asked again after it failed

log = structlog.get_logger(__name__)


class Dispatcher:
    """The outgoing side of one hub. `drivers` maps the name in `channel.driver` to the driver."""

    def __init__(self, hub: Hub, drivers: Mapping[str, Driver]) -> None:
        self._hub = hub
        self._drivers = drivers
        self._lanes: dict[int, asyncio.Task[None]] = {}  # conversation → what hands its message over
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        for driver in self._drivers.values():
            await driver.start(self.report)
        self._tasks = [
            asyncio.create_task(self._follow(), name="outgoing-follow"),
            asyncio.create_task(self._run(), name="outgoing"),
        ]
        self._wake.set()

    async def stop(self, within: float = TIMEOUT) -> None:
        """Stop taking messages, and give what is being handed over `within` seconds to be answered. What has no answer
        by then stays claimed, and becomes uncertain once the claim has run out."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if lanes := set(self._lanes.values()):
            await asyncio.wait(lanes, timeout=within)
            for lane in lanes:
                lane.cancel()
            await asyncio.gather(*lanes, return_exceptions=True)
        for driver in self._drivers.values():
            await driver.stop()

    async def report(self, outgoing: Outgoing, state: Delivery, error: str = "") -> None:
        """Record how far a message has come."""
        try:
            await self._hub.submit(
                Principal.channel(outgoing.channel),
                "message.delivery",
                Report(message=outgoing.message, state=state, error=error),
                f"handed:{outgoing.message}:{outgoing.rev}:{state}",
            )
        except Refused as refusal:
            if refusal.code is not Code.BUSY:
                raise
            log.info("delivery_unreported", message=outgoing.message, state=state)  # stopping; the claim tells later

    async def _follow(self) -> None:
        while True:
            try:
                async for changes in self._hub.tail.follow(self._hub.tail.seq):
                    if any(change.kind in ("message.sent", "message.delivery") for change in changes):
                        self._wake.set()
            except Behind:
                self._wake.set()

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            try:
                waiting, next_expiry = await self._look()
            except Exception:
                log.exception("queue_unreadable")  # and again soon: nothing may stop what goes out
                await asyncio.sleep(RETRY)
                self._wake.set()
                continue
            for outgoing, expired in waiting:
                if outgoing.conversation not in self._lanes:
                    lane = asyncio.create_task(self._settle(outgoing, expired=expired))
                    self._lanes[outgoing.conversation] = lane
                    lane.add_done_callback(partial(self._freed, outgoing.conversation))
            await self._woken(next_expiry)

    async def _woken(self, next_expiry: int | None) -> None:
        if next_expiry is None:
            await self._wake.wait()
            return
        seconds = max(0.0, (next_expiry - self._hub.clock.now()) / 1000)
        try:
            async with asyncio.timeout(seconds):  # wait_for may take an order to end for nothing
                await self._wake.wait()
        except TimeoutError:
            return

    def _freed(self, conversation_id: int, lane: "asyncio.Task[None]") -> None:
        del self._lanes[conversation_id]
        if not lane.cancelled() and (error := lane.exception()) is not None:
            log.error("handing_over_failed", conversation=conversation_id, error=error)
            asyncio.get_running_loop().call_later(RETRY, self._wake.set)
            return
        self._wake.set()

    async def _look(self) -> tuple[list[tuple[Outgoing, bool]], int | None]:
        """The first queued message of each conversation, whether its claim has run out, and when the next claim will.

        Messages that another hub is handing over right now are left out.
        """
        now = self._hub.clock.now()
        found: list[tuple[Outgoing, bool]] = []
        expiries: list[int] = []
        drivers = list(self._drivers)
        rows: list[sa.Row[Any]] = await self._hub.store.read(lambda conn: _queued(conn, drivers))
        for row in rows:
            if row.conversation in self._lanes:
                continue
            if row.until is None:
                found.append((_outgoing(row), False))
            elif row.until <= now:
                found.append((_outgoing(row), True))
            else:
                expiries.append(row.until)
        return found, min(expiries, default=None)

    async def _settle(self, outgoing: Outgoing, *, expired: bool) -> None:
        if expired:
            await self.report(outgoing, Delivery.UNCERTAIN)
            return
        claimed: bool = await self._hub.store.write(lambda unit: _claim(unit, outgoing))
        if not claimed:
            return
        handed = await self._hand_over(outgoing)
        await self.report(outgoing, handed.state, handed.error)

    async def _hand_over(self, outgoing: Outgoing) -> Handed:
        driver = self._drivers[await self._hub.store.read(lambda conn: _driver(conn, outgoing.channel))]
        try:
            async with asyncio.timeout(TIMEOUT):
                return await driver.send(outgoing)
        except (AnswerLost, TimeoutError, OSError) as error:
            log.warning("answer_lost", message=outgoing.message, channel=outgoing.channel, error=error)
            return Handed(Delivery.UNCERTAIN)


def _queued(conn: Connection, drivers: list[str]) -> list[sa.Row[Any]]:
    first = (
        sa.select(sa.func.min(message.c.id))
        .where(message.c.state == Delivery.QUEUED.value)
        .group_by(message.c.conversation_id)
    )
    claimed = (handover.c.message_id == message.c.id) & (handover.c.rev == message.c.rev)
    return list(
        conn.execute(
            sa.select(
                message.c.id.label("message"),
                message.c.rev,
                message.c.conversation_id.label("conversation"),
                conversation.c.channel_id.label("channel"),
                identity.c.external_id.label("recipient"),
                message.c.body,
                handover.c.until,
            )
            .join(conversation, conversation.c.id == message.c.conversation_id)
            .join(channel, channel.c.id == conversation.c.channel_id)
            .join(identity, identity.c.id == conversation.c.identity_id)
            .outerjoin(handover, claimed)
            .where(message.c.id.in_(first), channel.c.driver.in_(drivers))
            .order_by(message.c.id)
        )
    )


def _outgoing(row: sa.Row[Any]) -> Outgoing:
    return Outgoing(row.message, row.rev, row.conversation, row.channel, row.recipient, row.body)


def _driver(conn: Connection, channel_id: int) -> str:
    return str(conn.scalar(sa.select(channel.c.driver).where(channel.c.id == channel_id)))


def _claim(unit: Unit, outgoing: Outgoing) -> bool:
    """Claim a message inside the writer, where nobody else is between looking and claiming."""
    line = unit.conn.execute(sa.select(message.c.state, message.c.rev).where(message.c.id == outgoing.message)).first()
    held = unit.conn.execute(sa.select(handover).where(handover.c.message_id == outgoing.message)).first()
    if line is None:  # erased meanwhile
        return False
    if line.state != Delivery.QUEUED or line.rev != outgoing.rev or (held is not None and held.rev == outgoing.rev):
        return False
    if held is not None:
        unit.conn.execute(sa.delete(handover).where(handover.c.message_id == outgoing.message))
    unit.conn.execute(sa.insert(handover).values(message_id=outgoing.message, rev=outgoing.rev, until=unit.now + CLAIM))
    return True
