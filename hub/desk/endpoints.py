"""Addresses of other people's servers that the hub is to post to, or whose pages may embed its own, checked when they
are entered.

What an address may be is decided here by its form. Where its name leads is another question, asked at each connection
(`hub.hooks.egress`): a name that is harmless today may lead into the hub's own network tomorrow.
"""

import re
from urllib.parse import urlsplit

from yarl import URL

from hub.protocol.errors import Code, Refused

_CHARACTERS = re.compile(r"[A-Za-z0-9._~:/?\[\]@!$&'()*+,;=%-]+")  # RFC 3986, without the # of a fragment
_FIRST_FREE = 1024  # the ports below are other services', but for those of the web


def check_endpoint(text: str, field: str) -> None:
    """Refuse what is not the plain address of an HTTP endpoint."""
    why = _fault(text)
    if why:
        raise Refused(Code.BAD_ARGS, field=field, why=why)


def _fault(text: str) -> str:
    if not _CHARACTERS.fullmatch(text):
        return "it holds characters that an address can't: write it in ASCII, percent-encoded, without a # part"
    try:
        url = URL(text)
        host, port = url.host, url.port
    except ValueError as error:
        return f"it is no address: {error}"
    if url.scheme not in ("https", "http") or not host:
        return "it must be an address like https://example.org/hook"
    if "@" in text.partition("://")[2].partition("/")[0]:
        return "it must not hold a user or a password: the signature says who posts"
    if port is None or not (port in (80, 443) or _FIRST_FREE <= port < 65536):
        return f"its port must be 80, 443, or {_FIRST_FREE} and above"
    return ""


def origin_of(url: str) -> str:
    """scheme://host[:port] of an address, without a default port; empty where it has none, or is no address."""
    try:
        parts = urlsplit(url.lower())
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    standard = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in (None, standard) else "")
