"""What all HTTP requests have in common: an id, a count, and an answer where our own code fails.

The id is the caller's own (`X-Request-Id`) where it can be one, otherwise made here; it stands on every line that is
logged about the request or the socket that it becomes, and in the answer.
"""

import re
import secrets
from collections.abc import Awaitable, Callable

import msgspec
import structlog
from aiohttp import web

from hub.hub import Hub
from hub.protocol.errors import Code

HEADER = "X-Request-Id"
ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
REQUEST: web.RequestKey[str] = web.RequestKey("request_id", str)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
log = structlog.get_logger(__name__)


def watch(app: web.Application, hub: Hub) -> None:
    """Give every request of the application its id, and count what became of it."""

    @web.middleware
    async def identified(request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.headers.get(HEADER, "")
        request[REQUEST] = given if ID.fullmatch(given) else secrets.token_hex(8)
        structlog.contextvars.bind_contextvars(request=request[REQUEST])
        try:
            return await handler(request)
        except web.HTTPException:
            raise
        except Exception:
            log.exception("request_failed", route=route_of(request))
            body = msgspec.json.encode({"code": Code.HUB_FAULT.value, "args": {"request": request[REQUEST]}})
            return web.Response(body=body, status=500, content_type="application/json")
        finally:
            structlog.contextvars.unbind_contextvars("request")

    async def answered(request: web.Request, response: web.StreamResponse) -> None:
        if REQUEST in request:
            response.headers[HEADER] = request[REQUEST]
        route = route_of(request)
        hub.metrics.requested(route, request.method, response.status)
        log.debug("request", route=route, method=request.method, status=response.status)

    app.middlewares.append(identified)
    app.on_response_prepare.append(answered)


def route_of(request: web.Request) -> str:
    """As it was declared, with names for what varies; empty where nothing was."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else ""
