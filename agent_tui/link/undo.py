"""What this console's agent did last, and the commands that take it back.

What takes a command back its spec declares (`hub.protocol.inverses`), from its arguments and what was there before it.
Remembered are the newest commands that this console submitted and that something takes back; not what it did to take
something back, so that undoing again goes further back. One that has not been answered can't be taken back yet; one
whose conversation has gone on since can't be any more.
"""

from collections import deque
from collections.abc import Iterable
from typing import Protocol

import msgspec

from agent_tui.link.model import Change, CommandDone, CommandRefused, Listener, Undone
from hub.protocol import views
from hub.protocol.commands import REGISTRY, Args
from hub.protocol.registry import Before, Taken

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


class _Step(msgspec.Struct):
    key: str
    name: str
    conversation: int  # 0: about the agent
    rev: int  # of what it was about, before
    taken: Taken
    done: bool = False


class Undo:
    def __init__(self, desk: Submits) -> None:
        self._desk = desk
        self._steps: deque[_Step] = deque(maxlen=DEPTH)
        self._pending: dict[str, int] = {}  # unanswered commands → conversation
        self._undoing = False
        desk.subscribe(self._hear)

    @property
    def possible(self) -> bool:
        return bool(self._steps)

    def submitted(self, key: str, name: str, args: Args) -> None:
        """Remember a command that was just submitted, before anything of it is known."""
        conversation = int(getattr(args, "conversation", 0))
        inverse = REGISTRY[name].inverse
        if inverse is None:
            return
        before = self._now(conversation)
        if before is not None and conversation not in self._pending.values() and not self._undoing:
            taken = inverse(args, before)
            about = before.row or before.me
            if taken is not None:
                self._steps.append(_Step(key, name, conversation, about.rev, taken))
        self._pending[key] = conversation

    def undo(self) -> Undone:
        """Take back what was done last."""
        step = self._steps[-1]
        now = self._now(step.conversation)
        about = None if now is None else now.row or now.me
        if not step.done or (about is not None and about.rev == step.rev):
            return Undone(step.name, step.conversation, "waiting")
        self._steps.pop()
        if about is None or any(_plain(getattr(about, name)) != value for name, value in step.taken.after.items()):
            return Undone(step.name, step.conversation, "moved_on")
        self._undoing = True
        try:
            self._desk.submit(step.taken.name, step.taken.args)
        finally:
            self._undoing = False
        return Undone(step.name, step.conversation, "undone")

    def _now(self, conversation: int) -> Before | None:
        me = self._desk.agents.get(self._desk.me.agent) if self._desk.me is not None else None
        row = self._desk.row(conversation) if conversation else None
        return None if me is None or (conversation and row is None) else Before(me, row)

    def _hear(self, change: Change) -> None:
        match change:
            case CommandDone(key=key):
                self._pending.pop(key, None)
                for step in self._of(key):
                    step.done = True
            case CommandRefused(key=key):
                self._pending.pop(key, None)
                for step in self._of(key):
                    self._steps.remove(step)

    def _of(self, key: str) -> Iterable[_Step]:
        return [step for step in self._steps if step.key == key]


def _plain(value: object) -> object:
    return sorted(value) if isinstance(value, list) else value
