"""What the link costs a remote console in bytes, with compression, as the frames of the WebSocket count them.

A real hub on a desk of 100,000 conversations and the console's own link, without a screen. Bytes are the same on every
machine, up to what a random token compresses to.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from big_desk import BODIES, LOGIN
from conftest import Figure, Record
from desks import Desk, served

from agent_tui.link.address import Address
from agent_tui.link.desk import LiveDesk, open_desk
from agent_tui.link.dial import Socket, dial
from agent_tui.link.place import claim
from hub.protocol import commands, frames

pytestmark = [pytest.mark.bench, pytest.mark.timeout(0)]
BIG = 100_000
PATIENCE = 120.0  # seconds
EVENTS = 20  # that concern the agent while they are away
DAY = 90  # lines of a mixed day


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with served(tmp_path_factory.mktemp("wire") / "desk", BIG) as desk:
        yield desk


@pytest.fixture
def far(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub is on loopback, and called as if it were not: with compression."""
    monkeypatch.setattr(Address, "local", property(lambda self: False))
    monkeypatch.setenv("no_proxy", "127.0.0.1")


class Line:
    """What came and went on the sockets of a console."""

    def __init__(self) -> None:
        self.sockets: list[Socket] = []
        self.turns = 0  # times that the console spoke after it had heard something: round trips
        self.events = 0
        self._heard = True

    async def __call__(self, address: Address) -> Socket:
        socket = await dial(address)
        self.sockets.append(socket)
        return _Watched(socket, self)

    def spoke(self) -> None:
        self.turns += self._heard
        self._heard = False

    def heard(self, told: str | bytes) -> None:
        self._heard = True
        frame = frames.decode_hub.decode(told)
        if isinstance(frame, frames.Ev):
            self.events += len(frame.events)

    @property
    def received(self) -> int:
        return sum(socket.received for socket in self.sockets)


class _Watched:
    def __init__(self, socket: Socket, line: Line) -> None:
        self._socket, self._line = socket, line
        self.close, self.abort = socket.close, socket.abort

    @property
    def received(self) -> int:
        return self._socket.received

    async def send(self, frame: bytes) -> None:
        self._line.spoke()
        await self._socket.send(frame)

    async def receive(self) -> str | bytes:
        told = await self._socket.receive()
        self._line.heard(told)
        return told


class Console:
    """A console without a screen. `until` waits for what a change of its desk brings about."""

    def __init__(self, desk: LiveDesk) -> None:
        self.desk = desk
        self._changed = asyncio.Event()
        desk.subscribe(lambda _: self._changed.set())

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not true():
                self._changed.clear()
                await self._changed.wait()


@asynccontextmanager
async def console(desk: Desk, folder: Path) -> AsyncIterator[tuple[Console, Line]]:
    """One that has come up to date; its mirror is the one in `folder`."""
    line = Line()
    live = await open_desk(claim(folder, "bench", LOGIN), Address(desk.url, desk.token), dial=line)
    seat = Console(live)
    live.start()
    try:
        await seat.until(lambda: live.link.phase == "online" and not live.link.stale)
        yield seat, line
    finally:
        await live.stop()


async def test_the_first_useful_screen(desk: Desk, far: None, tmp_path: Path, record: Record) -> None:
    async with console(desk, tmp_path) as (_, line):
        record(Figure("first-ever start, desk of 100,000, received", line.received, "B", 10_000))
        record(Figure("first-ever start, round trips after the upgrade", line.turns, "", 2))
    async with console(desk, tmp_path) as (_, line):
        record(Figure("start with a mirror, desk of 100,000, received", line.received, "B", 4_000))
        record(Figure("start with a mirror, round trips after the upgrade", line.turns, "", 2))


async def test_coming_back_after_an_hour(desk: Desk, far: None, tmp_path: Path, record: Record) -> None:
    async with console(desk, tmp_path) as (seat, _):
        mine = [row.id for row in seat.desk.tray("in_progress").rows]
        thread = seat.desk.open_thread(mine[0])
        await seat.until(lambda: thread.loaded)
    for n in range(EVENTS):
        await asyncio.to_thread(desk.receive, mine[n % len(mine)], BODIES[n % len(BODIES)].format(n))
    async with console(desk, tmp_path) as (seat, line):
        seat.desk.open_thread(mine[0])
        record(Figure(f"resume after an hour with {EVENTS} relevant events, received", line.received, "B", 2_000))


async def test_a_mixed_day(desk: Desk, far: None, tmp_path: Path, record: Record) -> None:
    """Customers write, the agent reads and answers."""
    async with console(desk, tmp_path) as (seat, line):
        mine = [row.id for row in seat.desk.tray("in_progress").rows]
        threads = [seat.desk.open_thread(number) for number in mine]
        await seat.until(lambda: all(thread.loaded for thread in threads))
        begun, events = line.received, line.events
        for n in range(DAY):
            number, thread = mine[n % len(mine)], threads[n % len(mine)]
            body = f"{BODIES[n % len(BODIES)].format(n)} {n}"
            if n % 3 == 2:
                seat.desk.submit("message.send", commands.Send(number, body))
            else:
                await asyncio.to_thread(desk.receive, number, body)
            await seat.until(lambda t=thread, b=body: any(m.b == b for m in t.messages))
        mean = (line.received - begun) / (line.events - events)
        record(Figure("an event on the wire, mean over a mixed day", mean, "B", 75))
