"""The system's keyring, for tokens.

What stands behind it (D-Bus, a desktop that asks for a password, another vendor's daemon) may be slow, hang, raise
anything, or not be there. So the library is imported and called in a thread of its own, and waited for no longer than
was said. A thread that hangs is left alone: it does not keep the console from ending.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "bandeja"
LEAST = 1.0  # the library's own priority from which on a backend is one to recommend
T = TypeVar("T")


class NoKeyring(Exception):
    """There is none that could be used now; the text says why, for the log."""


def begin(work: Callable[["KeyringBackend"], T]) -> "asyncio.Future[T]":
    """Have something done with the keyring; whoever waits for it learns of any error of the backend's."""
    loop = asyncio.get_running_loop()
    asked: asyncio.Future[T] = loop.create_future()
    asked.add_done_callback(lambda done: done.cancelled() or done.exception())  # also where nobody waits any more

    def run() -> None:
        try:
            settle = partial(asked.set_result, work(_backend()))
        except Exception as error:  # noqa: BLE001 - a backend may raise anything
            settle = partial(asked.set_exception, error)
        with contextlib.suppress(RuntimeError):  # the console has ended meanwhile
            loop.call_soon_threadsafe(settle)

    threading.Thread(target=run, name="keyring", daemon=True).start()
    return asked


async def within(seconds: float, asked: "asyncio.Future[T]") -> T:
    """The outcome of what was begun. Raises NoKeyring; it may be waited for again where it had not come in time."""
    done, _ = await asyncio.wait({asked}, timeout=seconds)
    if not done:
        raise NoKeyring(f"it has not answered for {seconds:g} s")
    if (error := asked.exception()) is not None:
        raise NoKeyring(f"{type(error).__name__}: {error}") from error
    return asked.result()


def read(url: str, login: str) -> "asyncio.Future[str | None]":
    return begin(lambda backend: backend.get_password(SERVICE, _name(url, login)))


def write(url: str, login: str, token: str) -> "asyncio.Future[None]":
    """Keep a token; an error where it does not read back as it was."""

    def put(backend: "KeyringBackend") -> None:
        backend.set_password(SERVICE, _name(url, login), token)
        if backend.get_password(SERVICE, _name(url, login)) != token:
            raise NoKeyring("what was put in did not come out")

    return begin(put)


def delete(url: str, login: str) -> "asyncio.Future[None]":
    return begin(lambda backend: backend.delete_password(SERVICE, _name(url, login)))


def _name(url: str, login: str) -> str:
    return f"{login} {url}"


def _backend() -> "KeyringBackend":
    import keyring

    backend = keyring.get_keyring()
    if backend.priority < LEAST:
        raise NoKeyring(f"{type(backend).__module__} is none to keep secrets in")
    return backend
