"""One command over many conversations. `commands` counts it among its own.

What is to be done is an ordinary command without its conversation; it is carried out for each of them as if it had been
submitted for that one, with the same rights, the same events and the same refusals.
"""

from collections.abc import Iterable
from typing import Annotated, Any, get_args

import msgspec
from msgspec import Meta

from hub.protocol.registry import NO_NUL, REGISTRY, Args, Id, command
from hub.protocol.states import Outcome

MOST = 200  # conversations in one command
MOST_TAGS = 20  # of a conversation, as `conversation.tag` has them
Tags = Annotated[list[Id], Meta(max_length=MOST_TAGS)]


class Each(msgspec.Struct, tag_field="command", forbid_unknown_fields=True, omit_defaults=True):
    """The command for each conversation: the tag is its name, the fields are its arguments without the conversation."""


class EachAssign(Each, tag="conversation.assign"):
    agent: Id


class EachTransfer(Each, tag="conversation.transfer"):
    queue: Id
    agent: Id | None = None
    comment: Annotated[str, Meta(max_length=8000, pattern=NO_NUL)] = ""


class EachTag(Each, tag="conversation.tag"):
    """What each has stays, but for these: `remove` is taken away, `add` put in."""

    add: Tags = []
    remove: Tags = []


class EachSnooze(Each, tag="conversation.snooze"):
    until: Annotated[int, Meta(ge=0, lt=2**53)]  # UTC milliseconds


class EachEnd(Each, tag="conversation.end"):
    """With the form and the topics that were saved before."""

    outcome: Outcome = Outcome.ATTENDED


class EachSpam(Each, tag="conversation.spam"):
    pass


class EachRequeue(Each, tag="conversation.requeue"):
    pass


class EachWake(Each, tag="conversation.wake"):
    pass


class EachReopen(Each, tag="conversation.reopen"):
    pass


class EachUnspam(Each, tag="conversation.unspam"):
    pass


AnyDone = EachAssign | EachTransfer | EachTag | EachSnooze | EachEnd | EachSpam
AnyBack = EachRequeue | EachWake | EachReopen | EachUnspam  # beside assigning and tags, what takes those back
AnyEach = AnyDone | AnyBack
EACH = frozenset(str(kind.__struct_config__.tag) for kind in get_args(AnyDone))  # the names of what is done to many


def command_of(do: AnyEach) -> str:
    """The name of the command that is carried out for each."""
    return str(type(do).__struct_config__.tag)


def args_for(do: AnyEach, number: int, tags: Iterable[int]) -> Args:
    """The arguments of that command for one conversation, which has these tags."""
    args = REGISTRY[command_of(do)].args
    if isinstance(do, EachTag):
        return args(conversation=number, tags=sorted((set(tags) - set(do.remove)) | set(do.add)))
    return args(conversation=number, **msgspec.structs.asdict(do))


@command(
    "conversation.bulk",
    verb="conversation.see",
    events=(
        *("message.noted", "message.sent", "conversation.changed", "conversation.shared"),
        *("conversation.tagged", "form.filled", "conversation.classified", "conversation.marked"),
    ),
    help="Do the same with up to 200 conversations. What one of them refuses holds back none of the others.",
)
class Bulk(Args):
    conversations: Annotated[list[Id], Meta(min_length=1, max_length=MOST)]
    do: AnyEach


def cost_of(args: Args) -> int:
    """As how many commands it counts."""
    return len(args.conversations) if isinstance(args, Bulk) else 1


class RowRefused(msgspec.Struct, omit_defaults=True):
    """Why nothing was done with one of the conversations, as an `error` frame would say it."""

    conversation: int
    code: str
    args: dict[str, Any] = {}
    field: str | None = None


def written(refused: list[RowRefused]) -> str:
    """As it stands in the result, which holds nothing but numbers and texts."""
    return msgspec.json.encode(refused).decode()


def refused_rows(result: dict[str, int | str | None]) -> list[RowRefused]:
    """Those that the result of the command tells were refused; the others of its conversations were done."""
    return msgspec.json.decode(str(result.get("refused") or "[]"), type=list[RowRefused])
