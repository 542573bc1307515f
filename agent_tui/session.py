"""This console's session at its hub: the tokens that it calls with, and how it gets the next ones.

A token calls for some minutes; then the other one of the pair is exchanged for the next pair. The new pair is where it
is kept, keyring or file, before anything is done with it: a crash in between loses no session, for the hub gives the
same pair again to who comes with the old one. Consoles that share a profile exchange one after the other, and each
looks first whether another has done it already; each exchange is one of the pair's and no console ends another's.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec

from agent_tui import credentials, vault
from agent_tui.link.address import Address
from agent_tui.link.dial import NoToken, SignedOut, Socket, Unreachable, dial
from agent_tui.link.sign_in import NotSignedIn, Tokens, exchange
from agent_tui.profile import Profile
from hub.protocol.errors import Code

log = logging.getLogger(__name__)


class Session:
    """`folder` holds the profile; the keyring is asked once `shown` is set, when the first screen stands."""

    def __init__(self, folder: Path, made: Profile, shown: asyncio.Event, now: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._profile = made
        self._shown = shown
        self._now = now
        self._held: Tokens | None = None
        self._asked: asyncio.Future[str | None] | None = None  # a question to the keyring that is not answered yet

    @property
    def url(self) -> str:
        return self._profile.url

    async def call(self, address: Address) -> Socket:
        """Call the hub, with another token where this one is over. Raises Unreachable, SignedOut, NoToken."""
        token = await self.access()
        try:
            return await dial(replace(address, token=token))
        except SignedOut:
            fresh = await self.access(refused=token)
            if fresh == token:
                raise
            return await dial(replace(address, token=fresh))

    async def access(self, refused: str = "") -> str:
        """A token to call with; another one than `refused`. Raises Unreachable, SignedOut, NoToken."""
        if self._held is None:
            self._held = await self._kept()
        if not self._is_good(self._held, refused):
            self._held = await self._next(refused)
        return self._held.access

    def _is_good(self, tokens: Tokens, refused: str) -> bool:
        return tokens.good(self._now()) and tokens.access != refused

    async def _next(self, refused: str) -> Tokens:
        try:
            async with credentials.locked(self._folder):
                ours = self._is_ours()
                tokens = await self._kept() if ours else self._held
                if tokens is not None and self._is_good(tokens, refused):
                    return tokens
                if tokens is None:
                    raise NoToken
                made = await self._exchanged(tokens.refresh)
                if ours:
                    await self._keep(made)
                return made
        except OSError as error:
            raise Unreachable(f"tokens can't be kept: {error}", "not_stored") from error

    def _is_ours(self) -> bool:
        """Whether the profile is still of this sign-in; it is another's where they have signed in meanwhile."""
        now = credentials.last(self._folder)
        if now is None or (now.url, now.login) != (self._profile.url, self._profile.login) or not now.signed_in:
            return False
        self._profile = now
        return True

    async def _keep(self, made: Tokens) -> None:
        """Where the last pair was, or wherever there is room for it. Raises OSError."""
        profile = msgspec.structs.replace(self._profile, token=credentials.packed(made))
        self._profile = await credentials.renew(self._folder, profile)

    async def _exchanged(self, refresh: str) -> Tokens:
        try:
            return await exchange(self.url, refresh)
        except NotSignedIn as refusal:
            if refusal.code == Code.SIGNED_OUT:
                raise SignedOut(refusal.code) from refusal
            raise Unreachable(refusal.code) from refusal

    async def _kept(self) -> Tokens:
        """What is kept. Raises NoToken, Unreachable."""
        kept = self._profile.token
        if not kept and self._profile.kept == "keyring":
            kept = await self._from_keyring()
        if not kept:
            raise NoToken
        return credentials.unpacked(kept)

    async def _from_keyring(self) -> str:
        """One question at a time, however long it takes: its owner may have to unlock the keyring first."""
        await self._shown.wait()
        if self._asked is None:
            self._asked = vault.read(self._profile.url, self._profile.login)
        asked = self._asked
        try:
            kept = await vault.within(credentials.READ, asked)
        except vault.NoKeyring as why:
            raise Unreachable(f"no token: {why}", "keyring") from why
        finally:
            if asked.done():
                self._asked = None
        return kept or ""
