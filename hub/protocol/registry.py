"""The registry of commands: what a spec says, and the types that arguments are made of."""

from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta

from hub.protocol import views
from hub.protocol.patterns import END as END
from hub.protocol.patterns import NO_NUL as NO_NUL
from hub.protocol.patterns import Code as Code
from hub.protocol.patterns import Language as Language
from hub.protocol.patterns import Text as Text

Id = Annotated[int, Meta(ge=1, lt=2**53)]
Number = Annotated[int, Meta(ge=0, lt=2**53)]
Body = Annotated[str, Meta(min_length=1, max_length=8000, pattern=NO_NUL)]
Word = Annotated[str, Meta(min_length=1, max_length=64, pattern=NO_NUL)]
Line = Annotated[str, Meta(max_length=200, pattern=NO_NUL)]
Key = Annotated[str, Meta(pattern=r"^[!-~]{8,64}" + END)]
Color = Annotated[str, Meta(pattern=r"^#[0-9a-f]{6}" + END)]
Seconds = Annotated[int, Meta(ge=0, le=10**9)]
Hash = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}" + END)]  # SHA-256 of a random token
Actor = Literal["agent", "channel", "system"]


class Args(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The arguments of a command. Unknown fields are refused by name."""


A = TypeVar("A", bound=Args)


class Before(msgspec.Struct, frozen=True):
    """What was there when a command was submitted: the agent who did, and the conversation that it is about."""

    me: views.Agent
    row: views.Row | None = None


class Taken(msgspec.Struct, frozen=True):
    """The command that takes another one back, as long as the fields of the conversation, or where the command is about
    none, of the agent, are as the other one left them."""

    name: str
    args: Args
    after: dict[str, Any]


Inverse = Callable[[Any, Before], Taken | None]


class Spec(msgspec.Struct, frozen=True):
    """One command. `verb` is the grant that it needs; `actor` is who may submit it at all.

    The effect of a `personal` one bears the agent's name, so the hub itself can't submit it. `inverse` says what takes
    it back (see `hub.protocol.inverses`); None: nothing does. An `audited` one stands in the audit trail.
    """

    name: str
    args: type[Args]
    verb: str
    events: tuple[str, ...]
    help: str
    actor: Actor
    personal: bool = False
    inverse: Inverse | None = None
    audited: bool = False


REGISTRY: dict[str, Spec] = {}


def command(
    name: str,
    *,
    verb: str,
    events: tuple[str, ...],
    help: str,
    actor: Actor = "agent",
    personal: bool = False,
    audited: bool = False,
) -> Callable[[type[A]], type[A]]:
    """Enter a payload struct into the registry as the arguments of `name`.

    What takes the grant to manage something is audited whether or not it says so.
    """

    def enter(args: type[A]) -> type[A]:
        if name in REGISTRY:
            raise ValueError(f"the command {name} is declared twice")
        managed = verb.endswith(".manage")
        REGISTRY[name] = Spec(name, args, verb, events, help, actor, personal, audited=audited or managed)
        return args

    return enter
