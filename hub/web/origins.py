"""Who asks, over HTTP: the token, the address of the client, and the site that a browser's request comes from."""

import ipaddress
from collections.abc import Sequence

from aiohttp import web

from hub.desk.endpoints import origin_of

Networks = Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]


def bearer(request: web.Request) -> str:
    """The token of `Authorization: Bearer TOKEN`; empty where there is none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def client_address(request: web.Request, proxies: Sequence[str]) -> str:
    """The address of the client, as the nearest proxy that is not one of the declared `proxies` was seen by them.

    X-Forwarded-For is believed only as far as declared proxies have written it; anybody can send one.
    """
    networks = networks_of(proxies)
    address = request.remote or ""
    hops = [hop.strip() for line in request.headers.getall("X-Forwarded-For", []) for hop in line.split(",")]
    while hops and within(address, networks):
        address = hops.pop()
    return address


def networks_of(names: Sequence[str]) -> Networks:
    return [ipaddress.ip_network(name) for name in names]


def within(address: str, networks: Networks) -> bool:
    """Whether an address lies in one of these; an IPv4 one that came in through an IPv6 socket counts as what it is."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    ip = (ip.ipv4_mapped or ip) if isinstance(ip, ipaddress.IPv6Address) else ip
    return any(ip in network for network in networks)


def nearest(request: web.Request, name: str) -> str:
    """What the nearest proxy has put into a header; further to the left stands what anybody may have sent."""
    lines = request.headers.getall(name, [])
    return lines[-1].rpartition(",")[2].strip() if lines else ""


def host_asked_for(request: web.Request, networks: Networks) -> str:
    """The host, with its port, that the client has asked for; X-Forwarded-Host is believed from declared proxies only.
    Empty where none was named."""
    passed = nearest(request, "X-Forwarded-Host") if within(request.remote or "", networks) else ""
    return (passed or request.headers.get("Host", "")).lower()


def origin_allowed(request: web.Request, public_url: str, origins: Sequence[str], proxies: Sequence[str] = ()) -> bool:
    """Whether the page behind this request is the hub's own or on the list. On an upgrade browsers always name it."""
    origin = request.headers.get("Origin", "").lower()
    if not origin_of(origin):
        return False
    named = origin.partition("://")[2]
    if named == host_asked_for(request, networks_of(proxies)) or origin == origin_of(public_url):
        return True
    return origin in (origin_of(allowed) for allowed in origins)
