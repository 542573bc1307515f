"""How the hub is, for whoever watches over it.

GET /healthz   200 as long as the process lives and its event loop turns; asks nobody anything
GET /readyz    200 where the hub should be given work, otherwise 503 with the reasons
GET /metrics   for Prometheus; 404 to everybody who is not to know that it is there
"""

import ipaddress
import os

import msgspec
from aiohttp import web
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from hub.desk import people
from hub.hub import Hub
from hub.vitals import look, unready
from hub.web.origins import client_address

FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")


def add_routes(app: web.Application, hub: Hub) -> None:
    async def health(_: web.Request) -> web.Response:
        return _json({"ok": True, "pid": os.getpid()})

    async def readiness(_: web.Request) -> web.Response:
        reasons = await unready(hub)
        return _json({"ready": not reasons, "reasons": reasons}, 503 if reasons else 200)

    async def metrics(request: web.Request) -> web.Response:
        if not (_is_near(request, hub) or await _is_admin(request, hub)):
            raise web.HTTPNotFound
        await look(hub)
        return web.Response(body=hub.metrics.render(), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})

    app.router.add_get("/healthz", health)
    app.router.add_get("/readyz", readiness)
    app.router.add_get("/metrics", metrics)


def _json(value: object, status: int = 200) -> web.Response:
    headers = {"Cache-Control": "no-store"}
    return web.Response(
        body=msgspec.json.encode(value), status=status, content_type="application/json", headers=headers
    )


def _is_near(request: web.Request, hub: Hub) -> bool:
    """Whether somebody on this computer or in a declared network asks.

    A request that a proxy has passed on which nobody has declared comes from anywhere, whatever address it bears.
    """
    try:
        address = ipaddress.ip_address(client_address(request, hub.config.proxies).split("%")[0])
    except ValueError:
        return False
    if not hub.config.proxies and any(name in request.headers for name in FORWARDED):
        return False
    networks = (ipaddress.ip_network(name) for name in hub.config.metrics_networks)
    return address.is_loopback or any(address in network for network in networks)


async def _is_admin(request: web.Request, hub: Hub) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return False
    who = await hub.store.read(lambda conn: people.by_token(conn, token.strip(), hub.clock.now()))
    return who is not None and who.role == "admin"
