"""Who a visitor of a web chat is to the hub, and what their page is told.

A visitor is known by a random token of 256 bits that the hub makes and the page keeps. The hub stores only a hash of
it, as the identity's external id; everything a page reads or marks is looked up under that id, so that without the
token nobody reaches the conversation. The token travels in the first frame only: never in an address, never into a log.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass, field

from hub.protocol import visitor

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # 32 random bytes, base64url
HISTORY = 100  # lines that a page is given at hello


def token_or_new(token: str) -> str:
    """The token that a page brought, or a new one where it brought none that the hub could have made."""
    return token if TOKEN.fullmatch(token) else secrets.token_urlsafe(32)


@dataclass(frozen=True, slots=True)
class WebChannel:
    """A configured web chat. `origins` are the sites that may embed it, as scheme://host[:port]."""

    id: int
    slug: str
    name: dict[str, str]
    origins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person on a web channel, as the hub knows them."""

    channel: int
    external_id: str

    @classmethod
    def of(cls, channel: int, token: str) -> "Visitor":
        return cls(channel, "web:" + hashlib.sha256(token.encode()).hexdigest()[:40])

    def command_key(self, key: str) -> str:
        """A command key that no other visitor's can equal."""
        return f"v:{self.external_id[4:20]}:{key}"

    def page_key(self, command_key: str) -> str:
        """The key by which the page knows its own line; empty where the line did not come from a page."""
        return command_key.removeprefix(self.command_key("")) if command_key.startswith("v:") else ""


@dataclass(frozen=True, slots=True)
class History:
    """A visitor's conversations as of journal number `seq`; `conversation` is the latest, 0 where there is none."""

    seq: int
    conversation: int = 0
    lines: list[visitor.Line] = field(default_factory=list)
    whole: bool = True
    more: bool = False
    read: int = 0
    ended: bool = False


@dataclass(frozen=True, slots=True)
class News:
    """Something that a visitor's page is told. `seq` is 0 for what is not journaled (typing)."""

    seq: int
    conversation: int
    frame: visitor.HubFrame
