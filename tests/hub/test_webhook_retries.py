"""Webhooks against endpoints that fail: nothing is lost, nothing is sent twice knowingly, nobody waits for others."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp import web
from endpoint import LOOPBACK, WAIT, Endpoint, add_webhook, cut, listening, ok, status
from small_desk import SmallDesk

from hub.desk.hook_tables import webhook, webhook_delivery
from hub.desk.principal import SYSTEM
from hub.hooks.dispatcher import CLAIM, JITTER, LANES, PAUSES, SWEEP, Webhooks
from hub.hooks.egress import Egress
from hub.hub import Hub
from hub.protocol import commands as c
from hub.protocol import webhooks as hooks
from hub.store.clock import ManualClock

Start = Callable[..., Awaitable[Webhooks]]
RECEIVED = ["message.received"]


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    async with listening() as endpoint:
        yield endpoint


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    async with AsyncExitStack() as stack:

        async def start(hub: Hub, total: float = 30) -> Webhooks:
            egress = Egress(LOOPBACK, total=total)
            await egress.start()
            stack.push_async_callback(egress.stop)
            webhooks = Webhooks(hub, egress, chance=random.Random(1))
            await webhooks.start()
            stack.push_async_callback(webhooks.stop)
            return webhooks

        yield start


async def deliveries(hub: Hub) -> list[Any]:
    query = sa.select(webhook_delivery).order_by(webhook_delivery.c.id)
    return list(await hub.store.read(lambda conn: conn.execute(query).all()))


async def until(hub: Hub, true: Callable[[list[Any]], bool]) -> list[Any]:
    """Wait until the deliveries are as they should be."""
    async with asyncio.timeout(WAIT):
        while not true(rows := await deliveries(hub)):
            await asyncio.sleep(0.02)
    return rows


def put_off(attempts: int) -> Callable[[list[Any]], bool]:
    return lambda rows: bool(rows) and all(row.attempt == attempts and row.until is None for row in rows)


def settled(rows: list[Any]) -> bool:
    return rows == []


async def test_a_failure_is_tried_again_under_the_same_id_when_its_pause_is_over(
    desk: SmallDesk, start: Start, endpoint: Endpoint, clock: ManualClock
) -> None:
    endpoint.reply = status(500, "no \x1b]52;c;x\x07 today")
    _, secret = await add_webhook(desk.hub, endpoint.url, events=RECEIVED)
    webhooks = await start(desk.hub)
    await desk.say("p1", "Hola")
    (row,) = await until(desk.hub, put_off(1))
    assert (row.why, row.answer) == ("500", "no ]52;c;x today")
    assert PAUSES[0] * 1000 <= row.due - clock.now() <= PAUSES[0] * 1000 * (1 + JITTER)
    endpoint.reply = ok
    clock.at = row.due
    webhooks.look()
    await until(desk.hub, settled)
    first, second = endpoint.posts
    assert (first.id, first.raw) == (second.id, second.raw)
    assert int(second.headers["webhook-timestamp"]) == clock.now() // 1000  # of the attempt
    assert second.signed_by(secret)


async def test_what_is_refused_to_the_last_is_on_the_dead_letter_list_until_it_is_sent_by_hand_or_too_old(
    desk: SmallDesk, start: Start, endpoint: Endpoint, clock: ManualClock
) -> None:
    endpoint.reply = status(500)
    webhook_id, _ = await add_webhook(desk.hub, endpoint.url, events=RECEIVED)
    webhooks = await start(desk.hub)
    await desk.say("p1", "Hola")
    pauses = []
    for attempt in range(1, len(PAUSES) + 1):
        (row,) = await until(desk.hub, put_off(attempt))
        pauses.append((row.due - clock.now()) / 1000)
        clock.at = row.due
        webhooks.look()
    (dead,) = await until(desk.hub, lambda rows: rows[0].dead_at is not None)
    assert len(endpoint.posts) == len(PAUSES) + 1
    assert all(least <= pause <= least * (1 + JITTER) for least, pause in zip(PAUSES, pauses, strict=True))
    endpoint.reply = ok
    await desk.run(SYSTEM, "webhook.retry", hooks.RetryWebhook(webhook_id, dead.id))
    await until(desk.hub, settled)
    assert len({post.id for post in endpoint.posts}) == 1

    endpoint.reply = status(410)
    await desk.say("p2", "Hola")
    await until(desk.hub, lambda rows: bool(rows) and rows[0].dead_at is not None)
    clock.advance(max(SWEEP, 31 * 24 * 3_600_000))
    await desk.run(SYSTEM, "webhook.save", c.SaveWebhook("crm", endpoint.url, RECEIVED))
    await until(desk.hub, settled)


async def test_an_endpoint_that_asks_for_quiet_gets_it(
    desk: SmallDesk, start: Start, endpoint: Endpoint, clock: ManualClock
) -> None:
    endpoint.reply = status(429, Retry_After="1000")
    await add_webhook(desk.hub, endpoint.url, events=RECEIVED)
    webhooks = await start(desk.hub)
    await desk.say("p1", "uno")
    (row,) = await until(desk.hub, put_off(1))
    assert row.due - clock.now() == 1_000_000
    endpoint.reply = ok
    clock.advance(999_000)
    await add_webhook(desk.hub, endpoint.url.replace("hook", "probe"), "probe", events=RECEIVED)
    await desk.say("p2", "dos")
    other = await start(desk.hub)
    await endpoint.until(lambda: endpoint.posts[-1].path == "/probe")  # comes after the other one in each round
    assert [post.path for post in endpoint.posts] == ["/hook", "/probe"]
    clock.advance(1_000)
    for one in (webhooks, other):
        one.look()
    await until(desk.hub, settled)
    assert sorted(post.path for post in endpoint.posts) == ["/hook", "/hook", "/hook", "/probe"]


async def test_an_endpoint_that_is_gone_is_told_nothing_more_and_nothing_is_forgotten(
    desk: SmallDesk, start: Start, endpoint: Endpoint
) -> None:
    endpoint.reply = status(410)
    webhook_id, _ = await add_webhook(desk.hub, endpoint.url, events=RECEIVED)
    await start(desk.hub)
    await desk.say("p1", "uno")
    for times in (1, 2):
        await until(desk.hub, lambda rows: bool(rows) and rows[0].dead_at is not None)
        row = await desk.hub.store.read(lambda conn: conn.execute(sa.select(webhook)).one())
        assert (bool(row.active), row.disabled, len(endpoint.posts)) == (False, "gone", times)
        await desk.say("p1", "dos")
        endpoint.reply = status(410) if times == 1 else ok
        await desk.run(SYSTEM, "webhook.save", c.SaveWebhook("crm", endpoint.url, RECEIVED))
        await desk.run(SYSTEM, "webhook.retry", hooks.RetryWebhook(webhook_id))
        await endpoint.count(times + 1)
    await until(desk.hub, settled)
    assert len({post.id for post in endpoint.posts}) == 1


async def test_a_dead_endpoint_holds_up_no_other(desk: SmallDesk, start: Start, endpoint: Endpoint) -> None:
    never = asyncio.Event()

    async def hang(_: web.Request) -> web.StreamResponse:
        await never.wait()
        return web.Response()

    async with listening() as dead:
        dead.reply = hang
        await add_webhook(desk.hub, dead.url, "dead", events=RECEIVED)
        await add_webhook(desk.hub, endpoint.url, "well", events=RECEIVED)
        await start(desk.hub, total=600)
        for number in range(30):
            await desk.say(f"p{number}", "Hola")
        await endpoint.count(30)
        await dead.count(LANES)
        assert len(dead.posts) == LANES
        never.set()
        await dead.count(30)


async def test_events_of_one_conversation_are_told_in_their_order(
    desk: SmallDesk, start: Start, endpoint: Endpoint
) -> None:
    await add_webhook(desk.hub, endpoint.url, events=RECEIVED)
    for number in range(5):
        for person in ("p1", "p2", "p3"):
            await desk.say(person, str(number))
    await start(desk.hub)
    await endpoint.count(15)
    told: dict[int, list[int]] = {}
    for post in endpoint.posts:
        told.setdefault(post.body["data"]["conversation"]["id"], []).append(post.body["data"]["seq"])
    assert len(told) == 3
    assert all(numbers == sorted(numbers) for numbers in told.values())


async def test_a_failed_event_does_not_hold_up_the_next_of_its_conversation(
    desk: SmallDesk, start: Start, endpoint: Endpoint
) -> None:
    endpoint.reply = status(500)
    await add_webhook(desk.hub, endpoint.url, events=RECEIVED)
    await start(desk.hub)
    await desk.say("p1", "uno")
    await until(desk.hub, put_off(1))
    endpoint.reply = ok
    await desk.say("p1", "dos")
    await endpoint.count(2)
    assert endpoint.posts[0].id != endpoint.posts[1].id


@pytest.mark.parametrize("fault", ["cut", "silence"])
async def test_a_lost_answer_is_asked_for_again_under_the_same_id(
    desk: SmallDesk, start: Start, endpoint: Endpoint, clock: ManualClock, fault: str
) -> None:
    async def silence(_: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    endpoint.reply = cut if fault == "cut" else silence
    await add_webhook(desk.hub, endpoint.url, events=RECEIVED)
    webhooks = await start(desk.hub, total=1)
    await desk.say("p1", "Hola")
    (row,) = await until(desk.hub, put_off(1))
    assert row.why == "no_answer"
    endpoint.reply = ok
    clock.at = row.due
    webhooks.look()
    await until(desk.hub, settled)
    first, second = endpoint.posts
    assert first.id == second.id


async def test_a_hub_that_dies_in_the_middle_leaves_what_another_takes_up(
    desk: SmallDesk, start: Start, endpoint: Endpoint, clock: ManualClock
) -> None:
    async def hang(_: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    endpoint.reply = hang
    await add_webhook(desk.hub, endpoint.url, events=RECEIVED)
    first = await start(desk.hub, total=600)
    await desk.say("p1", "uno")
    await endpoint.count(1)
    for loop in first._loops:  # as dead as a killed process: nothing is written down any more
        await loop.stop()
    lanes = list(first._lanes.values())
    for lane in lanes:
        lane.cancel()
    await asyncio.gather(*lanes, return_exceptions=True)
    await desk.say("p2", "dos")
    endpoint.reply = ok
    second = await start(desk.hub)
    await endpoint.count(2)
    (held,) = await until(desk.hub, lambda rows: len(rows) == 1)
    assert held.until == clock.now() + CLAIM  # still the first one's: it might be sending
    clock.advance(CLAIM)
    second.look()
    await until(desk.hub, settled)
    ids = [post.id for post in endpoint.posts]
    assert ids[0] == ids[2] != ids[1]


async def test_two_hubs_on_one_database_tell_each_event_once(
    make_hub: Any, desk: SmallDesk, start: Start, endpoint: Endpoint
) -> None:
    other = await make_hub()
    await add_webhook(desk.hub, endpoint.url, events=RECEIVED)
    dispatchers = [await start(desk.hub), await start(other)]
    for number in range(20):
        await desk.say(f"p{number % 4}", str(number))
    await endpoint.count(20)
    await until(desk.hub, settled)
    for dispatcher in dispatchers:
        await dispatcher.stop()
    ids = [post.id for post in endpoint.posts]
    assert len(ids) == len(set(ids)) == 20


async def test_a_secret_that_the_key_file_does_not_open_keeps_its_events(
    desk: SmallDesk, start: Start, endpoint: Endpoint, clock: ManualClock
) -> None:
    await add_webhook(desk.hub, endpoint.url, events=RECEIVED)
    key_file = desk.hub.config.key_file
    keys = key_file.read_text()
    key_file.unlink()  # another one is made in its place
    webhooks = await start(desk.hub)
    await desk.say("p1", "Hola")
    (row,) = await until(desk.hub, lambda rows: len(rows) == 1)
    async with asyncio.timeout(WAIT):
        while not webhooks._sealed:
            await asyncio.sleep(0.02)
    assert (endpoint.posts, row.attempt) == ([], 0)
    key_file.write_text(keys)
    clock.advance(60_000)
    webhooks.look()
    await until(desk.hub, settled)
    assert len(endpoint.posts) == 1


async def test_a_webhook_that_leads_inside_is_not_posted_to(make_hub: Any, desk: SmallDesk, endpoint: Endpoint) -> None:
    await add_webhook(desk.hub, endpoint.url, events=RECEIVED)
    egress = Egress(())
    await egress.start()
    webhooks = Webhooks(desk.hub, egress)
    await webhooks.start()
    await desk.say("p1", "Hola")
    (row,) = await until(desk.hub, put_off(1))
    await webhooks.stop()
    await egress.stop()
    assert (row.why, endpoint.posts) == ("address_refused", [])
