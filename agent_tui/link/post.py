"""One HTTP request at a time: a POST, and what it is answered.

The standard library's client, to be called in a thread: it is needed once in a while, and an HTTP library would cost
the console's start more than this file's whole purpose. So would this one: import it where it is called.
"""

import http.client
import urllib.error
import urllib.request

from agent_tui.link.address import is_loopback

WITHIN = 20.0  # seconds
_LARGEST = 64 * 1024  # bytes of an answer that are read


class NoAnswer(Exception):
    """Nobody has answered."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A password goes where the person said, and nowhere else."""

    def redirect_request(self, *_: object) -> None:
        return None


def post(url: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    """The status and the body of the answer to a JSON body. Raises NoAnswer."""
    request = urllib.request.Request(url, body, {"Content-Type": "application/json", **headers})  # noqa: S310 - http(s) only, by `normal`
    handlers: list[urllib.request.BaseHandler] = [_NoRedirect()]
    if is_loopback(request.host.rsplit(":", 1)[0].strip("[]")):
        handlers.append(urllib.request.ProxyHandler({}))
    try:
        with urllib.request.build_opener(*handlers).open(request, timeout=WITHIN) as response:
            return response.status, response.read(_LARGEST)
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.read(_LARGEST)
    except (OSError, http.client.HTTPException) as error:
        raise NoAnswer(str(error)) from error
