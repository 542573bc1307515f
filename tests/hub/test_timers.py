"""Timers take effect once, after they are due or after a restart; leases give an agent time to come back."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import sqlalchemy as sa
from small_desk import SmallDesk, build

from hub.desk import transitions
from hub.desk.tables import agent, conversation
from hub.hub import Hub
from hub.live.loops import Loop
from hub.protocol import commands as c
from hub.store.clock import ManualClock
from hub.store.schema import journal, timer

MakeHub = Callable[[], Awaitable[Hub]]
MINUTE = 60_000


async def state(desk: SmallDesk, conversation_id: int) -> str:
    query = sa.select(conversation.c.state).where(conversation.c.id == conversation_id)
    return str(await desk.hub.store.read(lambda conn: conn.scalar(query)))


async def assigned(hub: Hub) -> tuple[SmallDesk, int]:
    desk = await build(hub, open_within=60)
    await desk.reach("ana")
    made = await desk.say("p1", "Hola")
    await desk.run("ana", "agent.status", c.SetStatus("lunch"))
    return desk, int(made["conversation"] or 0)


async def test_one_that_nobody_opens_goes_back_to_its_queue(hub: Hub, clock: ManualClock) -> None:
    desk, conversation_id = await assigned(hub)
    clock.advance(MINUTE - 1)
    await hub.timers.fire_due()
    assert await state(desk, conversation_id) == "assigned"
    clock.advance(1)
    await hub.timers.fire_due()
    assert await state(desk, conversation_id) == "waiting"


async def test_opening_it_makes_the_timer_stale(hub: Hub, clock: ManualClock) -> None:
    desk, conversation_id = await assigned(hub)
    await desk.run("ana", "conversation.open", c.Open(conversation_id))
    clock.advance(2 * MINUTE)
    await hub.timers.fire_due()
    assert await state(desk, conversation_id) == "open"
    assert await hub.store.read(lambda conn: conn.scalar(sa.select(sa.func.count()).select_from(timer))) == 0


async def test_a_timer_that_fell_due_while_the_hub_was_down_fires_after_the_restart(
    make_hub: MakeHub, clock: ManualClock
) -> None:
    first = await make_hub()
    desk, conversation_id = await assigned(first)
    await first.stop()
    clock.advance(2 * MINUTE)
    desk.hub = await make_hub()
    await desk.hub.timers.fire_due()
    assert await state(desk, conversation_id) == "waiting"


async def test_two_hubs_fire_a_timer_once(make_hub: MakeHub, clock: ManualClock) -> None:
    first, second = await make_hub(), await make_hub()
    desk, conversation_id = await assigned(first)
    clock.advance(2 * MINUTE)
    await asyncio.gather(first.timers.fire_due(), second.timers.fire_due())
    assert await state(desk, conversation_id) == "waiting"
    fired = sa.select(sa.func.count()).where(
        journal.c.kind == "conversation.changed", journal.c.data.contains("conversation.reassign")
    )
    assert await first.store.read(lambda conn: conn.scalar(fired)) == 1


async def test_a_snoozed_one_comes_back_at_its_time(hub: Hub, clock: ManualClock) -> None:
    desk, conversation_id = await assigned(hub)
    await desk.run("ana", "conversation.snooze", c.Snooze(conversation_id, clock.now() + MINUTE))
    clock.advance(MINUTE)
    await hub.timers.fire_due()
    assert await state(desk, conversation_id) == "assigned"


async def reachable(hub: Hub, login: str) -> bool:
    query = sa.select(agent.c.reachable).where(agent.c.login == login)
    return bool(await hub.store.read(lambda conn: conn.scalar(query)))


async def test_an_agent_who_stays_away_loses_only_what_they_had_not_opened(hub: Hub, clock: ManualClock) -> None:
    desk = await build(hub)
    lease = await hub.leases.take(desk.ids["ana"])
    kept = int((await desk.say("p1", "Hola"))["conversation"] or 0)
    lost = int((await desk.say("p2", "Hola"))["conversation"] or 0)
    await desk.run("ana", "conversation.open", c.Open(kept))
    await hub.leases.give_back(lease)
    await hub.timers.fire_due()
    assert [await state(desk, i) for i in (kept, lost)] == ["open", "assigned"], "within the grace period"
    clock.advance(hub.config.grace * 1000)
    await hub.timers.fire_due()
    assert [await state(desk, i) for i in (kept, lost)] == ["open", "waiting"]
    assert not await reachable(hub, "ana")


async def test_one_who_comes_back_in_time_loses_nothing(hub: Hub, clock: ManualClock) -> None:
    desk = await build(hub)
    lease = await hub.leases.take(desk.ids["ana"])
    made = await desk.say("p1", "Hola")
    await hub.leases.give_back(lease)
    clock.advance(1000)
    await hub.leases.take(desk.ids["ana"])
    clock.advance(hub.config.grace * 1000)
    await hub.leases.sweep()
    await hub.timers.fire_due()
    assert await state(desk, int(made["conversation"] or 0)) == "assigned"
    assert await reachable(hub, "ana")


async def test_a_hub_that_died_leaves_leases_that_run_out(make_hub: MakeHub, clock: ManualClock) -> None:
    first = await make_hub()
    desk = await build(first)
    await first.leases.take(desk.ids["ana"])
    second = await make_hub()
    clock.advance(46_000)
    await second.leases.sweep()
    clock.advance(second.config.grace * 1000)
    await second.timers.fire_due()
    assert not await reachable(second, "ana")


async def test_coming_back_ends_the_grace_period_and_leaving_again_begins_a_whole_one(
    hub: Hub, clock: ManualClock
) -> None:
    desk = await build(hub)
    grace = hub.config.grace * 1000
    first = await hub.leases.take(desk.ids["ana"])
    await hub.leases.give_back(first)
    clock.advance(grace // 2)
    second = await hub.leases.take(desk.ids["ana"])
    await hub.leases.give_back(second)
    clock.advance(grace // 2)
    await hub.timers.fire_due()
    assert await reachable(hub, "ana")
    clock.advance(grace // 2)
    await hub.timers.fire_due()
    assert not await reachable(hub, "ana")


async def test_connections_that_outlive_a_pause_of_the_hub_keep_their_agents_within_reach(
    hub: Hub, clock: ManualClock
) -> None:
    desk = await build(hub)
    await hub.leases.take(desk.ids["ana"])
    other = await hub.leases.take(desk.ids["luis"])
    clock.advance(46_000)  # the machine slept
    await hub.leases.give_back(other)
    clock.advance(hub.config.grace * 1000)
    await hub.leases.sweep()
    await hub.timers.fire_due()
    assert await reachable(hub, "ana")


async def test_one_whom_another_hub_took_as_gone_is_within_reach_again(make_hub: MakeHub, clock: ManualClock) -> None:
    slept, awake = await make_hub(), await make_hub()
    desk = await build(slept)
    await slept.leases.take(desk.ids["ana"])
    clock.advance(46_000)
    await awake.leases.sweep()
    clock.advance(awake.config.grace * 1000)
    await awake.timers.fire_due()
    assert not await reachable(awake, "ana")
    await slept.leases.sweep()
    assert await reachable(slept, "ana")


async def test_a_lease_that_could_not_be_taken_is_not_kept_up(
    hub: Hub, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = await build(hub)

    async def fail(_: object) -> None:
        raise OSError("away")

    with monkeypatch.context() as broken:
        broken.setattr(hub.store, "write", fail)
        with pytest.raises(OSError, match="away"):
            await hub.leases.take(desk.ids["ana"])
    await desk.reach("ana")
    clock.advance(46_000)
    await hub.leases.sweep()
    clock.advance(hub.config.grace * 1000)
    await hub.timers.fire_due()
    assert not await reachable(hub, "ana")


async def test_a_timer_that_fails_does_not_hold_up_the_others(
    hub: Hub, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = await build(hub, open_within=60)
    await desk.reach("ana")
    made = [int((await desk.say(f"p{n}", "Hola"))["conversation"] or 0) for n in range(2)]
    await desk.run("ana", "agent.status", c.SetStatus("lunch"))
    real = transitions.move

    def move(context: Any, row: Any, step: Any, **more: Any) -> int:
        if row.id == made[0]:
            raise KeyError("a fault")
        return real(context, row, step, **more)

    monkeypatch.setattr("hub.desk.conversations.move", move)
    clock.advance(MINUTE)
    await hub.timers.fire_due()
    assert [await state(desk, i) for i in made] == ["assigned", "waiting"]


async def test_a_loop_outlives_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.live.loops.PAUSE", 0)
    turns: asyncio.Queue[None] = asyncio.Queue()

    async def step() -> None:
        turns.put_nowait(None)
        await asyncio.sleep(0)
        raise KeyError("a fault")

    loop = Loop("faulty", step)
    loop.start()
    async with asyncio.timeout(10):
        await turns.get()
        await turns.get()
    await loop.stop()
