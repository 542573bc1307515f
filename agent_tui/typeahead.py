"""Keys one after the other. Over a slow line they come several at a time: `:tag vip` in one packet. The first opens the
command line, and the others are for it, not for the trays that were in front when they were read.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from textual import events
from textual.app import App
from textual.message_pump import MessagePump

ROUNDS = 3  # from a widget up to the app: a key, the order that it was, what the order asks of the app
LONGEST = 1.0  # seconds; a widget that went away with a key in its hands must not keep the others waiting


class TypeAhead:
    """Hands each key on with `forward` once what the one before it does is done, up to a new screen that it opens.
    One that is `typed` into a text field changes nothing of where the next ones belong, and is not waited for."""

    def __init__(
        self,
        app: App[Any],
        forward: Callable[[events.Event], Awaitable[None]],
        typed: Callable[[events.Event, object], bool],
    ) -> None:
        self._app, self._forward, self._typed = app, forward, typed
        self._waiting: deque[events.Key | events.Paste] = deque()
        self._turn = 0
        self._busy = False

    @property
    def idle(self) -> bool:
        """Whether every key has done what it does."""
        return not (self._busy or self._waiting)

    async def take(self, event: events.Key | events.Paste) -> None:
        self._waiting.append(event)
        await self._go_on()

    async def _go_on(self) -> None:
        while self._waiting and not self._busy:
            event = self._waiting.popleft()
            target, screen = self._app.focused or self._app.screen, self._app.screen
            self._busy = not self._typed(event, target)
            self._turn += 1
            await self._forward(event)
            if self._busy:
                way = [node for node in target.ancestors_with_self if node is not self._app]
                self._up(way * ROUNDS, self._turn, screen)
                asyncio.get_running_loop().call_later(LONGEST, self._app.call_later, self._done, self._turn)

    def _up(self, way: list[Any], turn: int, screen: object) -> None:
        """Through the queues of those that the key passes, behind all that it has put there."""
        for index, node in enumerate(way):
            if isinstance(node, MessagePump) and node.call_later(self._up, way[index + 1 :], turn, screen):
                return
        self._app.call_later(self._arrived, turn, screen)

    async def _arrived(self, turn: int, screen: object) -> None:
        front = self._app.screen
        if front is screen or not front.call_after_refresh(self._app.call_later, self._done, turn):
            await self._done(turn)

    async def _done(self, turn: int) -> None:
        if turn == self._turn:
            self._busy = False
            await self._go_on()
