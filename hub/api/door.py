"""Who comes in: the principal behind a token, and how often it may come."""

import math

from aiohttp import web

from hub.desk import people
from hub.desk.principal import Principal
from hub.hub import Hub
from hub.limits import Limiter
from hub.protocol.errors import Code, Refused
from hub.web.origins import bearer, client_address


class Door:
    """One for a hub. Requests are counted for each token by itself, so that one program can't use up another's."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        rate = hub.limits.rate("token_requests")
        self._limiter = Limiter(rate) if rate.each else None

    async def enter(self, request: web.Request) -> Principal:
        """The agent that the request speaks for. Refuses a token that opens nothing, and one that comes too often."""
        hub, token = self._hub, bearer(request)
        who = await hub.store.read(lambda conn: people.by_token(conn, token, hub.clock.now())) if token else None
        if who is None:
            raise Refused(Code.SIGNED_OUT)
        self._count(f"token:{who.token}" if who.token else f"session:{who.session}")
        hub.token_uses.note(who.token, client_address(request, hub.config.proxies))
        return who

    def _count(self, name: str) -> None:
        if self._limiter is None:
            return
        if wait := self._limiter.wait(name):
            raise self._hub.limits.refusal("token_requests", seconds=math.ceil(wait))
        self._limiter.take(name)
