"""Sample customers: they write now and then, and answer whoever answers them.

Through the same commands as real channels. Never a flood: at most `ALIVE` of their conversations are going on at a
time, so an agent who answers nobody soon has peace; and with nobody there, hardly anyone writes.
"""

import asyncio
import random
from dataclasses import dataclass

import sqlalchemy as sa
import structlog
from sqlalchemy import Connection

from hub.demo.people import SECOND, Cast, Line, Person, Said, number_of
from hub.demo.script import read_customers, read_desk
from hub.desk.principal import Principal
from hub.desk.tables import agent, channel, conversation, identity, message
from hub.hub import Hub
from hub.live.tail import Behind
from hub.protocol import commands
from hub.protocol.errors import Code, Refused
from hub.protocol.states import LIVE, UNSEEN

ALIVE = 11
ATTENDED_GAP = (35, 110)  # seconds between two newcomers while somebody is there to answer
ALONE_GAP = (900, 2400)
FIRST_GAP = (20, 40)
PAUSE = 2  # seconds until a database that failed is asked again
TYPING_LEAD = 3 * SECOND
GLANCE = 2 * SECOND  # until what an agent wrote has been seen on a page

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Part:
    """A conversation that a sample customer is in."""

    conversation: int
    channel: int
    page: bool  # on a web chat, whose page tells what was read; elsewhere the driver does
    person: Person
    said: tuple[Said, ...]

    @property
    def to_read(self) -> Line | None:
        """The agent's last line that their page will show as read, and when."""
        last = self.said[-1]
        return Line(last.at + GLANCE, last.body) if self.page and last.direction == "out" else None


@dataclass(slots=True)
class Scene:
    """The desk as sample customers see it."""

    parts: dict[int, Part]
    attended: bool  # an agent is online and within reach
    channels: dict[str, int]
    last_number: int  # of the newest made-up person


class SampleCustomers:
    """One actor in the process of a sample desk's hub. `seed` makes them the same people every time."""

    def __init__(self, hub: Hub, seed: int = 1) -> None:
        self._hub = hub
        self._cast = Cast(read_desk(), read_customers(), seed)
        self._began = hub.clock.now()
        self._last_arrival = 0
        self._stirred = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._typing: set[int] = set()
        self._read: dict[int, int] = {}  # conversation → the last of the agent's messages that was reported as read

    async def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._listen(), name="customers-listen"),
            asyncio.create_task(self._run(), name="customers"),
        ]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _listen(self) -> None:
        while True:
            try:
                async for changes in self._hub.tail.follow(self._hub.tail.seq):
                    if any(
                        c.kind == "agent.changed" or (c.conversation and c.conversation.row.sample) for c in changes
                    ):
                        self._stirred.set()
            except Behind:
                self._stirred.set()

    async def _run(self) -> None:
        while True:
            self._stirred.clear()
            try:
                await self._until(await self.act())
            except (sa.exc.SQLAlchemyError, OSError) as error:
                log.warning("sample_customers_paused", error=error)
                await asyncio.sleep(PAUSE)

    async def act(self) -> int | None:
        """Say what is due; returns when something will be next, by the hub's clock, None where nothing is known of."""
        scene = await self._hub.store.read(lambda conn: look(conn, self._cast))
        lines = self._lines(scene)
        arrival = self._arrival(scene)
        now = self._hub.clock.now()
        unread = [part for part in scene.parts.values() if part.to_read and not self._has_read(part)]
        for part in unread:
            if part.to_read is not None and part.to_read.due <= now:
                await self._see(part)
        for conversation_id, line in lines.items():
            if line.due <= now:
                await self._say(scene.parts[conversation_id], line)
            elif line.due - TYPING_LEAD <= now and conversation_id not in self._typing:
                self._typing.add(conversation_id)
                self._hub.presence.typing(conversation_id, None, True)
        if arrival is not None and arrival <= now:
            self._last_arrival = now
            await self._arrive(scene)
            return now
        moments = [line.due for line in lines.values()] + [line.due - TYPING_LEAD for line in lines.values()]
        moments += [part.to_read.due for part in unread if part.to_read is not None]
        moments += [arrival] if arrival is not None else []
        return min((moment for moment in moments if moment > now), default=None)

    def _lines(self, scene: Scene) -> dict[int, Line]:
        """What each will say next. What was due while the hub was down comes one after the other, not all at once."""
        lines = {}
        for part in scene.parts.values():
            line = part.person.next_line(part.said, attended=scene.attended)
            if line is not None:
                late = self._began + self._seeded(part.person.key, 5, 90)
                lines[part.conversation] = Line(max(line.due, late), line.body)
        return lines

    def _arrival(self, scene: Scene) -> int | None:
        """When the next newcomer writes; None while enough is going on."""
        if len(scene.parts) >= ALIVE:
            return None
        if not self._last_arrival:
            return self._began + self._seeded("first", *FIRST_GAP)
        gap = ATTENDED_GAP if scene.attended else ALONE_GAP
        return self._last_arrival + self._seeded(f"{scene.last_number}", *gap)

    def _seeded(self, word: str, least: float, most: float) -> int:
        """Milliseconds between two bounds in seconds; the same however often it is asked."""
        return int(random.Random(f"{self._began}:{word}").uniform(least, most) * SECOND)  # noqa: S311 - only paces

    async def _until(self, moment: int | None) -> None:
        """Wait until then, or until something has happened."""
        try:
            async with asyncio.timeout(None if moment is None else max(moment - self._hub.clock.now(), 0) / 1000):
                await self._stirred.wait()
        except TimeoutError:
            return

    def _has_read(self, part: Part) -> bool:
        return self._read.get(part.conversation, 0) >= part.said[-1].id

    async def _see(self, part: Part) -> None:
        """As the page does: everything up to the agent's last line has been read."""
        last = part.said[-1].id
        self._read[part.conversation] = last
        seen = commands.Seen(conversation=part.conversation, message=last, state="read")
        await self._submit(part.channel, "message.seen", seen, f"sample-read:{last}")

    async def _say(self, part: Part, line: Line) -> None:
        if part.conversation in self._typing:
            self._typing.discard(part.conversation)
            self._hub.presence.typing(part.conversation, None, False)
        await self._write(part.person, part.channel, line.body, f"sample:{part.conversation}:{len(part.said)}")

    async def _arrive(self, scene: Scene) -> None:
        person = self._cast.newcomer(scene.last_number + 1)
        await self._write(person, scene.channels[person.channel], person.opening[0], f"sample:{person.key}")

    async def _write(self, person: Person, channel_id: int, body: str, key: str) -> None:
        visit = commands.Visit(language="es", page=person.page) if person.page else None
        receive = commands.Receive(
            channel=channel_id,
            external_id=person.key,
            body=body,
            name=person.name,
            phone=person.phone,
            sample=True,
            visit=visit,
        )
        await self._submit(channel_id, "message.receive", receive, key)

    async def _submit(self, channel_id: int, name: str, args: commands.Args, key: str) -> None:
        try:
            await self._hub.submit(Principal.channel(channel_id), name, args, key)
        except Refused as refusal:
            if refusal.code is not Code.BUSY:
                raise
            log.info("sample_customer_silent", code=refusal.code)


def look(conn: Connection, cast: Cast) -> Scene:
    """The live conversations of the cast with what was said in them, and who is there."""
    rows = conn.execute(
        sa.select(conversation.c.id, conversation.c.channel_id, identity.c.external_id, channel.c.driver)
        .join(channel, channel.c.id == conversation.c.channel_id)
        .join(identity, identity.c.id == conversation.c.identity_id)
        .where(conversation.c.sample.is_(True), conversation.c.state.in_([state.value for state in LIVE]))
        .order_by(conversation.c.id)
    ).all()
    said: dict[int, list[Said]] = {row.id: [] for row in rows}
    for line in conn.execute(
        sa.select(message.c.conversation_id, message.c.direction, message.c.body, message.c.at, message.c.id)
        .where(message.c.conversation_id.in_(list(said)), message.c.direction != "note", message.c.state.not_in(UNSEEN))
        .order_by(message.c.id)
    ):
        said[line.conversation_id].append(Said(line.direction, line.body, line.at, line.id))
    parts = {}
    for row in rows:
        person = cast.person(row.external_id)
        if person is not None and said[row.id]:
            parts[row.id] = Part(row.id, row.channel_id, row.driver == "web", person, tuple(said[row.id]))
    there = sa.select(agent.c.id).where(agent.c.reachable.is_(True), agent.c.status == "online").limit(1)
    keys = conn.scalars(sa.select(identity.c.external_id).where(identity.c.external_id.like("sample-%")))
    return Scene(
        parts,
        conn.execute(there).first() is not None,
        {row.slug: row.id for row in conn.execute(sa.select(channel.c.slug, channel.c.id))},
        max((number_of(key) for key in keys), default=0),
    )
