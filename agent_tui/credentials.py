"""Where the token of a sign-in is kept: in the system's keyring where there is one, otherwise in the profile's file.

The keyring is not on the way to the first screen: its token is asked for when that stands.
"""

import asyncio
import dataclasses
import logging
from pathlib import Path

import msgspec

from agent_tui import profile, vault
from agent_tui.i18n import _
from agent_tui.link.address import Address
from agent_tui.link.dial import Dial, NoToken, Socket, Unreachable, dial
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
    """The token of a sign-in; empty where there is none any more. Raises vault.NoKeyring."""
    if kept.token or kept.kept != "keyring":
        return kept.token
    return await vault.within(READ, vault.read(kept.url, kept.login)) or ""


def calls(kept: Profile, shown: asyncio.Event) -> Dial:
    """How the hub is called with a sign-in: the keyring is asked for the token once, when `shown` is set."""
    asked: list[asyncio.Future[str | None]] = []

    async def call(address: Address) -> Socket:
        if address.token or kept.kept != "keyring":
            return await dial(address)
        await shown.wait()
        if not asked:
            asked.append(vault.read(kept.url, kept.login))
        try:
            token = await vault.within(READ, asked[0])
        except vault.NoKeyring as why:
            if asked[0].done():
                asked.clear()
            raise Unreachable(f"no token: {why}", "keyring") from why
        if not token:
            raise NoToken
        return await dial(dataclasses.replace(address, token=token))

    return call


async def move(folder: Path, kept: Profile) -> None:
    """Move the token of an older console's file into the keyring; where there is none, never ask again."""
    if kept.kept == "" and kept.token:
        try:
            await remember(folder, kept)
        except OSError as error:
            log.warning("the profile can't be written: %s", error)
