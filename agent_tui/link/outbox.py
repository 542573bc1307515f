"""Commands that were submitted and not answered yet: kept on disk, sent in order, taken into effect once.

Promised: a command goes out only when it is durable here, so that the death of the console loses nothing; it goes out
again with the same key on every new connection until the hub has answered, so that the death of the hub loses nothing
either, and the key makes that take effect once. Commands go out in the order they were submitted; of those on one
conversation the next waits for the answer to the one before, so that a hub that is busy can't turn them around.

A refused message or note stays as failed, with its text, until somebody sends it again or takes it out. Where the
conversation has gone to somebody else, or has no room for it (`GIVEN_BACK`), the text becomes a draft instead.
"""

import os
from collections.abc import Iterable
from typing import Literal

import msgspec
from msgspec.structs import replace

from agent_tui import text
from agent_tui.link.disk import ADD_TO_OUTBOX, OutboxRow, Statement
from agent_tui.link.model import Outgoing
from agent_tui.link.threads import DIRECTIONS
from hub.protocol import frames
from hub.protocol.commands import Args, Recall, Send
from hub.protocol.errors import Code

State = Literal["queued", "sent", "failed", "review"]
Detail = dict[str, int | str | None]

GIVEN_BACK = frozenset({Code.NOT_OWNER, Code.WRONG_STATE, Code.NOT_FOUND})
PATIENCE = {Code.BUSY: 1, Code.RATE_LIMITED: 5}  # seconds to wait where the hub doesn't say
RECALL = "message.recall"  # the command that asks a line back; its text is kept with it until the hub has answered
NOT_STORED = "not_stored"  # this console's own code: the disk is full, or the like


class Entry(msgspec.Struct):
    key: str
    name: str
    args: bytes  # JSON
    conversation: int  # 0: of none
    body: str  # as typed, where it is a message or a note
    at: int
    state: State = "queued"
    code: str = ""
    detail: Detail = msgspec.field(default_factory=dict)
    durable: bool = False
    tried: bool = True  # it was on a link, or may have been, so that the hub may have it

    @property
    def is_line(self) -> bool:
        """Whether a thread shows it."""
        return self.name in DIRECTIONS

    @property
    def asks_back(self) -> str:
        """The key of the line that it asks back; empty where it is another command."""
        return msgspec.json.decode(self.args, type=Recall).key if self.name == RECALL else ""

    def shown(self) -> Outgoing:
        state: Literal["typed", "sending", "failed"] = "sending" if self.durable else "typed"
        if self.state == "failed":
            state = "failed"
        body = text.body(self.body)
        return Outgoing(self.key, self.name, self.conversation, body, self.at, state, self.code, {**self.detail})

    def row(self) -> OutboxRow:
        values = (self.key, self.name, self.args, self.conversation, self.body, self.at, self.state, self.code)
        return (*values, msgspec.json.encode(self.detail))

    def insert(self) -> Statement:
        return (ADD_TO_OUTBOX, self.row())

    def update(self) -> Statement:
        return (
            "UPDATE outbox SET state = ?, code = ?, detail = ? WHERE key = ?",
            (self.state, self.code, msgspec.json.encode(self.detail), self.key),
        )

    def delete(self) -> Statement:
        return ("DELETE FROM outbox WHERE key = ?", (self.key,))


class Outbox:
    """The commands in order. Says what may go out; its owner sends, stores and tells."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._sent: dict[int, str] = {}  # frame id on this connection → key
        self._next_frame = 1
        self.why = ""  # what is the matter with the hub, where it has put off what was sent last

    def restore(self, rows: Iterable[OutboxRow]) -> None:
        """Take in what the disk holds. Whatever was on its way when the console ended waits to go out again."""
        for key, name, args, conversation, body, at, state, code, detail in rows:
            known: State = "failed" if state == "failed" else "review" if state == "review" else "queued"
            why = msgspec.json.decode(detail, type=Detail)
            self._entries[key] = Entry(key, name, args, conversation, body, at, known, code, why, durable=True)

    def add(self, name: str, args: Args, at: int, body: str = "") -> Entry:
        """`body` is text to be kept with a command that has none of its own."""
        body = str(getattr(args, "body", "")) if name in DIRECTIONS else body
        return self._enter(name, msgspec.json.encode(args), int(getattr(args, "conversation", 0)), body, at)

    def again(self, failed: Entry, at: int) -> Entry:
        """A failed command as a new one, at the end; the failed one is out. Who sends an answer again has looked."""
        del self._entries[failed.key]
        args = failed.args
        if failed.name == "message.send":
            args = msgspec.json.encode(replace(msgspec.json.decode(args, type=Send), seen=None))
        return self._enter(failed.name, args, failed.conversation, failed.body, at)

    def _enter(self, name: str, args: bytes, conversation: int, body: str, at: int) -> Entry:
        entry = Entry(os.urandom(12).hex(), name, args, conversation, body, at, tried=False)
        self._entries[entry.key] = entry
        return entry

    def entries(self) -> list[Entry]:
        return list(self._entries.values())

    def get(self, key: str) -> Entry | None:
        return self._entries.get(key)

    def remove(self, key: str) -> None:
        self._entries.pop(key, None)

    def lines(self, conversation: int) -> list[Outgoing]:
        """What a thread shows of the outbox, in order."""
        return [
            entry.shown() for entry in self._entries.values() if entry.is_line and entry.conversation == conversation
        ]

    def of(self, conversation: int) -> list[Entry]:
        """All that waits for a conversation, in order."""
        return [entry for entry in self._entries.values() if entry.conversation == conversation]

    @property
    def unsent(self) -> int:
        return sum(entry.state in ("queued", "sent") for entry in self._entries.values())

    @property
    def held_back(self) -> list[Entry]:
        return [entry for entry in self._entries.values() if entry.state == "review"]

    def hold_back(self) -> list[Entry]:
        """Hold back everything that waits, for somebody to look at it; returns what is held back now."""
        waiting = [entry for entry in self._entries.values() if entry.state in ("queued", "sent")]
        for entry in waiting:
            entry.state = "review"
        return waiting

    def due(self) -> list[tuple[Entry, frames.Cmd]]:
        """What may go out now, in order; it counts as sent from here on."""
        taken: set[int] = set()
        frames_: list[tuple[Entry, frames.Cmd]] = []
        for entry in self._entries.values():
            if entry.state in ("failed", "review") or entry.conversation in taken:
                continue
            taken.add(entry.conversation)
            if entry.state == "queued" and entry.durable:
                frames_.append((entry, self._frame(entry)))
        return frames_

    def _frame(self, entry: Entry) -> frames.Cmd:
        number = self._next_frame
        self._next_frame += 1
        self._sent[number] = entry.key
        entry.state, entry.tried = "sent", True
        return frames.Cmd(id=number, key=entry.key, name=entry.name, args=msgspec.Raw(entry.args))

    def answered(self, number: int) -> Entry | None:
        """The command that an answer is for; None where it is for none of this connection."""
        return self._entries.get(self._sent.pop(number, ""))

    def wait_again(self, entry: Entry) -> None:
        entry.state = "queued"

    def lost(self) -> None:
        """The connection has ended: what was on its way goes out again on the next one."""
        self._sent.clear()
        self.why = ""
        for entry in self._entries.values():
            if entry.state == "sent":
                entry.state = "queued"


def waits(code: str, detail: Detail) -> float:
    """Seconds until a command that was refused for the moment goes out again; 0: it was refused for good."""
    for known, seconds in PATIENCE.items():
        if code == known:
            said = detail.get("seconds")
            return float(said) if isinstance(said, int) and said > 0 else float(seconds)
    return 0.0
