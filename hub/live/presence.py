"""Presence: who types where, and who looks at what. Told at once to whoever listens, kept nowhere; losing it does no
harm. A hub beside this one on the same database has a presence of its own.
"""

from collections.abc import Callable

Listener = Callable[[int, int | None, bool], None]  # conversation, agent or None for the customer, on
Onlooker = Callable[[int, list[int]], None]  # conversation, the agents who look at it


class Presence:
    def __init__(self) -> None:
        self._listeners: dict[Listener, bool] = {}  # → whether they hear of notes
        self._looking: dict[Onlooker, tuple[int, int]] = {}  # → (conversation, agent)

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

    def look(self, onlooker: Onlooker, agent: int, conversation: int) -> None:
        """An agent looks at a conversation, and at no other one, on one console; 0: at none. Whoever looks at the same
        hears of it from then on, until they look elsewhere."""
        before, _ = self._looking.pop(onlooker, (0, 0))
        if conversation:
            self._looking[onlooker] = conversation, agent
        for one in {before, conversation} - {0}:
            here = [(hears, agent) for hears, (where, agent) in self._looking.items() if where == one]
            agents = sorted({agent for _, agent in here})
            for hears, _ in here:
                hears(one, agents)
