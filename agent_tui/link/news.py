"""Tells listeners what has changed, once a turn of the event loop however often it changed in it."""

import asyncio

from agent_tui.link.model import Change, Listener


class News:
    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._waiting: dict[Change, None] = {}
        self._answers: list[Change] = []

    def subscribe(self, listener: Listener) -> None:
        self._listeners.append(listener)

    def tell(self, change: Change) -> None:
        """Have a change told in the loop's next turn; equal ones are told once."""
        self._plan()
        self._waiting[change] = None

    def answer(self, change: Change) -> None:
        """Have what became of a command told, after the changes that it made."""
        self._plan()
        self._answers.append(change)

    def _plan(self) -> None:
        if not self._waiting and not self._answers:
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        changes = [*self._waiting, *self._answers]
        self._waiting.clear()
        self._answers.clear()
        for change in changes:
            for listener in self._listeners:
                listener(change)
