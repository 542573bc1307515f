"""The arguments with which permissions over who else is in a conversation, and over plans, are tried."""

import sqlalchemy as sa
from permission_bench import ABSENT, OTHER, Bench, Relation

from hub.desk.tables import queue
from hub.protocol import commands as c
from hub.protocol.company import OfferAgain, Postpone
from hub.protocol.plans import CancelPlan, FirePlan
from hub.protocol.spam import Unspam


async def invite(bench: Bench, login: str, relation: Relation) -> c.Args:
    return c.Invite(await bench.conversation(login, relation, "open"), bench.id("guest"))


async def leave(bench: Bench, login: str, relation: Relation) -> c.Args:
    """See a guest out of one's own; a manager out of anybody's."""
    number = await bench.conversation(login, relation, "open")
    if number != ABSENT:
        await bench.desk.run("sofia", "conversation.invite", c.Invite(number, bench.id("guest")))
    return c.Leave(number, bench.id("guest"))


async def offered(bench: Bench, login: str, relation: Relation) -> int:
    store = bench.desk.hub.store
    await store.write(lambda unit: unit.conn.execute(sa.update(queue).values(handout="offer")))
    return await bench.conversation(login, relation, "waiting")


async def postpone(bench: Bench, login: str, relation: Relation) -> c.Args:
    return Postpone(await offered(bench, login, relation))


async def again(bench: Bench, login: str, relation: Relation) -> c.Args:
    return OfferAgain(await offered(bench, login, relation), bench.id(OTHER))


async def unspam(bench: Bench, login: str, relation: Relation) -> c.Args:
    number = await bench.conversation(login, relation, "open")
    if number != ABSENT:
        await bench.desk.run(login if relation == "own" else OTHER, "conversation.spam", c.Spam(number))
    return Unspam(number)


async def remind(bench: Bench, login: str, relation: Relation) -> c.Args:
    soon = bench.desk.hub.clock.now() + 60_000
    return c.Remind(await bench.conversation(login, relation, "open"), soon)


async def schedule(bench: Bench, login: str, relation: Relation) -> c.Args:
    soon = bench.desk.hub.clock.now() + 60_000
    return c.Schedule(await bench.conversation(login, relation, "open"), soon, "Buenas")


async def plan(bench: Bench, login: str, relation: Relation) -> int:
    if relation == "absent":
        return ABSENT
    args = await remind(bench, login, relation)
    made = await bench.desk.run(login if relation == "own" else OTHER, "conversation.remind", args)
    return int(made["plan"] or 0)


async def cancel_plan(bench: Bench, login: str, relation: Relation) -> c.Args:
    return CancelPlan(await plan(bench, login, relation))


async def fire_plan(bench: Bench, login: str, relation: Relation) -> c.Args:
    return FirePlan(await plan(bench, login, relation))
