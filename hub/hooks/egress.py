"""The door out: posts to addresses that somebody entered, and to no place inside the hub's own network.

What an address's name leads to is checked where the socket is made, on the very address that is then connected to: a
name that is looked up twice, once to be checked and once to be used, could answer differently (DNS rebinding). There is
a connection a request, so nothing that was allowed once stays open. Redirects are not followed, no proxy is taken from
the environment, no cookie is kept, and of an answer no more is read than its beginning.

Public addresses are reached by HTTPS only. The networks that an administrator names (`webhook_networks`) are reached
too, also by plain HTTP.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from hub import __version__

TOTAL = 15.0  # seconds that an endpoint has to answer; Standard Webhooks recommends 15 to 30
CONNECT = 8.0  # seconds of these to find it and connect
SNIPPET = 300  # bytes of an answer that are kept, of one that is no success
SNIPPET_WITHIN = 2.0  # seconds to wait for these
LOOKUPS = 16  # names looked up at a time; a dead name server keeps a thread for long

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Info = tuple[int, int, int, str, Any]

# IANA's special-purpose registries where Python's `is_global` says otherwise, or is silent
_UNICAST = ipaddress.IPv6Network("2000::/3")  # leaves out mapped, compatible and NAT64 addresses, and site-local ones
_CLOSED: tuple[Network, ...] = tuple(
    ipaddress.ip_network(name)
    for name in ("192.88.99.0/24", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")  # relays, tunnels, examples
)


class AddressRefused(OSError):
    """The name led to an address that the hub does not post to. Says no address: several refusals are one then."""


class NotSent(Exception):
    """No connection came about, so nothing was sent. `code`: `address_refused`, `tls` or `unreachable`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NoAnswer(Exception):
    """The endpoint was connected to and gave no answer that is one: it may or may not have taken what it was sent."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`snippet`: the beginning of the body of an answer that is no success; foreign text. `retry_after`: seconds."""

    status: int
    snippet: str = ""
    retry_after: int = 0

    @property
    def taken(self) -> bool:
        return 200 <= self.status < 300


def is_public(address: Address) -> bool:
    """An address of the open Internet, of one host, and of nothing else."""
    if isinstance(address, ipaddress.IPv6Address) and address not in _UNICAST:
        return False
    if any(address in network for network in _CLOSED):
        return False
    return address.is_global and not address.is_multicast


def is_open(url: str, networks: Sequence[str]) -> bool:
    """Whether the hub may post there at all, as far as the address itself tells: a name may lead anywhere later."""
    at, named = URL(url), [ipaddress.ip_network(name) for name in networks]
    try:
        address = ipaddress.ip_address(at.host or "")
    except ValueError:
        return at.scheme == "https" or bool(named)
    return _may_reach(address, named, public=at.scheme == "https")


def _may_reach(address: Address, networks: Sequence[Network], *, public: bool) -> bool:
    return any(address in network for network in networks) or (public and is_public(address))


class Egress:
    """Make it, `start` it, `post` through it, `stop` it. `networks` are reached although they are not public."""

    def __init__(
        self, networks: Sequence[str], resolver: AbstractResolver | None = None, *, total: float = TOTAL
    ) -> None:
        self._networks = [ipaddress.ip_network(name) for name in networks]
        self._resolver = resolver
        self._total = total
        self._threads: ThreadPoolExecutor | None = None
        self._sessions: dict[str, aiohttp.ClientSession] = {}

    async def start(self) -> None:
        self._threads = ThreadPoolExecutor(LOOKUPS, thread_name_prefix="lookup")
        resolver = self._resolver or ThreadResolver(self._threads)
        self._sessions = {
            scheme: aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=0,
                    resolver=resolver,
                    use_dns_cache=False,
                    force_close=True,
                    socket_factory=make,
                ),
                timeout=aiohttp.ClientTimeout(total=self._total, connect=CONNECT),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
                read_bufsize=4096,
                headers={"User-Agent": f"Bandeja/{__version__}", "Accept-Encoding": "identity"},
            )
            for scheme, make in (("https", self._tls_socket), ("http", self._plain_socket))
        }

    async def stop(self) -> None:
        for session in self._sessions.values():
            await session.close()
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post JSON. Raises `NotSent` and `NoAnswer`."""
        session = self._sessions[URL(url).scheme]
        given = {**headers, "Content-Type": "application/json"}
        try:
            async with session.post(url, data=body, headers=given, allow_redirects=False) as response:
                answer = Answer(response.status, "", _retry_after(response.headers.get("Retry-After", "")))
                return answer if answer.taken else Answer(answer.status, await _snippet(response), answer.retry_after)
        except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError) as error:
            raise NotSent("tls") from error
        except aiohttp.ClientConnectorError as error:
            refused = isinstance(error.os_error, AddressRefused)
            raise NotSent("address_refused" if refused else "unreachable") from error
        except (aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            raise NotSent("unreachable") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NoAnswer(repr(error)) from error

    def _tls_socket(self, info: Info) -> socket.socket:
        return self._socket(info, public=True)

    def _plain_socket(self, info: Info) -> socket.socket:
        return self._socket(info, public=False)

    def _socket(self, info: Info, *, public: bool) -> socket.socket:
        """The socket that is about to connect to `info`. Raises `AddressRefused`."""
        family, kind, protocol, _, place = info
        address = ipaddress.ip_address(place[0].partition("%")[0])
        if not _may_reach(address, self._networks, public=public):
            raise AddressRefused("it leads to an address that the hub does not post to")
        return socket.socket(family, kind, protocol)


async def _snippet(response: aiohttp.ClientResponse) -> str:
    """The beginning of the body, as far as it comes soon; printable characters only, on one line."""
    try:
        async with asyncio.timeout(SNIPPET_WITHIN):
            raw = await response.content.read(SNIPPET)
    except (aiohttp.ClientError, TimeoutError, OSError):
        return ""  # the status is the answer
    text = raw.decode("utf-8", "replace")
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _retry_after(value: str) -> int:
    """Seconds, from either form of the header (RFC 9110, 10.2.3); 0 where it has neither."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return int(value[:9])
    try:
        at = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return 0
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0, int((at - datetime.now(UTC)).total_seconds()))


class ThreadResolver(AbstractResolver):
    """The system's resolver in threads of its own, so that a name server that is away keeps nobody else waiting."""

    def __init__(self, threads: ThreadPoolExecutor) -> None:
        self._threads = threads

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        def look_up() -> Sequence[Info]:
            try:
                return socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
            except UnicodeError as error:  # a label that is empty, or too long
                raise OSError("no name of a computer") from error

        found = await asyncio.get_running_loop().run_in_executor(self._threads, look_up)
        return [
            ResolveResult(
                hostname=host,
                host=str(place[0]),
                port=port,
                family=found_family,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for found_family, _, protocol, _, place in found
        ]

    async def close(self) -> None:
        """The threads belong to whoever gave them."""
