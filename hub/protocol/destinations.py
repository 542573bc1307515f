"""Where a conversation can be transferred to: one rule, for the hub, which refuses, and for whoever chooses, who is
told beforehand. What only the hub knows, such as how much an agent has in hand, is not asked here."""

from collections.abc import Iterable, Mapping

from hub.protocol import views
from hub.protocol.errors import Code


def granted(queue_id: int, mine: Iterable[views.Queue]) -> bool:
    """Whether a member of these queues may transfer to that queue."""
    return any(queue.to is None or queue_id in queue.to for queue in mine)


def members(queue: views.Queue, staff: Mapping[int, views.Agent]) -> list[views.Agent]:
    """Who works in a queue, primary members first; not those who have left."""
    people = [staff[one] for one in (*queue.primary, *queue.support) if one in staff]
    return [one for one in people if one.active]


def obstacle(queue: views.Queue, agent_id: int | None, staff: Mapping[int, views.Agent]) -> Code | None:
    """Why nothing can be transferred to that queue, or to that agent of it; None where it can."""
    if not queue.active:
        return Code.QUEUE_INACTIVE
    there = members(queue, staff)
    if not there:
        return Code.QUEUE_EMPTY
    if agent_id is None:
        return None
    agent = next((one for one in there if one.id == agent_id), None)
    if agent is None:
        return Code.NOT_MEMBER
    return Code.AGENT_AWAY if agent.status == "offline" or not agent.reach else None
