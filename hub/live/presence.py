"""Presence: who types where, and who looks at what. Told at once to whoever listens, kept nowhere; losing it does no
harm. A hub beside this one on the same database has a presence of its own.
"""

from collections.abc import Callable

Listener = Callable[[int, int | None, bool], None]  # conversation, agent or None for the customer, on
Onlooker = Callable[[int, list[int]], None]  # conversation, the agents who look at it


class Presence:
    def __init__(self) -> None:
        self._listeners: dict[Listener, bool] = {}  # → whether they hear of notes
        self._looking: dict[Onlooker, tuple[int, int, bool]] = {}  # → (conversation, agent, whether it is theirs)
        self._passers: dict[Onlooker, None] = {}

    def listen(self, listener: Listener, *, notes: bool = False) -> None:
        """Hear of typing from now on, until `deafen`. `notes`: also of notes, of which no customer is told."""
        self._listeners[listener] = notes

    def deafen(self, listener: Listener) -> None:
        del self._listeners[listener]

    def typing(self, conversation: int, by: int | None, on: bool, *, note: bool = False) -> None:
        """`by` is the agent who types, or None for the customer."""
        for listener, notes in list(self._listeners.items()):
            if notes or not note:
                listener(conversation, by, on)

    def pass_by(self, passer: Onlooker) -> None:
        """Hear of visitors from now on, until `go_home`: agents who look at what is not with them."""
        self._passers[passer] = None

    def go_home(self, passer: Onlooker) -> None:
        del self._passers[passer]

    def visitors(self, conversation: int) -> list[int]:
        return sorted({agent for where, agent, own in self._looking.values() if where == conversation and not own})

    def visited(self) -> set[int]:
        return {where for where, _, own in self._looking.values() if not own}

    def look(self, onlooker: Onlooker, agent: int, conversation: int, *, own: bool = False) -> None:
        """An agent looks at a conversation, and at no other one, on one console; 0: at none. Whoever looks at the same
        hears of it from then on, until they look elsewhere. `own`: it is with them."""
        before, _, _ = self._looking.pop(onlooker, (0, 0, False))
        if conversation:
            self._looking[onlooker] = conversation, agent, own
        for one in {before, conversation} - {0}:
            here = [(hears, agent) for hears, (where, agent, _) in self._looking.items() if where == one]
            agents, visitors = sorted({agent for _, agent in here}), self.visitors(one)
            for hears, _ in here:
                hears(one, agents)
            for passes in list(self._passers):
                passes(one, visitors)
