"""What all HTTP requests have in common: an id, a count, and an answer where our own code fails.

The id is the caller's own (`X-Request-Id`) where it can be one, otherwise made here; it stands on every line that is
logged about the request or the socket that it becomes, and in the answer.
"""

import logging
import math
import re
import secrets

import structlog
from aiohttp import web
from aiohttp.abc import AbstractAccessLogger
from aiohttp.http import HttpProcessingError

from hub.hub import Hub
from hub.protocol.errors import Code, Refused
from hub.store import away
from hub.web.answers import Handler, answered_in_json, refused

HEADER = "X-Request-Id"
ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
READING = frozenset({"GET", "HEAD", "OPTIONS"})
UNREADABLE = "UNKNOWN"  # aiohttp's method of a request that it could not read
HEADS = {"header_bytes": "Got more than", "header_lines": "Too many headers"}  # what it says then
REQUEST: web.RequestKey[str] = web.RequestKey("request_id", str)

log = structlog.get_logger(__name__)


def watch(app: web.Application, hub: Hub) -> None:
    """Give every request of the application its id, and count what became of it."""

    @web.middleware
    async def identified(request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.headers.get(HEADER, "")
        request[REQUEST] = given if ID.fullmatch(given) else secrets.token_hex(8)
        structlog.contextvars.bind_contextvars(request=request[REQUEST])  # until this connection's next request
        if hub.draining and request.method not in READING:
            return stopping(hub)
        try:
            return await handler(request)
        except web.HTTPRequestEntityTooLarge:
            return refused(hub.limits.refusal("body_bytes"))
        except web.HTTPException:
            raise
        except web.RequestPayloadError:
            response = refused(Refused(Code.BAD_ARGS, why="the body is not what its headers say: it can't be read"))
            response.force_close()  # nobody knows where the next request would begin
            return response
        except Exception as error:
            if away.is_away(error):
                return refused(away.refusal(error, route=route_of(request)))
            log.exception("request_failed", route=route_of(request))
            return refused(Refused(Code.HUB_FAULT, request=request[REQUEST]))

    async def answered(request: web.Request, response: web.StreamResponse) -> None:
        if REQUEST in request:
            response.headers[HEADER] = request[REQUEST]
        route = route_of(request)
        hub.metrics.requested(route, request.method, response.status)
        log.debug("request", route=route, method=request.method, status=response.status)

    app.middlewares.extend((identified, answered_in_json))
    app.on_response_prepare.append(answered)


def runner(app: web.Application, hub: Hub, *, patience: float) -> web.AppRunner:
    """What serves the application, with the limits for what comes before it: the head of a request.

    What the parser has refused meets no handler and no signal; only the access log hears of it. `patience`: seconds
    that open requests have to end when it is cleaned up.
    """

    class Heads(AbstractAccessLogger):
        def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
            if request.method == UNREADABLE and isinstance(response, web.Response):
                said = response.text or ""
                hub.metrics.requested("", request.method, response.status)
                for name, words in HEADS.items():
                    if said.startswith(words):
                        hub.limits.refused(name)

    logging.getLogger("aiohttp.server").addFilter(_is_ours)
    return web.AppRunner(
        app,
        access_log=logging.getLogger("aiohttp.access"),
        access_log_class=Heads,
        shutdown_timeout=patience,
        max_line_size=int(hub.limits["header_bytes"]),
        max_field_size=int(hub.limits["header_bytes"]),
        max_headers=int(hub.limits["header_lines"]),
    )


def stopping(hub: Hub) -> web.Response:
    """What is asked of a hub that takes nothing in any more."""
    after = math.ceil(hub.comeback(len(hub.connections) + len(hub.pages)) / 1000)
    response = refused(Refused(Code.BUSY, seconds=after))
    response.force_close()
    return response


def _is_ours(record: logging.LogRecord) -> bool:
    """A request that can't be read is whoever's sent it, who is told so; it would fill the log."""
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError | web.RequestPayloadError))


def route_of(request: web.Request) -> str:
    """As it was declared, with names for what varies; empty where nothing was."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else ""
