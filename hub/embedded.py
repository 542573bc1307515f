"""The hub that a console starts for itself: one a folder, found by its files, gone when nobody needs it any more.

In the folder: `hub.lock` is held (flock) by the one hub that runs there; `port` keeps the port, so that the address
outlives a restart; `hub.json` is written when the hub is ready and says where it is and how to sign in; `keepers.lock`
is held, shared, by every console that wants the hub; `hub.log`. Whoever finds no holder of `keepers.lock` for half a
minute is alone, and the hub ends itself.
"""

import asyncio
import contextlib
import errno
import fcntl
import json
import os
import random
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import structlog
from sqlalchemy import Connection, select

from hub.auth import start_session
from hub.config import Config
from hub.demo.customers import SampleCustomers
from hub.demo.desk import make_desk
from hub.demo.script import read_desk
from hub.desk import people
from hub.desk.tables import agent, channel
from hub.hub import Hub
from hub.serving import Served, serving
from hub.settled import settle
from hub.stopping import Stop

PORTS = range(20_000, 30_000)  # below those that systems give to outgoing connections: those would take a kept one
LONELY = 30.0  # seconds without a console, after which the hub ends itself
LOOK = 1.0  # seconds between two looks at the consoles' lock; an flock can't be waited for without taking it
GLANCES, GLANCE = 10, 0.05  # tries for the hub's lock, and seconds between them
DESK = ("hub.db", "hub.db-wal", "hub.db-shm", "hub.json", "token")
MARK, MADE = "sample", "made"  # a file in a folder whose desk is a sample, and what it says once that is whole

log = structlog.get_logger(__name__)


class Occupied(Exception):
    """Another hub runs in this folder."""


class NotASample(Exception):
    """The folder's desk was not made as a sample, so it is not thrown away."""


@contextlib.contextmanager
def sole(folder: Path) -> Iterator[None]:
    """Be the only hub of a folder, which is made if need be. Raises `Occupied`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(folder / "hub.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _take(lock, folder)
        yield
    finally:
        os.close(lock)


def _take(lock: int, folder: Path) -> None:
    """Consoles hold the lock for an instant, to see whether a hub does: only one that stays held is another hub's."""
    for _ in range(GLANCES):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(GLANCE)
        else:
            return
    raise Occupied(str(folder))


def start_over(folder: Path) -> None:
    """Throw a sample desk away. Raises `NotASample` where there is a desk that may be somebody's."""
    if (folder / "hub.db").exists() and not (folder / MARK).exists():
        raise NotASample(str(folder))
    for name in DESK:
        (folder / name).unlink(missing_ok=True)


async def serve_embedded(config: Config, *, sample: bool, lonely: float = LONELY) -> None:
    """Serve a folder's desk on 127.0.0.1 until asked to end, or until no console has wanted it for `lonely` seconds.

    The folder must be ours: call inside `sole`. Raises `NotASample` where `sample` is asked for beside another desk.
    """
    folder = config.data
    (folder / "hub.json").unlink(missing_ok=True)
    config = replace(
        config, host="127.0.0.1", port=kept_port(folder) or free_port(), database="", public_url="", proxies=()
    )
    if sample:
        config = replace(config, entity=read_desk().entity)
        if not whole(folder):
            start_over(folder)
    stop = Stop(config.drain_seconds).listen()
    try:
        await _serve(config, stop, sample=sample, lonely=lonely)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        log.info("port_taken", port=config.port)
        await _serve(replace(config, port=free_port()), stop, sample=sample, lonely=lonely)


def whole(folder: Path) -> bool:
    """Whether the folder's sample desk was made to its end."""
    try:
        return (folder / MARK).read_text(encoding="ascii") == MADE
    except FileNotFoundError:
        return False


async def make_sample(config: Config) -> None:
    """Make the sample desk. One that was broken off in the making is thrown away at the next start."""
    if not whole(config.data):
        write_privately(config.data / MARK, "")
        await make_desk(config)
        write_privately(config.data / MARK, MADE)


def kept_port(folder: Path) -> int:
    """The port of last time; 0 where there was none, or it can't be read."""
    try:
        return int((folder / "port").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0


def free_port() -> int:
    """A port that nobody listens on and that no outgoing connection is given, so that it can be had again next time.

    0, which is any port, where all that were tried are taken.
    """
    for port in random.sample(PORTS, 20):
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind(("127.0.0.1", port))
            except OSError as error:
                if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                    raise
            else:
                return port
    return 0


async def _serve(config: Config, stop: Stop, *, sample: bool, lonely: float) -> None:
    async with serving(config, make_sample if sample else None, stop) as served:
        customers = SampleCustomers(served.hub) if sample else None
        write_privately(config.data / "port", str(served.port))
        await announce(config.data, served)
        settle()
        try:
            if customers is not None:
                await customers.start()
            await until_lonely(config.data / "keepers.lock", stop.asked, lonely)
        finally:
            (config.data / "hub.json").unlink(missing_ok=True)
            if customers is not None:
                await customers.stop()


async def announce(folder: Path, served: Served) -> None:
    """Write hub.json: where the hub is, and a token for the first agent who can serve there."""
    url = f"http://127.0.0.1:{served.port}"
    login, slug = await served.hub.store.read(_welcomed)
    said = {
        "url": url,
        "chat": f"{url}/chat/{slug}" if slug else "",
        "pid": os.getpid(),
        "token": await _token(folder, served.hub, login) if login else "",
        "agent": login,
    }
    write_privately(folder / "hub.json", json.dumps(said))


def _welcomed(conn: Connection) -> tuple[str, str]:
    """(login of the agent to sign in, slug of the web chat), empty where there is none."""
    login = conn.scalar(select(agent.c.login).where(agent.c.active.is_(True)).order_by(agent.c.id).limit(1))
    slug = conn.scalar(select(channel.c.slug).where(channel.c.driver == "web").order_by(channel.c.id).limit(1))
    return login or "", slug or ""


async def _token(folder: Path, hub: Hub, login: str) -> str:
    """The token of last time if it is still good, so that a console that outlived the hub need not sign in anew."""
    kept = folder / "token"
    with contextlib.suppress(FileNotFoundError):
        token = kept.read_text(encoding="ascii")
        if await hub.store.read(lambda conn: people.by_token(conn, token, hub.clock.now())) is not None:
            return token
    found = await hub.store.read(lambda conn: people.credentials(conn, login))
    token = await start_session(hub, found.id, "console")
    write_privately(kept, token)
    return token


def write_privately(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    draft = path.with_name(path.name + ".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


async def until_lonely(keepers: Path, asked: asyncio.Event, lonely: float) -> None:
    """Return when `asked` is set, or when nobody has held the consoles' lock for `lonely` seconds."""
    loop = asyncio.get_running_loop()
    lock = os.open(keepers, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        seen = loop.time()
        while not asked.is_set():
            if _held(lock):
                seen = loop.time()
            elif loop.time() - seen >= lonely:
                log.info("nobody_left")
                return
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(LOOK, lonely)):
                    await asked.wait()
    finally:
        os.close(lock)


def _held(lock: int) -> bool:
    """Whether a console holds the lock. It is ours for a moment where none does; consoles wait for theirs."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(lock, fcntl.LOCK_UN)
    return False
