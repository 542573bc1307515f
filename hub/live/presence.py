"""Presence: who types where, and who looks at what. Told at once to whoever listens, kept nowhere; losing it does no
harm. A hub beside this one on the same database has a presence of its own.
"""

from collections.abc import Callable

Listener = Callable[[int, int | None, bool], None]  # conversation, agent or None for the customer, on
Onlooker = Callable[[int, list[int]], None]  # conversation, the agents who look at it


class Presence:
    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._looking: dict[Onlooker, tuple[int, int]] = {}  # → (conversation, agent)

    def listen(self, listener: Listener) -> None:
        """Hear of typing from now on, until `deafen`."""
        self._listeners.append(listener)

    def deafen(self, listener: Listener) -> None:
        self._listeners.remove(listener)

    def typing(self, conversation: int, by: int | None, on: bool) -> None:
        """`by` is the agent who types, or None for the customer."""
        for listener in list(self._listeners):
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
