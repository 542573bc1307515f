"""The command line's language: a line typed after `:` as an action of the console or a command of the hub.

Nothing is declared here: actions come from the console's registry, commands from the protocol's. A command goes by the
last part of its name; typed without arguments, it is the action that submits it, which asks where that is due.
"""

from collections.abc import Mapping, Sequence
from functools import cache

import msgspec

from agent_tui import filtering, names, rights
from agent_tui.actions import called
from agent_tui.arguments import Argument, BadOrder, changed_tags, fitting, taken, typed_arguments
from agent_tui.i18n import N_, _
from agent_tui.link.model import Desk
from agent_tui.shortcuts import fold
from hub.protocol import bulk
from hub.protocol.commands import REGISTRY, Args
from hub.protocol.registry import Spec
from hub.protocol.states import TRANSITIONS
from hub.protocol.views import Row

_MOVING = frozenset(row.command for row in TRANSITIONS)  # commands that the state decides about


@cache
def named() -> dict[str, Spec]:
    """The commands that can be typed, as they are typed. Found out when it is needed: no console opens with a line."""
    return {
        spec.name.rpartition(".")[2]: spec
        for spec in REGISTRY.values()
        if spec.actor == "agent" and typed_arguments(spec.args) is not None
    }


HELP = (  # of the commands that no action submits, as their specs say it
    N_("Answer the customer in an open conversation."),
    N_("Set a conversation aside until a time, or until the customer writes."),
    N_("Bring a snoozed conversation back."),
    N_("Set the tags of a conversation."),
    N_("Make a conversation a team's: its members see it, and while it waits only they are given it."),
    N_("Turn an agent's second factor off, as when they have lost it."),
    N_("Invite a colleague, who then sees the conversation, writes notes, and replies if the queue lets guests."),
    N_("Leave a conversation that I was invited to or mentioned in; or, of a conversation of mine, see a guest out."),
    N_("Put off a conversation that my queue offers: my notice of it goes, and comes back after a while."),
    N_("End a conversation as spam, and mute who wrote: what they write from then on is kept and wakes nobody."),
    N_("It was no spam: bring the conversation back to where it was, and hear its customer again."),
    N_("Mute a conversation's customer on its channel, or hear them again. What is muted is kept and wakes nobody."),
    N_("Remind of a conversation at a time: whoever has it then, otherwise me, by a private note."),
    N_("Send a message at a time, if the conversation is still with the same agent then; otherwise it comes back."),
)


class Order(msgspec.Struct, frozen=True):
    """What a name stands for: a command, the action that submits it, or an action alone."""

    name: str
    action: str = ""
    spec: Spec | None = None
    arguments: tuple[Argument, ...] = ()

    @property
    def label(self) -> str:
        return _(called(self.action).label) if self.action else ""

    @property
    def help(self) -> str:
        if self.action:
            return _(called(self.action).help)
        return _(self.spec.help) if self.spec is not None else ""


class Candidate(msgspec.Struct, frozen=True):
    """`line` is the whole line with this put in."""

    line: str
    text: str
    about: str = ""


class Ready(msgspec.Struct, frozen=True):
    """What a line says: an action to carry out, with a text where it takes one, or a command to submit. One for many
    conversations does not name them: it is about those that are marked."""

    action: str = ""
    text: str = ""
    command: str = ""
    args: Args = msgspec.field(default_factory=Args)


class Orders:
    """`row` is the conversation that orders are about, `actions` the ids of those that apply now."""

    def __init__(self, desk: Desk, row: Row | None, actions: Sequence[str], *, many: bool = False) -> None:
        """`many`: conversations are marked, and what can be done with all of them is about them."""
        self.desk, self.row, self.many = desk, row, many
        self.all: Mapping[str, Order] = _orders(actions)

    def may(self, spec: Spec) -> bool:
        """Whether the hub would take the command now, as far as the console knows."""
        if not rights.granted(self.desk, spec.verb):
            return False
        if "conversation" not in spec.args.__struct_fields__ or self._of_many(spec):
            return True
        if self.row is None or rights.only_seen(self.row):
            return False
        if spec.name == "message.send":
            return rights.may_answer(self.desk, self.row)
        if spec.name in rights.RULES:
            return rights.RULES[spec.name](self.desk, self.row)
        return spec.name not in _MOVING or rights.may(self.desk, self.row, spec.name)

    def _of_many(self, spec: Spec) -> bool:
        return self.many and spec.name in bulk.EACH

    def target(self, line: str) -> str:
        """Whom a line is about, as a person calls them: more than one conversation is in view. Empty where the line is
        about none, or about all that are marked."""
        name, *_rest = line.split(maxsplit=1) or [""]
        meant = self._meant(name) if name else []
        spec = meant[0].spec if len(meant) == 1 else None
        if self.row is None or spec is None or "conversation" not in spec.args.__struct_fields__ or self._of_many(spec):
            return ""
        return names.customer(self.row)

    def complete(self, line: str) -> list[Candidate]:
        """What the last word of a line may become; a name that nothing goes by is looked for in what orders do."""
        name, space, rest = line.lstrip().partition(" ")
        if not space:
            wanted = fold(name)
            offered = [order for order in self.all.values() if order.spec is None or self._now(order)]
            found = [one for one in offered if wanted in fold(one.name) or wanted in fold(one.label)]
            found = found or [one for one in offered if f" {wanted}" in f" {fold(one.help)}"]
            found.sort(key=lambda order: (not fold(order.name).startswith(wanted), order.spec is None, order.name))
            return [Candidate(one.name + (" " if one.arguments else ""), one.name, one.help) for one in found]
        meant = self._meant(name)
        order = meant[0] if len(meant) == 1 else None
        if order is not None and order.action == "tray.filter":
            start = line[: len(line) - len(rest)]
            return [Candidate(start + word.line, word.text) for word in filtering.complete(rest, self.desk.names)]
        if order is None or order.spec is None or not order.arguments or not self.may(order.spec):
            return []
        argument, typed = _at(order.arguments, rest)
        start = line[: len(line) - len(typed)]
        words = argument.offer(self.desk, self._about(order), self._given(order, rest, argument)) if argument else ()
        fit = fitting(words, typed.removeprefix("-"))
        if typed:  # nobody who types a tag wants it taken away
            fit = [word for word in fit if word.text.startswith("-") == typed.startswith("-")]
        return [Candidate(start + word.text, word.text, word.about) for word in fit]

    def hint(self, line: str) -> str:
        """What a line still lacks, or why it can't be done here; empty where it can be done as it is."""
        if not line.strip():
            return ""
        try:
            self.read(line)
        except BadOrder as error:
            return str(error)
        return ""

    def _about(self, order: Order) -> Row | None:
        """The conversation that an order is about; none where it is about several."""
        several = order.spec is not None and order.spec.name == "conversation.assign" and self.many
        return None if several else self.row

    def _given(self, order: Order, rest: str, argument: Argument) -> Mapping[str, object]:
        """What is typed before an argument, as far as it can be read."""
        before = order.arguments[: order.arguments.index(argument)]
        try:
            return self._values(order, " ".join(rest.split(" ")[: len(before)]), before) if before else {}
        except BadOrder:
            return {}

    def _meant(self, name: str) -> list[Order]:
        """What a name may stand for: what is called so, else what begins so, else what is labelled so in the person's
        language, or begins so there."""
        if name in self.all:
            return [self.all[name]]
        orders, wanted = sorted(self.all.values(), key=lambda order: order.name), fold(name)
        return (
            [one for one in orders if one.name.startswith(name)]
            or [one for one in orders if fold(one.label) == wanted]
            or [one for one in orders if wanted and fold(one.label).startswith(wanted)]
        )

    def _now(self, order: Order) -> bool:
        return bool(order.action) or (order.spec is not None and self.may(order.spec))

    def read(self, line: str) -> Ready:
        """What a line says to do. Raises BadOrder, naming the argument."""
        name, _space, rest = line.strip().partition(" ")
        meant = self._meant(name)
        if len(meant) != 1:
            words = _("“{name}” could be {which}") if meant else _("There is no command {name}.")
            raise BadOrder(words.format(name=name, which=", ".join(one.name for one in meant[:6])))
        order = meant[0]
        rest = rest.strip()
        if order.action and called(order.action).takes:
            return Ready(action=order.action, text=str(self._values(order, rest)["text"]))
        if order.action and not rest:
            return Ready(action=order.action)
        if order.spec is None:
            raise BadOrder(_("{name} takes no arguments.").format(name=order.name))
        values = self._values(order, rest)
        if not rights.granted(self.desk, order.spec.verb):
            raise BadOrder(_("{name} is not for your role: a supervisor can do it.").format(name=order.name))
        if not self.may(order.spec):
            raise BadOrder(_("{name} can't be done here now.").format(name=order.name))
        if self._of_many(order.spec):
            do = msgspec.convert({**values, "command": order.spec.name}, bulk.AnyDone)
            return Ready(command="conversation.bulk", args=bulk.Bulk([], do))
        if "conversation" in order.spec.args.__struct_fields__ and self.row is not None:
            values["conversation"] = self.row.id
        return Ready(command=order.spec.name, args=msgspec.convert(values, order.spec.args))

    def _values(self, order: Order, rest: str, arguments: Sequence[Argument] = ()) -> dict[str, object]:
        """What is typed for each of the arguments, those of the order unless they are given. Raises BadOrder."""
        values: dict[str, object] = {}
        for argument, typed in _parts(arguments or order.arguments, rest):
            try:
                if argument.field == "tags" and self.many:
                    values |= changed_tags(self.desk, typed)
                    continue
                values[argument.field] = argument.read(self.desk, self._about(order), values, typed)
            except BadOrder as error:
                raise argument.fault(str(error)) from error
        return values


def _parts(arguments: Sequence[Argument], rest: str) -> list[tuple[Argument, str]]:
    """What is typed for each argument. Raises BadOrder where one is missing or something is left over."""
    found = []
    for argument in arguments:
        if argument.lead and not rest.startswith(argument.lead):
            continue
        typed, _space, after = (rest, "", "") if argument.rest else rest.partition(" ")
        rest = after.strip()
        if typed:
            found.append((argument, typed))
        elif argument.required:
            raise argument.fault(argument.wanting)
    if rest:
        raise BadOrder(_("“{rest}” is too much").format(rest=rest))
    return found


def parted(spec: Spec, rest: str) -> list[tuple[Argument, str]]:
    """What is typed for each argument of a command. Raises BadOrder."""
    return _parts(typed_arguments(spec.args) or (), rest)


def _at(arguments: Sequence[Argument], rest: str) -> tuple[Argument | None, str]:
    """The argument that the end of a line is about, and what is typed of it."""
    for argument in arguments:
        if argument.lead and rest and not rest.startswith(argument.lead):
            continue
        if argument.rest and argument.field == "tags":
            return argument, rest.replace(",", " ").split(" ")[-1]
        if argument.rest or " " not in rest:
            return argument, rest
        rest = rest.partition(" ")[2]
    return None, ""


def _orders(actions: Sequence[str]) -> dict[str, Order]:
    found: dict[str, Order] = {}
    submitting = {called(name).command: name for name in reversed(actions) if called(name).command}
    for spec in REGISTRY.values():
        arguments = typed_arguments(spec.args) if spec.actor == "agent" else None
        if arguments is None or (
            not arguments and spec.name not in submitting and "conversation" not in spec.args.__struct_fields__
        ):
            continue
        name = spec.name.rpartition(".")[2]
        found[name] = Order(name, submitting.get(spec.name, ""), spec, arguments)
    used = {order.action for order in found.values()}
    for action in actions:
        if action not in used:
            short = action.rpartition(".")[2]
            alone = short not in found and sum(one.rpartition(".")[2] == short for one in actions) == 1
            name = short if alone else action
            found[name] = Order(name, action, arguments=(taken(takes),) if (takes := called(action).takes) else ())
    return found
