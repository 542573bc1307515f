"""A client that watches: the console's own mirror on a socket to a real server."""

import asyncio
from contextlib import suppress
from typing import Any

import msgspec
import websockets
from websockets.asyncio.client import ClientConnection, connect

from agent_tui.link.mirror import Mirror
from agent_tui.link.model import TRAYS
from hub.protocol import PROTO, frames
from hub.protocol.views import REFERENCES

WAIT = 20  # seconds that anything may take before a test fails


class Watcher:
    def __init__(self, ws: ClientConnection) -> None:
        self.ws = ws
        self.cursor = 0
        self.nonce = 0
        self.epoch = ""
        self.resume = ""
        self.resyncs = 0
        self.bye: frames.Bye | None = None
        self.answers: dict[int, frames.Ok | frames.Error] = {}
        self.told: dict[int, Any] = {}
        self.seen: list[frames.HubFrame] = []
        self.mirror = Mirror(lambda change: None, self._put, lambda conversation: [])
        self._out: asyncio.Queue[frames.ClientFrame] = asyncio.Queue()
        self._news = asyncio.Condition()
        self._ids = 0
        self._pongs = 0
        self._over = False  # nothing more comes
        self._fault: AssertionError | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    async def join(cls, url: str, token: str, **hello: Any) -> "Watcher":
        """Connect, say hello and watch all trays; returns when they have come."""
        ws = await connect(f"{url}/ws", additional_headers={"Authorization": f"Bearer {token}"}, max_size=None)
        watcher = cls(ws)
        await ws.send(frames.encode(frames.Hello(PROTO, "test", **hello)).decode())
        watcher.begin()
        try:
            await watcher.until(lambda: watcher.epoch != "" or watcher.bye is not None)
            if watcher.bye is None:
                watcher.mirror.ask_all()
                await watcher.until(lambda: all(watcher.mirror.trays[name].loaded for name in TRAYS))
        except BaseException:
            await watcher.leave()
            raise
        return watcher

    def begin(self, *beside: asyncio.Task[None]) -> None:
        """Read and write from now on; what runs `beside` ends with it."""
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._write()), *beside]

    async def leave(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.ws.close()

    async def until(self, true: Any) -> None:
        """Return once it is true; raises ConnectionResetError where the connection has ended before."""
        async with asyncio.timeout(WAIT), self._news:
            await self._news.wait_for(lambda: true() or self._over)
        if self._fault is not None:
            raise self._fault
        if not true():
            raise ConnectionResetError

    async def reach(self, seq: int) -> None:
        """Wait until everything up to a journal number has been heard, and what was asked for because of it; what means
        nothing to us is told when asked. Who is signed out hears nothing more."""
        while self.cursor < seq and self.bye is None:
            asked = self._pongs
            self._put(frames.Ping(asked))
            await self.until(lambda asked=asked: self._pongs > asked or self.cursor >= seq or self.bye is not None)
        asked = self._pongs
        self._put(frames.Ping(asked))
        await self.until(lambda: self._pongs > asked or self.bye is not None)

    async def watch(self, conversation: int) -> None:
        thread = self.mirror.open(conversation)
        await self.until(lambda: thread.loaded or conversation not in self.mirror.held)

    async def command(self, name: str, key: str = "", /, **args: Any) -> frames.Ok | frames.Error:
        self._ids += 1
        number = self._ids
        raw = msgspec.Raw(msgspec.json.encode(args))
        self._put(frames.Cmd(number, key or f"watcher-{id(self)}-{number}", name, raw))
        await self.until(lambda: number in self.answers)
        return self.answers[number]

    async def ask(self, view: str, **args: Any) -> Any:
        """The answer, plain; or the `Error`."""
        self._ids += 1
        number = self._ids
        self._put(frames.Ask(number, view, msgspec.Raw(msgspec.json.encode(args))))
        await self.until(lambda: number in self.answers or number in self.told)
        return self.told.get(number, self.answers.get(number))

    def state(self) -> dict[str, Any]:
        """All that the mirror holds, for comparing."""
        mirror = self.mirror
        plain = msgspec.to_builtins
        return {
            "trays": {n: ([plain(r) for r in t.rows], t.count, t.more) for n, t in mirror.trays.items()},
            "threads": {
                c: (
                    plain(h.thread.row),
                    *(list(map(plain, part)) for part in (h.thread.messages, h.thread.forms, h.thread.plans)),
                )
                for c, h in sorted(mirror.held.items())
            },
            "refs": {name: plain(sorted(mirror.refs.items(name), key=lambda item: item.id)) for name in REFERENCES},
        }

    def _put(self, frame: frames.ClientFrame) -> bool:
        self._out.put_nowait(frame)
        return True

    async def _write(self) -> None:
        with suppress(websockets.ConnectionClosed):
            while True:
                await self.ws.send(frames.encode(await self._out.get()).decode())

    async def _read(self) -> None:
        try:
            async for data in self.ws:
                self._take(frames.decode_hub.decode(data))
                async with self._news:
                    self._news.notify_all()
        except AssertionError as fault:
            self._fault = fault
        except websockets.ConnectionClosed:
            pass
        finally:
            self._over = True
            async with self._news:
                self._news.notify_all()

    def _take(self, frame: frames.HubFrame) -> None:
        self.seen.append(frame)
        match frame:
            case frames.Welcome():
                self.epoch, (self.cursor, self.nonce), self.resume = frame.epoch, frame.cursor, frame.resume
                self.mirror.counts.answered = frame.counts
                self.mirror.welcomed(frame.me)
            case frames.Ref():
                self.mirror.ref(frame)
            case frames.Snap():
                self.mirror.snap(frame)
            case frames.Ev():
                assert frame.prev == self.cursor, "a gap in the journal"
                self.cursor, self.nonce = frame.seq, frame.nonce
                for event in frame.events:
                    self.mirror.event(frame.seq, event)
            case frames.Resync(cursor=cursor, me=me):
                self.resyncs += 1
                if me is not None:
                    self.mirror.welcomed(me)
                self.cursor, self.nonce = cursor
                self.mirror.ask_all()
            case frames.Ok() | frames.Error():
                self.answers[frame.re] = frame
            case frames.Answer():
                self.told[frame.re] = msgspec.json.decode(frame.data)
            case frames.Typed(c=c, by=by, on=on):
                self.mirror.beside.typed(c, by, on)
            case frames.Bye():
                self.bye = frame
            case frames.Pong():
                self._pongs += 1
