"""Passwords as argon2id, hashed off the event loop and a few at a time; and tokens for who was identified otherwise."""

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from hub.desk import people
from hub.desk.principal import SYSTEM
from hub.hub import Hub
from hub.protocol.accounts import StartSession
from hub.protocol.errors import Code, Refused

T = TypeVar("T")
LEAST = 8  # characters of a password
MOST = 256
THREADS = 2  # each takes 64 MiB while it works
WAITING = 64  # that wait for a thread; further ones are told to come again
_hasher = PasswordHasher()  # RFC 9106, second recommended option
_nobody: list[str] = []  # the hash that an unknown login is checked against, made when it is first needed


class Line:
    """Work for a few threads, and a line in front of them that doesn't grow without bound."""

    def __init__(self, threads: int, waiting: int) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="argon2")
        self._most = threads + waiting
        self._inside = 0

    async def run(self, work: Callable[[], T]) -> T:
        """Raises `Refused(BUSY)` at once where the line is full."""
        if self._inside >= self._most:
            raise Refused(Code.BUSY)
        self._inside += 1
        done = asyncio.get_running_loop().run_in_executor(self._threads, work)
        done.add_done_callback(self._leave)  # also where nobody waits for it any more
        return await asyncio.shield(done)

    def _leave(self, _: object) -> None:
        self._inside -= 1


_line = Line(THREADS, WAITING)


def hash_now(password: str) -> str:
    """PHC string of a password. Takes tens of milliseconds: never on the event loop."""
    return _hasher.hash(password)


async def hash_password(password: str) -> str:
    return await _line.run(lambda: hash_now(password))


async def fits(known: str | None, password: str) -> bool:
    """Whether a password is that of a hash; an unknown login (None) costs the same time. Raises `Refused(BUSY)`."""
    return await _line.run(lambda: _verify(known, password))


def _verify(known: str | None, password: str) -> bool:
    if known is None and not _nobody:
        _nobody.append(hash_now(secrets.token_urlsafe()))
    try:
        return _hasher.verify(known if known is not None else _nobody[0], password) and known is not None
    except (VerificationError, InvalidHashError):
        return False


def check_password(password: str, field: str) -> None:
    """Refuse what is too short to be a password, or too long to be one in earnest."""
    if len(password) < LEAST:
        raise Refused(Code.BAD_ARGS, field=field, why=f"fewer than {LEAST} characters", least=LEAST)
    if len(password) > MOST:
        raise Refused(Code.TOO_LONG, field=field, limit=MOST)


async def start_session(hub: Hub, agent_id: int, label: str) -> str:
    """A token, good as long as its session, for an agent who was identified otherwise."""
    token = secrets.token_urlsafe(32)
    start = StartSession(agent_id, people.token_hash(token), label[:200], kind="embedded")
    await hub.submit(SYSTEM, "session.start", start, f"session:{start.token_hash[:32]}")
    return token
