"""Makes the sample desk: its people, channels and shortcuts, and a past that was lived through commands.

Every line of the past is the command that a real channel or console would have sent, at the time when it would have.
The hub's clock is set to each in turn; so trays, timelines and waiting times are as true as a real desk's.
"""

import secrets
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from hub.auth import hash_password
from hub.config import Config
from hub.demo.script import Agent, Conversation, Desk, Step, milliseconds, read_desk
from hub.desk.execute import execute
from hub.desk.principal import ROLES, SYSTEM, Principal
from hub.desk.registry import Result
from hub.desk.tables import agent
from hub.protocol import commands
from hub.protocol.commands import Args
from hub.protocol.states import Delivery, Outcome
from hub.store.clock import ManualClock, SystemClock
from hub.store.engine import Store, open_store

LATENCY = 1_000  # milliseconds that a message took to its customer's phone, in the past as we tell it
READING = 20_000  # and until they read it


async def make_desk(config: Config) -> None:
    """Make the sample desk in a migrated database, unless there is a desk already."""
    clock = ManualClock(SystemClock().now())
    store = open_store(config.database, clock)
    await store.start()
    try:
        if not await store.read(has_agents):
            await Past(store, clock, read_desk()).make()
    finally:
        await store.stop()


def has_agents(conn: Connection) -> bool:
    return conn.execute(select(agent.c.id).limit(1)).first() is not None


@dataclass
class Past:
    """Tells a desk's story to a store. `clock` is the store's own, and is left at the time at which it began."""

    store: Store
    clock: ManualClock
    desk: Desk
    agents: dict[str, Principal] = field(default_factory=dict)
    channels: dict[str, int] = field(default_factory=dict)
    tags: dict[str, int] = field(default_factory=dict)
    conversations: dict[str, int] = field(default_factory=dict)  # by their customer's key
    last_in: dict[int, int] = field(default_factory=dict)  # conversation → the customer's last message

    async def make(self) -> None:
        now = self.clock.at
        past: list[tuple[int, Conversation | Agent, Step | None]] = [
            (milliseconds(step.ago), told, step) for told in self.desk.conversation for step in told.lines
        ]
        past += [(milliseconds(person.since), person, None) for person in self.desk.agent]
        past.sort(key=lambda moment: -moment[0])
        self.clock.at = now - past[0][0] - 3_600_000
        await self.set_up()
        for before, who, step in past:
            self.clock.at = max(self.clock.at, now - before)
            if isinstance(who, Conversation) and step is not None:
                await self.live(who, step)
            elif isinstance(who, Agent):
                status = commands.SetStatus(status=who.status)
                await self.submit(self.agents[who.login], "agent.status", status)
        self.clock.at = now

    async def submit(self, who: Principal, name: str, args: Args) -> Result:
        key = secrets.token_hex(8)
        return await self.store.write(lambda unit: execute(unit, who, name, args, key))

    async def set_up(self) -> None:
        """People first, then the queue that they work in, its channels, and what they have at hand."""
        nobodys = await hash_password(secrets.token_urlsafe(32))  # sample people sign in by token only
        ids: dict[str, int] = {}
        for person in self.desk.agent:
            made = await self.submit(
                SYSTEM,
                "agent.save",
                commands.SaveAgent(
                    login=person.login, name=person.name, role=person.role, password_hash=nobodys, sample=True
                ),
            )
            ids[person.login] = _id(made, "agent")
        await self.form(ids)

    async def form(self, ids: dict[str, int]) -> None:
        """The queue and its channels."""
        queue = self.desk.queue
        made = await self.submit(
            SYSTEM,
            "queue.save",
            commands.SaveQueue(
                code=queue.code,
                name=queue.name,
                capacity=queue.capacity,
                primary=[ids[login] for login in queue.primary],
                support=[ids[login] for login in queue.support],
            ),
        )
        queue_id = _id(made, "queue")
        members = {*queue.primary, *queue.support}
        self.agents = {
            person.login: Principal(
                "agent",
                ids[person.login],
                person.role,
                frozenset({queue_id} if person.login in members else ()),
                grants=ROLES[person.role],
            )
            for person in self.desk.agent
        }
        for login in ids:
            await self.submit(self.agents[login], "agent.status", commands.SetStatus(status="offline"))
        for line in self.desk.channel:
            made = await self.submit(
                SYSTEM,
                "channel.save",
                commands.SaveChannel(
                    slug=line.slug,
                    app=line.app,
                    name=line.name,
                    queue=queue_id,
                    driver=line.driver,
                    color=line.color,
                    window=line.window,
                ),
            )
            self.channels[line.slug] = _id(made, "channel")
        await self.equip()

    async def equip(self) -> None:
        for name, color in self.desk.tags.items():
            made = await self.submit(SYSTEM, "tag.save", commands.SaveTag(name=name, color=color))
            self.tags[name] = _id(made, "tag")
        supervisor = next(self.agents[person.login] for person in self.desk.agent if person.role == "supervisor")
        for code, body in self.desk.shortcuts.items():
            await self.submit(
                supervisor, "shortcut.save", commands.SaveShortcut(code=code, body=body.strip(), shared=True)
            )

    async def live(self, told: Conversation, step: Step) -> None:
        """Let one thing happen."""
        what, _, how = step.what.partition(":")
        if what == "in":
            await self.receive(told, step.text)
        elif what == "open":
            await self.open(told)
        elif what == "out":
            await self.answer(told, step.text, how)
        elif what == "note":
            note = commands.Note(conversation=self.conversations[told.key], body=step.text)
            await self.submit(self.agents[how or told.agent], "message.note", note)
        else:
            await self.read(told)
            end = commands.End(conversation=self.conversations[told.key], outcome=Outcome(how or "attended"))
            await self.submit(self.agents[told.agent], "conversation.end", end)

    async def receive(self, told: Conversation, text: str) -> None:
        visit = commands.Visit(language=told.language, page=told.page) if told.page else None
        channel = self.channels[told.channel]
        made = await self.submit(
            Principal.channel(channel),
            "message.receive",
            commands.Receive(
                channel=channel,
                external_id=told.key,
                body=text,
                name=told.name,
                phone=told.phone,
                sample=True,
                visit=visit,
            ),
        )
        self.conversations[told.key] = _id(made, "conversation")
        self.last_in[self.conversations[told.key]] = _id(made, "message")

    async def open(self, told: Conversation) -> None:
        who, where = self.agents[told.agent], self.conversations[told.key]
        await self.submit(who, "conversation.open", commands.Open(conversation=where))
        await self.read(told)
        if told.tags:
            tags = [self.tags[name] for name in told.tags]
            await self.submit(who, "conversation.tag", commands.SetTags(conversation=where, tags=tags))

    async def read(self, told: Conversation) -> None:
        where = self.conversations[told.key]
        mark = commands.Read(conversation=where, message=self.last_in[where])
        await self.submit(self.agents[told.agent], "conversation.read", mark)

    async def answer(self, told: Conversation, text: str, how: str) -> None:
        """`how`: `failed`, `delivered`, or read by the customer where it doesn't say."""
        who, where = self.agents[told.agent], self.conversations[told.key]
        await self.read(told)
        made = await self.submit(who, "message.send", commands.Send(conversation=where, body=text))
        message = _id(made, "message")
        self.clock.advance(LATENCY)
        if how == "failed":
            await self.report(told, message, Delivery.FAILED, "blocked")
            return
        await self.report(told, message, Delivery.SENT)
        await self.report(told, message, Delivery.DELIVERED)
        if how != "delivered":
            self.clock.advance(READING)
            await self.report(told, message, Delivery.READ)

    async def report(self, told: Conversation, message: int, state: Delivery, error: str = "") -> None:
        channel = Principal.channel(self.channels[told.channel])
        await self.submit(channel, "message.delivery", commands.Report(message=message, state=state, error=error))


def _id(made: Result, what: str) -> int:
    value = made[what]
    if not isinstance(value, int):
        raise TypeError(f"{what} is no id: {value!r}")
    return value
