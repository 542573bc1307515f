"""Tells the consoles of an agent what the agent drafts on another one.

Connections of this hub hear of it at once, those of another hub on the same database when they connect next.
"""

from collections.abc import Callable

from hub.desk import drafts
from hub.desk.drafts import Draft
from hub.desk.principal import Principal
from hub.store.engine import Store

Hear = Callable[[Draft], None]


class Drafts:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._hearing: dict[int, list[Hear]] = {}  # by agent

    def listen(self, agent: int, hear: Hear) -> None:
        """Hear of an agent's drafts from now on, until `deafen`, but for those that `hear` itself saved."""
        self._hearing.setdefault(agent, []).append(hear)

    def deafen(self, agent: int, hear: Hear) -> None:
        """Also for who never listened."""
        hearing = self._hearing.get(agent, [])
        if hear in hearing:
            hearing.remove(hear)
            if not hearing:
                del self._hearing[agent]

    async def newer(self, agent: int, held: dict[int, int]) -> list[Draft]:
        """The agent's drafts that a console doesn't hold in their version; empty ones where they were cleared."""
        found = await self._store.read(lambda conn: drafts.drafts_of(conn, agent))
        cleared = [Draft(number, "", version) for number, version in held.items() if number not in found]
        return cleared + [draft for number, draft in found.items() if held.get(number) != draft.version]

    async def save(self, who: Principal, wanted: Draft, by: Hear) -> tuple[Draft | None, bool]:
        """Save a draft durably and tell the agent's other consoles; see `hub.desk.drafts.save`."""
        made, taken = await self._store.write(lambda unit: drafts.save(unit, who, wanted))
        if made is not None and taken:
            for hear in [one for one in self._hearing.get(who.id, ()) if one != by]:
                hear(made)
        return made, taken
