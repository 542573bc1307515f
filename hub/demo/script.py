"""What the sample desk's data files may say, and reading them."""

import re
import tomllib
from importlib.resources import files
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

UNITS = {"h": 3_600_000, "m": 60_000, "s": 1000}


Ago = Annotated[str, Meta(pattern=r"^(\d+h)?(\d+m)?(\d+s)?$", min_length=2)]
"""How long before the desk was made, as `20h31m`."""


def milliseconds(ago: str) -> int:
    return sum(int(n) * UNITS[unit] for n, unit in re.findall(r"(\d+)([hms])", ago))


class Agent(msgspec.Struct, forbid_unknown_fields=True):
    """`since`: how long they have been in their status."""

    login: str
    name: str
    role: Literal["agent", "supervisor"]
    status: Literal["online", "resting", "lunch", "documenting", "offline"]
    since: Ago


class Queue(msgspec.Struct, forbid_unknown_fields=True):
    code: str
    name: dict[str, str]
    capacity: int
    primary: list[str]
    support: list[str]


class Channel(msgspec.Struct, forbid_unknown_fields=True):
    slug: str
    app: Literal["web", "whatsapp", "telegram", "messenger", "instagram", "mail"]
    driver: Literal["web", "sample"]
    name: dict[str, str]
    color: str
    window: int = 0


class Step(msgspec.Struct, forbid_unknown_fields=True, array_like=True):
    """One thing that happened."""

    ago: Ago
    what: Annotated[str, Meta(pattern=r"^(in|open|(out|note|end)(:[a-z]+)?)$")]
    text: str = ""


class Conversation(msgspec.Struct, forbid_unknown_fields=True):
    channel: str
    key: str
    lines: list[Step]
    name: str = ""
    phone: str = ""
    agent: str = ""
    tags: list[str] = []
    replies: list[str] = []
    page: str = ""
    language: str = ""


class Desk(msgspec.Struct, forbid_unknown_fields=True):
    entity: str
    queue: Queue
    agent: list[Agent]
    channel: list[Channel]
    tags: dict[str, str]
    shortcuts: dict[str, str]
    conversation: list[Conversation]


class Story(msgspec.Struct, forbid_unknown_fields=True):
    """What one kind of customer says: all of `opening`, then one of `replies` for every answer."""

    channel: str
    opening: list[str]
    replies: list[str]
    page: str = ""


class Customers(msgspec.Struct, forbid_unknown_fields=True):
    first_names: list[str]
    last_names: list[str]
    nudge: list[str]
    story: list[Story]


def _read(name: str) -> object:
    return tomllib.loads((files("hub.demo") / name).read_text(encoding="utf-8"))


def read_desk() -> Desk:
    return msgspec.convert(_read("desk.toml"), Desk)


def read_customers() -> Customers:
    return msgspec.convert(_read("customers.toml"), Customers)
