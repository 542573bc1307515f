"""Signing in and out: login and password against tokens, these against the next ones, and their end, over HTTP."""

import asyncio
import time
from typing import TypeVar

import msgspec

from agent_tui import text
from agent_tui.link.address import normal

SPARE = 30.0  # seconds before its end from which on a token is exchanged rather than used
ALWAYS = float(2**53)
S = TypeVar("S", bound=msgspec.Struct)
_OK, _NOT_FOUND, _NO_METHOD = 200, 404, 405


class NotSignedIn(Exception):
    """Why there is no token: a code of hub.protocol.errors, of address.BadAddress, `unreachable`, or `no_hub` where
    something else than a hub answers."""

    def __init__(self, code: str, detail: dict[str, int | str | None] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail or {}


class Tokens(msgspec.Struct, frozen=True):
    """What signs a console in. `refresh` is exchanged for the next two; `access` calls the hub, until `until` (UTC
    seconds by this machine's clock). Of a hub that exchanges nothing both are the same, and without an end."""

    refresh: str
    access: str = ""
    until: float = 0.0

    def good(self, now: float) -> bool:
        """Whether the hub can be called with them without exchanging them first."""
        return bool(self.access) and now < self.until - SPARE

    def __repr__(self) -> str:
        return f"Tokens(until={self.until})"


class _Token(msgspec.Struct):
    token: str
    expires_in: int = 0
    refresh: str = ""

    def tokens(self) -> Tokens:
        if not self.refresh:
            return Tokens(self.token, self.token, ALWAYS)
        return Tokens(self.refresh, self.token, time.time() + self.expires_in)


class _Ended(msgspec.Struct):
    session: int


class _Refusal(msgspec.Struct):
    code: str
    args: dict[str, int | str | None] = {}


async def sign_in(url: str, login: str, password: str, label: str = "", code: str = "") -> Tokens:
    """Tokens of the agent; `label` names this console in the list of sessions, `code` is that of the second factor.
    Raises NotSignedIn, BadAddress."""
    body = {"login": login, "password": password, "label": label} | ({"code": code} if code else {})
    answer = await asyncio.to_thread(_post, f"{normal(url)}/api/v1/sign-in", msgspec.json.encode(body), {})
    return _understood(answer, _Token).tokens()


async def exchange(url: str, refresh: str) -> Tokens:
    """The next tokens. A hub that does not know how has given out one that lasts. Raises NotSignedIn, whose code is
    `signed_out` where the session has ended."""
    body = msgspec.json.encode({"refresh": refresh})
    answer = await asyncio.to_thread(_post, f"{url}/api/v1/refresh", body, {})
    if answer[0] in (_NOT_FOUND, _NO_METHOD):
        return Tokens(refresh, refresh, ALWAYS)
    return _understood(answer, _Token).tokens()


async def sign_out(url: str, token: str) -> None:
    """End the session of a token. Raises NotSignedIn, whose code is `signed_out` where it had ended before."""
    answer = await asyncio.to_thread(_post, f"{url}/api/v1/sign-out", b"", {"Authorization": f"Bearer {token}"})
    _understood(answer, _Ended)


async def ask(url: str, path: str, token: str, meant: type[S], **body: str) -> S:
    """Have something changed of one's own account. Raises NotSignedIn."""
    headers = {"Authorization": f"Bearer {token}"}
    answer = await asyncio.to_thread(_post, f"{url}/api/v1/{path}", msgspec.json.encode(body), headers)
    return _understood(answer, meant)


def _understood(answer: tuple[int, bytes], meant: type[S]) -> S:
    """What the hub said. Raises NotSignedIn."""
    status, body = answer
    try:
        if status == _OK:
            return msgspec.json.decode(body, type=meant)
        refusal = msgspec.json.decode(body, type=_Refusal)
    except msgspec.DecodeError as error:
        raise NotSignedIn("no_hub", {"status": status}) from error
    raise NotSignedIn(text.line(refusal.code), text.detail(refusal.args))


def _post(url: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    """Runs in a thread, as does the import of what speaks HTTP. Raises NotSignedIn."""
    from agent_tui.link.post import NoAnswer, post

    try:
        return post(url, body, headers)
    except NoAnswer as error:
        raise NotSignedIn("unreachable", {"why": text.line(str(error))}) from error
