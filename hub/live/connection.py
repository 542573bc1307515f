"""One agent's WebSocket: hello, commands, windows, and the changes that follow.

Commands go to the writer by `hub.live.commands`. Snapshots and events take turns under one lock, so that a window is
never updated while it is read.
"""

import asyncio
from functools import partial

import msgspec
import structlog
from aiohttp import WSCloseCode, WSMsgType, web

from hub import __version__
from hub.desk import facts, people
from hub.desk.drafts import Draft
from hub.desk.principal import Principal
from hub.desk.sight import near, sight_of
from hub.hub import Hub
from hub.live import asks, snapshots
from hub.live.asking import understood
from hub.live.commands import Commands, Work, error_of, number_of
from hub.live.company import Company
from hub.live.line import Line
from hub.live.projection import Windows, concerns, project
from hub.live.tail import Behind, Changes, Waiter
from hub.live.windows import ThreadWindow, TrayWindow
from hub.protocol import PROTO, frames
from hub.protocol.errors import Code, Refused
from hub.store import away

log = structlog.get_logger(__name__)
FAREWELL = 2.0  # seconds that a client has to take the hub's last frame
Held = dict[int, int]


class Connection:
    def __init__(self, hub: Hub, ws: web.WebSocketResponse, who: Principal) -> None:
        self.hub = hub
        self.line = Line(ws)
        self.who = who
        self.sight, self.near = sight_of(who), near(who)
        self.windows = Windows()
        self.cursor = 0
        self.nonce = 0
        self._told = 0  # the cursor that the client knows of: what means nothing to it is told with what comes next
        self.epoch = ""
        self._turn = asyncio.Lock()
        self._sending = asyncio.Lock()
        self._frames = hub.limits.bucket("connection_frames")
        self._work = Work(hub.limits)
        self._commands = Commands(hub, self._work, self.send)
        self._company = Company(hub.presence, self, self._work, self._say)
        self._waiter = Waiter(0, self._wake, self._skim)
        self._follower: asyncio.Task[None] | None = None  # while there is something to tell

    @property
    def session(self) -> int:
        return self.who.session

    # -- sending -------------------------------------------------------------------------------------------------------

    async def send(self, frame: frames.HubFrame) -> None:
        async with self._sending:
            await self.line.ws.send_frame(frames.encode(frame), WSMsgType.TEXT)

    async def bye(self, code: Code, after: int = 0) -> None:
        """Close, saying why; a client that takes nothing any more is closed all the same."""
        try:
            async with asyncio.timeout(FAREWELL):
                await self.send(frames.Bye(code.value, after))
        except (TimeoutError, ConnectionError):
            log.debug("farewell_not_delivered", agent=self.who.id)
        try:
            async with asyncio.timeout(FAREWELL):
                await self.line.close()
        except TimeoutError:
            log.debug("close_not_answered", agent=self.who.id)

    async def leave(self, after: int, hurry: asyncio.Event) -> None:
        """Answer what was handed in, unless told to `hurry`, and close; say when to come back, in milliseconds."""
        await self._work.done(hurry)
        await self.bye(Code.BUSY, after)

    # -- the life of a connection --------------------------------------------------------------------------------------

    async def run(self, hello: frames.Hello) -> None:
        """From hello to the end of the socket."""
        try:
            if await self._welcome(hello):
                await self._converse(hello)
        except ConnectionError:
            log.debug("client_went", agent=self.who.id)
        finally:
            await self.line.parted()

    async def _converse(self, hello: frames.Hello) -> None:
        self._company.join()
        try:
            await self._share_drafts(hello)
            self._waiter.seq = self.cursor
            self._wake()
            while (message := await self.line.receive()) is not None:
                if self.who.over(self.hub.clock.now()):
                    await self.bye(Code.SIGNED_OUT)
                elif message.type is WSMsgType.TEXT:
                    await self._receive(message.data)
            if self.line.ws.close_code == WSCloseCode.MESSAGE_TOO_BIG:
                self.hub.limits.refused("frame_bytes")
        finally:
            await self.line.parted()  # by the follower, perhaps
            self._company.part()
            self.hub.drafts.deafen(self.who.id, self._drafted)
            self.hub.tail.forget(self._waiter)
            if self._follower is not None:
                self._follower.cancel()
                await asyncio.gather(self._follower, return_exceptions=True)
            await self._work.done()

    async def _welcome(self, hello: frames.Hello) -> bool:
        """Whether the connection stands. Who it is for is read after the cursor, so that no change of it is missed."""
        self.epoch, resume = await self.hub.resume(hello.epoch, hello.cursor)
        self.cursor, self.nonce = self.hub.tail.seq, self.hub.tail.nonce
        if not await self._reload():
            return False
        now, cursor, me = self.hub.clock.now(), (self.cursor, self.nonce), self.hub.me(self.who)
        self._told = self.cursor
        can = {"asks": True, "drafts": True, "counts": True, "looks": True, "notes": True}
        await self.send(frames.Welcome(PROTO, __version__, now, self.epoch, cursor, resume, me, **can))
        await self._tell_references(hello.refs)
        return True

    async def _reload(self) -> bool:
        """Load the principal as they are now; whether they are still signed in."""
        fresh = await self.hub.store.read(lambda conn: people.again(conn, self.who, self.hub.clock.now()))
        if fresh is None:
            await self.bye(Code.SIGNED_OUT)
            return False
        if fresh != self.who:
            self.who, self.sight, self.near = fresh, sight_of(fresh), near(fresh)
        return True

    async def _tell_references(self, held: dict[str, int]) -> None:
        kept, who = self.hub.references, self.who
        for ref in await self.hub.store.read(lambda conn: kept.newer(conn, held, who)):
            await self.send(ref)

    # -- from the client -----------------------------------------------------------------------------------------------

    async def _receive(self, data: str) -> None:
        """One frame. What comes faster than the limits allow waits on its way: the next one is read after this."""
        await self.hub.limits.passed("connection_frames", self._frames)
        if len(data.encode()) > self.hub.limits["frame_bytes"]:
            await self._refuse(number_of(data), self.hub.limits.refusal("frame_bytes"))
            return
        try:
            frame = frames.decode_client.decode(data)
        except msgspec.MsgspecError as error:
            await self.send(frames.Error(0, Code.BAD_FRAME.value, {"why": str(error)[:200]}))
            return
        match frame:
            case frames.Ping(n=n):
                async with self._turn:
                    if self._told != self.cursor:
                        await self._say_events([])
                await self.send(frames.Pong(n, self.hub.clock.now()))
            case frames.Cmd():
                await self._commands.take(self.who, frame)
            case frames.Sub():
                await self._subscribe(frame)
            case frames.Unsub(w=w):
                async with self._turn:
                    self.windows.close(w)
            case frames.Typing() | frames.Look():
                self._company.take(frame)
            case frames.Draft():
                await self._work.slot()
                self._work.start(self._save_draft(Draft(frame.c, frame.text, frame.v)))
            case frames.Ask():
                await self._work.slot()
                self._work.start(self._answer_ask(frame))
            case frames.Hello():
                await self.send(frames.Error(0, Code.BAD_FRAME.value, {"why": "hello comes once"}))

    async def _answer_ask(self, frame: frames.Ask) -> None:
        try:
            with away.refusing(agent=self.who.id):
                data = await asks.answer(self.hub, self.who, frame.view, frame.args)
            await self._say(frames.Answer(frame.id, msgspec.Raw(data)))
        except Refused as refusal:
            await self._say(error_of(frame.id, refusal))
        except Exception:
            log.exception("ask_failed", agent=self.who.id, view=frame.view[:32])
            await self._say(error_of(frame.id, Refused(Code.HUB_FAULT)))
        finally:
            self._work.free()

    async def _refuse(self, re: int, refusal: Refused) -> None:
        await self.send(error_of(re, refusal))

    async def _subscribe(self, frame: frames.Sub) -> None:
        async with self._turn:
            self.windows.close(frame.w)
            if len(self.windows) >= self.hub.limits["windows"]:
                await self._refuse(0, self.hub.limits.refusal("windows", w=frame.w))
            elif frame.thread:
                await self._snap_thread(ThreadWindow(frame.w, frame.thread, frame.count or 1), dict(frame.held))
            else:
                try:
                    wanted = await understood(self.hub, self.who, self.sight, frame)
                    await self._snap_tray(TrayWindow(frame.w, wanted, frame.count), dict(frame.held))
                except Refused as refusal:
                    await self._refuse(0, refusal)

    async def _snap_tray(self, window: TrayWindow, held: Held) -> None:
        now = self.hub.clock.now()
        pages = await self.hub.store.read(lambda conn: snapshots.tray(conn, window, held, now))
        self.windows.trays[window.w] = window
        for page in pages:
            await self.send(page)
        self._company.passing(window.keys.keys())
        self.hub.boundaries.note(window.due)

    @property
    def due(self) -> int | None:
        return self.windows.due

    async def look_again(self) -> None:
        """At the windows that time alone may have changed."""
        try:
            async with self._turn:
                for window in self.windows.ripe(self.hub.clock.now()):
                    await self._snap_tray(window, window.revs)
        except ConnectionError:
            log.debug("client_went", agent=self.who.id)

    async def _snap_thread(self, window: ThreadWindow, held: Held) -> None:
        pages = await self.hub.store.read(lambda conn: snapshots.thread(conn, window, self.sight, held))
        if isinstance(pages, snapshots.Unseen):
            await self._say_events([frames.RowGone(pages.conversation, pages.erased)])
            return
        try:
            for row in pages[0].rows:
                await self.hub.looks.at(self.who, row.id, row.owner)
        except Refused as refusal:  # a stopping hub shows nothing that it can't put on record
            await self._refuse(0, refusal)
            return
        self.windows.threads[window.w] = window
        for page in pages:
            await self.send(page)

    # -- from the journal ----------------------------------------------------------------------------------------------

    def _wake(self) -> None:
        self._follower = asyncio.create_task(self._follow(), name="follow")

    async def _follow(self) -> None:
        """Tell what has changed, and wait for more. One that has fallen too far behind starts over."""
        try:
            while True:
                try:
                    changes = self.hub.tail.since(self._waiter.seq)
                except Behind:
                    self._waiter.seq = await self._start_over()
                    continue
                if not changes:
                    break
                if not self._skim(changes):
                    await self._tell(changes)
                self._waiter.seq = changes[-1].seq
            self._follower = None
            self.hub.tail.wait(self._waiter)
        except ConnectionError:
            log.debug("client_went", agent=self.who.id)
        except Exception:
            log.exception("follow_failed", agent=self.who.id)
            await self.bye(Code.BUSY, 1000)  # it starts over from a snapshot rather than miss anything

    async def _start_over(self) -> int:
        """From the journal's present number, which is returned."""
        position = self.hub.tail.seq, self.hub.tail.nonce
        if await self._reload():  # who they are may be among what was missed, and so may the reference data
            await self.resubscribe(position)
            await self._tell_references({})
        return position[0]

    def _skim(self, changes: Changes) -> bool:
        """Put behind us what means nothing here, and say whether it was that; without waiting for anything."""
        busy = self._turn.locked() or self.who.over(self.hub.clock.now())
        if busy or changes.of_people or concerns(self.windows, self.near, changes):
            return False
        self.cursor, self.nonce = changes[-1].seq, changes[-1].nonce
        return True

    async def _tell(self, changes: Changes) -> None:
        if await self._changed_self(changes):
            return
        async with self._turn:
            events = project(self.windows, self.who, self.sight, self.near, changes, self.hub.clock.now())
            self.cursor, self.nonce = changes[-1].seq, changes[-1].nonce
            await self._note_looks(changes)
            if events:
                await self._mend_counts(events)
                await self._say_events(events)
                self._company.passing(changes.groups.keys())
            for window in [w for w in self.windows.trays.values() if w.worn]:
                await self._snap_tray(window, {})
            for thread in [t for t in self.windows.threads.values() if t.stale]:
                await self._snap_thread(ThreadWindow(thread.w, thread.conversation, thread.limit), {})
            self.hub.boundaries.note(self.due)

    async def _note_looks(self, changes: Changes) -> None:
        """A thread that is open here may be with somebody else by now."""
        for thread in [one for one in self.windows.threads.values() if one.upto is None]:
            for change in changes.groups.get(thread.conversation, ())[-1:]:
                if change.conversation is not None:
                    await self.hub.looks.at(self.who, thread.conversation, change.conversation.row.owner)

    async def _say_events(self, events: list[frames.Event]) -> None:
        prev, self._told = self._told, self.cursor
        await self.send(frames.Ev(self.epoch, prev, self.cursor, self.nonce, events))

    async def _mend_counts(self, events: list[frames.Event]) -> None:
        """A count that steps can't follow is asked for anew."""
        for event in events:
            if isinstance(event, frames.CountChanged):
                window = self.windows.trays[event.w]
                if window.unsure:
                    await self.hub.store.read(partial(snapshots.recount, window=window, now=self.hub.clock.now()))
                    event.n = window.count

    async def _changed_self(self, changes: Changes) -> bool:
        """Whether the session or API token has ended. New rights void what the client holds, so it subscribes again."""
        mine = any(
            c.kind in ("queue.changed", "team.changed")
            or (c.kind == "agent.changed" and c.data["agent"] == self.who.id)
            or (c.kind == "session.ended" and c.data["session"] == self.who.session)
            or (c.kind == "token.revoked" and c.data["token"] == self.who.token)
            for c in changes.of_people
        ) or self.who.over(self.hub.clock.now())
        was = self.who
        if mine and not await self._reload():
            return True
        if self.who != was or (changes.of_topics and self.windows.by_topic):
            await self.resubscribe()
        if self.who.teams != was.teams:
            await self._tell_references({})  # what is shared with a team
        return False

    async def resubscribe(self, position: tuple[int, int] | None = None) -> None:
        """What this client may see, or what its filters mean, has changed; or it goes on from another position."""
        async with self._turn:
            self.windows = Windows()
            if position is not None:
                self.cursor, self.nonce = position
            self._told = self.cursor
            await self.send(frames.Resync((self.cursor, self.nonce), self.hub.me(self.who)))

    # -- drafts --------------------------------------------------------------------------------------------------------

    async def _share_drafts(self, hello: frames.Hello) -> None:
        """Tell the agent's drafts, now and as they change on other consoles."""
        if hello.drafts is not None:
            self.hub.drafts.listen(self.who.id, self._drafted)
            for draft in await self.hub.drafts.newer(self.who.id, hello.drafts):
                self._drafted(draft)

    def _drafted(self, draft: Draft) -> None:
        self._work.start(self._say(frames.Draft(draft.conversation, draft.text, draft.version)))

    async def _save_draft(self, wanted: Draft) -> None:
        try:
            with away.refusing(agent=self.who.id):
                made, taken = await self.hub.drafts.save(self.who, wanted, self._drafted)
                erased = made is None and await self.hub.store.read(
                    lambda conn: facts.is_erased(conn, wanted.conversation)
                )
            if made is not None and not taken:
                await self._say(frames.Draft(made.conversation, made.text, made.version))
            await self._say(frames.Drafted(wanted.conversation, made.version if made else 0, taken))
            if erased:
                async with self._turn:
                    await self._say_events([frames.RowGone(wanted.conversation, erased=True)])
        except Refused as refusal:
            log.warning("draft_not_saved", agent=self.who.id, error=refusal)  # the console has it
            await self._say(frames.Drafted(wanted.conversation, ok=False))
        finally:
            self._work.free()

    async def _say(self, frame: frames.HubFrame) -> None:
        if self.who.over(self.hub.clock.now()):
            await self.bye(Code.SIGNED_OUT)
            return
        try:
            await self.send(frame)
        except ConnectionError:
            log.debug("not_delivered", agent=self.who.id, frame=type(frame).__name__)
