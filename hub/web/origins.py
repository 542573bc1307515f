"""Who asks, over HTTP: the token, the address of the client, and the site that a browser's request comes from."""

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

from aiohttp import web


def bearer(request: web.Request) -> str:
    """The token of `Authorization: Bearer TOKEN`; empty where there is none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def client_address(request: web.Request, proxies: Sequence[str]) -> str:
    """The address of the client, as the nearest proxy that is not one of the declared `proxies` was seen by them.

    X-Forwarded-For is believed only as far as declared proxies have written it; anybody can send one.
    """
    networks = [ipaddress.ip_network(name) for name in proxies]
    address = request.remote or ""
    hops = [hop.strip() for line in request.headers.getall("X-Forwarded-For", []) for hop in line.split(",")]
    while hops and _within(address, networks):
        address = hops.pop()
    return address


def _within(address: str, networks: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(ip in network for network in networks)


def origin_allowed(request: web.Request, public_url: str, origins: Sequence[str]) -> bool:
    """Whether the page behind this request is the hub's own or on the list. On an upgrade browsers always name it."""
    origin = request.headers.get("Origin", "").lower()
    parts = urlsplit(origin)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return False
    if parts.netloc == request.host.lower() or origin == origin_of(public_url):
        return True
    return origin in (origin_of(allowed) for allowed in origins)


def origin_of(url: str) -> str:
    """scheme://host[:port] of an address, without a default port; empty where it has none."""
    parts = urlsplit(url.lower())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    standard = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port not in (None, standard) else "")
