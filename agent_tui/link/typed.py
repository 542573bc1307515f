"""Who types: ours, told at most every few seconds; others', shown until they stop or fall silent."""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from agent_tui.link.clock import Clock
from hub.protocol import frames

EVERY = 4.0  # seconds between two tellings that somebody still types
FADES = 8.0  # seconds after the last telling in which somebody is still taken to type

Send = Callable[[frames.ClientFrame], bool]
Tell = Callable[[int, int | None, bool], None]  # conversation, agent or None for the customer, on


class _Told(NamedTuple):
    at: float
    note: bool


class Typing:
    """Of a note the hub is told only where it keeps that from the customer: `notes`, as it says at the welcome."""

    def __init__(self, clock: Clock, send: Send, tell_mirror: Tell) -> None:
        self._clock = clock
        self._send = send
        self._tell_mirror = tell_mirror
        self.notes = False
        self._told: dict[int, _Told] = {}
        self._fading: dict[tuple[int, int | None], asyncio.Task[None]] = {}

    def ours(self, conversation: int, on: bool, *, note: bool = False) -> None:
        """The customer is told that no answer is typed any more when a note is begun instead."""
        on = on and (self.notes or not note)
        now, last = self._clock.monotonic(), self._told.get(conversation)
        if last is not None and (not on or (note and not last.note)):
            del self._told[conversation]
            self._send(frames.Typing(conversation, on=False, note=last.note))
            last = None
        if on and (last is None or last.note != note or now - last.at >= EVERY):
            self._told[conversation] = _Told(now, note)
            self._send(frames.Typing(conversation, note=note))

    def theirs(self, conversation: int, by: int | None, on: bool) -> None:
        fading = self._fading.pop((conversation, by), None)
        if fading is not None:
            fading.cancel()
        self._tell_mirror(conversation, by, on)
        if on:
            self._fading[conversation, by] = asyncio.create_task(self._fade(conversation, by), name="typing fades")

    def stop(self) -> None:
        self._told.clear()
        for fading in self._fading.values():
            fading.cancel()
        self._fading.clear()

    async def _fade(self, conversation: int, by: int | None) -> None:
        await self._clock.sleep(FADES)
        del self._fading[conversation, by]
        self._tell_mirror(conversation, by, False)
