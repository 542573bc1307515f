"""The frames between the web chat page and the hub. Separate from the agents': a page learns nothing of the desk.

A visitor is known by a random token that the page keeps; the hub stores only its hash, as the identity's external id.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from hub.protocol.registry import Key, Number


class Frame(msgspec.Struct, tag_field="t", omit_defaults=True):
    """Base of all frames."""


class Hello(Frame, tag="hello"):
    """First frame. Without a token the hub makes one. `held` is the last message id that the page shows."""

    proto: int
    token: Annotated[str, Meta(max_length=64)] = ""
    held: Number = 0
    language: Annotated[str, Meta(max_length=35)] = ""
    page: Annotated[str, Meta(max_length=500)] = ""
    referrer: Annotated[str, Meta(max_length=500)] = ""


class Visit(msgspec.Struct, omit_defaults=True):
    """Where the visitor was when they wrote, as their browser says it."""

    language: Annotated[str, Meta(max_length=35)] = ""
    page: Annotated[str, Meta(max_length=500)] = ""
    referrer: Annotated[str, Meta(max_length=500)] = ""


class Say(Frame, tag="say"):
    """The visitor writes. `key` makes it safe to send again, with the same body and `visit`.

    `visit` is where the line was written, which may be long before it is sent; without it, what hello said is taken.
    """

    key: Key
    body: Annotated[str, Meta(min_length=1, max_length=8000)]
    visit: Visit | None = None


class Seen(Frame, tag="seen"):
    """The page has shown our messages up to this one: delivered, or read where the page was in view."""

    message: Number
    state: Literal["delivered", "read"]


class Typing(Frame, tag="typing"):
    on: bool = True


class Ping(Frame, tag="ping"):
    n: Number


PageFrame = Hello | Say | Seen | Typing | Ping


class Line(msgspec.Struct, omit_defaults=True):
    """A message as the visitor sees it. `key` is there on their own ones."""

    id: int
    d: str  # in: the visitor's, out: ours
    at: int
    b: str
    by: str = ""  # the agent's name
    key: str = ""


class Welcome(Frame, tag="welcome"):
    """`lines` are the visitor's own conversations, oldest first, from `held` on; and those of ours from before it that
    were held back when the page was last told.

    `whole`: they are all that the page is to show, whatever it holds: it held nothing, or too little, or lines that a
    hub restored from an older copy doesn't know. `more`: before these there are others, which were left out.
    """

    token: str
    now: int
    lines: list[Line] = []
    whole: bool = False
    more: bool = False
    read: int = 0  # the last of the visitor's messages that an agent has read
    ended: bool = False


class Ok(Frame, tag="ok"):
    key: str
    id: int
    at: int


class Refused(Frame, tag="refused"):
    """`code` is one of hub.protocol.errors; `key` names the line that was refused; for `rate_limited` and `busy`, the
    same line is welcome again after `seconds`."""

    code: str
    key: str = ""
    seconds: int = 0
    limit: str = ""  # what was exceeded, of hub.protocol.limits
    why: str = ""  # of `busy`: disk_full


class Bye(Frame, tag="bye"):
    """The hub closes this connection. `after`: milliseconds until the page should come back."""

    code: str
    after: int = 0


class Lines(Frame, tag="lines"):
    """New or changed messages."""

    lines: list[Line]


class Read(Frame, tag="read"):
    """An agent has read the visitor's messages up to this one."""

    message: int


class Typed(Frame, tag="typed"):
    on: bool
    by: str = ""


class Ended(Frame, tag="ended"):
    """The conversation was ended, or has begun again."""

    ended: bool = True


class Pong(Frame, tag="pong"):
    n: int


HubFrame = Welcome | Ok | Refused | Bye | Lines | Read | Typed | Ended | Pong

decode_page: msgspec.json.Decoder[PageFrame] = msgspec.json.Decoder(PageFrame)
decode_hub: msgspec.json.Decoder[HubFrame] = msgspec.json.Decoder(HubFrame)
encode = msgspec.json.Encoder().encode
