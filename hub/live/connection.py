"""One agent's WebSocket: hello, commands, windows, and the changes that follow.

Commands are handed to the writer in the order in which they came, without waiting for each other; answers go out as
they become durable. Snapshots and events take turns under one lock, so that a window is never updated while it is read.
"""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import msgspec
import sqlalchemy as sa
import structlog
from aiohttp import WSMsgType, web
from sqlalchemy import Connection as Database

from hub import __version__
from hub.desk import people, references
from hub.desk.drafts import Draft
from hub.desk.filters import tray
from hub.desk.principal import Principal
from hub.desk.registry import decode
from hub.desk.sight import sight
from hub.hub import Hub
from hub.live import snapshots
from hub.live.projection import Windows, project
from hub.live.tail import Behind, Change
from hub.live.windows import CAP, ThreadWindow, TrayWindow
from hub.protocol import PROTO, frames
from hub.protocol.errors import Code, Refused

log = structlog.get_logger(__name__)
IN_FLIGHT = 64  # commands of one connection on their way through the writer
WINDOWS = 64  # open windows of one connection
FAREWELL = 2.0  # seconds that a client has to take the hub's last frame
Held = dict[int, int]


class Connection:
    def __init__(self, hub: Hub, ws: web.WebSocketResponse, who: Principal) -> None:
        self.hub = hub
        self.ws = ws
        self.who = who
        self.sight = sight(who)
        self.windows = Windows()
        self.cursor = 0
        self.nonce = 0
        self.epoch = ""
        self._turn = asyncio.Lock()
        self._sending = asyncio.Lock()
        self._slots = asyncio.Semaphore(IN_FLIGHT)
        self._tasks: set[asyncio.Task[None]] = set()

    # -- sending -------------------------------------------------------------------------------------------------------

    async def send(self, frame: frames.HubFrame) -> None:
        async with self._sending:
            await self.ws.send_str(frames.encode(frame).decode())

    async def bye(self, code: Code, after: int = 0) -> None:
        """Close, saying why; a client that takes nothing any more is closed all the same."""
        try:
            async with asyncio.timeout(FAREWELL):
                await self.send(frames.Bye(code.value, after))
        except (TimeoutError, ConnectionError):
            log.debug("farewell_not_delivered", agent=self.who.id)
        try:
            async with asyncio.timeout(FAREWELL):
                await self.ws.close()
        except TimeoutError:
            log.debug("close_not_answered", agent=self.who.id)

    # -- the life of a connection --------------------------------------------------------------------------------------

    async def run(self, hello: frames.Hello) -> None:
        """From hello to the end of the socket."""
        if not await self._welcome(hello):
            return
        stop_listening = self.hub.presence.listen(self._typed)
        stop_drafts = await self._share_drafts(hello)
        follower = asyncio.create_task(self._follow(), name="follow")
        try:
            async for message in self.ws:
                if self.who.over(self.hub.clock.now()):
                    await self.bye(Code.SIGNED_OUT)
                elif message.type is WSMsgType.TEXT:
                    await self._receive(message.data)
        except ConnectionError:
            log.debug("client_went", agent=self.who.id)
        finally:
            stop_listening()
            stop_drafts()
            follower.cancel()
            await asyncio.gather(follower, *self._tasks, return_exceptions=True)

    async def _welcome(self, hello: frames.Hello) -> bool:
        """Whether the connection stands. Who it is for is read after the cursor, so that no change of it is missed."""
        self.epoch, resume = await self.hub.resume(hello.epoch, hello.cursor)
        self.cursor, self.nonce = self.hub.tail.seq, self.hub.tail.nonce
        if not await self._reload():
            return False
        now, cursor = self.hub.clock.now(), (self.cursor, self.nonce)
        await self.send(
            frames.Welcome(PROTO, __version__, now, self.epoch, cursor, resume, self.hub.me(self.who), drafts=True)
        )
        await self._tell_references(hello.refs)
        return True

    async def _reload(self) -> bool:
        """Load the principal as they are now; whether they are still signed in."""
        now = self.hub.clock.now()
        fresh = await self.hub.store.read(lambda conn: people.again(conn, self.who, now))
        if fresh is None:
            await self.bye(Code.SIGNED_OUT)
            return False
        self.who, self.sight = fresh, sight(fresh)
        return True

    async def _tell_references(self, held: dict[str, int]) -> None:
        for ref in await self.hub.store.read(lambda conn: self._references(conn, held)):
            await self.send(ref)

    def _references(self, conn: Database, held: dict[str, int]) -> list[frames.Ref]:
        found = references.versions(conn)
        return [
            frames.Ref(
                name, found[name], [msgspec.Raw(frames.encode(v)) for v in references.whole(conn, name, self.who)]
            )
            for name in references.REFERENCES
            if held.get(name) != found[name]
        ]

    # -- from the client -----------------------------------------------------------------------------------------------

    async def _receive(self, data: str) -> None:
        try:
            frame = frames.decode_client.decode(data)
        except msgspec.MsgspecError as error:
            await self.send(frames.Error(0, Code.BAD_FRAME.value, {"why": str(error)[:200]}))
            return
        match frame:
            case frames.Ping(n=n):
                await self.send(frames.Pong(n, self.hub.clock.now()))
            case frames.Cmd():
                await self._command(frame)
            case frames.Sub():
                await self._subscribe(frame)
            case frames.Unsub(w=w):
                async with self._turn:
                    self.windows.close(w)
            case frames.Typing(c=c, on=on):
                if self.windows.of_thread(c):
                    self.hub.presence.typing(c, self.who.id, on)
            case frames.Draft():
                await self._slots.acquire()
                self._start(self._save_draft(Draft(frame.c, frame.text, frame.v)))
            case frames.Hello():
                await self.send(frames.Error(0, Code.BAD_FRAME.value, {"why": "hello comes once"}))

    async def _command(self, frame: frames.Cmd) -> None:
        try:
            spec, args = decode(frame.name, frame.args)
        except Refused as refusal:
            await self._refuse(frame.id, refusal)
            return
        await self._slots.acquire()
        result = self.hub.hand_in(self.who, spec.name, args, frame.key)
        self._start(self._answer(frame.id, result))

    async def _answer(self, re: int, result: "asyncio.Future[dict[str, int | str | None]]") -> None:
        try:
            answer = await self._outcome(re, result)
            await self.send(answer)
        except ConnectionError:
            log.debug("answer_not_delivered", re=re)  # the client asks again, under the same key
        finally:
            self._slots.release()

    async def _outcome(
        self, re: int, result: "asyncio.Future[dict[str, int | str | None]]"
    ) -> frames.Ok | frames.Error:
        try:
            return frames.Ok(re, await result)
        except Refused as refusal:
            return _error(re, refusal)
        except (sa.exc.OperationalError, sa.exc.InterfaceError, OSError) as error:
            log.warning("database_away", agent=self.who.id, error=repr(error))
            return _error(re, Refused(Code.BUSY))
        except Exception:
            log.exception("command_failed", agent=self.who.id)
            return _error(re, Refused(Code.HUB_FAULT))

    async def _refuse(self, re: int, refusal: Refused) -> None:
        await self.send(_error(re, refusal))

    async def _subscribe(self, frame: frames.Sub) -> None:
        async with self._turn:
            self.windows.close(frame.w)
            if len(self.windows.trays) + len(self.windows.threads) >= WINDOWS:
                await self._refuse(0, Refused(Code.RATE_LIMITED, field="w", limit=WINDOWS))
            elif frame.thread:
                await self._snap_thread(ThreadWindow(frame.w, frame.thread, frame.count), dict(frame.held))
            else:
                try:
                    where = tray(frame.tray, sight=self.sight, day_start=self.hub.day_start())
                except KeyError:
                    await self._refuse(0, Refused(Code.BAD_ARGS, field="tray", why=f"no tray {frame.tray[:32]!r}"))
                    return
                await self._snap_tray(TrayWindow(frame.w, frame.tray, where, frame.count), dict(frame.held))

    async def _snap_tray(self, window: TrayWindow, held: Held) -> None:
        pages = await self.hub.store.read(lambda conn: snapshots.tray(conn, window, held))
        self.windows.trays[window.w] = window
        for page in pages:
            await self.send(page)

    async def _snap_thread(self, window: ThreadWindow, held: Held) -> None:
        pages = await self.hub.store.read(lambda conn: snapshots.thread(conn, window, self.sight, held))
        if isinstance(pages, snapshots.Unseen):
            gone = frames.RowGone(pages.conversation)
            await self.send(frames.Ev(self.epoch, self.cursor, self.cursor, self.nonce, [gone]))
            return
        self.windows.threads[window.w] = window
        for page in pages:
            await self.send(page)

    # -- from the journal ----------------------------------------------------------------------------------------------

    async def _follow(self) -> None:
        """Tell what changes, until the connection ends. One that has fallen too far behind starts over."""
        while True:
            try:
                await self._follow_on()
            except ConnectionError:
                return
            except Exception:
                log.exception("follow_failed", agent=self.who.id)
                await self.bye(Code.BUSY, 1000)  # it starts over from a snapshot rather than miss anything
                return

    async def _follow_on(self) -> None:
        try:
            async for changes in self.hub.tail.follow(self.cursor):
                await self._tell(changes)
        except Behind:
            position = self.hub.tail.seq, self.hub.tail.nonce
            if await self._reload():  # who they are may be among what was missed, and so may the reference data
                await self.resubscribe(position)
                await self._tell_references({})

    async def _tell(self, changes: list[Change]) -> None:
        if await self._changed_self(changes):
            return
        async with self._turn:
            events = project(self.windows, self.who, self.sight, changes)
            last = changes[-1]
            prev, self.cursor, self.nonce = self.cursor, last.seq, last.nonce
            await self._mend_counts(events)
            await self.send(frames.Ev(self.epoch, prev, last.seq, last.nonce, events))
            for window in [w for w in self.windows.trays.values() if w.worn]:
                await self._snap_tray(window, {})

    async def _mend_counts(self, events: list[frames.Event]) -> None:
        """A count that was only known as "more than 999" can't be followed by steps."""
        for event in events:
            if isinstance(event, frames.CountChanged):
                window = self.windows.trays[event.w]
                if window.capped or event.n >= CAP:
                    await self.hub.store.read(partial(snapshots.recount, window=window))
                    event.n = window.count

    async def _changed_self(self, changes: list[Change]) -> bool:
        """Whether the session or API token has ended. New rights void what the client holds, so it subscribes again."""
        mine = any(
            c.kind == "queue.changed"
            or (c.kind == "agent.changed" and c.data["agent"] == self.who.id)
            or (c.kind == "session.ended" and c.data["session"] == self.who.session)
            or (c.kind == "token.revoked" and c.data["token"] == self.who.token)
            for c in changes
        ) or self.who.over(self.hub.clock.now())
        if mine:
            was = self.who
            if not await self._reload():
                return True
            if self.who != was:
                await self.resubscribe()
        return False

    async def resubscribe(self, position: tuple[int, int] | None = None) -> None:
        """What this client may see, or what its filters mean, has changed; or it goes on from another position."""
        async with self._turn:
            self.windows = Windows()
            if position is not None:
                self.cursor, self.nonce = position
            await self.send(frames.Resync((self.cursor, self.nonce), self.hub.me(self.who)))

    # -- drafts --------------------------------------------------------------------------------------------------------

    async def _share_drafts(self, hello: frames.Hello) -> Callable[[], None]:
        """Tell the agent's drafts, now and as they change on other consoles; returns what ends that."""
        if hello.drafts is None:
            return lambda: None
        stop = self.hub.drafts.listen(self.who.id, self._drafted)
        for draft in await self.hub.drafts.newer(self.who.id, hello.drafts):
            self._drafted(draft)
        return stop

    def _drafted(self, draft: Draft) -> None:
        self._start(self._say(frames.Draft(draft.conversation, draft.text, draft.version)))

    async def _save_draft(self, wanted: Draft) -> None:
        try:
            made, taken = await self.hub.drafts.save(self.who, wanted, self._drafted)
            if made is not None and not taken:
                await self._say(frames.Draft(made.conversation, made.text, made.version))
            await self._say(frames.Drafted(wanted.conversation, made.version if made else 0, taken))
        except (Refused, sa.exc.OperationalError, sa.exc.InterfaceError, OSError) as error:
            log.warning("draft_not_saved", agent=self.who.id, error=repr(error))  # the console has it
            await self._say(frames.Drafted(wanted.conversation, ok=False))
        finally:
            self._slots.release()

    def _typed(self, conversation: int, by: int | None, on: bool) -> None:
        if len(self._tasks) < 2 * IN_FLIGHT and by != self.who.id and self.windows.of_thread(conversation):
            self._start(self._say(frames.Typed(conversation, by, on)))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _say(self, frame: frames.HubFrame) -> None:
        if self.who.over(self.hub.clock.now()):
            await self.bye(Code.SIGNED_OUT)
            return
        try:
            await self.send(frame)
        except ConnectionError:
            log.debug("not_delivered", agent=self.who.id, frame=type(frame).__name__)


def _error(re: int, refusal: Refused) -> frames.Error:
    return frames.Error(re, refusal.code.value, refusal.detail, refusal.field)
