"""Who works at a desk while something is done to its hub: customers who write and agents who serve them.

Each sends a command again, under its key, on every new connection until it is answered, and enters both in the ledger.
"""

import asyncio
import random
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import websockets
from ledger import Ledger
from watcher import Watcher
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

from hub.channels.visitor import Visitor
from hub.protocol import PROTO, frames, visitor
from hub.protocol.errors import Code

LOST = (OSError, websockets.WebSocketException)
AGAIN = 0.1  # seconds until a client that has lost its hub calls one again
WEIGHTS = {"send": 60, "note": 10, "end": 9, "assign": 7, "requeue": 5, "hold": 5, "snooze": 4}  # with an open one
LATER = {Code.BUSY, Code.RATE_LIMITED}
Where = Callable[[], str]  # the address of a hub to call now


class Client(ABC):
    """`pace`: seconds between an answer and the next thing to ask."""

    def __init__(self, name: str, where: Where, ledger: Ledger, chance: random.Random, pace: float) -> None:
        self.name, self.where, self.ledger, self.pace = name, where, ledger, pace
        self.chance = random.Random(chance.getrandbits(32))
        self.finishing = False
        self.put_off: Counter[str] = Counter()  # why what was asked had to be asked again later
        self.lost: Counter[str] = Counter()  # how it lost its hub, or found none
        self.answered = 0
        self._made = 0

    def told(self, key: str, result: Mapping[str, Any]) -> None:
        self.answered += 1
        self.ledger.told(key, result)

    def next_key(self) -> tuple[str, str]:
        """A fresh key, and a body that nobody else writes."""
        self._made += 1
        return f"{self.name}-{self._made:012}", f"{self.name} writes line {self._made}"

    async def run(self) -> None:
        """Until it is `finishing` and everything was answered."""
        while not self.finished:
            try:
                await self.connected()
            except LOST as error:
                self.lost[type(error).__name__] += 1
            await asyncio.sleep(AGAIN)

    @property
    @abstractmethod
    def finished(self) -> bool:
        """Nothing more is to be asked, and nothing is open."""

    @abstractmethod
    async def connected(self) -> None:
        """Call the hub and work until the connection is lost (`LOST`), or all is finished."""


class Customer(Client):
    """Writes on the web chat, one line after the other, from an address of its own."""

    def __init__(self, number: int, channel: int, *rest: Any) -> None:
        super().__init__(f"customer-{number}", *rest)
        self._address = f"127.0.1.{number % 250 + 1}"
        self._token = self.name.ljust(43, "x")
        self._who = Visitor.of(channel, self._token)
        self._open: tuple[str, str] | None = None
        self._held = 0
        self._socket: ClientConnection | None = None

    @property
    def finished(self) -> bool:
        return self.finishing and self._open is None

    async def connected(self) -> None:
        hub = self.where()
        url = f"{hub.replace('http', 'ws', 1)}/chat/web/socket"
        async with connect(
            url, origin=Origin(hub), local_addr=(self._address, 0), max_size=None, open_timeout=30
        ) as ws:
            self._socket = ws
            await ws.send(visitor.encode(visitor.Hello(PROTO, self._token, self._held)).decode())
            await self._hear(ws, visitor.Welcome)
            while not self.finished:
                if self._open is None:
                    self._open = self.next_key()
                    self.ledger.ask(self._who.command_key(self._open[0]), self._open[1])
                key, body = self._open
                await ws.send(visitor.encode(visitor.Say(key, body)).decode())
                answer = await self._hear(ws, visitor.Ok, visitor.Refused)
                seconds = self.pace
                match answer:
                    case visitor.Ok():
                        self._held = answer.id
                        self.told(self._who.command_key(key), {"message": answer.id})
                        self._open = None
                    case visitor.Refused(code=code) if code in LATER:
                        self.put_off[answer.why or code] += 1
                        seconds = answer.seconds * self.chance.uniform(0.2, 1)
                    case visitor.Refused(code=code):
                        self.ledger.refuse(self._who.command_key(key), code)
                        self._open = None
                await asyncio.sleep(seconds)

    async def reload(self) -> None:
        """The page is loaded anew: it calls again, with what was open."""
        if self._socket is not None:
            await self._socket.close()

    async def _hear(self, ws: Any, *kinds: type[visitor.Frame]) -> Any:
        while True:
            frame = visitor.decode_hub.decode(await ws.recv())
            if isinstance(frame, kinds):
                return frame


@dataclass
class Hand:
    """What an agent does at a time: one command, until it is answered."""

    key: str = ""
    name: str = ""
    args: dict[str, Any] = field(default_factory=dict)


class Agent(Client):
    """Serves whoever is in its trays, with several hands; goes on where it was on each new connection."""

    def __init__(self, number: int, token: str, me: int, all: Sequence[int], *rest: Any, hands: int = 2) -> None:
        super().__init__(f"agent-{number}", *rest)
        self._token, self._me, self._others = token, me, [one for one in all if one != me]
        self._hands = [Hand() for _ in range(hands)]
        self._known: dict[str, Any] = {}
        self.resumed: Counter[str] = Counter()
        self.resyncs = 0
        self.watcher: Watcher | None = None

    @property
    def finished(self) -> bool:
        return self.finishing and not any(hand.key for hand in self._hands)

    async def connected(self) -> None:
        watcher = await Watcher.join(self.where().replace("http", "ws", 1), self._token, **self._known)
        try:
            self.resumed[watcher.resume] += 1
            self.watcher = watcher
            await asyncio.gather(*(self._work(watcher, hand) for hand in self._hands))
        finally:
            self._known = {"epoch": watcher.epoch, "cursor": (watcher.cursor, watcher.nonce)}
            self.resyncs += watcher.resyncs
            await watcher.leave()

    async def _work(self, watcher: Watcher, hand: Hand) -> None:
        with suppress(*LOST):
            while hand.key or not self.finishing:
                if not hand.key:
                    self._choose(watcher, hand)
                answer = await watcher.command(hand.name, hand.key, **hand.args)
                if isinstance(answer, frames.Ok):
                    self.told(hand.key, answer.result)
                elif answer.code in LATER:
                    self.put_off[str(answer.args.get("why") or answer.code)] += 1
                    await asyncio.sleep(self.chance.uniform(0.2, 1))
                    continue
                else:
                    self.ledger.refuse(hand.key, answer.code)
                hand.key = ""
                await asyncio.sleep(self.pace)

    def _choose(self, watcher: Watcher, hand: Hand) -> None:
        """Open what waits; answer, or hand on, what is open. Others may have been faster: that is refused."""
        trays, pick = watcher.mirror.trays, self.chance
        pending = [row for row in trays["pending"].rows if row.owner in (None, self._me)]
        mine = [row for row in trays["in_progress"].rows if row.owner == self._me]
        hand.key, body = self.next_key()
        if pending and (not mine or pick.random() < 0.2):
            hand.name, hand.args = "conversation.open", {"conversation": pick.choice(pending).id}
        elif mine:
            row = pick.choice(mine)
            hand.name, hand.args = serve(self.chance, row.id, row.state, body, self._others)
        else:
            hand.name, hand.args = "agent.status", {"status": "online"}
        self.ledger.ask(hand.key, hand.args.get("body", ""))


def serve(
    chance: random.Random, conversation: int, state: str, body: str, others: Sequence[int]
) -> tuple[str, dict[str, Any]]:
    """Something to do with a conversation of one's own: (command, arguments)."""
    on: dict[str, Any] = {"conversation": conversation}
    if state == "held":
        return "conversation.resume", on
    match chance.choices(*zip(*WEIGHTS.items(), strict=True))[0]:
        case "send":
            return "message.send", on | {"body": body}
        case "note":
            return "message.note", on | {"body": body}
        case "assign":
            return "conversation.assign", on | {"agent": chance.choice(others)}
        case "snooze":
            return "conversation.snooze", on | {"until": int(time.time() * 1000) + chance.randint(500, 3000)}
        case other:
            return f"conversation.{other}", on
