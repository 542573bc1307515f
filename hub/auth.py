"""Sign-in: passwords as argon2id, hashed off the event loop and a few at a time; opaque tokens, stored hashed."""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from hub.desk import people
from hub.desk.principal import SYSTEM
from hub.hub import Hub
from hub.protocol.commands import StartSession
from hub.protocol.errors import Code, Refused

_hasher = PasswordHasher()  # RFC 9106, second recommended option
_threads = ThreadPoolExecutor(2, thread_name_prefix="argon2")  # each takes 64 MiB while it works
_nobody: list[str] = []  # the hash that an unknown login is checked against, made when it is first needed


def hash_now(password: str) -> str:
    """PHC string of a password. Takes tens of milliseconds: never on the event loop."""
    return _hasher.hash(password)


async def hash_password(password: str) -> str:
    return await asyncio.get_running_loop().run_in_executor(_threads, hash_now, password)


def _verify(known: str | None, password: str) -> bool:
    """An unknown login costs the same time as a wrong password."""
    if known is None and not _nobody:
        _nobody.append(hash_now(secrets.token_urlsafe()))
    try:
        return _hasher.verify(known if known is not None else _nobody[0], password) and known is not None
    except (VerificationError, InvalidHashError):
        return False


async def sign_in(hub: Hub, login: str, password: str, label: str) -> str:
    """A new token for the agent. Raises `Refused(BAD_CREDENTIALS)`, whatever it was that did not fit."""
    found = await hub.store.read(lambda conn: people.credentials(conn, login.strip().lower()))
    known = None if found is None else str(found.password_hash)
    if not await asyncio.get_running_loop().run_in_executor(_threads, _verify, known, password):
        hub.attempts.sign_in_failed(None if found is None else found.id)
        raise Refused(Code.BAD_CREDENTIALS)
    return await start_session(hub, found.id, label)


async def start_session(hub: Hub, agent_id: int, label: str) -> str:
    """Hand out a token for an agent who has been identified otherwise."""
    token = secrets.token_urlsafe(32)
    hashed = people.token_hash(token)
    await hub.submit(SYSTEM, "session.start", StartSession(agent_id, hashed, label[:200]), f"session:{hashed[:32]}")
    return token
