"""The handlers of all commands. Each registers itself here under the name of its spec; `execute` runs them.

A handler is a pair: `check` only reads and may refuse, `do` writes and records events. What `check` found out it hands
to `do`. Handlers must be repeatable until they commit.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy import Connection

from hub.desk.principal import Principal
from hub.protocol.commands import REGISTRY, Args, Spec
from hub.protocol.errors import Code, Refused
from hub.store.unit import Unit

A = TypeVar("A", bound=Args)
C = TypeVar("C")
S = TypeVar("S", bound=msgspec.Struct)
Result = dict[str, int | str | None]


@dataclass(slots=True)
class Context:
    """What a handler works with: the transaction, who asks, under which key; `dispatch`: the queues to hand out;
    `recall`: milliseconds for which a message is held back; `trail`: what the audit trail is to tell of this run beyond
    its arguments, None where it need not stand there; `address`: where they are."""

    unit: Unit
    who: Principal
    key: str
    dispatch: set[int] = field(default_factory=set)
    recall: int = 0
    address: str = ""
    trail: dict[str, int | str | bool] | None = None
    acting: str = ""  # whose doing it is in the trail, where that is not `who`

    @property
    def conn(self) -> Connection:
        return self.unit.conn

    @property
    def now(self) -> int:
        return self.unit.now

    def record(self, kind: str, conversation: int | None = None, **data: Any) -> int:
        return self.unit.record(kind, self.who.name, conversation, data)

    def audit(self, acting: str = "", **about: int | str | bool) -> None:
        """Have this run stand in the audit trail, with these ids or switches beside those of its arguments."""
        self.trail = (self.trail or {}) | about
        self.acting = acting or self.acting


@dataclass(frozen=True, slots=True)
class Handler(Generic[A, C]):
    """`foresee` reads for a group of them at once what `check` will peek at."""

    check: Callable[[Context, A], C]
    do: Callable[[Context, A, C], Result]
    foresee: Callable[[Unit, list[A]], None] | None = None


_FAULT = re.compile(r"(?P<why>.*) - at (?:`key` in )?`\$\.?(?P<field>.*)`", re.DOTALL)  # as msgspec says it
_ODD = re.compile(r"Object (?:missing required|contains unknown) field `(.{1,64})`", re.DOTALL)
HANDLERS: dict[str, Handler[Any, Any]] = {}


def handle(
    name: str,
    check: Callable[[Context, A], C],
    do: Callable[[Context, A, C], Result],
    foresee: Callable[[Unit, list[A]], None] | None = None,
) -> None:
    """Enter the handler of a command that the registry declares."""
    if name not in REGISTRY:
        raise ValueError(f"{name} has no spec in hub.protocol.commands")
    if name in HANDLERS:
        raise ValueError(f"{name} has two handlers")
    HANDLERS[name] = Handler(check, do, foresee)


def decode(name: str, raw: bytes | msgspec.Raw) -> tuple[Spec, Args]:
    """Arguments from the wire. Refuses an unknown command, and bad arguments by the name of the field."""
    spec = REGISTRY.get(name)
    if spec is None:
        raise Refused(Code.UNKNOWN_COMMAND, name=name[:64])
    return spec, decode_args(spec.args, raw)


def decode_args(kind: type[S], raw: bytes | msgspec.Raw) -> S:
    """Refuses bad arguments by the name of the field."""
    try:
        return decoded(raw, kind)
    except msgspec.ValidationError as error:
        raise fault(error) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused(Code.BAD_ARGS, why=str(error)) from error


def decoded(raw: bytes | msgspec.Raw, kind: type[S]) -> S:
    """A struct from JSON, which has but one kind of number: 3.0 is the integer 3. Raises msgspec's errors."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.ValidationError as error:
        if "got `float`" not in str(error):
            raise
        try:
            return msgspec.convert(_whole(msgspec.json.decode(raw)), kind)
        except RecursionError:
            raise error from None


def _whole(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _whole(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def fault(error: msgspec.ValidationError) -> Refused:
    """What to say of a value that is not of its type: the field's name, and what it should be."""
    found = _FAULT.fullmatch(str(error))
    why, field = (found["why"], found["field"]) if found else (str(error), "")
    if odd := _ODD.fullmatch(why):
        field = f"{field}.{odd[1]}" if field else odd[1]
    return Refused(Code.BAD_ARGS, field=field or None, why=why)


def digest(name: str, args: Args) -> str:
    """What tells a repeated command from another one under the same key."""
    return hashlib.sha256(name.encode() + b"\0" + msgspec.json.encode(args)).hexdigest()[:32]
