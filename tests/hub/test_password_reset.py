"""A link for a new password: good once, for half an hour, and kept by nobody but whom it was given to."""

import secrets
from typing import Any

import pytest
from signing import PASSWORD, Caller, with_password
from small_desk import Served

from hub.desk.accounts import LINK_LASTS
from hub.desk.people import token_hash
from hub.desk.principal import SYSTEM
from hub.protocol import accounts, commands, frames
from hub.store.clock import ManualClock

NEW = "nueva-y-larga"


async def linked(served: Served, login: str = "ana", who: Any = SYSTEM) -> str:
    token = secrets.token_urlsafe(32)
    link = accounts.LinkPassword(served.desk.ids[login], token_hash(token))
    await served.desk.run(who, "password.link", link)
    return token


async def test_a_link_sets_a_password_once_and_ends_every_session(served: Served, caller: Caller) -> None:
    before = (await caller.sign_in()).said
    watcher = await served.join("ana")
    token = await linked(served)
    assert (await caller.post("reset", token=token, password=NEW)).said == {}
    await watcher.until(lambda: watcher.bye is not None)
    assert watcher.bye == frames.Bye("signed_out")
    assert (await caller.refresh(before["refresh"])).code == "signed_out"
    assert (await caller.sign_in(password=PASSWORD)).code == "bad_credentials"
    assert (await caller.sign_in(password=NEW)).status == 200
    again = await caller.post("reset", token=token, password="otra-mas-larga")
    assert (again.status, again.said) == (
        404,
        {"code": "not_found", "args": {"what": "link", "id": ""}, "field": "token"},
    )


async def test_a_link_is_over_after_half_an_hour(served: Served, caller: Caller, clock: ManualClock) -> None:
    token = await linked(served)
    clock.advance(LINK_LASTS)
    assert (await caller.post("reset", token=token, password=NEW)).code == "not_found"


async def test_a_newer_link_and_a_new_password_void_the_one_before(served: Served, caller: Caller) -> None:
    first, second = await linked(served), await linked(served)
    assert (await caller.post("reset", token=first, password=NEW)).code == "not_found"
    session = (await caller.sign_in()).said["token"]
    assert (await caller.post("password", session, password=PASSWORD, new=NEW)).status == 200
    assert (await caller.post("reset", token=second, password=NEW)).code == "not_found"


async def test_a_password_that_is_too_short_uses_up_no_link(served: Served, caller: Caller) -> None:
    token = await linked(served)
    refused = await caller.post("reset", token=token, password="corta")
    assert (refused.status, refused.said["field"]) == (400, "password")
    assert (await caller.post("reset", token=token, password=NEW)).status == 200


async def test_only_admins_make_links_and_not_for_who_is_gone(served: Served, caller: Caller) -> None:
    await with_password(served, "rosa", "admin")
    rosa, sofia = await served.join("rosa"), await served.join("sofia")
    link = {"agent": served.desk.ids["luis"], "token_hash": "a" * 64}
    assert (await sofia.command("password.link", **link)).code == "forbidden"
    assert isinstance(await rosa.command("password.link", **link), frames.Ok)
    gone = commands.SaveAgent("luis", "Luis", "agent", active=False)
    await served.desk.run(SYSTEM, "agent.save", gone)
    assert (await rosa.command("password.link", **link)).code == "wrong_state"


async def test_a_link_of_who_was_made_inactive_sets_nothing(served: Served, caller: Caller) -> None:
    token = await linked(served)
    await served.desk.run(SYSTEM, "agent.save", commands.SaveAgent("ana", "Ana", "agent", active=False))
    assert (await caller.post("reset", token=token, password=NEW)).code == "not_found"


async def test_changing_ones_password_takes_the_old_one_and_ends_every_session(served: Served, caller: Caller) -> None:
    made, other = (await caller.sign_in()).said, (await caller.sign_in()).said
    wrong = await caller.post("password", made["token"], password="falsa-del-todo", new=NEW)
    assert (wrong.code, wrong.said["field"]) == ("bad_credentials", "password")
    short = await caller.post("password", made["token"], password=PASSWORD, new="corta")
    assert (short.code, short.said["field"]) == ("bad_args", "new")
    assert (await caller.post("password", made["token"], password=PASSWORD, new=NEW)).said == {}
    for one in (made, other):
        assert (await caller.refresh(one["refresh"])).code == "signed_out"
    assert (await caller.sign_in(password=NEW)).status == 200


async def test_deactivation_ends_every_session(served: Served, caller: Caller) -> None:
    made = (await caller.sign_in()).said
    watcher = await served.join("ana")
    await served.desk.run(SYSTEM, "agent.save", commands.SaveAgent("ana", "Ana", "agent", active=False))
    await watcher.until(lambda: watcher.bye is not None)
    assert (await caller.refresh(made["refresh"])).code == "signed_out"
    assert (await caller.sign_in()).code == "bad_credentials"


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("sign-in", {"login": "ana"}, "password"),
        ("sign-in", {"login": 3, "password": "x"}, "login"),
        ("sign-in", {"login": "a\x00", "password": "x"}, "login"),
        ("refresh", {}, "refresh"),
        ("reset", {"token": "x", "password": "y", "more": 1}, "more"),
        ("password", {"password": "y" * 2000, "new": "x"}, "password"),
    ],
)
async def test_a_bad_request_is_told_which_field_is_at_fault(
    served: Served, caller: Caller, path: str, body: dict[str, Any], field: str
) -> None:
    token = (await caller.sign_in()).said["token"]
    refused = await caller.post(path, token, **body)
    assert (refused.status, refused.code) == (400, "bad_args")
    assert field in refused.said["args"]["why"] or refused.said.get("field") == field
