"""Tokens are short, exchanged, and a thief of one is found out; who loses an answer loses nothing."""

from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from signing import AWAY, HOME, PASSWORD, Caller, with_password
from small_desk import Served
from watcher import Watcher
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from hub.desk.tables import session
from hub.desk.tokens import GRACE
from hub.protocol import PROTO, frames
from hub.protocol.queries import Rows
from hub.protocol.views import Session
from hub.store.clock import ManualClock
from hub.store.schema import idempotency, journal

MINUTE = 60_000
DAY = 24 * 60 * MINUTE


async def opens(served: Served, token: str) -> bool:
    """Whether a token opens the socket; it is used by that."""
    try:
        async with connect(f"{served.ws}/ws", additional_headers={"Authorization": f"Bearer {token}"}) as ws:
            await ws.send(frames.encode(frames.Hello(PROTO)), text=True)
            return isinstance(frames.decode_hub.decode(await ws.recv()), frames.Welcome)
    except InvalidStatus:
        return False


async def why_ended(served: Served) -> list[Any]:
    rows = sa.select(journal.c.data).where(journal.c.kind == "session.ended").order_by(journal.c.seq)
    return [msgspec.json.decode(one)["why"] for one in await served.hub.store.read(lambda c: list(c.scalars(rows)))]


async def test_an_access_token_ends_by_itself_and_is_exchanged_for_the_next(
    served: Served, caller: Caller, clock: ManualClock
) -> None:
    made = (await caller.sign_in()).said
    assert made["expires_in"] == 15 * 60
    assert await opens(served, made["token"])
    assert not await opens(served, made["refresh"])
    clock.advance(15 * MINUTE)
    assert not await opens(served, made["token"])
    following = (await caller.refresh(made["refresh"])).said
    assert len({made["token"], made["refresh"], following["token"], following["refresh"]}) == 4
    assert await opens(served, following["token"])


async def test_a_live_socket_outlives_its_token(served: Served, caller: Caller, clock: ManualClock) -> None:
    made = (await caller.sign_in()).said
    async with connect(f"{served.ws}/ws", additional_headers={"Authorization": f"Bearer {made['token']}"}) as ws:
        await ws.send(frames.encode(frames.Hello(PROTO)), text=True)
        await ws.recv()
        clock.advance(60 * MINUTE)
        await ws.send(frames.encode(frames.Ping(7)), text=True)
        while not isinstance(answer := frames.decode_hub.decode(await ws.recv()), frames.Pong):
            pass
        assert answer.n == 7


async def test_a_lost_answer_is_given_again_however_late(served: Served, caller: Caller, clock: ManualClock) -> None:
    made = (await caller.sign_in(address=HOME)).said
    lost = (await caller.refresh(made["refresh"], HOME)).said
    clock.advance(8 * 60 * MINUTE)  # the lid was closed before it was written down
    again = await caller.refresh(made["refresh"], AWAY)
    assert again.said == lost
    assert await opens(served, again.said["token"])


async def test_a_refresh_token_that_comes_again_after_its_successor_ends_the_session(
    served: Served, caller: Caller, clock: ManualClock
) -> None:
    stolen = (await caller.sign_in()).said["refresh"]
    following = (await caller.refresh(stolen)).said
    assert await opens(served, following["token"])
    clock.advance(GRACE + 1)
    assert (await caller.refresh(stolen)).code == "signed_out"
    assert await why_ended(served) == ["reused"]
    assert not await opens(served, following["token"])
    assert (await caller.refresh(following["refresh"])).code == "signed_out"


async def test_a_thief_who_was_first_is_found_out_by_the_owner(
    served: Served, caller: Caller, clock: ManualClock
) -> None:
    stolen = (await caller.sign_in(address=HOME)).said["refresh"]
    theirs = (await caller.refresh(stolen, AWAY)).said
    assert (await caller.refresh(theirs["refresh"], AWAY)).status == 200
    assert (await caller.refresh(stolen, HOME)).code == "signed_out"  # at once: it comes from elsewhere
    assert await why_ended(served) == ["reused"]


async def test_two_consoles_that_share_a_profile_and_ask_at_once_are_no_thieves(served: Served, caller: Caller) -> None:
    shared = (await caller.sign_in(address=HOME)).said["refresh"]
    one = (await caller.refresh(shared, HOME)).said
    assert await opens(served, one["token"])
    other = (await caller.refresh(shared, HOME)).said
    assert other["refresh"] == one["refresh"]


async def test_a_session_that_was_not_seen_for_long_has_ended(
    served: Served, caller: Caller, clock: ManualClock
) -> None:
    made = (await caller.sign_in()).said
    clock.advance(29 * DAY)
    made = (await caller.refresh(made["refresh"])).said
    clock.advance(31 * DAY)
    assert (await caller.refresh(made["refresh"])).code == "signed_out"
    assert await why_ended(served) == ["idle"]


async def test_who_is_connected_is_seen(served: Served, clock: ManualClock) -> None:
    watcher = await served.join("ana")
    clock.advance(40 * DAY)
    await served.hub.seen.note()
    seen = await served.hub.store.read(lambda conn: conn.scalar(sa.select(session.c.seen_at)))
    assert seen == clock.now()
    assert watcher.bye is None


@pytest.mark.parametrize("kind", ["token", "refresh"])
async def test_either_token_signs_out(served: Served, caller: Caller, kind: str) -> None:
    made = (await caller.sign_in()).said
    assert (await caller.post("sign-out", made[kind])).status == 200
    assert not await opens(served, made["token"])
    assert (await caller.refresh(made["refresh"])).code == "signed_out"


async def test_no_token_and_no_password_is_kept_readable(served: Served, caller: Caller) -> None:
    made = (await caller.sign_in(label="laptop")).said
    following = (await caller.refresh(made["refresh"])).said

    def everything(conn: sa.Connection) -> str:
        names = sa.inspect(conn).get_table_names()
        return "".join(str(conn.execute(sa.text(f'SELECT * FROM "{name}"')).all()) for name in names)

    stored = await served.hub.store.read(everything)
    assert "laptop" in stored
    for secret in (PASSWORD, made["token"], made["refresh"], following["token"], following["refresh"]):
        assert secret not in stored


async def listed_to(watcher: Watcher, **args: int) -> list[Session]:
    return msgspec.convert(await watcher.ask("sessions", **args), Rows[Session]).items


async def test_sessions_are_listed_to_their_agent_and_ended_by_them(served: Served, caller: Caller) -> None:
    await caller.sign_in(label="at home", address=HOME)
    ana, luis, sofia = [await served.join(login) for login in ("ana", "luis", "sofia")]
    listed = await listed_to(ana)
    assert [(one.label, one.network, one.this) for one in listed] == [
        ("test", "127.0.0.1", True),
        ("at home", "203.0.113.0/24", False),
    ]
    for other in (luis, sofia):
        refused = await other.command("session.end", session=listed[1].id)
        assert (refused.code, refused.args) == ("not_found", {"what": "session", "id": listed[1].id})
        absent = await other.command("session.end", session=999)
        assert (absent.code, absent.field) == (refused.code, refused.field)
    assert (await luis.ask("sessions", agent=served.desk.ids["ana"])).code == "forbidden"
    await ana.command("session.end_others")
    (left,) = await listed_to(ana)
    assert left.this
    assert luis.bye is None
    stored = await served.hub.store.read(lambda conn: str(conn.execute(sa.select(idempotency)).all()))
    assert "token" not in stored


async def test_an_admin_ends_anybodys_session_and_its_socket(served: Served, caller: Caller) -> None:
    await with_password(served, "rosa", "admin")
    ana, rosa = await served.join("ana"), await served.join("rosa")
    (theirs,) = await listed_to(rosa, agent=served.desk.ids["ana"])
    await rosa.command("session.end", session=theirs.id)
    await ana.until(lambda: ana.bye is not None)
    assert ana.bye == frames.Bye("signed_out")
    assert rosa.bye is None


async def test_an_unknown_view_is_refused_by_its_name(served: Served) -> None:
    ana = await served.join("ana")
    refused = await ana.ask("secrets")
    assert (refused.code, refused.field) == ("bad_args", "view")
    assert (await ana.ask("sessions", agent=0)).field == "agent"
