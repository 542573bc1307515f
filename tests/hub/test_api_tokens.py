"""API tokens: what one opens and what not, how long, and that nothing gives it away."""

import asyncio
import re

import pytest
import sqlalchemy as sa
from aiohttp import ClientSession
from api_client import Program, api_token, program
from hypothesis import given, settings
from hypothesis import strategies as st
from small_desk import Served
from watcher import Watcher
from websockets.exceptions import InvalidStatus

from hub.desk.api_token_tables import api_token as table
from hub.desk.api_token_text import ALPHABET, checksum, new_token, well_formed
from hub.desk.api_tokens import grantable
from hub.desk.principal import ROLES, SYSTEM
from hub.protocol import commands as c
from hub.protocol import frames
from hub.store.clock import ManualClock
from hub.store.schema import metadata

KEY = {"Idempotency-Key": "a-key-of-sixteen-or-more"}


def test_a_token_can_be_told_from_anything_else_and_from_a_mistyped_one() -> None:
    token = new_token()
    assert re.fullmatch(r"bdj_[0-9A-Za-z]{49}", token)
    assert well_formed(token)
    assert new_token() != token
    assert checksum("0" * 43) == checksum("0" * 43)
    for wrong in (token[:-1], token + "0", token.swapcase(), "bdj-" + token[4:], "bdj_", ""):
        assert not well_formed(wrong), wrong


@settings(max_examples=200, deadline=None)
@given(place=st.integers(4, 52), letter=st.sampled_from(ALPHABET))
def test_one_wrong_character_is_found_out(place: int, letter: str) -> None:
    token = new_token()
    changed = token[:place] + letter + token[place + 1 :]
    assert well_formed(changed) == (changed == token)


def test_no_token_can_make_tokens() -> None:
    for role in ROLES:
        assert "token.manage" not in grantable(role)


async def test_a_token_leaves_of_the_agents_grants_what_its_scopes_name(served: Served) -> None:
    await served.desk.say("p1", "Hola")
    async with (
        program(served, "sofia", "conversation.see") as reader,
        program(served, "sofia", "agent.status") as other,
    ):
        assert len((await reader.get("conversations")).body["items"]) == 1
        for refused in (
            await reader.command("message.note", {"conversation": 1, "body": "x"}),
            await reader.command("agent.status", {"status": "lunch"}),
            await reader.get("tokens"),
            await other.get("conversations"),
            await other.get("contacts"),
        ):
            assert (refused.status, refused.body["code"]) == (403, "forbidden")
        assert (await other.command("agent.status", {"status": "lunch"})).status == 200


async def test_a_token_never_reaches_further_than_its_agent_does_now(served: Served) -> None:
    await served.desk.say("p1", "Hola")
    async with program(served, "sofia", "conversation.see", "conversation.manage") as sofia:
        assert (await sofia.get("conversations/1")).status == 200
        await served.desk.run(SYSTEM, "agent.save", c.SaveAgent("sofia", "Sofia", "agent"))
        assert (await sofia.get("conversations/1")).status == 404
        assert (await sofia.get("me")).body["grants"] == {"conversation.see": "own"}


async def test_a_token_is_made_and_told_once_and_kept_as_a_hash(served: Served) -> None:
    async with program(served, "ana") as ana:
        wanted = {"name": "a robot", "scopes": ["conversation.see", "agent.status"]}
        made = await ana.ask("POST", "tokens", json=wanted, headers=KEY)
        assert made.status == 201
        token = made.body["token"]
        again = await ana.ask("POST", "tokens", json=wanted, headers=KEY)
        assert (again.status, again.body["code"]) == (409, "key_reused")
        (listed,) = (await ana.get("tokens")).body["items"]
        assert (listed["id"], listed["name"], listed["scopes"]) == (
            made.body["id"],
            "a robot",
            ["agent.status", "conversation.see"],
        )
        assert (await Program(ana.http, served.url, token).get("me")).status == 200

    def everything(conn: sa.Connection) -> str:
        return " ".join(str(conn.execute(sa.select(one)).all()) for one in metadata.sorted_tables)

    assert token not in await served.hub.store.read(everything)


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({"name": "x", "scopes": []}, 400, "bad_args", "scopes"),
        ({"name": "", "scopes": ["agent.status"]}, 400, "bad_args", "name"),
        ({"name": "x", "scopes": ["agent.status"], "agent": 1}, 400, "bad_args", "agent"),
        ({"name": "x", "scopes": ["agent.manage"]}, 403, "forbidden", "scopes"),
        ({"name": "x", "scopes": ["token.manage"]}, 403, "forbidden", "scopes"),
        ({"name": "x", "scopes": ["no.such"]}, 403, "forbidden", "scopes"),
        ({"name": "x", "scopes": ["agent.status"], "expires": 1}, 422, "bad_args", "expires"),
    ],
)
async def test_a_token_that_may_not_be_is_refused_by_field(
    served: Served, body: object, status: int, code: str, field: str | None
) -> None:
    async with program(served, "ana") as ana:
        answer = await ana.ask("POST", "tokens", json=body, headers=KEY)
        assert (answer.status, answer.body["code"], answer.body["field"]) == (status, code, field)


async def test_nobody_makes_or_ends_tokens_of_others_but_who_may(served: Served) -> None:
    await served.desk.run(SYSTEM, "agent.save", c.SaveAgent("root", "Root", "admin", password_hash="x"))
    await api_token(served, "ana", "agent.status")
    async with program(served, "luis") as luis:
        new = {"name": "x", "scopes": ["agent.status"], "token_hash": "a" * 64, "agent": served.desk.ids["ana"]}
        made = await luis.command("token.create", new)
        assert (made.status, made.body["field"]) == (403, "agent")
        ended = await luis.command("token.revoke", {"token": 1})
        assert (ended.status, ended.body["code"]) == (404, "not_found")
        assert (await luis.get("tokens")).body["items"] == []
    served.desk.ids["root"] = 4
    async with program(served, "root") as root:
        assert (await root.command("token.revoke", {"token": 1})).status == 200


async def test_a_revoked_token_opens_nothing_and_its_socket_is_closed(served: Served) -> None:
    token = await api_token(served, "ana", "conversation.see", "agent.status")
    watcher = await Watcher.join(served.ws, token)
    served.watchers.append(watcher)
    assert watcher.mirror.me is not None
    assert watcher.mirror.me.grants == {"conversation.see": "own", "agent.status": "own"}
    refused = await watcher.command("token.revoke", token=1)
    assert isinstance(refused, frames.Error)
    assert refused.code == "forbidden"
    await served.desk.run("ana", "token.revoke", c.RevokeToken(1))
    await watcher.until(lambda: watcher.bye is not None)
    assert watcher.bye == frames.Bye("signed_out")
    with pytest.raises(InvalidStatus):
        await Watcher.join(served.ws, token)
    async with ClientSession() as http:
        assert (await Program(http, served.url, token).get("me")).status == 401


async def test_a_token_ends_when_it_was_to_end_on_a_live_socket_too(served: Served, clock: ManualClock) -> None:
    token = await api_token(served, "sofia", "conversation.see", expires=clock.now() + 60_000)
    watcher = await Watcher.join(served.ws, token)
    served.watchers.append(watcher)
    async with ClientSession() as http:
        robot = Program(http, served.url, token)
        assert (await robot.ask("GET", "me", headers={"Authorization": f"bearer {token}"})).status == 200
        assert (await robot.ask("GET", "me", headers={"Authorization": f"Basic {token}"})).status == 401
        clock.advance(60_000)
        assert (await robot.get("me")).status == 401
    await served.desk.say("p1", "Hola")
    await watcher.until(lambda: watcher.bye is not None)
    assert watcher.bye == frames.Bye("signed_out")


async def test_an_agent_who_is_made_inactive_loses_their_tokens_for_good(served: Served) -> None:
    async with program(served, "ana", "agent.status") as robot:
        for active in (False, True):
            ana = c.SaveAgent("ana", "Ana", "agent", active=active)
            await served.desk.run(SYSTEM, "agent.save", ana)
            assert (await robot.get("me")).status == 401


async def test_a_new_password_leaves_tokens_alone(served: Served) -> None:
    async with program(served, "ana", "agent.status") as robot:
        await served.desk.run(SYSTEM, "agent.save", c.SaveAgent("ana", "Ana", "agent", password_hash="y"))
        assert (await robot.get("me")).status == 200


@pytest.mark.parametrize("path", ["password", "factor/enrol", "factor/confirm", "factor/drop"])
async def test_a_token_changes_nobodys_password_or_second_factor(served: Served, path: str) -> None:
    scopes = grantable("agent")
    async with program(served, "ana", *scopes) as robot:
        answer = await robot.ask("POST", path, json={})
        assert (answer.status, answer.body["code"]) == (403, "forbidden")


async def test_a_socket_of_a_token_is_told_the_views_that_its_scopes_leave(served: Served) -> None:
    await served.desk.say("p1", "Hola")
    watcher = await Watcher.join(served.ws, await api_token(served, "sofia", "conversation.see"))
    served.watchers.append(watcher)
    first = await watcher.ask("conversations", limit=1)
    async with program(served, "sofia", "conversation.see") as robot:
        assert first["items"] == (await robot.get("conversations", limit=1)).body["items"]
    assert (await watcher.ask("conversation", conversation=first["items"][0]["id"])) == first["items"][0]
    assert (await watcher.ask("sessions")).code == "forbidden"


async def test_signing_out_with_a_token_ends_that_token(served: Served) -> None:
    async with program(served, "ana", "agent.status") as robot:
        answer = await robot.ask("POST", "sign-out")
        assert (answer.status, answer.body) == (200, {"token": 1})
        assert (await robot.get("me")).status == 401


async def test_when_and_from_where_a_token_was_used_is_told_and_written_once_a_minute(
    served: Served, clock: ManualClock
) -> None:
    async def known() -> tuple[int | None, str]:
        await served.hub.store.write(lambda unit: None)  # what was handed in before is written
        return await served.hub.store.read(lambda conn: tuple(conn.execute(used).one()))

    used = sa.select(table.c.last_used_at, table.c.last_address)
    async with program(served, "ana", "agent.status") as robot:
        assert await known() == (None, "")
        began = clock.now()
        for step in (0, 30_000, 30_000):
            clock.advance(step)
            await robot.get("me")
        assert await known() == (began + 60_000, "127.0.0.1")
        clock.advance(59_999)
        await asyncio.gather(*(robot.get("me") for _ in range(3)))
        assert await known() == (began + 60_000, "127.0.0.1")
    async with program(served, "ana") as ana:
        (listed,) = (await ana.get("tokens")).body["items"]
        assert (listed["used"], listed["address"]) == (began + 60_000, "127.0.0.1")
