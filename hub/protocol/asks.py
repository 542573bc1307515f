"""What a client may ask for over its socket that no window shows: views by name, their arguments and their answer.

An answer is of the moment that it was asked for, and nothing tells when it changes.
"""

from typing import Any

import msgspec

from hub.protocol import views
from hub.protocol.registry import Args, Id


class OfMe(Args):
    pass


class OfAgent(Args):
    agent: Id | None = None  # left out: me. Anybody else takes an admin


class Asked(msgspec.Struct, frozen=True):
    args: type[Args]
    answer: Any  # a type
    help: str


ASKS: dict[str, Asked] = {
    "sessions": Asked(OfAgent, list[views.Session], "The sign-ins that are alive, the newest first."),
    "account": Asked(OfMe, views.Account, "How I sign in."),
}
