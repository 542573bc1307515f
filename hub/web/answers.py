"""How the hub answers over HTTP: JSON, and a refusal as `{code, args, field}` with a status from one table."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import structlog
from aiohttp import web

from hub.protocol.errors import Code, Refused

log = structlog.get_logger(__name__)
ROOT = "/api/v1/"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
STATUS: dict[Code, int] = {
    Code.BAD_FRAME: 400,
    Code.BAD_ARGS: 400,
    Code.BAD_FILTER: 422,
    Code.UNKNOWN_COMMAND: 404,
    Code.PROTO_UNSUPPORTED: 400,
    Code.BAD_CREDENTIALS: 401,
    Code.BAD_SIGNATURE: 401,
    Code.SECOND_FACTOR: 401,
    Code.SIGNED_OUT: 401,
    Code.FORBIDDEN: 403,
    Code.NOT_FOUND: 404,
    Code.ERASED: 410,
    Code.WRONG_STATE: 409,
    Code.NOT_OWNER: 409,
    Code.QUEUE_INACTIVE: 409,
    Code.QUEUE_FED: 409,
    Code.QUEUE_EMPTY: 409,
    Code.NOT_MEMBER: 409,
    Code.AGENT_AWAY: 409,
    Code.AGENT_FULL: 409,
    Code.WINDOW_CLOSED: 409,
    Code.NEWER_LINE: 409,
    Code.FORM_CHANGED: 409,
    Code.FORM_INCOMPLETE: 422,
    Code.BAD_VALUE: 422,
    Code.EMPTY: 422,
    Code.TOO_LONG: 422,
    Code.DUPLICATE: 409,
    Code.KEY_REUSED: 409,
    Code.RATE_LIMITED: 429,
    Code.TOO_LARGE: 413,
    Code.TOO_MANY: 429,
    Code.TOO_SLOW: 408,
    Code.ORIGIN_REFUSED: 403,
    Code.NOT_RETRYABLE: 409,
    Code.NOT_RECALLABLE: 409,
    Code.WRONG_TYPE: 415,
    Code.WRONG_METHOD: 405,
    Code.HUB_FAULT: 500,
    Code.BUSY: 503,
}
UNFIT = 422  # bad_args of what has the right form, where only the desk could tell that the value can't be
SOON = {Code.RATE_LIMITED: 1, Code.TOO_MANY: 30, Code.BUSY: 5}  # seconds to wait, where the refusal names none
NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def json(value: Any, status: int = 200, **headers: str) -> web.Response:
    body = msgspec.json.encode(value)
    return web.Response(body=body, status=status, content_type="application/json", headers=NO_STORE | headers)


def refused(refusal: Refused, *, understood: bool = False) -> web.Response:
    """`understood`: the request had the form that the document describes, and was refused for what it asked."""
    code, status = refusal.code, STATUS[refusal.code]
    if understood and code is Code.BAD_ARGS:
        status = UNFIT
    headers = {}
    if code is Code.SIGNED_OUT:
        headers["WWW-Authenticate"] = "Bearer"
    if code in SOON:
        headers["Retry-After"] = str(refusal.detail.get("seconds", SOON[code]))
    return json({"code": code.value, "args": refusal.detail, "field": refusal.field}, status, **headers)


@web.middleware
def answered_in_json(request: web.Request, handler: Handler) -> Awaitable[web.StreamResponse]:
    """Whatever goes wrong below /api/v1 is answered in one form, whoever's mistake it was.

    Not a coroutine: one is kept for as long as a request takes, and there are sockets that take all day.
    """
    return _in_json(request, handler) if request.path.startswith(ROOT) else handler(request)


async def _in_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """OPTIONS says what there is, and opens nothing to other sites: no page of theirs may read an answer."""
    try:
        return await handler(request)
    except Refused as refusal:
        return refused(refusal)
    except web.HTTPNotFound:
        return refused(Refused(Code.NOT_FOUND, what="address", id=request.path[:200]))
    except web.HTTPMethodNotAllowed as error:
        allowed = ", ".join(sorted(error.allowed_methods | {"OPTIONS"}))
        if request.method == "OPTIONS":
            return web.Response(status=204, headers=NO_STORE | {"Allow": allowed})
        response = refused(Refused(Code.WRONG_METHOD, allowed=allowed))
        response.headers["Allow"] = allowed
        return response
