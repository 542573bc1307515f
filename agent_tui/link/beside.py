"""What of a thread comes beside its messages and is kept nowhere: who types, who looks at it, what waits to happen."""

from collections.abc import Callable, Iterable, Mapping

import msgspec

from agent_tui import text
from agent_tui.link import threads
from agent_tui.link.model import ThreadChanged, VisitorsChanged
from agent_tui.link.threads import Held
from hub.protocol import frames, views

Notify = Callable[[ThreadChanged | VisitorsChanged], None]


class Beside:
    def __init__(self, held: Mapping[int, Held], notify: Notify) -> None:
        """`held` are the threads of the mirror."""
        self._held = held
        self._notify = notify
        self._visited: dict[int, list[int]] = {}

    def typed(self, conversation: int, by: int | None, on: bool) -> None:
        """A colleague types, or the customer, who is None."""
        held = self._held.get(conversation)
        if held is None:
            return
        thread = held.thread
        before = thread.typing, thread.writing
        if by is None:
            thread.typing = on
        else:
            others = [one for one in thread.writing if one != by]
            thread.writing = sorted([*others, by]) if on else others
        if (thread.typing, thread.writing) != before:
            self._notify(ThreadChanged(conversation))

    def joined(self, conversation: int, agents: list[int]) -> None:
        """These look at the same conversation; who has left it does not write there."""
        held = self._held.get(conversation)
        if held is not None and held.thread.company != agents:
            left = {*held.thread.company} - {*agents}
            held.thread.company = agents
            held.thread.writing = [one for one in held.thread.writing if one not in left]
            self._notify(ThreadChanged(conversation))

    def passed(self, conversation: int, agents: list[int]) -> None:
        """These look at a conversation that one does not look at, and that is not with them."""
        if self._visited.get(conversation, []) != agents:
            self._visited[conversation] = agents
            self._notify(VisitorsChanged(conversation))

    def visitors(self, conversation: int) -> list[int]:
        """Which other agents look at it, as far as one is told."""
        held = self._held.get(conversation)
        return (held.thread.company if held is not None else []) or self._visited.get(conversation, [])

    def planned(self, event: frames.RefChanged, me: int) -> frames.RefChanged:
        """Show in its thread what waits there, whoever planned it; returns what of it is `me`'s own, to be kept."""
        plans = [text.scrub(msgspec.json.decode(item, type=views.Plan)) for item in event.items]
        touched = {one.c for one in plans if one.c in self._held and threads.put_plan(self._held[one.c].thread, one)}
        touched |= {number for number in self._held if self._dropped(number, event.gone)}
        for conversation in sorted(touched):
            self._notify(ThreadChanged(conversation))
        mine = [item for item, one in zip(event.items, plans, strict=True) if one.by == me]
        others = [one.id for one in plans if one.by != me]
        return msgspec.structs.replace(event, items=mine, gone=sorted({*event.gone, *others}))

    def _dropped(self, conversation: int, gone: Iterable[int]) -> bool:
        thread = self._held[conversation].thread
        return bool([one for one in gone if threads.drop_plan(thread, one)])

    def lost(self) -> None:
        """The connection has ended."""
        for conversation, held in self._held.items():
            for by in [*held.thread.writing, None]:
                self.typed(conversation, by, False)
        for conversation in list(self._visited):
            self.passed(conversation, [])
        self._visited.clear()
