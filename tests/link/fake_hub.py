"""A hub by script: real frames over a real socket, and a test decides what it says and when it dies."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from hub.protocol import PROTO, SUBPROTOCOL, frames, views

F = TypeVar("F")
TOKEN = "secret-token"
Answer = frames.Ok | frames.Error | None


def row(id: int, rev: int = 1, **fields: Any) -> views.Row:
    made = {"kind": "chat", "state": "waiting", "ch": 1, "q": 1, "name": f"Customer {id}", "at": id * 1000, "begun": 0}
    return views.Row(id=id, rev=rev, **{**made, **fields})


def message(id: int, c: int = 7, rev: int = 1, **fields: Any) -> views.Message:
    return views.Message(id=id, rev=rev, c=c, **{"d": "in", "at": id * 1000, "b": f"line {id}", **fields})


@dataclass
class FakeHub:
    """Holds trays (a filtered one under its name and filter) and threads, answers every command with ok once, and
    remembers what it was told."""

    trays: dict[str, list[views.Row]] = field(
        default_factory=lambda: {"pending": [], "in_progress": [], "attended": []}
    )
    threads: dict[int, list[views.Message]] = field(default_factory=dict)
    rows: dict[int, views.Row] = field(default_factory=dict)
    read: dict[int, int] = field(default_factory=dict)
    refs: list[frames.Ref] = field(default_factory=list)
    seq: int = 10
    nonce: int = 555
    epoch: str = "first"
    proto: int = PROTO
    resume: str = ""  # what to say instead of the truth
    counts: dict[str, int] = field(default_factory=dict)
    page: int = 1000  # rows or messages in a page of a snapshot
    heard: list[frames.ClientFrame] = field(default_factory=list)
    hellos: list[frames.Hello] = field(default_factory=list)
    effects: list[tuple[str, dict[str, Any]]] = field(default_factory=list)  # what took effect, in order
    keys: dict[str, dict[str, int | str | None]] = field(default_factory=dict)
    script: list[Callable[[frames.Cmd], Answer]] = field(default_factory=list)  # for the next commands
    silent: bool = False  # hears, says nothing
    commands_hang: bool = False  # commands take effect, their answers get lost
    windows: dict[int, frames.Sub] = field(default_factory=dict)
    extensions: str = ""
    recall: int = 0  # seconds
    counting: bool = True  # takes windows that only count
    notes: bool = False  # tells customers nothing of notes that are typed
    port: int = 0
    _server: Server | None = None
    _connections: set[ServerConnection] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self._server = await serve(
            self._serve,
            "127.0.0.1",
            self.port,
            subprotocols=[SUBPROTOCOL],
            process_request=self._admit,
            close_timeout=0.2,
        )
        self.port = next(iter(self._server.sockets)).getsockname()[1]

    async def stop(self) -> None:
        """Die as if killed."""
        self.cut()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    def cut(self) -> None:
        for connection in self._connections:
            connection.transport.abort()

    async def say(self, *said: frames.HubFrame) -> None:
        for frame in said:
            for connection in self._connections:
                await connection.send(frames.encode(frame), text=True)

    async def tell(self, *events: frames.Event, prev: int | None = None) -> None:
        """One journal row with these events."""
        before = self.seq if prev is None else prev
        self.seq += 1
        self.nonce += 1
        await self.say(frames.Ev(self.epoch, before, self.seq, self.nonce, list(events)))

    def of(self, kind: type[F]) -> list[F]:
        return [frame for frame in self.heard if isinstance(frame, kind)]

    def w(self, *, tray: str = "", thread: int = 0) -> int:
        return next(w for w, sub in self.windows.items() if (sub.tray, sub.thread) == (tray, thread))

    @property
    def bodies(self) -> list[str]:
        return [args["body"] for _, args in self.effects if "body" in args]

    wall: str = ""  # what stands in the way of the hub and answers 401 in its place

    closed: tuple[int, str, int] | None = None  # status, body and Retry-After in place of a socket

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        if self.closed is not None:
            status, body, after = self.closed
            response = connection.respond(status, body)
            response.headers["Retry-After"] = str(after)
            return response
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return connection.respond(401, self.wall or '{"code": "signed_out"}')
        self.extensions = request.headers.get("Sec-WebSocket-Extensions", "")
        return None

    async def _serve(self, connection: ServerConnection) -> None:
        self._connections.add(connection)
        try:
            await self._converse(connection)
        except ConnectionClosed:
            pass
        finally:
            self._connections.discard(connection)

    async def _converse(self, connection: ServerConnection) -> None:
        async def say(*said: frames.HubFrame) -> None:
            for frame in said:
                if not self.silent:
                    await connection.send(frames.encode(frame), text=True)

        hello = frames.decode_client.decode(await connection.recv())
        assert isinstance(hello, frames.Hello)
        self.hellos.append(hello)
        self.windows.clear()
        me = views.Me(agent=3, session=1, grants={}, entity="Acme", zone="America/Asuncion", recall=self.recall)
        resume: Any = self.resume or ("resumed" if hello.cursor else "fresh")
        at = (self.seq, self.nonce)
        can = {"counts": self.counting, "notes": self.notes}
        await say(frames.Welcome(self.proto, "test", 1_000_000, self.epoch, at, resume, me, **can))
        await say(*(ref for ref in self.refs if hello.refs.get(ref.name) != ref.version))
        async for data in connection:
            frame = frames.decode_client.decode(data)
            self.heard.append(frame)
            match frame:
                case frames.Ping(n=n):
                    await say(frames.Pong(n, 1_000_000))
                case frames.Sub():
                    self.windows[frame.w] = frame
                    await say(*self._snap(frame))
                case frames.Cmd():
                    answer = self._take(frame)
                    if answer is not None and not self.commands_hang:
                        await say(answer)

    def _snap(self, sub: frames.Sub) -> list[frames.Snap]:
        held = dict(sub.held)
        if sub.tray:
            fitting = self.trays.get(f"{sub.tray} {sub.filter}".strip(), [])
            every = sorted(fitting, key=lambda r: (r.at, r.id), reverse=True)
            rows = every[: sub.count]
            count = self.counts.get(sub.tray, len(every))
            fresh = [r for r in rows if held.get(r.id) != r.rev]
            pages = [frames.Snap(sub.w, 0, False, self.seq, rows=fresh[: self.page])]
            pages[0].order, pages[0].count, pages[0].more = [r.id for r in rows], count, len(every) > sub.count
            rest = [fresh[i : i + self.page] for i in range(self.page, len(fresh), self.page)]
            pages += [frames.Snap(sub.w, n, False, self.seq, rows=part) for n, part in enumerate(rest, 1)]
        else:
            every_line = self.threads.get(sub.thread, [])
            lines = every_line[-sub.count :]
            fresh_lines = [m for m in lines if held.get(m.id) != m.rev]
            known = self.rows.get(sub.thread)
            pages = [frames.Snap(sub.w, 0, False, self.seq, rows=[known] if known else [], messages=fresh_lines)]
            pages[0].order, pages[0].more = [m.id for m in lines], len(every_line) > sub.count
            pages[0].read = self.read.get(sub.thread, 0)
        pages[-1].last = True
        return pages

    def _take(self, cmd: frames.Cmd) -> Answer:
        if self.script:
            answer = self.script.pop(0)(cmd)
            if not isinstance(answer, frames.Ok):
                return answer
        if cmd.key not in self.keys:
            args = msgspec.json.decode(cmd.args)
            self.effects.append((cmd.name, args))
            self.keys[cmd.key] = {"message": 900 + len(self.effects)} if cmd.name.startswith("message.") else {}
        return frames.Ok(cmd.id, self.keys[cmd.key])


def refuse(code: str, **args: int | str | None) -> Callable[[frames.Cmd], Answer]:
    return lambda cmd: frames.Error(cmd.id, code, args)


def lose(hub: FakeHub) -> Callable[[frames.Cmd], Answer]:
    """The connection dies before the command has taken effect."""

    def act(cmd: frames.Cmd) -> Answer:
        hub.cut()
        return None

    return act


def lose_answer(hub: FakeHub) -> Callable[[frames.Cmd], Answer]:
    """The command takes effect; the connection dies before its answer is out."""

    def act(cmd: frames.Cmd) -> Answer:
        asyncio.get_running_loop().call_soon(hub.cut)
        hub.commands_hang = True
        return frames.Ok(cmd.id)

    return act
