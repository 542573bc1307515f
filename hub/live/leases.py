"""Reach: an agent is within reach while a connection of theirs keeps a lease fresh, on whichever hub it is.

A lease outlives its connection's last sign by `LEASE`; when the last one of an agent has ended, they have the grace
period to come back before the hub takes them as gone. Leases are not journaled: only coming and going is.
"""

import asyncio
import secrets
from functools import partial

import msgspec
import sqlalchemy as sa
import structlog

from hub.desk.execute import execute
from hub.desk.principal import SYSTEM
from hub.desk.registry import Context
from hub.desk.tables import agent, lease
from hub.desk.transitions import set_timer
from hub.live.loops import Loop
from hub.protocol.commands import Reach
from hub.protocol.errors import Refused
from hub.store import away
from hub.store.engine import Store
from hub.store.schema import timer
from hub.store.unit import Unit

log = structlog.get_logger(__name__)
REFRESH = 15.0  # seconds
LEASE = 45_000  # milliseconds


class Leases:
    def __init__(self, store: Store, grace: int) -> None:
        """`grace` in seconds."""
        self._store = store
        self._grace = grace * 1000
        self._held: dict[str, int] = {}  # lease → agent
        self._loop = Loop("leases", self._step)

    async def start(self) -> None:
        await self.sweep()
        self._loop.start()

    async def stop(self) -> None:
        """Give all back at once. Grace starts with the next hub, so a restart takes nothing from anybody: from here on
        no connection that ends does."""
        names = list(self._held)
        self._held.clear()
        await self._loop.stop()
        try:
            with away.refusing():
                await self._store.write(lambda unit: _delete(unit, names))
        except Refused as refusal:
            log.warning("leases_not_given_back", error=refusal)  # they run out

    async def take(self, agent_id: int) -> str:
        """A connection of the agent has come; returns the lease to give back when it goes."""
        name = secrets.token_hex(8)
        self._held[name] = agent_id
        try:
            await self._store.write(lambda unit: _begin(unit, name, agent_id))
        except BaseException:
            del self._held[name]  # what may stand in the database runs out
            raise
        return name

    async def give_back(self, name: str) -> None:
        if self._held.pop(name, None) is not None:
            try:
                with away.refusing():
                    await self._store.write(lambda unit: _delete(unit, [name]))
                    await self.sweep()
            except Refused as refusal:
                log.warning("leases_not_given_back", error=refusal)  # it runs out

    async def sweep(self) -> None:
        """Keep up what is held here, and start the grace period of every agent who is marked as within reach and has no
        lease left.

        Both at once: after a pause of this hub, as when its machine slept, its own leases look as if they had run out.
        """
        held, grace = dict(self._held), self._grace
        for agent_id in await self._store.write(lambda unit: _sweep(unit, held, grace)):
            await self._store.write(partial(_there, agent_id=agent_id, key=f"reach:{secrets.token_hex(8)}"))

    async def _step(self) -> None:
        await asyncio.sleep(REFRESH)
        await self.sweep()


def _there(unit: Unit, agent_id: int, key: str) -> None:
    execute(unit, SYSTEM, "agent.reach", Reach(agent_id, True), key)


def _begin(unit: Unit, name: str, agent_id: int) -> None:
    """A lease, which ends a grace period that runs."""
    _keep(unit, {name: agent_id})
    unit.conn.execute(sa.delete(timer).where(timer.c.command == "agent.reach", timer.c.args == _gone(agent_id)))
    _there(unit, agent_id, f"reach:{name}")


def _keep(unit: Unit, held: dict[str, int]) -> None:
    """These leases are good from now on, also those that another hub has taken for run out and deleted."""
    until = unit.now + LEASE
    known = set(unit.conn.scalars(sa.select(lease.c.id).where(lease.c.id.in_(held))))
    if known:
        unit.conn.execute(sa.update(lease).where(lease.c.id.in_(known)).values(until=until))
    new = [{"id": name, "agent_id": agent_id, "until": until} for name, agent_id in held.items() if name not in known]
    if new:
        unit.conn.execute(sa.insert(lease), new)


def _sweep(unit: Unit, held: dict[str, int], grace: int) -> list[int]:
    """Returns the agents who have a lease here and are nevertheless marked as out of reach."""
    if held:
        _keep(unit, held)
    start_grace(unit, grace)
    there = agent.c.id.in_(set(held.values())) & agent.c.reachable.is_(False)
    return list(unit.conn.scalars(sa.select(agent.c.id).where(there).order_by(agent.c.id))) if held else []


def _delete(unit: Unit, names: list[str]) -> None:
    unit.conn.execute(sa.delete(lease).where(lease.c.id.in_(names)))


def _gone(agent_id: int) -> str:
    """The arguments of the timer that ends an agent's grace period."""
    return msgspec.json.encode({"agent": agent_id, "reachable": False}).decode()


def start_grace(unit: Unit, grace: int) -> None:
    """`grace` in milliseconds. An agent whose grace runs already keeps the time that it has."""
    unit.conn.execute(sa.delete(lease).where(lease.c.until <= unit.now))
    running = set(unit.conn.scalars(sa.select(timer.c.args).where(timer.c.command == "agent.reach")))
    gone = unit.conn.scalars(
        sa.select(agent.c.id).where(agent.c.reachable.is_(True), agent.c.id.not_in(sa.select(lease.c.agent_id)))
    ).all()
    context = Context(unit, SYSTEM, "")
    for agent_id in gone:
        if _gone(agent_id) not in running:
            set_timer(context, unit.now + grace, "agent.reach", None, 0, agent=agent_id, reachable=False)
