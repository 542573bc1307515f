"""Who types: ours, told at most every few seconds; theirs, shown until they stop or fall silent."""

import asyncio
from collections.abc import Callable

from agent_tui.link.clock import Clock

EVERY = 4.0  # seconds between two tellings that somebody still types
FADES = 8.0  # seconds after the last telling in which somebody is still taken to type

Tell = Callable[[int, bool], None]


class Typing:
    def __init__(self, clock: Clock, tell_hub: Tell, tell_mirror: Tell) -> None:
        self._clock = clock
        self._tell_hub = tell_hub
        self._tell_mirror = tell_mirror
        self._told: dict[int, float] = {}
        self._fading: dict[int, asyncio.Task[None]] = {}

    def ours(self, conversation: int, on: bool) -> None:
        now = self._clock.monotonic()
        last = self._told.get(conversation)
        if on and (last is None or now - last >= EVERY):
            self._told[conversation] = now
            self._tell_hub(conversation, True)
        elif not on and last is not None:
            del self._told[conversation]
            self._tell_hub(conversation, False)

    def theirs(self, conversation: int, on: bool) -> None:
        fading = self._fading.pop(conversation, None)
        if fading is not None:
            fading.cancel()
        self._tell_mirror(conversation, on)
        if on:
            self._fading[conversation] = asyncio.create_task(self._fade(conversation), name="typing fades")

    def stop(self) -> None:
        self._told.clear()
        for fading in self._fading.values():
            fading.cancel()
        self._fading.clear()

    async def _fade(self, conversation: int) -> None:
        await self._clock.sleep(FADES)
        del self._fading[conversation]
        self._tell_mirror(conversation, False)
