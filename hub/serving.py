"""A hub on the network: migrated, started, listening, and stopped in an order that loses nothing."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import structlog
from aiohttp import web

from hub import __version__
from hub.channels.outgoing import Dispatcher
from hub.channels.sample import SampleDriver
from hub.config import Config, check_exposure
from hub.hub import Hub
from hub.server import create_app
from hub.store.migrate import migrate
from hub.tls import Certificate

PATIENCE = 5.0  # seconds that open requests have to end when the hub stops

Preparation = Callable[[Config], Awaitable[None]]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Served:
    """A listening hub. `port` is the one it has got, where 0 was asked for."""

    hub: Hub
    port: int


@asynccontextmanager
async def serving(config: Config, prepare: Preparation | None = None) -> AsyncIterator[Served]:
    """Serve the desk of `config` for as long as the context lasts.

    `prepare` runs once the database is migrated, before anything listens. Raises `BadSetting` where plain HTTP would be
    open to others, OSError where the port or the certificate can't be had.
    """
    check_exposure(config)
    certificate = Certificate(config.certificate, config.certificate_key) if config.tls else None
    if config.sqlite_path is not None:
        config.sqlite_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    await migrate(config.database)
    if prepare is not None:
        await prepare(config)
    async with AsyncExitStack() as stack:
        hub = Hub(config)
        hub.certificate = certificate
        await hub.start()
        stack.push_async_callback(hub.stop)
        dispatcher = Dispatcher(hub, {"sample": SampleDriver()})
        stack.push_async_callback(dispatcher.stop)
        runner = web.AppRunner(create_app(hub), access_log=None, shutdown_timeout=PATIENCE)
        stack.push_async_callback(
            runner.cleanup
        )  # comes first: tells the clients when to come back, and waits for them
        await runner.setup()
        context = None
        if certificate is not None:
            context = certificate.context
            certificate.start()
            stack.push_async_callback(certificate.stop)
        await web.TCPSite(runner, config.host, config.port, ssl_context=context).start()
        port = int(runner.addresses[0][1])
        await dispatcher.start()
        log.info("listening", version=__version__, host=config.host, port=port, tls=config.tls)
        yield Served(hub, port)
    log.info("stopped")


def stop_signal() -> asyncio.Event:
    """Set once the process is asked to end, by SIGTERM or Ctrl+C."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked.set)
    return asked


async def serve(config: Config) -> None:
    """Serve until asked to end."""
    asked = stop_signal()
    async with serving(config):
        await asked.wait()
