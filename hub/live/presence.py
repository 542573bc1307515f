"""Presence: who types where. Told at once to whoever listens, kept nowhere; losing it does no harm."""

from collections.abc import Callable

Listener = Callable[[int, int | None, bool], None]  # conversation, agent or None for the customer, on


class Presence:
    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        """Hear of typing from now on, until `deafen`."""
        self._listeners.append(listener)

    def deafen(self, listener: Listener) -> None:
        self._listeners.remove(listener)

    def typing(self, conversation: int, by: int | None, on: bool) -> None:
        """`by` is the agent who types, or None for the customer."""
        for listener in list(self._listeners):
            listener(conversation, by, on)
