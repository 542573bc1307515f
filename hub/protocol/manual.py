"""How both programs print their --help: plain paragraphs and two columns, that read the same in any terminal and file.

A formatter for cyclopts, which hands over Rich's console and renderables; nothing of Rich is imported here.
"""

import textwrap
from typing import Any

INDENT = 2
COLUMN = 26  # where the explanations begin
WIDEST = 100


class Manual:
    """`usage` and `required` are words in the reader's language."""

    def __init__(self, usage: str, required: str) -> None:
        self._usage = usage
        self._required = required

    def __call__(self, console: Any, options: Any, panel: Any) -> None:
        if not panel.entries:
            return
        lines = [f"{panel.title}:"]
        for entry in panel.entries:
            text = _text(console, entry.description)
            if entry.choices:
                text = f"{text} [{', '.join(entry.choices)}]"
            if entry.required and panel.format == "parameter":
                text = f"{text} [{self._required}]"
            lines += _entry(_names(entry), text, _width(console))
        _print(console, "\n".join(lines) + "\n")

    def render_usage(self, console: Any, options: Any, usage: Any) -> None:
        text = _text(console, usage).removeprefix("Usage:").strip()
        _print(console, f"{self._usage}: {text}\n")

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
