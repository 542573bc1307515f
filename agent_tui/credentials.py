"""Where the token of a sign-in is kept: in the system's keyring where there is one, otherwise in the profile's file.

The keyring is not on the way to the first screen: its token is asked for when that stands.
"""

import asyncio
import fcntl
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from agent_tui import profile, vault
from agent_tui.i18n import _
from agent_tui.link.sign_in import Tokens
from agent_tui.profile import Profile

log = logging.getLogger(__name__)

WRITE = 10.0  # seconds to take a token in, with a desktop that may first ask its owner to unlock the keyring
READ = 20.0  # seconds to give it out; after those it is told, and asked for again


async def remember(folder: Path, made: Profile) -> Profile:
    """Keep a fresh sign-in in place of the last one; returns it with the place of its token. Raises OSError."""
    before = last(folder)
    try:
        await vault.within(WRITE, vault.write(made.url, made.login, made.token))
    except vault.NoKeyring as why:
        log.info("no keyring: %s", why)
        made = msgspec.structs.replace(made, kept="file")
        profile.save(folder, made)
    else:
        made = msgspec.structs.replace(made, kept="keyring")
        profile.save(folder, msgspec.structs.replace(made, token=""))
    if before is not None and (before.url, before.login) != (made.url, made.login):
        await forget(before)
    return made


async def renew(folder: Path, made: Profile) -> Profile:
    """Keep the next tokens of a sign-in where the last ones are. A keyring that does not take them costs the file.
    Raises OSError."""
    if made.kept == "file":
        profile.save(folder, made)
        return made
    kept = await remember(folder, made)
    return kept if kept.kept == "file" else msgspec.structs.replace(kept, token="")


async def forget(kept: Profile) -> None:
    """Take a token out of the keyring, if it is there."""
    if kept.kept == "keyring":
        try:
            await vault.within(WRITE, vault.delete(kept.url, kept.login))
        except vault.NoKeyring as why:
            log.warning("a token stays in the keyring: %s", why)


def last(folder: Path) -> Profile | None:
    """The sign-in of last time; one that can't be read counts as none, since signing in again replaces it."""
    try:
        return profile.load(folder)
    except profile.Unreadable:
        return None


def place_of(kept: Profile, folder: Path) -> str:
    """Where the token is, as a sentence."""
    if kept.kept == "keyring":
        return _("The token is in the system's keyring.")
    path = profile.path_in(folder)
    return _("There is no system keyring here: the token is in {file}, which only you can read.").format(file=path)


async def token_of(kept: Profile) -> str:
    """The token of a sign-in that ends it; empty where there is none any more. Raises vault.NoKeyring."""
    if kept.token or kept.kept != "keyring":
        return unpacked(kept.token).refresh
    token = await vault.within(READ, vault.read(kept.url, kept.login))
    return unpacked(token or "").refresh


async def move(folder: Path, kept: Profile) -> None:
    """Move the token of an older console's file into the keyring; where there is none, never ask again."""
    async with locked(folder):
        now = last(folder)
        if now is not None and now.kept == "" and now.token and (now.url, now.login) == (kept.url, kept.login):
            try:
                await remember(folder, now)
            except OSError as error:
                log.warning("the profile can't be written: %s", error)


# -- tokens, as they are kept ------------------------------------------------------------------------------------------


def packed(tokens: Tokens) -> str:
    return msgspec.json.encode(tokens).decode()


def unpacked(kept: str) -> Tokens:
    """What is no pair is the one token that there was in the past: it counts as the one that is exchanged."""
    if kept.startswith("{"):
        try:
            return msgspec.json.decode(kept, type=Tokens)
        except msgspec.DecodeError:
            log.warning("the tokens that are kept can't be read")
    return Tokens(kept)


def _lock_in(folder: Path) -> int:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return os.open(folder / "profile.lock", os.O_RDWR | os.O_CREAT, 0o600)


@asynccontextmanager
async def locked(folder: Path) -> AsyncIterator[None]:
    """Alone among this person's consoles on this machine, to exchange tokens. Raises OSError."""
    lock = _lock_in(folder)
    taking: asyncio.Future[None] | None = None
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            taking = asyncio.ensure_future(asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX))
            await asyncio.shield(taking)
        yield
    finally:
        if taking is None or taking.done():
            os.close(lock)
        else:
            taking.add_done_callback(lambda _: os.close(lock))
