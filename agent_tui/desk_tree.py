"""How a desk is set up, as a list: branches with their departments and queues, teams, and the agents' capacities."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import msgspec

from agent_tui import rights
from agent_tui.i18n import named
from agent_tui.link.model import Desk
from agent_tui.shortcuts import fold
from hub.protocol import views
from hub.protocol.states import State

BRANCH, DEPARTMENT, QUEUE, TEAM, AGENT = KINDS = ("branch", "department", "queue", "team", "agent")
T = TypeVar("T", views.Branch, views.Department, views.Queue, views.Team)


class Listed(msgspec.Struct, frozen=True):
    """A line of it. `thing` is the id of what it is about, 0 of the heading over its kind."""

    kind: str
    thing: int = 0
    depth: int = 0

    @property
    def id(self) -> int:
        return self.thing * len(KINDS) + KINDS.index(self.kind)


def listed(desk: Desk) -> list[Listed]:
    found = [Listed(QUEUE), *_tree(desk), Listed(TEAM)]
    found += [Listed(TEAM, one.id, 1) for one in _by_name(desk.teams.values())]
    if rights.granted(desk, "agent.manage"):
        people = sorted(desk.agents.values(), key=lambda one: (not one.active, fold(one.name), one.id))
        found += [Listed(AGENT), *(Listed(AGENT, one.id, 1) for one in people)]
    return found


def _tree(desk: Desk) -> Iterator[Listed]:
    """Each branch with what is in it; what is in none comes last."""
    departments, queues = _by_name(desk.departments.values()), _by_name(desk.queues.values())

    def inside(chosen: Callable[[views.Department], bool], depth: int) -> Iterator[Listed]:
        for one in filter(chosen, departments):
            yield Listed(DEPARTMENT, one.id, depth)
            yield from (Listed(QUEUE, queue.id, depth + 1) for queue in queues if queue.department == one.id)

    for branch in _by_name(desk.branches.values()):
        yield Listed(BRANCH, branch.id, 1)
        yield from inside(lambda one, branch=branch.id: one.branch == branch, 2)  # type: ignore[misc]
    yield from inside(lambda one: one.branch not in desk.branches, 1)
    yield from (Listed(QUEUE, queue.id, 1) for queue in queues if queue.department not in desk.departments)


def _by_name(things: Iterable[T]) -> list[T]:
    return sorted(things, key=lambda one: (fold(named(one.name)), one.id))


def waiting(desk: Desk, queue: int) -> int:
    """How many wait in a queue, of what the console has loaded."""
    return sum(1 for row in desk.tray("pending").rows if row.q == queue and row.state == State.WAITING)


def feeding(desk: Desk, queue: int) -> list[str]:
    """The channels that bring customers into a queue, by name."""
    return [named(one.name) for one in desk.channels.values() if one.queue == queue]
