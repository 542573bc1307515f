"""How a refusal is answered over HTTP: `{code, args, field}`, with a status from one table."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import sqlalchemy as sa
import structlog
from aiohttp import web

from hub.protocol.errors import Code, Refused

ROOT = "/api/v1/"
log = structlog.get_logger(__name__)

STATUS: dict[Code, int] = {
    Code.BAD_FRAME: 400,
    Code.BAD_ARGS: 400,
    Code.UNKNOWN_COMMAND: 404,
    Code.PROTO_UNSUPPORTED: 400,
    Code.BAD_CREDENTIALS: 401,
    Code.SIGNED_OUT: 401,
    Code.FORBIDDEN: 403,
    Code.NOT_FOUND: 404,
    Code.WRONG_STATE: 409,
    Code.NOT_OWNER: 409,
    Code.WINDOW_CLOSED: 409,
    Code.EMPTY: 422,
    Code.TOO_LONG: 413,
    Code.DUPLICATE: 409,
    Code.KEY_REUSED: 409,
    Code.RATE_LIMITED: 429,
    Code.ORIGIN_REFUSED: 403,
    Code.NOT_RETRYABLE: 409,
    Code.NOT_RECALLABLE: 409,
    Code.WRONG_TYPE: 415,
    Code.WRONG_METHOD: 405,
    Code.HUB_FAULT: 500,
    Code.BUSY: 503,
}
UNFIT = 422  # bad_args of what has the right form, where only the desk could tell that the value can't be
NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def json(value: Any, status: int = 200, **headers: str) -> web.Response:
    body = msgspec.json.encode(value)
    return web.Response(body=body, status=status, content_type="application/json", headers=NO_STORE | headers)


def refused(refusal: Refused, *, understood: bool = False) -> web.Response:
    """`understood`: the request had the form that the document describes, and was refused for what it asked."""
    status = STATUS[refusal.code]
    if understood and refusal.code is Code.BAD_ARGS:
        status = UNFIT
    headers = {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if refusal.code is Code.RATE_LIMITED:
        headers["Retry-After"] = str(refusal.detail.get("seconds", 1))
    if refusal.code is Code.BUSY:
        headers["Retry-After"] = "1"
    return json({"code": refusal.code.value, "args": refusal.detail, "field": refusal.field}, status, **headers)


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def answered_in_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever goes wrong below /api/v1 is answered in the same form. OPTIONS says what there is, and opens nothing to
    other sites: no page of theirs may read an answer."""
    if not request.path.startswith(ROOT):
        return await handler(request)
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
    except web.HTTPRequestEntityTooLarge as error:
        log.debug("body_too_large", error=str(error))
        return refused(Refused(Code.TOO_LONG, limit=request.client_max_size))
    except web.HTTPException:
        raise
    except (sa.exc.OperationalError, sa.exc.InterfaceError, OSError) as error:
        log.warning("database_away", path=request.path[:200], error=repr(error))
        return refused(Refused(Code.BUSY))
    except Exception:
        log.exception("request_failed", path=request.path[:200])
        return refused(Refused(Code.HUB_FAULT))
