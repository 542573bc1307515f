"""What a person changes of their own account. Over HTTP and never through the outbox: a password is on no disk."""

from typing import Protocol

import msgspec

from agent_tui import text
from agent_tui.link.dial import NoToken, SignedOut, Unreachable
from agent_tui.link.sign_in import NotSignedIn, S, ask
from hub.protocol.errors import Code


class Access(Protocol):
    """Who can call a hub: `session.Session`."""

    @property
    def url(self) -> str: ...

    async def access(self, refused: str = "") -> str: ...


class Enrolment(msgspec.Struct):
    """What an authenticator is given: the secret to type, the same as an address for a QR code."""

    secret: str
    uri: str


class _Done(msgspec.Struct):
    pass


class _Codes(msgspec.Struct):
    recovery: list[str]


class Account:
    """Every call raises NotSignedIn, whose code says why."""

    def __init__(self, access: Access) -> None:
        self._access = access

    async def change_password(self, password: str, new: str) -> None:
        """All sessions end, this one too."""
        await self._ask("password", _Done, password=password, new=new)

    async def enrol(self, password: str) -> Enrolment:
        """A second factor, which counts once a code of it was shown."""
        return text.scrub(await self._ask("factor/enrol", Enrolment, password=password))

    async def confirm(self, code: str) -> list[str]:
        """The second factor counts; returns the recovery codes."""
        return text.scrub(await self._ask("factor/confirm", _Codes, code=code)).recovery

    async def drop(self, password: str) -> None:
        """Turn the second factor off."""
        await self._ask("factor/drop", _Done, password=password)

    async def _ask(self, path: str, meant: type[S], **body: str) -> S:
        try:
            return await ask(self._access.url, path, await self._access.access(), meant, **body)
        except (SignedOut, NoToken) as error:
            raise NotSignedIn(Code.SIGNED_OUT) from error
        except Unreachable as error:
            raise NotSignedIn("unreachable") from error
