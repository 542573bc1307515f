"""The journal's tail: reads what was committed, by this hub or another, joins what it is about, and keeps the last few
thousand changes ready in memory.

Promised: changes come in journal order, without gaps. Readers keep a cursor, not a queue, so a slow one costs nothing;
one that has fallen behind what is kept gets `Behind` and starts from a snapshot. What is joined is at least as new as
the change: a reader converges on the present and never goes back.
"""

import asyncio
from collections import deque, namedtuple
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from hub.desk import handed_on, references, submissions
from hub.desk.facts import Facts, facts_of, messages_of
from hub.desk.filters import Place
from hub.live.loops import Loop
from hub.live.wake import Wake
from hub.protocol import frames, views
from hub.protocol.states import State
from hub.store.compiled import Compiled
from hub.store.engine import Store
from hub.store.schema import head, journal

KEEP = 4096  # changes
OF_PEOPLE = frozenset({"queue.changed", "team.changed", "agent.changed", "session.ended", "token.revoked"})
FILLED = "form.filled"
BATCH = 256  # journal rows in one read
_after = Compiled(
    sa.select(journal)
    .where(journal.c.seq > sa.bindparam("after"))
    .order_by(journal.c.seq)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)
_Row: Any = namedtuple("_Row", journal.c.keys())  # type: ignore[misc]


class Behind(Exception):
    """The reader's cursor is older than what is kept."""


@dataclass(slots=True)
class Change:
    """One journal row with what it is about. `was` and `now` are the place before and after, where it changed."""

    seq: int
    nonce: int
    at: int
    kind: str
    actor: str
    conversation_id: int | None
    data: dict[str, Any]
    conversation: Facts | None = None
    messages: list[views.Message] = field(default_factory=list)
    was: Place | None = None
    now: Place | None = None
    reference: str = ""  # the kind of reference data that it changed
    reference_id: int = 0
    item: views.View | None = None  # as it is now; None where it was deleted
    submission: views.Submission | None = None  # as it is now, where one was saved
    kept: dict[int, Facts] | None = None  # where it moved: what agents handed on of it, by agent


class Changes(list[Change]):
    """Changes in a row, as many readers get them; what they all need to know of them is found out once."""

    @cached_property
    def groups(self) -> dict[int, list[Change]]:
        """Those about conversations, by conversation."""
        found: dict[int, list[Change]] = {}
        for change in self:
            if change.conversation is not None:
                found.setdefault(change.conversation.row.id, []).append(change)
        return found

    @cached_property
    def moves(self) -> list[Change]:
        """Those that changed where a conversation stands."""
        return [change for change in self if change.now is not None]

    @cached_property
    def references(self) -> list[Change]:
        return [change for change in self if change.reference]

    def encoded(self, item: views.View) -> msgspec.Raw:
        """An item of reference data among these, as everybody gets it who may see it."""
        if (found := self._encoded.get(id(item))) is None:
            found = self._encoded[id(item)] = msgspec.Raw(frames.encode(item))
        return found

    @cached_property
    def _encoded(self) -> dict[int, msgspec.Raw]:
        return {}

    @cached_property
    def of_people(self) -> list[Change]:
        """Those that may change who somebody is, or what they may see."""
        return [change for change in self if change.kind in OF_PEOPLE]

    @cached_property
    def of_topics(self) -> bool:
        """Whether the tree of topics is another one."""
        return any(change.kind == "topic.changed" for change in self)

    @cached_property
    def by_owner(self) -> dict[int, set[int]]:
        """The conversations that are or were with an agent, by agent."""
        found: dict[int, set[int]] = {}
        for number, place in self._places():
            if place.owner_id is not None:
                found.setdefault(place.owner_id, set()).add(number)
        return found

    @cached_property
    def by_queue(self) -> dict[int, set[int]]:
        """The conversations that wait or waited, by queue."""
        found: dict[int, set[int]] = {}
        for number, place in self._places():
            if place.state == State.WAITING:
                found.setdefault(place.queue_id, set()).add(number)
        return found

    @cached_property
    def by_team(self) -> dict[int, set[int]]:
        """The conversations that are or were a team's, by team."""
        found: dict[int, set[int]] = {}
        for number, place in self._places():
            if place.team_id is not None:
                found.setdefault(place.team_id, set()).add(number)
        return found

    @cached_property
    def by_involved(self) -> dict[int, set[int]]:
        """The conversations that an agent has or had something to do with, by agent."""
        found: dict[int, set[int]] = {}
        for number, place in self._places():
            for agent, _ in place.involved:
                found.setdefault(agent, set()).add(number)
        return found

    def _places(self) -> Iterator[tuple[int, Place]]:
        for number, group in self.groups.items():
            last = group[-1].conversation
            assert last is not None
            yield number, last.place
            for change in group:
                yield from ((number, place) for place in (change.was, change.now) if place is not None)


Skim = Callable[[Changes], bool]


@dataclass(slots=True, eq=False)
class Waiter:
    """Somebody who has had all changes up to `seq`, and is woken once, by a call, when there are others.

    `skim` looks at changes and says whether they mean nothing to whoever waits; they are passed over then, and `seq` is
    past them. Most mean nothing to most of a thousand connections: to wake each up for each would cost more than the
    rest. A connection that waits has no task for it: it would take a kilobyte.
    """

    seq: int
    wake: Callable[[], None]
    skim: Skim | None = None


class Tail:
    def __init__(self, store: Store, wake: Wake) -> None:
        self._store = store
        self._wake = wake
        self._kept: deque[Change] = deque(maxlen=KEEP)
        self._newest: dict[int, Changes] = {}  # what was asked for since the last change, by where it begins
        self._waiting: set[Waiter] = set()
        self._loop = Loop("tail", self._step)
        self.seq = 0
        self.nonce = 0

    async def start(self) -> None:
        def position(conn: Connection) -> Any:
            return conn.execute(sa.select(head.c.seq, head.c.nonce)).one()

        self.seq, self.nonce = await self._store.read(position)
        self._loop.start()

    async def stop(self) -> None:
        await self._loop.stop()

    async def _step(self) -> None:
        await self._wake.wait()
        while await self._pull():
            pass

    async def _pull(self) -> bool:
        """Read one batch; whether there may be more."""
        changes = await self._store.read(lambda conn: read_changes(conn, self.seq))
        if changes:
            self._kept.extend(changes)
            self._newest.clear()
            self.seq, self.nonce = changes[-1].seq, changes[-1].nonce
            for waiter in [*self._waiting]:
                self._wake_up(waiter)
        return len(changes) == BATCH

    def since(self, seq: int) -> Changes:
        """The kept changes after `seq`; one list for all who ask. Raises `Behind`."""
        if seq >= self.seq:
            return Changes()
        first = self._kept[0].seq if self._kept else self.seq + 1
        if seq + 1 < first:
            raise Behind
        if (found := self._newest.get(seq)) is None:
            found = self._newest[seq] = Changes(islice(self._kept, seq + 1 - first, None))
        return found

    async def follow(self, seq: int | None = None) -> AsyncIterator[Changes]:
        """All changes after `seq`, or from now on, in lists of what has come meanwhile, for ever. Raises `Behind`."""
        seq = self.seq if seq is None else seq
        while True:
            batch = await self.after(seq)
            seq = batch[-1].seq
            yield batch

    async def after(self, seq: int) -> Changes:
        """The changes after `seq`, at least one; waits until there are some. Raises `Behind`."""
        if not (batch := self.since(seq)):
            woken = asyncio.Event()
            waiter = self.wait(Waiter(seq, woken.set))
            try:
                await woken.wait()
            finally:
                self.forget(waiter)
            batch = self.since(seq)
        return batch

    def wait(self, waiter: Waiter) -> Waiter:
        """Wake somebody who has had everything, as soon as there is something; returns what to `forget`."""
        self._waiting.add(waiter)
        return waiter

    def forget(self, waiter: Waiter) -> None:
        self._waiting.discard(waiter)

    def _wake_up(self, waiter: Waiter) -> None:
        if waiter.skim is not None and waiter.skim(self.since(waiter.seq)):
            waiter.seq = self.seq
        else:
            self._waiting.discard(waiter)
            waiter.wake()


def read_changes(conn: Connection, after: int, limit: int = BATCH) -> list[Change]:
    """Journal rows after a number, joined with the present state of what they are about."""
    changes = [_change(row) for row in map(_Row._make, _after.rows(conn, {"after": after, "limit": limit}))]
    facts = facts_of(conn, (c.conversation_id for c in changes if c.conversation_id is not None))
    lines = messages_of(conn, (m for c in changes for m in _message_ids(c)))
    items = {
        name: references.items(conn, name, (c.reference_id for c in changes if c.reference == name))
        for name in {c.reference for c in changes if c.reference}
    }
    moved = {c.conversation_id for c in changes if c.now is not None}
    kept = handed_on.by_agent(conn, (n for n, one in facts.items() if one.row.moved and n in moved))
    filled = submissions.by_ids(conn, (c.data["submission"] for c in changes if c.kind == FILLED))
    for change in changes:
        if change.kind == FILLED:
            change.submission = filled.get(change.data["submission"])
        if change.conversation_id is not None:
            change.conversation = facts.get(change.conversation_id)
            if change.now is not None:
                change.kept = kept.get(change.conversation_id, {})
        change.messages = [lines[m] for m in _message_ids(change) if m in lines]
        if change.reference:
            change.item = items[change.reference].get(change.reference_id)
    return changes


def _change(row: Any) -> Change:
    data = msgspec.json.decode(row.data)
    change = Change(row.seq, row.nonce, row.at, row.kind, row.actor, row.conversation_id, data)
    if "now" in data:
        change.was = None if data["was"] is None else msgspec.convert(data["was"], Place)
        change.now = msgspec.convert(data["now"], Place)
    name = references.BY_EVENT.get(row.kind)
    if name is not None:
        change.reference = name
        change.reference_id = data[references.REFERENCES[name].table.name]
    return change


def _message_ids(change: Change) -> list[int]:
    if change.kind == "conversation.read":
        return []
    if "ms" in change.data:
        return list(change.data["ms"])
    return [change.data["m"]] if "m" in change.data else []
