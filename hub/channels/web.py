"""The web chat's side of the desk: what visitors read, write and are told, each under their own identity only.

`WebDesk` follows the journal once for all connected visitors and hands each change to those whom it is about. A private
note never gets here further than `web_reads.PUBLIC`: histories don't select it, news don't carry it.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Literal

import structlog

from hub.channels import web_reads
from hub.channels.visitor import History, News, Visitor, WebChannel
from hub.desk.principal import Principal
from hub.hub import Hub
from hub.live.tail import Behind, Change
from hub.protocol import views, visitor
from hub.protocol.commands import Receive, Seen, Visit
from hub.protocol.errors import Refused
from hub.protocol.states import UNSEEN, State
from hub.store import away

REMEMBERED = 10_000  # identities whose external id is kept at hand
PAUSE = 2  # seconds until the database is asked again after it failed
Tell = Callable[[News | None], None]

log = structlog.get_logger(__name__)


class WebDesk:
    """Start it before the first visitor comes; `stop` it with the hub."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._followers: dict[Visitor, list[Tell]] = {}
        self._conversations: dict[int, Visitor] = {}  # of those who are connected
        self._identities: OrderedDict[int, Visitor] = OrderedDict()
        self._names: dict[int, str] = {}  # of agents
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        seq = self._hub.tail.seq
        self._names = await self._hub.store.read(web_reads.agent_names)
        self._hub.presence.listen(self._typed)
        self._task = asyncio.create_task(self._run(seq), name="web-chat")

    async def stop(self) -> None:
        if self._task is not None:
            self._hub.presence.deafen(self._typed)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def now(self) -> int:
        return self._hub.clock.now()

    # -- what a visitor asks -------------------------------------------------------------------------------------------

    async def channel(self, slug: str) -> WebChannel | None:
        """The web chat of that name."""
        return await self._hub.store.read(lambda conn: web_reads.channel_of(conn, slug))

    async def history(self, who: Visitor, held: int) -> History:
        """The newest `HISTORY` lines after message `held`. Never a note."""
        found = await self._hub.store.read(lambda conn: web_reads.history(conn, who, held, self._names))
        self._remember(found.conversation, who)
        return found

    async def receive(self, who: Visitor, key: str, body: str, visit: Visit) -> tuple[int, visitor.Ok]:
        """Add a line; returns its conversation and what the page is told. Raises Refused."""
        args = Receive(channel=who.channel, external_id=who.external_id, body=body, visit=visit)
        command_key = who.command_key(key)
        result = await self._hub.submit(Principal.channel(who.channel), "message.receive", args, command_key)
        made, owner, at = (int(result[name] or 0) for name in ("message", "conversation", "at"))
        self._remember(owner, who)
        return owner, visitor.Ok(key, made, at)

    async def seen(self, who: Visitor, upto: int, state: Literal["delivered", "read"]) -> None:
        """The visitor has got our lines up to this one. What is not theirs, or is known already, changes nothing."""
        for owner, last in await self._hub.store.read(lambda conn: web_reads.unseen(conn, who, upto, state)):
            key = f"s:{who.external_id[4:20]}:{last}:{state}"
            try:
                with away.refusing():
                    await self._hub.submit(
                        Principal.channel(who.channel),
                        "message.seen",
                        Seen(conversation=owner, message=last, state=state),
                        key,
                    )
            except Refused as refusal:
                log.info("seen_refused", message=last, error=refusal)  # the page tells again at its next hello

    def typing(self, conversation_id: int, *, on: bool) -> None:
        self._hub.presence.typing(conversation_id, None, on)

    # -- what a visitor is told ----------------------------------------------------------------------------------------

    def follow(self, who: Visitor, tell: Tell) -> Callable[[], None]:
        """Call `tell` for whatever becomes known from now on, in order, with None if some was missed; returns how to
        stop that."""
        self._followers.setdefault(who, []).append(tell)

        def stop() -> None:
            self._followers[who].remove(tell)
            if not self._followers[who]:
                del self._followers[who]
                self._conversations = {c: owner for c, owner in self._conversations.items() if owner != who}

        return stop

    def _remember(self, conversation_id: int, who: Visitor) -> None:
        if conversation_id and who in self._followers:
            self._conversations[conversation_id] = who

    def _tell(self, who: Visitor, news: News | None) -> None:
        for tell in list(self._followers.get(who, ())):
            tell(news)

    def _typed(self, conversation_id: int, by: int | None, on: bool) -> None:
        who = self._conversations.get(conversation_id)
        if by is not None and who is not None:
            self._tell(who, News(0, conversation_id, visitor.Typed(on, self._names.get(by, ""))))

    async def _run(self, seq: int) -> None:
        while True:
            try:
                async for changes in self._hub.tail.follow(seq):
                    for change in changes:
                        await self._pass_on(change)
                    seq = changes[-1].seq
            except Behind:
                log.warning("visitors_behind", seq=seq, head=self._hub.tail.seq)
            except Exception:
                log.exception("visitors_not_told", seq=seq)  # they read anew; nothing may leave them behind
                await asyncio.sleep(PAUSE)
            seq = self._hub.tail.seq
            for who in list(self._followers):
                self._tell(who, None)

    async def _pass_on(self, change: Change) -> None:
        if isinstance(change.item, views.Agent):
            self._names[change.item.id] = change.item.name
        about = change.conversation
        if about is None or not self._followers:
            return
        who = await self._visitor(about.row.ch, about.row.id, about.identity_id)
        if who not in self._followers:
            return
        self._remember(about.row.id, who)
        for frame in frames_of(change, self._names):
            self._tell(who, News(change.seq, about.row.id, frame))

    async def _visitor(self, channel_id: int, conversation_id: int, identity_id: int) -> Visitor:
        who = self._conversations.get(conversation_id) or self._identities.get(identity_id)
        if who is None:
            read = self._hub.store.read
            who = Visitor(channel_id, await read(lambda conn: web_reads.external_id_of(conn, identity_id)))
            self._identities[identity_id] = who
            if len(self._identities) > REMEMBERED:
                self._identities.popitem(last=False)
        return who


def frames_of(change: Change, names: dict[int, str]) -> Iterator[visitor.HubFrame]:
    """What a change means to the visitor whom it is about. Most mean nothing."""
    if change.kind in ("message.received", "message.sent"):
        public = [line for line in change.messages if line.d in web_reads.PUBLIC and line.st not in UNSEEN]
        if public:
            yield visitor.Lines([visitor.Line(m.id, m.d, m.at, m.b, web_reads.name_of(m.by, names)) for m in public])
        if answered := max((m.id for m in public if m.d == "out" and m.by is not None), default=0):
            yield visitor.Read(answered)  # whoever answers has read
    elif change.kind == "conversation.read":
        yield visitor.Read(change.data["m"])
    elif change.now is not None:
        was_closed = change.was is None or change.was.state == State.CLOSED
        is_closed = change.now.state == State.CLOSED
        if was_closed != is_closed:
            yield visitor.Ended(is_closed)
