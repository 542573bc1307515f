"""What this console's agent did last, and the commands that take it back.

What takes a command back its spec declares (`hub.protocol.inverses`), from its arguments and what was there before it.
Remembered are the newest commands that this console submitted and that something takes back; not what it did to take
something back, so that undoing again goes further back. One that has not been answered can't be taken back yet; one
whose conversation has gone on since can't be any more.

What was done to many conversations by one command is taken back at once, as far as each has not gone on: by one command
for all of which the same takes it back.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import msgspec

from agent_tui.link.model import Change, CommandDone, CommandRefused, Listener, RowMoved, Undone
from hub.protocol import bulk, views
from hub.protocol import commands as c
from hub.protocol.commands import REGISTRY, Args
from hub.protocol.registry import Before, Taken
from hub.protocol.spam import Unspam

DEPTH = 50


class Submits(Protocol):
    """A desk, as far as undoing needs one."""

    @property
    def me(self) -> views.Me | None: ...

    @property
    def agents(self) -> dict[int, views.Agent]: ...

    def row(self, conversation: int) -> views.Row | None: ...

    def submit(self, name: str, args: Args) -> str: ...

    def subscribe(self, listener: Listener) -> None: ...


class _Part(msgspec.Struct):
    """What takes one conversation back, or the agent. `now` is what was heard of it since."""

    conversation: int  # 0: about the agent
    rev: int  # of what it was about, before
    taken: Taken
    now: views.Row | None = None


class _Step(msgspec.Struct):
    key: str
    name: str  # of the command that was done to each
    parts: list[_Part]
    many: bool = False
    done: bool = False


class Undo:
    def __init__(self, desk: Submits) -> None:
        self._desk = desk
        self._steps: deque[_Step] = deque(maxlen=DEPTH)
        self._pending: dict[str, set[int]] = {}  # unanswered commands → conversations
        self._undoing = False
        desk.subscribe(self._hear)

    @property
    def possible(self) -> bool:
        return bool(self._steps)

    def parts_of(self, key: str) -> int:
        """How many conversations would be taken back of what was submitted under a key."""
        return sum(len(step.parts) for step in self._of(key))

    def submitted(self, key: str, name: str, args: Args) -> None:
        """Remember a command that was just submitted, before anything of it is known."""
        if isinstance(args, bulk.Bulk):
            parts = [self._part(number, self._single(number, args.do)) for number in args.conversations]
            self._remember(_Step(key, bulk.command_of(args.do), [one for one in parts if one], many=True))
            self._pending[key] = {*args.conversations}
            return
        conversation = int(getattr(args, "conversation", 0))
        if REGISTRY[name].inverse is not None:
            part = self._part(conversation, (name, args))
            self._remember(_Step(key, name, [part] if part is not None else []))
            self._pending[key] = {conversation}

    def _remember(self, step: _Step) -> None:
        if step.parts and not self._undoing:
            self._steps.append(step)

    def _single(self, number: int, do: bulk.AnyEach) -> tuple[str, Args]:
        row = self._desk.row(number)
        return bulk.command_of(do), bulk.args_for(do, number, row.tags if row is not None else ())

    def _part(self, conversation: int, command: tuple[str, Args]) -> _Part | None:
        name, args = command
        inverse, before = REGISTRY[name].inverse, self._now(conversation)
        if inverse is None or before is None or any(conversation in waiting for waiting in self._pending.values()):
            return None
        taken = inverse(args, before)
        return None if taken is None else _Part(conversation, (before.row or before.me).rev, taken)

    def undo(self) -> Undone:
        """Take back what was done last."""
        step = self._steps[-1]
        known = [(part, self._about(part)) for part in step.parts]
        if not step.done or any(about is not None and about.rev == part.rev for part, about in known):
            return self._told(step, "waiting")
        self._steps.pop()
        same = [(part, about) for part, about in known if about is not None and _is_so(about, part.taken.after)]
        if not same:
            return self._told(step, "moved_on")
        self._undoing = True
        try:
            if step.many:
                keys = self._take_many_back(same)
                return self._told(step, "undone", each=len(same), keys=tuple(keys))
            self._desk.submit(step.parts[0].taken.name, step.parts[0].taken.args)
        finally:
            self._undoing = False
        return self._told(step, "undone")

    def _take_many_back(self, parts: "Sequence[tuple[_Part, views.Row | views.Agent]]") -> list[str]:
        """By a command for each kind of what takes them back; their keys."""
        alike: dict[bytes, tuple[bulk.AnyEach, list[int]]] = {}
        for part, about in parts:
            do = _each(part.taken.args, about)
            alike.setdefault(msgspec.json.encode(do), (do, []))[1].append(part.conversation)
        return [self._desk.submit("conversation.bulk", bulk.Bulk(numbers, do)) for do, numbers in alike.values()]

    def _told(self, step: _Step, state: Any, *, each: int = 0, keys: tuple[str, ...] = ()) -> Undone:
        if step.many:
            return Undone(step.name, 0, state, len(step.parts), each, keys)
        return Undone(step.name, step.parts[0].conversation, state)

    def _now(self, conversation: int) -> Before | None:
        me = self._desk.agents.get(self._desk.me.agent) if self._desk.me is not None else None
        row = self._desk.row(conversation) if conversation else None
        return None if me is None or (conversation and row is None) else Before(me, row)

    def _about(self, part: _Part) -> views.Row | views.Agent | None:
        """What it is about as far as it is known: of many, not all rows that have left a tray are held."""
        now = self._now(part.conversation)
        if now is not None:
            return now.row or now.me
        return part.now

    def _hear(self, change: Change) -> None:
        match change:
            case CommandDone(key=key, result=result):
                self._pending.pop(key, None)
                for step in self._of(key):
                    step.done = True
                    self._drop(step, {one.conversation for one in bulk.refused_rows(result)} if step.many else set())
            case CommandRefused(key=key):
                self._pending.pop(key, None)
                for step in self._of(key):
                    self._steps.remove(step)
            case RowMoved(before=before, after=after):
                row = after or before
                for part in (part for step in self._steps if step.many for part in step.parts):
                    if row is not None and part.conversation == row.id:
                        part.now = after

    def _drop(self, step: _Step, refused: set[int]) -> None:
        """What was refused needs no taking back."""
        step.parts = [part for part in step.parts if part.conversation not in refused]
        if not step.parts:
            self._steps.remove(step)

    def _of(self, key: str) -> Iterable[_Step]:
        return [step for step in self._steps if step.key == key]


def _is_so(about: views.Row | views.Agent, after: dict[str, Any]) -> bool:
    return all(_plain(getattr(about, name)) == value for name, value in after.items())


def _each(args: Args, about: views.Row | views.Agent) -> bulk.AnyEach:
    """What takes one conversation back, as it is said of many."""
    match args:
        case c.SetTags(tags=tags) if isinstance(about, views.Row):
            has = set(about.tags)
            return bulk.EachTag(sorted({*tags} - has), sorted(has - {*tags}))
        case c.Assign(agent=agent):
            return bulk.EachAssign(agent)
        case c.Requeue():
            return bulk.EachRequeue()
        case c.Wake():
            return bulk.EachWake()
        case c.Reopen():
            return bulk.EachReopen()
        case Unspam():
            return bulk.EachUnspam()
    raise TypeError(f"{type(args).__name__} takes nothing back from many")


def _plain(value: object) -> object:
    return sorted(value) if isinstance(value, list) else value
