"""Placeholders in shortcuts and in what is typed: `{{contact.first_name}}` and the like.

One that is unknown, or has nothing to stand for it, is left as it is and named, so that no customer is ever sent one
unawares.
"""

import re
from collections.abc import Callable

import msgspec

from agent_tui.i18n import _, named
from agent_tui.link.model import Desk
from agent_tui.names import first
from hub.protocol.views import Row

PLACEHOLDER = re.compile(r"\{\{\s*([^{}\n]{0,60}?)\s*\}\}")


def _agent(desk: Desk) -> str:
    agent = desk.agents.get(desk.me.agent) if desk.me else None
    return agent.name if agent else ""


def _queue(desk: Desk, row: Row) -> str:
    queue = desk.queues.get(row.q)
    return named(queue.name) if queue else ""


VALUES: dict[str, Callable[[Desk, Row], str]] = {
    "contact.first_name": lambda desk, row: first(row.name),
    "contact.name": lambda desk, row: row.name,
    "agent.name": lambda desk, row: _agent(desk),
    "agent.first_name": lambda desk, row: first(_agent(desk)),
    "conversation.id": lambda desk, row: str(row.id),
    "queue": _queue,
}


class Filled(msgspec.Struct, frozen=True):
    """`text` with what could be filled in; `faults` says what could not, and why."""

    text: str
    faults: tuple[str, ...] = ()


def fill(text: str, desk: Desk, row: Row) -> Filled:
    faults: list[str] = []

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name not in VALUES:
            faults.append(_("{{{{{name}}}}} is not known").format(name=name))
            return match[0]
        found = VALUES[name](desk, row)
        if not found:
            faults.append(_("{{{{{name}}}}} is empty here").format(name=name))
            return match[0]
        return found

    return Filled(PLACEHOLDER.sub(value, text), tuple(faults))


def left_over(line: str) -> list[tuple[int, int]]:
    """Where placeholders stand in a line, to mark them."""
    return [match.span() for match in PLACEHOLDER.finditer(line)]
