"""Tells webhooks what happens at the desk.

What is promised: an event that a webhook is to be told stays a row until the endpoint has answered with a 2xx, or until
it is on the dead-letter list, through restarts and with several hubs on one database. It is sent by one hub at a time;
where an answer was lost it is sent again, under the same `webhook-id`: an endpoint gets it at least once and can tell.
The events of one conversation go out one at a time, in order, for the first time; one that failed waits for its next
try without holding up those after it. Endpoints don't wait for each other; one that fails is tried with one request at
a time.
"""

import asyncio
import random
from functools import partial

import structlog

from hub.hooks import ledger
from hub.hooks.egress import TOTAL, Answer, Egress, NoAnswer, NotSent
from hub.hooks.ledger import Delivery, Hook
from hub.hooks.payload import payload
from hub.hooks.secrets import Secrets
from hub.hooks.signing import sign
from hub.hub import Hub
from hub.live.loops import Loop, end
from hub.live.tail import Behind
from hub.protocol.errors import Code, Refused
from hub.sealing import BadKeys, NotOpened

PAUSES = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)  # seconds; Standard Webhooks' example schedule
JITTER = 0.2  # a pause is longer by up to this part of it
LONGEST = 86_400  # seconds that a Retry-After is followed
LANES = 8  # requests at a time to an endpoint that answers
CLAIM = int((TOTAL + 15) * 1000)  # milliseconds after which a claim without an answer has run out
POLL = 2.0  # seconds; another hub's deliveries, and a changed key file, are noticed by then
GOODBYE = 5.0  # seconds that requests have to be answered when the hub stops
UNSEALED = 60_000  # milliseconds until a secret is tried again that the key file does not open
SWEEP = 3_600_000  # milliseconds between looks for dead letters that have been kept long enough

log = structlog.get_logger(__name__)
Lane = tuple[int, int | None]  # webhook, conversation


class Webhooks:
    """The outgoing webhooks of one hub. `chance` is a parameter so that tests need not guess."""

    def __init__(self, hub: Hub, egress: Egress, *, chance: random.Random | None = None) -> None:
        self._hub = hub
        self._egress = egress
        self._secrets = Secrets(hub.config.key_file)
        self._chance = chance or random.Random()  # noqa: S311 - only spreads retries
        self._hooks: list[Hook] = []
        self._version, self._read = 1, 0  # `_hooks` is as the database has it where these are equal
        self._lanes: dict[Lane, asyncio.Task[None]] = {}
        self._failing: set[int] = set()  # webhooks whose last request failed
        self._sealed: dict[int, int] = {}  # webhook → UTC ms until which its secret is not tried again
        self._swept = 0
        self._wake = asyncio.Event()
        self._loops = (Loop("webhooks-follow", self._follow), Loop("webhooks", self._step))

    async def start(self) -> None:
        for loop in self._loops:
            loop.start()

    async def stop(self) -> None:
        """Take nothing more, and give the requests under way a moment. One that is cut off is sent again later."""
        for loop in self._loops:
            await loop.stop()
        lanes = list(self._lanes.values())
        if lanes:
            await asyncio.wait(lanes, timeout=GOODBYE)
        await end(lanes)

    def look(self) -> None:
        """There may be something to do."""
        self._wake.set()

    def _read_anew(self) -> None:
        self._version += 1
        self.look()

    async def _follow(self) -> None:
        seq = self._hub.tail.seq
        self._read_anew()  # whatever was missed before
        try:
            async for changes in self._hub.tail.follow(seq):
                if any(change.kind.startswith("webhook.") for change in changes):
                    self._read_anew()
                elif any(change.kind in hook.kinds for change in changes for hook in self._hooks):
                    self.look()
        except Behind:
            return

    async def _step(self) -> None:
        self._wake.clear()
        now = self._hub.clock.now()
        if now - self._swept >= SWEEP:
            await self._sweep(now)
        if self._read != (version := self._version):
            self._hooks = await self._hub.store.read(ledger.hooks)
            self._read = version
        later = await self._tell(now) if self._hooks else None
        seconds = POLL if self._hooks else SWEEP / 1000
        if later is not None:
            seconds = min(seconds, max(0.0, (later - self._hub.clock.now()) / 1000))
        try:
            async with asyncio.timeout(seconds):  # wait_for may take an order to end for nothing
                await self._wake.wait()
        except TimeoutError:
            return

    async def _sweep(self, now: int) -> None:
        days = self._hub.config.webhook_keep_days
        dropped: int = await self._hub.store.write(lambda unit: ledger.forget(unit, days))
        self._swept = now
        if dropped:
            log.info("dead_letters_dropped", count=dropped)

    async def _tell(self, now: int) -> int | None:
        """Make and send what there is; returns when there will be more, UTC ms, as far as that is known."""
        store = self._hub.store
        for webhook_id in await store.read(lambda conn: ledger.behind(conn, self._hooks)):
            while await store.write(lambda unit, i=webhook_id: ledger.spread(unit, i)):  # type: ignore[misc]
                pass
        for hook in self._hooks:
            if self._sealed.get(hook.id, 0) > now:
                continue
            busy = {conversation for webhook, conversation in self._lanes if webhook == hook.id}
            room = (1 if hook.id in self._failing else LANES) - sum(webhook == hook.id for webhook, _ in self._lanes)
            if room <= 0:
                continue
            for delivery in await store.read(lambda conn, h=hook, b=busy, r=room: ledger.due(conn, h.id, now, b, r)):  # type: ignore[misc]
                key = hook.id, delivery.conversation
                lane = asyncio.create_task(self._deliver(delivery), name=f"webhook-{hook.id}")
                self._lanes[key] = lane
                lane.add_done_callback(partial(self._freed, key))
        return await store.read(lambda conn: ledger.next_moment(conn, [hook.id for hook in self._hooks], now))

    def _freed(self, key: Lane, lane: "asyncio.Task[None]") -> None:
        del self._lanes[key]
        if lane.cancelled():
            return
        error = lane.exception()
        if error is None:
            self.look()
        elif not (isinstance(error, Refused) and error.code is Code.BUSY):  # a stopping hub; the claim tells later
            log.error("webhook_failed", webhook=key[0], error=error)

    async def _deliver(self, delivery: Delivery) -> None:
        store = self._hub.store
        hook = await store.read(lambda conn: ledger.hook(conn, delivery.webhook))  # as it is now, not when it was found
        if hook is None:
            return
        try:
            secrets = self._secrets.open(hook.row, f"webhook:{hook.id}", self._hub.clock.now())
        except (BadKeys, NotOpened) as error:
            log.warning("webhook_secret_sealed", webhook=hook.id, why=str(error))
            self._sealed[hook.id] = self._hub.clock.now() + UNSEALED
            return
        if not await store.write(lambda unit: ledger.claim(unit, delivery.id, CLAIM)):
            return
        told = await store.read(lambda conn: payload(conn, delivery.seq, hook.kinds, content=hook.content))
        if told is None:
            log.info("webhook_event_withdrawn", webhook=hook.id, seq=delivery.seq)
            await store.write(lambda unit: ledger.told(unit, delivery.id))
            return
        event, body = told
        headers = sign(secrets, event, self._hub.clock.now() // 1000, body)
        try:
            answer = await self._egress.post(hook.url, body, headers)
        except NotSent as failure:
            await self._failed(delivery, failure.code)
        except NoAnswer:
            await self._failed(delivery, "no_answer")
        else:
            await self._answered(delivery, answer)

    async def _answered(self, delivery: Delivery, answer: Answer) -> None:
        if answer.taken:
            self._failing.discard(delivery.webhook)
            await self._hub.store.write(lambda unit: ledger.told(unit, delivery.id))
        elif answer.status == 410:
            log.warning("webhook_gone", webhook=delivery.webhook)
            await self._hub.store.write(lambda unit: ledger.gone(unit, delivery, answer.snippet))
        else:
            await self._failed(delivery, str(answer.status), answer)

    async def _failed(self, delivery: Delivery, why: str, answer: Answer | None = None) -> None:
        self._failing.add(delivery.webhook)
        attempt, said = delivery.attempt + 1, answer.snippet if answer else ""
        log.info("webhook_not_told", webhook=delivery.webhook, seq=delivery.seq, attempt=attempt, why=why)
        if attempt > len(PAUSES):
            await self._hub.store.write(lambda unit: ledger.give_up(unit, delivery.id, why, said))
            return
        pause = PAUSES[attempt - 1] * (1 + self._chance.random() * JITTER)
        if answer is not None and answer.retry_after:
            asked = min(answer.retry_after, LONGEST)
            pause = max(pause, asked)
            if answer.status in (429, 503):
                await self._hub.store.write(lambda unit: ledger.keep_quiet(unit, delivery.webhook, asked * 1000))
        await self._hub.store.write(lambda unit: ledger.put_off(unit, delivery.id, int(pause * 1000), why, said))
