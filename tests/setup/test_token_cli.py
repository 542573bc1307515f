"""Tokens from a shell: made once, listed with the sessions, ended like them."""

import asyncio
import re

import pytest
from shell import Shell

from hub import admin
from hub.config import Config
from hub.desk.people import by_token


@pytest.fixture
def desk(desk: Shell) -> Shell:
    """The same with one agent."""
    desk.ok("user", "add", "ana", "--name", "Ana", password="long enough")
    return desk


def grants(shell: Shell, token: str) -> list[str]:
    """What the token opens."""

    async def look() -> list[str]:
        async with admin.opened(Config(data=shell.data)) as store:
            now = store.clock.now()
            who = await store.read(lambda conn: by_token(conn, token, now))
        return [] if who is None else sorted(who.grants)

    return asyncio.run(look())


def test_a_token_is_shown_once_then_listed_and_ended(desk: Shell) -> None:
    scopes = ("--scope", "conversation.see", "--scope", "agent.status")
    token, note = desk.ok("token", "add", "ana", "--name", "nightly report", *scopes).splitlines()
    assert re.fullmatch(r"bdj_[0-9A-Za-z]{49}", token)
    assert "bandeja-hub token revoke t1" in note
    assert grants(desk, token) == ["agent.status", "conversation.see"]
    listed = desk.ok("token", "list")
    assert "t1  ana    nightly report  agent.status conversation.see" in listed
    assert token not in listed
    assert desk.ok("token", "list", "ana") == listed
    assert desk.ok("token", "revoke", "t1") == "t1 opens nothing any more.\n"
    assert grants(desk, token) == []
    assert "t1" not in desk.ok("token", "list")


def test_a_session_is_listed_and_ended_alike(desk: Shell) -> None:
    async def sign_in() -> None:
        async with admin.opened(Config(data=desk.data)) as store:
            await admin.submit(store, "session.start", agent=1, token_hash="a" * 64, label="ana's laptop")

    asyncio.run(sign_in())
    assert "s1  ana    ana's laptop" in desk.ok("token", "list")
    desk.ok("token", "revoke", "s1")
    assert "s1" not in desk.ok("token", "list", "ana")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("add", "bob", "--name", "x", "--scope", "agent.status"), "There is no such agent: bob"),
        (
            ("add", "ana", "--name", "x", "--scope", "agent.manage"),
            "ana has no agent.manage to give. There are: agent.",
        ),
        (("add", "ana", "--name", "x", "--scope", "token.manage"), "ana has no token.manage to give."),
        (("add", "ana", "--name", "x"), "--scope needs a value."),
        (("add", "ana", "--scope", "agent.status"), "--name needs a value."),
        (
            ("add", "ana", "--name", "x", "--scope", "agent.status", "--days", "-1"),
            "--days must be a whole number from 0",
        ),
        (("revoke", "t9"), "There is no such token: 9"),
        (("revoke", "s9"), "There is no such session: 9"),
        (("revoke", "9"), "9 is neither a token's nor a session's: bandeja-hub token list tells them."),
        (("revoke", "tx"), "tx is neither"),
        (("revoke", "t0"), "token can't be used"),
        (("list", "bob"), "There is no such agent: bob"),
    ],
)
def test_what_can_not_be_done_is_told_in_a_sentence(desk: Shell, arguments: tuple[str, ...], sentence: str) -> None:
    assert sentence in desk.refused("token", *arguments)
