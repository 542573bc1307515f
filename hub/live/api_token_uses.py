"""When each API token was last used and from where, for whoever decides which ones may go.

Written at most once a minute a token, behind the answers: a program that asks often costs no write a request.
"""

import asyncio

import structlog

from hub.desk.api_tokens import used
from hub.protocol.errors import Refused
from hub.store.clock import Clock
from hub.store.engine import Store

EVERY = 60_000  # milliseconds
log = structlog.get_logger(__name__)


class TokenUses:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._written: dict[int, int] = {}  # token → when its use was last written

    def note(self, token: int, address: str) -> None:
        """A token is being used; 0, which is none, is let pass."""
        now = self._clock.now()
        if not token or now - self._written.get(token, -EVERY) < EVERY:
            return
        self._written[token] = now
        self._store.write(lambda unit: used(unit, token, address)).add_done_callback(_told)


def _told(done: "asyncio.Future[None]") -> None:
    error = done.exception()
    if error is not None and not isinstance(error, Refused):
        log.warning("token_use_not_noted", error=error)
