"""Whom a conversation can be handed on to, and what keeps work from being given to the person at the console.

The rules are the hub's (`hub.protocol.destinations`); this puts them into the reader's words before anything is sent.
"""

from collections.abc import Iterator

import msgspec

from agent_tui import names, rights
from agent_tui.i18n import N_, _, named
from agent_tui.link.model import Desk
from agent_tui.shortcuts import fold
from hub.protocol import views
from hub.protocol.destinations import granted, members, obstacle
from hub.protocol.errors import Code
from hub.protocol.states import State
from hub.protocol.views import Row

WHY: dict[Code, str] = {  # in a word, beside a destination
    Code.QUEUE_INACTIVE: N_("closed"),
    Code.QUEUE_EMPTY: N_("nobody works there"),
    Code.AGENT_AWAY: N_("offline"),
}
IN_HAND = (State.ASSIGNED, State.CALLING, State.OPEN, State.HELD)


class Destination(msgspec.Struct, frozen=True):
    """A queue, or an agent of one. `why`: what keeps it from being handed anything, empty where nothing does."""

    queue: views.Queue
    agent: views.Agent | None = None
    why: str = ""

    @property
    def typed(self) -> str:
        """As it is typed in the command line."""
        return f"{self.queue.code} @{self.agent.login}" if self.agent is not None else self.queue.code


def queues(desk: Desk, row: Row | None) -> list[views.Queue]:
    """Those that the person may hand on to, by name."""
    mine = [one for one in desk.queues.values() if desk.me and desk.me.agent in (*one.primary, *one.support)]
    free = rights.granted(desk, "conversation.manage")
    there = (one for one in desk.queues.values() if free or granted(one.id, mine))
    return sorted(there, key=lambda one: fold(named(one.name)))


def destinations(desk: Desk, row: Row | None) -> Iterator[Destination]:
    """Queues first, then agents, those of its own queue before others, and who is there before who is away; of both
    those that can't be had last. Neither where it is already nor who asks is among them; without a conversation, only
    who asks is not."""
    where = (row.q, row.owner) if row is not None else (None, None)
    there = queues(desk, row)
    inside = [(queue, agent) for queue in there for agent in members(queue, desk.agents)]
    found = [Destination(queue, None, why(desk, queue, None)) for queue in there if queue.id != where[0]]
    people = [
        Destination(queue, agent, why(desk, queue, agent))
        for queue, agent in inside
        if agent.id != (desk.me.agent if desk.me else None) and (queue.id, agent.id) != where
    ]
    people.sort(key=lambda one: (one.queue.id != where[0], *_by_presence(one.agent)))
    yield from sorted(found, key=lambda one: bool(one.why))
    yield from sorted(people, key=lambda one: bool(one.why))


def _by_presence(agent: views.Agent | None) -> tuple[int, str]:
    return (names.absence(agent.status), fold(agent.name)) if agent is not None else (0, "")


def why(desk: Desk, queue: views.Queue, agent: views.Agent | None) -> str:
    code = obstacle(queue, agent.id if agent is not None else None, desk.agents)
    return _(WHY[code]) if code in WHY else ""


def bars(desk: Desk, *, short: bool = False) -> str:
    """What keeps the hub from giving the person at the console anything, beside their status; empty where nothing."""
    me = desk.agents.get(desk.me.agent) if desk.me else None
    if me is None or me.status != "online":
        return ""
    if me.intake != "push":
        return _(names.INTAKES[me.intake]) if me.intake in names.INTAKES else me.intake
    pushed = [one for one in desk.queues.values() if me.id in (*one.primary, *one.support) and one.handout == "push"]
    load = in_hand(desk, me.id)
    most = max((one.capacity if me.capacity is None else min(one.capacity, me.capacity) for one in pushed), default=0)
    if not pushed or load < most:
        return ""
    return f"{load}/{most}" if short else _("full: {load} of {most}").format(load=load, most=most)


def in_hand(desk: Desk, agent: int) -> int:
    """How many conversations an agent has, of what the console has loaded."""
    rows = {row.id: row for name in ("pending", "in_progress") for row in desk.tray(name).rows}
    return sum(1 for row in rows.values() if row.owner == agent and row.state in IN_HAND)
