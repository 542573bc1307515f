"""What every answer carries, and the one table of which address may do what in a browser.

The first rule whose prefix fits an address is the one for it. A handler may say something of its own, which stands.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import aiohttp.web_response
from aiohttp import web

YEAR = 31_536_000  # seconds
NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
FORBIDDEN = ("camera", "microphone", "geolocation", "payment", "usb", "display-capture", "browsing-topics")
SERVER = "bandeja"  # without a version: who looks for holes is not told which

# aiohttp has no setting for it, and answers what is not even HTTP before any handler or signal of ours is asked
aiohttp.web_response.SERVER_SOFTWARE = SERVER  # type: ignore[attr-defined]

CHAT = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "connect-src": "'self'",
    "img-src": "'self'",
    "frame-ancestors": "",  # the channel's sites: see `chat_policy`
    "base-uri": "'none'",
    "form-action": "'none'",
    "require-trusted-types-for": "'script'",
}

RESET = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
    )
)

PRINTED = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@dataclass(frozen=True, slots=True)
class Rule:
    """What an address is like. `framed`: other sites may frame or include it, as its own policy says; `own_origins`: it
    checks itself which sites its requests may come from; `more`: headers beyond those that all have."""

    prefix: str
    policy: str = NOTHING
    framed: bool = False
    own_origins: bool = False
    more: dict[str, str] = field(default_factory=dict)


RULES = (
    Rule("/chat/", framed=True, own_origins=True, more={"Cross-Origin-Embedder-Policy": "require-corp"}),
    Rule("/reset", policy=RESET, more={"Cache-Control": "no-store"}),
    Rule("/api/docs", policy=PRINTED, more={"Cache-Control": "no-cache"}),
    Rule("/", more={"Cache-Control": "no-store"}),
)


def rule_of(path: str) -> Rule:
    return next(rule for rule in RULES if path.startswith(rule.prefix))


def headers_of(rule: Rule, *, secure: bool) -> dict[str, str]:
    """What an answer by this rule carries; `secure`: it travels under TLS, the hub's or a declared proxy's."""
    found = {
        "Content-Security-Policy": rule.policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": ", ".join(f"{name}=()" for name in FORBIDDEN),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "cross-origin" if rule.framed else "same-origin",
        **rule.more,
    }
    if not rule.framed:
        found["X-Frame-Options"] = "DENY"
    if secure:
        found["Strict-Transport-Security"] = f"max-age={YEAR}"
    return found


def chat_policy(ancestors: Iterable[str]) -> str:
    """Nothing but the page's own scripts runs, and only these sites may frame it."""
    policy = CHAT | {"frame-ancestors": " ".join(["'self'", *ancestors])}
    return "; ".join(f"{name} {value}" for name, value in policy.items())


def dress(response: web.StreamResponse, rule: Rule, *, secure: bool) -> None:
    """Put on what is missing."""
    for name, value in headers_of(rule, secure=secure).items():
        response.headers.setdefault(name, value)
