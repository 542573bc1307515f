"""The wake-up: a hint that the journal has grown. A lost one is harmless: every waiter also polls once a second."""

import asyncio
from typing import Protocol

POLL = 1.0  # seconds; the longest that a lost wake-up can delay anything


class Wake(Protocol):
    def notify(self) -> None:
        """Something was committed."""

    async def wait(self, timeout: float = POLL) -> None:
        """Return after the next notification, or after `timeout` seconds."""


class LocalWake:
    """Within one process."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def notify(self) -> None:
        self._event.set()

    async def wait(self, timeout: float = POLL) -> None:
        try:
            async with asyncio.timeout(timeout):
                await self._event.wait()
        except TimeoutError:
            return
        finally:
            self._event.clear()
