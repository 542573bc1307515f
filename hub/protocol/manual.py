"""How both programs print their --help and say what was asked wrongly: plain paragraphs and two columns, that read the
same in any terminal and file, in the reader's language.

A formatter for cyclopts, which hands over Rich's console and renderables; nothing of Rich is imported here.
"""

import difflib
import textwrap
from typing import Any, Literal, get_args, get_origin

from cyclopts import Argument, CycloptsError, Group
from cyclopts.exceptions import (
    CoercionError,
    MissingArgumentError,
    RepeatArgumentError,
    UnknownCommandError,
    UnknownOptionError,
    UnusedCliTokensError,
)

from hub.protocol.settings import N_, Say

INDENT = 2
COLUMN = 26  # where the explanations begin
WIDEST = 100


_FLAGS = {"--help": N_("Show this and do nothing else."), "--version": N_("Print the version.")}


def looks(say: Say) -> dict[str, Any]:
    """What makes a cyclopts `App` speak the reader's language."""
    return {
        "error_formatter": lambda error: complaint(error, say),
        "help_format": "plaintext",
        "help_formatter": Manual(say),
        "group_commands": Group(say(N_("Commands")), sort_key=1),
        "group_arguments": Group(say(N_("Arguments")), sort_key=2),
        "group_parameters": Group(say(N_("Options")), sort_key=3),
    }


def complaint(error: CycloptsError, say: Say) -> str:
    """What was asked wrongly and what would be right; the parser's own words for what has none here."""
    match error:
        case UnknownOptionError():
            wrong = error.token.keyword or error.token.value
            names = [name for one in error.argument_collection if one.parse for name in (*one.names, *_FLAGS)]
            text = say(N_("There is no option {name} here.")).format(name=wrong)
            remedy = _near(wrong, names, say) or say(N_("--help tells the options."))
            return f"{text} {remedy}"
        case UnknownCommandError(app=app, unused_tokens=[wrong, *_]):
            there = sorted(name for name in app or () if not name.startswith("-"))
            text = say(N_("There is no command {name}.")).format(name=wrong)
            remedy = _near(wrong, there, say) or say(N_("There are: {names}.")).format(names=", ".join(there))
            return f"{text} {remedy}"
        case UnusedCliTokensError(unused_tokens=[*wrong]):
            return say(N_("Too much was given: {words}. A text with spaces goes in quotes.")).format(
                words=" ".join(wrong)
            )
        case MissingArgumentError(argument=Argument() as argument):
            needed = error.keyword or _label(argument)
            return say(N_("{name} needs a value. --help tells which.")).format(name=needed)
        case RepeatArgumentError():
            return say(N_("{name} was given twice.")).format(name=error.token.keyword)
        case CoercionError(token=token, target_type=kind, argument=argument) if token is not None:
            if get_origin(kind) is Literal:
                wanted = say(N_("one of {choices}")).format(choices=", ".join(map(str, get_args(kind))))
            elif kind is int:
                wanted = say(N_("a whole number"))
            elif kind is bool:
                return say(N_("{name} takes no value.")).format(name=token.keyword)
            else:
                return str(error)
            name = token.keyword or (_label(argument) if argument else "")
            return say(N_("{place} must be {wanted}, not {value}.")).format(
                place=name, wanted=wanted, value=repr(token.value)
            )
    return str(error)


def _label(argument: Argument) -> str:
    """`LOGIN` for an argument, `--port` for an option, as --help prints them."""
    return argument.name if argument.field_info.is_keyword_only else argument.name.lstrip("-").upper()


def _near(wrong: str, names: list[str], say: Say) -> str:
    near = difflib.get_close_matches(wrong, names, n=1)
    return say(N_("Did you mean {name}?")).format(name=near[0]) if near else ""


class Manual:
    """The formatter of --help; `say` puts a text into the reader's language."""

    def __init__(self, say: Say) -> None:
        self._say = say

    def __call__(self, console: Any, options: Any, panel: Any) -> None:
        if not panel.entries:
            return
        lines = [f"{panel.title}:"]
        for entry in panel.entries:
            own = next((_FLAGS[name] for name in entry.positive_names if name in _FLAGS), None)
            text = self._say(own) if own else _text(console, entry.description)
            if entry.choices:
                text = f"{text} [{', '.join(entry.choices)}]"
            if entry.required and panel.format == "parameter":
                required = self._say(N_("required"))
                text = f"{text} [{required}]"
            lines += _entry(_names(entry), text, _width(console))
        _print(console, "\n".join(lines) + "\n")

    def render_usage(self, console: Any, options: Any, usage: Any) -> None:
        text = _text(console, usage).removeprefix("Usage:").strip()
        usage = self._say(N_("Usage: {how}"))
        _print(console, usage.format(how=text) + "\n")

    def render_description(self, console: Any, options: Any, description: Any) -> None:
        paragraphs = _text(console, description).split("\n\n")
        wrapped = (textwrap.fill(" ".join(one.split()), _width(console)) for one in paragraphs if one.strip())
        _print(console, "\n\n".join(wrapped) + "\n")


def _width(console: Any) -> int:
    return max(40, min(int(console.width), WIDEST))


def _text(console: Any, renderable: Any) -> str:
    """What a renderable says, unwrapped and without styles."""
    if renderable is None:
        return ""
    lines = console.render_lines(renderable, console.options.update(width=100_000), pad=False)
    return "\n".join("".join(segment.text for segment in line).rstrip() for line in lines).strip()


def _names(entry: Any) -> str:
    """`LOGIN` for an argument, `--port N` for an option."""
    if entry.positional_label:
        return str(entry.positional_label)
    names = ", ".join((*entry.positive_shorts, *entry.positive_names))
    return f"{names} {entry.metavar}" if entry.metavar else names


def _entry(names: str, text: str, width: int) -> list[str]:
    head = " " * INDENT + names
    body = textwrap.wrap(" ".join(text.split()), width - COLUMN) or [""]
    if len(head) + 2 <= COLUMN:
        head = head.ljust(COLUMN) + body.pop(0)
    return [head.rstrip(), *(" " * COLUMN + line for line in body)]


def _print(console: Any, text: str) -> None:
    console.print(text, highlight=False, markup=False, soft_wrap=True)
