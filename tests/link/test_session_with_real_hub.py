"""A console's session at a real hub: it goes on by itself when a token is over, and ends when the hub says so."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from shop import Shop

from agent_tui import credentials
from agent_tui.link.account import Account
from agent_tui.link.address import Address
from agent_tui.link.dial import SignedOut
from agent_tui.link.sign_in import NotSignedIn, sign_in
from agent_tui.profile import Profile
from agent_tui.session import Session
from hub.desk.tables import session
from hub.protocol import PROTO, accounts, frames


async def signed_in(shop: Shop, folder: Path, ahead: float = 0.0) -> Session:
    """A session whose clock is ahead by so many seconds."""
    tokens = await sign_in(shop.url, "luis", "secret", "test")
    made = await credentials.remember(folder, Profile(shop.url, "luis", credentials.packed(tokens)))
    shown = asyncio.Event()
    shown.set()
    return Session(folder, made, shown, lambda: time.time() + ahead)


async def greeted(here: Session) -> frames.HubFrame:
    socket = await here.call(Address(here.url, ""))
    await socket.send(frames.encode(frames.Hello(PROTO)))
    frame = frames.decode_hub.decode(await socket.receive())
    await socket.close()
    return frame


async def live(shop: Shop) -> list[int]:
    rows = sa.select(session.c.id).where(session.c.ended_at.is_(None))
    return await shop.hub.store.read(lambda conn: list(conn.scalars(rows)))


async def test_a_console_goes_on_by_itself_when_its_token_is_over(shop: Shop, tmp_path: Path) -> None:
    here = await signed_in(shop, tmp_path, ahead=16 * 60)
    before = credentials.last(tmp_path)
    assert isinstance(await greeted(here), frames.Welcome)
    after = credentials.last(tmp_path)
    assert before is not None
    assert after is not None
    assert credentials.unpacked(before.token).refresh != credentials.unpacked(after.token).refresh
    assert len(await live(shop)) == 1


async def test_a_console_that_ended_before_it_kept_the_next_tokens_comes_back(shop: Shop, tmp_path: Path) -> None:
    here = await signed_in(shop, tmp_path, ahead=16 * 60)
    kept = (tmp_path / "profile.json").read_bytes()
    await here.access()
    (tmp_path / "profile.json").write_bytes(kept)  # as if it had not come to writing
    made = credentials.last(tmp_path)
    assert made is not None
    shown = asyncio.Event()
    shown.set()
    again = Session(tmp_path, made, shown, lambda: time.time() + 16 * 60)
    assert isinstance(await greeted(again), frames.Welcome)
    assert len(await live(shop)) == 1


async def test_a_session_that_was_ended_elsewhere_is_told_by_the_hub_itself(shop: Shop, tmp_path: Path) -> None:
    here = await signed_in(shop, tmp_path)
    assert isinstance(await greeted(here), frames.Welcome)
    (number,) = await live(shop)
    await shop.system("session.end", accounts.EndSession(number))
    with pytest.raises(SignedOut):
        await greeted(here)


async def test_the_account_is_changed_with_a_token_that_is_fetched_where_it_is_over(shop: Shop, tmp_path: Path) -> None:
    account: Any = Account(await signed_in(shop, tmp_path, ahead=16 * 60))
    with pytest.raises(NotSignedIn, match="bad_credentials"):
        await account.change_password("wrong", "another-one")
    made = await account.enrol("secret")
    assert made.secret in made.uri
    with pytest.raises(NotSignedIn, match="second_factor"):
        await account.confirm("000")
    await account.drop("secret")
    await account.change_password("secret", "another-one")
    assert await live(shop) == []
    with pytest.raises(NotSignedIn, match="signed_out"):
        await account.drop("another-one")
