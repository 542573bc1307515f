"""Who is let in: the walls that every request meets before anything of the hub looks at it.

- Plain HTTP behind a declared proxy: only the proxies and this computer are let in, and of what a proxy passes on, only
  what reached it under TLS. X-Forwarded-For, -Proto and -Host are believed from declared proxies, and from nobody else.
- The Host that is asked for must be the hub's own. A page elsewhere can let its own name point to a hub on this
  computer (DNS rebinding) and would then be of the same origin as the hub; it can't make the browser say another Host.
- A request with which a browser does something on behalf of a page, an upgrade or whatever is not a GET, is let in from
  the hub's own pages only, where it says from which it comes. The web chat, which is for other sites, has its own list.

`add_doors` also dresses every answer in the headers of `hub.web.headers`, and tells the audit trail where who asks is.
"""

import ipaddress
from collections.abc import Awaitable
from typing import NoReturn
from urllib.parse import urlsplit

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from hub.config import Config
from hub.desk.whence import ADDRESS, kind_of
from hub.i18n import _
from hub.web.headers import dress, rule_of
from hub.web.origins import client_address, host_asked_for, nearest, networks_of, origin_allowed, within

log = structlog.get_logger(__name__)


class Doors:
    """The walls, as `config` sets them."""

    def __init__(self, config: Config) -> None:
        self._tls = config.tls
        self._proxies = config.proxies
        self._networks = networks_of(config.proxies)
        self._public_url = config.public_url
        public = urlsplit(config.public_url).hostname
        self._hosts = frozenset(name.lower() for name in (*config.hosts, *([public] if public else [])))

    def add_to(self, app: web.Application) -> None:
        app.middlewares.append(self.middleware)
        app.on_response_prepare.append(self.dressed)

    @property
    def middleware(self) -> Middleware:
        @web.middleware
        def through(request: web.Request, handler: Handler) -> Awaitable[web.StreamResponse]:
            self.check(request)
            address = client_address(request, self._proxies)
            ADDRESS.set(address if kind_of(address) else "")  # a proxy may pass on whatever it was sent
            return handler(request)

        return through

    async def dressed(self, request: web.Request, response: web.StreamResponse) -> None:
        if not isinstance(response, web.WebSocketResponse):  # which no browser shows, and which keeps its own for hours
            dress(response, rule_of(request.path), secure=self.secure(request))

    def by_proxy(self, request: web.Request) -> bool:
        return within(request.remote or "", self._networks)

    def secure(self, request: web.Request) -> bool:
        """Whether nobody on the way can read along, as far as the hub can know."""
        return self._tls or (
            self.by_proxy(request) and nearest(request, "X-Forwarded-Proto").lower() in ("https", "wss")
        )

    def check(self, request: web.Request) -> None:
        """Raises what to answer where the request is not let in."""
        self._check_way(request)
        self._check_host(request)
        self._check_origin(request)

    def _check_way(self, request: web.Request) -> None:
        if self._tls or not self._proxies:
            return
        if not self.by_proxy(request):
            if not _is_loopback(request.remote or ""):
                self._refuse(web.HTTPForbidden, "not_by_proxy", _("This hub is reached through its proxy only."))
            return
        if nearest(request, "X-Forwarded-Proto").lower() not in ("http", "ws"):
            return
        if request.method in ("GET", "HEAD") and "Upgrade" not in request.headers and self._public_url:
            raise web.HTTPPermanentRedirect(self._public_url + request.raw_path)
        self._refuse(web.HTTPForbidden, "not_secure", _("This hub is reached by https:// only."))

    def _check_host(self, request: web.Request) -> None:
        named = host_asked_for(request, self._networks)
        host = _host_of(named)
        if not named or host in self._hosts or host == "localhost" or _is_address(host):
            return
        if not self._hosts and (self._tls or self.by_proxy(request)):
            return  # a name that the certificate, or the proxy, stands for
        self._refuse(
            web.HTTPMisdirectedRequest,
            "host_refused",
            _("This hub is not {host}. Who runs it can add the name with --public-url or --hosts.").format(
                host=host[:100] or "?"
            ),
        )

    def _check_origin(self, request: web.Request) -> None:
        if "Origin" not in request.headers or rule_of(request.path).own_origins:
            return
        acts = request.method not in ("GET", "HEAD", "OPTIONS") or "Upgrade" in request.headers
        in_the_clear = self.secure(request) and request.headers["Origin"].lower().startswith("http:")
        if acts and (in_the_clear or not origin_allowed(request, self._public_url, (), self._proxies)):
            self._refuse(web.HTTPForbidden, "origin_refused", _("Pages of other sites can do nothing at this hub."))

    def _refuse(self, answer: type[web.HTTPError], what: str, said: str) -> NoReturn:
        log.info("door_closed", why=what)
        raise answer(text=said + "\n")


def add_doors(app: web.Application, config: Config) -> None:
    Doors(config).add_to(app)


def _host_of(named: str) -> str:
    """The name or address in a Host header; empty where that is not one."""
    try:
        return (urlsplit(f"//{named}").hostname or "").lower().rstrip(".")
    except ValueError:
        return ""


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(address: str) -> bool:
    return _is_address(address) and ipaddress.ip_address(address).is_loopback
