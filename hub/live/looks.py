"""Who reads what is with somebody else: entered in the audit trail before it is shown, once an hour."""

from functools import partial

import msgspec
from msgspec import UNSET, UnsetType

from hub.desk import audit
from hub.desk.ask import Listed
from hub.desk.handed_on import owner_seen
from hub.desk.principal import Principal, Scope
from hub.desk.whence import ADDRESS
from hub.protocol import views
from hub.protocol.queries import Found, Query
from hub.store.engine import Store

MOST = 10_000  # looks of one hour that are remembered here; beyond them the database is asked


class Looks:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._hour = 0
        self._known: set[tuple[str, int]] = set()

    async def at(self, who: Principal, conversation: int, owner: int | None) -> None:
        """`who` is about to be shown a conversation, which is with `owner`. Returns once that is on record."""
        if who.kind != "agent" or owner is None or owner == who.id:
            return
        if (hour := self._store.clock.now() // audit.HOUR) != self._hour or len(self._known) >= MOST:
            self._hour = hour
            self._known.clear()
        if (who.name, conversation) in self._known:
            return
        address = ADDRESS.get()
        await self._store.write(lambda unit: audit.look(unit, who, conversation, address))
        self._known.add((who.name, conversation))

    async def export(self, who: Principal, **about: int | str | bool) -> None:
        """`who` is about to be given data in bulk: what (`of`), how much (`rows`). Returns once that is on record."""
        address, via = ADDRESS.get(), audit.via_of(who)
        await self._store.write(lambda unit: audit.export(unit, who.name, about, via=via, address=address))

    async def into(self, who: Principal, conversation: int | UnsetType) -> None:
        """The same of a conversation that a question names, whoever has it."""
        if conversation is not UNSET:
            await self.at(who, conversation, await self._store.read(partial(owner_seen, who, conversation)))

    async def shown(self, who: Principal, query: Query, found: Listed | msgspec.Struct) -> None:
        """`who` is about to be shown the answer to a query: an export, where it is one in bulk of more than their own;
        looks at the conversations whose lines are in it."""
        if isinstance(found, Found):
            for row in {hit.row.id: hit.row for hit in found.items}.values():
                await self.at(who, row.id, row.owner)
        elif isinstance(found, Listed):
            for number in sorted({line.c for line in found.rows if isinstance(line, views.Message)}):
                await self.at(who, number, await self._store.read(partial(owner_seen, who, number)))
            if query.bulk and found.rows and (who.scope(query.verb) or Scope.OWN) > Scope.OWN:
                await self.export(who, of=query.name, rows=len(found.rows))
