"""Guessing is slow, for whoever guesses; and whose account it is can go on signing in."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import ClientSession
from signing import AWAY, HOME, PASSWORD, Caller
from small_desk import Served, serving

from hub import auth
from hub.desk.throttle import ACCOUNT, ADDRESS
from hub.protocol.errors import Code, Refused
from hub.store.clock import ManualClock

FREE = ACCOUNT.free


async def guess(caller: Caller, times: int, login: str = "ana", address: str = AWAY) -> list[str]:
    return [(await caller.sign_in(login, "falsa-del-todo", address)).code for _ in range(times)]


@pytest.mark.parametrize("login", ["ana", "nadie"])
async def test_failures_make_wait_longer_each_time_whether_or_not_there_is_such_a_login(
    caller: Caller, clock: ManualClock, login: str
) -> None:
    assert await guess(caller, FREE, login) == ["bad_credentials"] * FREE
    for seconds in (2, 4, 8, 16):
        refused = await caller.sign_in(login.upper(), PASSWORD, AWAY)
        assert (refused.status, refused.said) == (
            429,
            {"code": "rate_limited", "args": {"seconds": seconds}, "field": None},
        )
        assert refused.headers["Retry-After"] == str(seconds)
        clock.advance(seconds * 1000)
        assert await guess(caller, 1, login) == ["bad_credentials"]


async def test_a_wait_is_never_longer_than_it_says_and_asking_on_does_not_lengthen_it(
    caller: Caller, clock: ManualClock
) -> None:
    for _ in range(FREE + 12):
        await guess(caller, 1)
        clock.advance(ACCOUNT.most)
    await guess(caller, 1)
    assert (await caller.sign_in(address=AWAY)).said["args"]["seconds"] == ACCOUNT.most // 1000
    clock.advance(ACCOUNT.most)
    assert (await caller.sign_in(address=AWAY)).status == 200


async def test_a_stranger_who_guesses_keeps_the_owner_out_nowhere_that_they_were_before(
    caller: Caller, clock: ManualClock
) -> None:
    assert (await caller.sign_in(address=HOME)).status == 200
    await guess(caller, FREE + 1)
    assert (await caller.sign_in(address=AWAY)).status == 429
    assert (await caller.sign_in(address=HOME)).status == 200
    assert (await caller.sign_in(address=AWAY)).status == 429  # which has not freed the stranger


async def test_an_address_that_guesses_at_many_accounts_is_slowed_for_all(caller: Caller) -> None:
    for number in range(ADDRESS.free):
        assert await guess(caller, 1, f"nadie{number}") == ["bad_credentials"]
    assert (await caller.sign_in(address=AWAY)).code == "rate_limited"
    assert (await caller.sign_in(address=HOME)).status == 200


async def test_neighbours_in_one_ipv6_network_are_one_address(caller: Caller) -> None:
    for number in range(ADDRESS.free):
        await guess(caller, 1, f"nadie{number}", f"2001:db8:1:2::{number:x}")
    assert (await caller.sign_in(address="2001:db8:1:2:ffff::1")).code == "rate_limited"
    assert (await caller.sign_in(address="2001:db8:1:3::1")).status == 200


async def test_guesses_at_the_same_time_are_counted_one_by_one(caller: Caller) -> None:
    codes = await asyncio.gather(*(guess(caller, 1) for _ in range(3 * FREE)))
    assert sorted(code for (code,) in codes) == ["bad_credentials"] * FREE + ["rate_limited"] * (2 * FREE)


async def test_waits_hold_across_a_restart_and_across_hubs(served: Served, caller: Caller, make_hub: Any) -> None:
    await guess(caller, FREE)
    other = await make_hub(proxies=("127.0.0.1",))
    async with serving(other) as url, ClientSession() as http:
        assert (await Caller(http, url).sign_in(address=AWAY)).code == "rate_limited"


async def test_an_undeclared_proxy_is_not_believed(served: Served, caller: Caller) -> None:
    served.hub.config = replace(served.hub.config, proxies=())
    for number in range(FREE):
        await guess(caller, 1, "ana", f"192.0.2.{number}")
    assert (await caller.sign_in(address="192.0.2.99")).code == "rate_limited"


async def test_failures_are_forgotten_after_a_day(caller: Caller, clock: ManualClock) -> None:
    await guess(caller, FREE)
    clock.advance(ACCOUNT.forget)
    assert await guess(caller, FREE) == ["bad_credentials"] * FREE


async def test_a_flood_waits_in_a_line_that_ends_and_costs_nobody_an_attempt(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth, "_line", auth.Line(threads=1, waiting=0))
    release = asyncio.Event()
    loop = asyncio.get_running_loop()
    busy = asyncio.create_task(
        auth._line.run(lambda: asyncio.run_coroutine_threadsafe(release.wait(), loop).result(60))
    )
    await asyncio.sleep(0)
    for _ in range(FREE + 1):
        refused = await caller.sign_in(address=AWAY)
        assert (refused.status, refused.code) == (503, "busy")
        assert int(refused.headers["Retry-After"]) > 0
    release.set()
    await busy
    assert (await caller.sign_in(address=AWAY)).status == 200


async def test_whoever_goes_leaves_the_line_when_their_work_is_done() -> None:
    line = auth.Line(threads=1, waiting=0)
    release = asyncio.Event()
    loop = asyncio.get_running_loop()

    def work() -> bool:
        return asyncio.run_coroutine_threadsafe(release.wait(), loop).result(60)

    first = asyncio.create_task(line.run(work))
    await asyncio.sleep(0)
    with pytest.raises(Refused) as refused:
        await line.run(lambda: True)
    assert refused.value.code is Code.BUSY
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    with pytest.raises(Refused):  # the thread is at it all the same
        await line.run(lambda: True)
    release.set()
    await asyncio.wrap_future(line._threads.submit(lambda: None))
    assert await line.run(lambda: True)
