"""The registry of commands: what a spec says, and the types that arguments are made of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta

NO_NUL = r"^[^\x00]*$"  # PostgreSQL keeps no NUL, so no text may hold one
Id = Annotated[int, Meta(ge=1, lt=2**53)]
Body = Annotated[str, Meta(min_length=1, max_length=8000, pattern=NO_NUL)]
Word = Annotated[str, Meta(min_length=1, max_length=64, pattern=NO_NUL)]
Line = Annotated[str, Meta(max_length=200, pattern=NO_NUL)]
Text = dict[
    Annotated[str, Meta(pattern=r"^[a-z]{2,8}$")], Annotated[str, Meta(min_length=1, max_length=200, pattern=NO_NUL)]
]
Key = Annotated[str, Meta(pattern=r"^[!-~]{8,64}$")]
Code = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
Color = Annotated[str, Meta(pattern=r"^#[0-9a-f]{6}$")]
Seconds = Annotated[int, Meta(ge=0, le=10**9)]
Actor = Literal["agent", "channel", "system"]


class Args(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The arguments of a command. Unknown fields are refused by name."""


A = TypeVar("A", bound=Args)


@dataclass(frozen=True, slots=True)
class Spec:
    """One command. `verb` is the grant that it needs; `actor` is who may submit it at all.

    The effect of a `personal` one bears the agent's name, so the hub itself can't submit it.
    """

    name: str
    args: type[Args]
    verb: str
    events: tuple[str, ...]
    help: str
    actor: Actor
    personal: bool = False


REGISTRY: dict[str, Spec] = {}


def command(
    name: str,
    *,
    verb: str,
    events: tuple[str, ...],
    help: str,
    actor: Actor = "agent",
    personal: bool = False,
) -> Callable[[type[A]], type[A]]:
    """Enter a payload struct into the registry as the arguments of `name`."""

    def enter(args: type[A]) -> type[A]:
        if name in REGISTRY:
            raise ValueError(f"the command {name} is declared twice")
        REGISTRY[name] = Spec(name, args, verb, events, help, actor, personal)
        return args

    return enter
