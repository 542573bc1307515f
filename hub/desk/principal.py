"""Who submits a command or looks at the desk, and what they are granted.

A role is a set of grants of (verb, scope). Scopes widen: own < queue < branch < entity.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal


class Scope(IntEnum):
    OWN = 1
    QUEUE = 2
    BRANCH = 3
    ENTITY = 4


Grants = Mapping[str, Scope]

ROLES: dict[str, Grants] = {
    "agent": {
        "conversation.see": Scope.OWN,
        "conversation.see_waiting": Scope.QUEUE,
        "conversation.serve": Scope.OWN,
        "report.see": Scope.OWN,
        "shortcut.save": Scope.OWN,
        "tray.save": Scope.OWN,
        "agent.status": Scope.OWN,
        "session.end": Scope.OWN,
        "token.manage": Scope.OWN,
    },
    "supervisor": {
        "conversation.see": Scope.ENTITY,
        "conversation.see_waiting": Scope.ENTITY,
        "conversation.serve": Scope.OWN,
        "conversation.manage": Scope.ENTITY,
        "report.see": Scope.ENTITY,
        "shortcut.save": Scope.ENTITY,
        "tray.save": Scope.ENTITY,
        "agent.status": Scope.OWN,
        "session.end": Scope.OWN,
        "token.manage": Scope.OWN,
    },
}
ROLES["admin"] = {
    **ROLES["supervisor"],
    "agent.manage": Scope.ENTITY,
    "session.end": Scope.ENTITY,
    "queue.manage": Scope.ENTITY,
    "channel.manage": Scope.ENTITY,
    "contact.erase": Scope.ENTITY,
    "webhook.manage": Scope.ENTITY,
    "token.manage": Scope.ENTITY,
}


@dataclass(frozen=True, slots=True)
class Principal:
    """An agent at a console, the customers' side of a channel, or the hub itself (timers, dispatch, the command line).

    `queues` are the ids of an agent's queues, primary and support, and `teams` those of their teams, as of the time at
    which the principal was loaded. Who comes with an API token has its id in `token`, the grants that it leaves, and in
    `until` when it ends (UTC ms).
    """

    kind: Literal["agent", "channel", "system"]
    id: int
    role: str = ""
    queues: frozenset[int] = frozenset()
    session: int = 0
    grants: Grants = field(default_factory=dict)
    token: int = 0
    until: int = 0  # 0: not by itself
    teams: frozenset[int] = frozenset()
    offers: frozenset[int] = frozenset()  # of the queues those that offer what waits in them

    @classmethod
    def channel(cls, channel_id: int) -> "Principal":
        return cls("channel", channel_id)

    @property
    def name(self) -> str:
        """As it stands in the journal and before command keys: `agent:3`."""
        return "system" if self.kind == "system" else f"{self.kind}:{self.id}"

    def over(self, now: int) -> bool:
        """Whether what they came with has ended by itself."""
        return 0 < self.until <= now

    def scope(self, verb: str) -> Scope | None:
        """How far a grant reaches; None where the verb is not granted. The system may everything."""
        if self.kind == "system":
            return Scope.ENTITY
        return self.grants.get(verb)


SYSTEM = Principal("system", 0)
