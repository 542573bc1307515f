"""A hub on the network: migrated, started, listening, and stopped in an order that loses nothing."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import structlog
from aiohttp import web

from hub import __version__
from hub.channels.api import ApiDriver
from hub.channels.outgoing import Dispatcher
from hub.channels.sample import SampleDriver
from hub.config import Config, check_exposure
from hub.hooks.dispatcher import Webhooks
from hub.hooks.egress import Egress
from hub.hub import Hub
from hub.logs import watch_loop
from hub.server import create_app
from hub.settled import settle
from hub.stopping import Stop
from hub.tls import Certificate
from hub.upkeep.housekeeping import Housekeeping
from hub.upkeep.upgrade import upgrade
from hub.web import requests

PATIENCE = 5.0  # seconds that open requests have to end when the hub stops

Preparation = Callable[[Config], Awaitable[None]]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Served:
    """A listening hub. `port` is the one it has got, where 0 was asked for."""

    hub: Hub
    port: int


@asynccontextmanager
async def serving(
    config: Config, prepare: Preparation | None = None, stop: Stop | None = None
) -> AsyncIterator[Served]:
    """Serve the desk of `config` for as long as the context lasts.

    `prepare` runs once the database is migrated, before anything listens. At the end clients are answered and told when
    to come back, while `/readyz` says that the hub is draining; only then is it closed. `stop` may hurry that.

    Raises `BadSetting` where plain HTTP would be open to others, OSError where port or certificate can't be had.
    """
    check_exposure(config)
    watch_loop()
    certificate = Certificate(config.certificate, config.certificate_key) if config.tls else None
    if config.sqlite_path is not None:
        config.sqlite_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    copied = await upgrade(config)
    if copied is not None:
        log.info("upgraded", copy=str(copied))
    if prepare is not None:
        await prepare(config)
    async with AsyncExitStack() as stack:
        hub = Hub(config)
        hub.certificate = certificate
        await hub.start()
        stack.push_async_callback(hub.stop)
        housekeeping = Housekeeping(hub)
        stack.push_async_callback(housekeeping.stop)
        await housekeeping.start()
        egress = Egress(config.webhook_networks)
        await egress.start()
        stack.push_async_callback(egress.stop)
        dispatcher = Dispatcher(hub, {"sample": SampleDriver(), "api": ApiDriver(hub, egress)})
        stack.push_async_callback(dispatcher.stop, config.drain_seconds / 4)
        webhooks = Webhooks(hub, egress)
        stack.push_async_callback(webhooks.stop)
        runner = requests.runner(create_app(hub), hub, patience=PATIENCE)
        stack.push_async_callback(runner.cleanup)
        await runner.setup()
        context = None
        if certificate is not None:
            context = certificate.context
            certificate.start()
            stack.push_async_callback(certificate.stop)
        await web.TCPSite(runner, config.host, config.port, ssl_context=context).start()
        port = int(runner.addresses[0][1])
        await dispatcher.start()
        await webhooks.start()
        log.info("listening", version=__version__, host=config.host, port=port, tls=config.tls)
        stack.push_async_callback(_drain, hub, stop)
        yield Served(hub, port)
    log.info("stopped")


async def _drain(hub: Hub, stop: Stop | None) -> None:
    log.info("draining", consoles=len(hub.connections), pages=len(hub.pages), waiting=hub.store.writer.waiting)
    await hub.farewell(stop.hurry if stop is not None else None)


async def serve(config: Config) -> None:
    """Serve until asked to end."""
    stop = Stop(config.drain_seconds).listen()
    async with serving(config, stop=stop):
        settle()
        await stop.asked.wait()
    stop.done()
