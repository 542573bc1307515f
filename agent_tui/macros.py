"""Macros: lists of actions under one name, written in a keymap file or recorded at the console.

A step is an action's id, a command's name with arguments as they are typed after `:`, or another macro:

    [macros]
    thanks = ["conversation.open", "conversation.tag vip", "message.send Gracias por escribir", "tray.next"]

    [tray]
    macro.thanks = ["g t"]

What is recorded goes by a letter. A macro may play another one, but never itself.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

import msgspec

from agent_tui.actions import ACTIONS, COMPOSER, DESK, MARK
from agent_tui.arguments import BadOrder
from agent_tui.i18n import _
from agent_tui.orders import named, parted
from hub.protocol.commands import REGISTRY

PREFIX, RECORD, PLAY = "macro.", "macro.record", "macro.play"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
RECORDED = re.compile(r"(\d{0,2})([a-z])")  # how often, and the letter of a recorded one
LONGEST = 1000  # steps, with those of the macros that it plays
_NO_STEP = {"message.send", "composer.newline", "composer.shortcuts", "palette", "command", "jump", RECORD}
_NOT_RECORDED = _NO_STEP | {PLAY, "help", "redraw"}


class Endless(Exception):
    """A macro that plays itself, or has too many steps; says so."""


class Step(msgspec.Struct, frozen=True):
    """One thing to do: an action, with a text where it takes one; a line for the command line; or macros to play."""

    text: str
    action: str = ""
    line: str = ""
    plays: str = ""
    times: int = 1


def read(text: str, written: Collection[str]) -> Step:
    """A step as it is written; `written` are the names of macros. Raises BadOrder, as far as can be told without a
    desk."""
    name, _space, rest = text.strip().partition(" ")
    rest = rest.strip()
    if name == PLAY:
        played = RECORDED.fullmatch(rest)
        if played is None:
            raise BadOrder(_("{name} takes a letter, and how often before it: 3a").format(name=name))
        return Step(text, plays=played[2], times=int(played[1] or 1))
    if name.startswith(PREFIX) and name != RECORD:
        if name.removeprefix(PREFIX) not in written:
            raise BadOrder(_("there is no macro {name}").format(name=name.removeprefix(PREFIX)))
        if rest:
            raise BadOrder(_("{name} takes no arguments.").format(name=name))
        return Step(text, plays=name)
    if name in ACTIONS and (not rest or ACTIONS[name].takes or not ACTIONS[name].command):
        return _action(text, name, rest)
    command = ACTIONS[name].command if name in ACTIONS else name
    spec = REGISTRY.get(command) or named().get(command)
    if spec is None or named().get(spec.name.rpartition(".")[2]) is not spec:
        raise BadOrder(_("there is no action {name}").format(name=name))
    for argument, typed in parted(spec, rest):
        if argument.check is not None:
            try:
                argument.check(typed)
            except BadOrder as error:
                raise argument.fault(str(error)) from error
    return Step(text, line=f"{spec.name.rpartition('.')[2]} {rest}".strip())


def _action(text: str, name: str, rest: str) -> Step:
    action = ACTIONS[name]
    if name in _NO_STEP or (action.places and not {*action.places} & {*DESK, MARK, COMPOSER}):
        raise BadOrder(_("{name} can't be a step of a macro").format(name=name))
    if rest and not action.takes:
        raise BadOrder(_("{name} takes no arguments.").format(name=name))
    if action.takes and not rest:
        raise BadOrder(_("{name}: say which").format(name=name))
    return Step(text, action=name, line=rest)


def is_recorded(action: str, text: str) -> bool:
    """Whether an action that a person does on the desk is one to do again."""
    return action not in _NOT_RECORDED and (not ACTIONS[action].takes or bool(text) if action in ACTIONS else True)


def unrolled(
    name: str, find: Callable[[str], Sequence[str]], written: Collection[str], within: tuple[str, ...] = ()
) -> Iterator[Step]:
    """The steps of a macro with those of the macros that it plays in their place. `find` gives the steps by name or
    letter. Raises BadOrder, Endless."""
    if name in within:
        raise Endless(_("{name} plays itself").format(name=name.removeprefix(PREFIX)))
    for text in find(name):
        step = read(text, written)
        if not step.plays:
            yield step
        for _time in range(step.times if step.plays else 0):
            yield from unrolled(step.plays, find, written, (*within, name))


def faults(macros: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    """What is wrong with written macros: the name of one, and a sentence without it."""
    for name, steps in macros.items():
        for number, text in enumerate(steps, 1):
            try:
                read(text, macros)
            except BadOrder as error:
                yield name, _("step {n}, {step}: {why}").format(n=number, step=repr(text), why=str(error).rstrip("."))
        if _plays_itself(name, macros):
            yield name, _("it plays itself")


def _plays_itself(name: str, macros: Mapping[str, Sequence[str]]) -> bool:
    seen: set[str] = set()
    to_see = [name]
    while to_see:
        for text in macros.get(to_see.pop(), ()):
            played = text.strip().removeprefix(PREFIX)
            if played == name and text.strip() != played:
                return True
            if text.strip() != played and played not in seen:
                seen.add(played)
                to_see.append(played)
    return False
