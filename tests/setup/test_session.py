"""A console's tokens: exchanged when they are over, kept before they are used, and shared with a shared profile."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import keyring
import pytest
from aiohttp import web
from toy_keyring import Toy

from agent_tui import credentials, profile, session
from agent_tui.link.address import Address
from agent_tui.link.dial import NoToken, SignedOut, Unreachable
from agent_tui.link.sign_in import Tokens
from agent_tui.profile import Profile
from agent_tui.session import Session

NOW = 1_000_000.0


class Hub:
    """Exchanges tokens `r1` → (`a2`, `r2`) → …; `good` are those that open the socket."""

    def __init__(self) -> None:
        self.url = ""
        self.exchanged: list[str] = []
        self.before: Callable[[], object] = lambda: None  # called before an answer goes out
        self.status = 200
        self.good: set[str] = set()
        self.dialled: list[str] = []

    async def refresh(self, request: web.Request) -> web.Response:
        token = (await request.json())["refresh"]
        self.exchanged.append(token)
        self.before()
        if self.status != 200:
            return web.json_response({"code": "signed_out" if self.status == 401 else "busy"}, status=self.status)
        number = int(token[1:]) + 1
        self.good.add(f"a{number}")
        return web.json_response({"token": f"a{number}", "expires_in": 900, "refresh": f"r{number}"})

    async def dial(self, address: Address) -> Any:
        self.dialled.append(address.token)
        if address.token not in self.good:
            raise SignedOut("401")
        return None


@pytest.fixture
async def hub(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hub]:
    hub = Hub()
    app = web.Application()
    app.router.add_post("/api/v1/refresh", hub.refresh)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    hub.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    monkeypatch.setattr(session, "dial", hub.dial)
    yield hub
    await runner.cleanup()


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A keyring that is there."""
    monkeypatch.setenv("TOY_KEYRING", str(tmp_path / "keyring.json"))
    before = keyring.get_keyring()
    keyring.set_keyring(Toy())
    Toy.locked, Toy.hangs, Toy.calls = False, None, 0
    yield tmp_path / "keyring.json"
    keyring.set_keyring(before)


def shown() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


def kept(folder: Path) -> Tokens:
    held = profile.load(folder)
    assert held is not None
    return credentials.unpacked(held.token)


async def signed_in(folder: Path, url: str, tokens: Tokens | str) -> Profile:
    token = tokens if isinstance(tokens, str) else credentials.packed(tokens)
    return await credentials.remember(folder, Profile(url, "luis", token))


async def test_a_good_token_calls_and_is_not_exchanged(hub: Hub, tmp_path: Path) -> None:
    hub.good.add("a1")
    made = await signed_in(tmp_path, hub.url, Tokens("r1", "a1", NOW + 900))
    await Session(tmp_path, made, shown(), lambda: NOW).call(Address(hub.url, ""))
    assert (hub.dialled, hub.exchanged) == (["a1"], [])


async def test_one_that_is_nearly_over_is_exchanged_before_the_call(hub: Hub, tmp_path: Path) -> None:
    made = await signed_in(tmp_path, hub.url, Tokens("r1", "a1", NOW + 20))
    here = Session(tmp_path, made, shown(), lambda: NOW)
    await here.call(Address(hub.url, ""))
    assert (hub.dialled, hub.exchanged) == (["a2"], ["r1"])
    assert kept(tmp_path).refresh == "r2"
    await here.call(Address(hub.url, ""))
    assert hub.exchanged == ["r1"]


async def test_one_that_the_hub_does_not_take_is_exchanged_once(hub: Hub, tmp_path: Path) -> None:
    made = await signed_in(tmp_path, hub.url, Tokens("r1", "a1", NOW + 900))
    await Session(tmp_path, made, shown(), lambda: NOW).call(Address(hub.url, ""))
    assert (hub.dialled, hub.exchanged) == (["a1", "a2"], ["r1"])


async def test_the_token_of_an_older_console_counts_as_the_one_that_is_exchanged(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "profile.json").write_text(json.dumps({"url": hub.url, "login": "luis", "token": "r1"}))
    made = credentials.last(tmp_path)
    assert made is not None
    await Session(tmp_path, made, shown(), lambda: NOW).call(Address(hub.url, ""))
    assert (hub.dialled, kept(tmp_path).refresh) == (["a2"], "r2")


async def test_the_next_tokens_are_kept_before_any_is_used(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A console that ends in between comes back with the old one, which the hub answers with the same again."""
    made = await signed_in(tmp_path, hub.url, Tokens("r1"))
    order: list[str] = []

    async def dial(address: Address) -> Any:
        order.append(f"{address.token} with {kept(tmp_path).access} kept")

    monkeypatch.setattr(session, "dial", dial)
    await Session(tmp_path, made, shown(), lambda: NOW).call(Address(hub.url, ""))
    assert order == ["a2 with a2 kept"]


async def test_a_disk_that_is_full_uses_no_token_that_it_has_not_kept(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await signed_in(tmp_path, hub.url, Tokens("r1"))

    def full(*_: object) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(profile, "save", full)
        with pytest.raises(Unreachable) as away:
            await Session(tmp_path, made, shown(), lambda: NOW).call(Address(hub.url, ""))
    assert (away.value.code, hub.dialled, kept(tmp_path).refresh) == ("not_stored", [], "r1")


async def test_of_two_consoles_that_share_a_profile_one_exchanges_for_both(hub: Hub, tmp_path: Path) -> None:
    made = await signed_in(tmp_path, hub.url, Tokens("r1"))
    consoles = [Session(tmp_path, made, shown(), lambda: NOW) for _ in range(4)]
    assert await asyncio.gather(*(one.access() for one in consoles)) == ["a2"] * 4
    assert hub.exchanged == ["r1"]


async def test_a_session_that_has_ended_says_so_and_a_hub_that_is_busy_does_not(hub: Hub, tmp_path: Path) -> None:
    made = await signed_in(tmp_path, hub.url, Tokens("r1"))
    here = Session(tmp_path, made, shown(), lambda: NOW)
    hub.status = 503
    with pytest.raises(Unreachable):
        await here.call(Address(hub.url, ""))
    hub.status = 401
    with pytest.raises(SignedOut):
        await here.call(Address(hub.url, ""))
    assert hub.dialled == []


async def test_an_older_hub_takes_the_token_that_it_has_given(hub: Hub, tmp_path: Path) -> None:
    hub.status = 404
    hub.good.add("r1")
    made = await signed_in(tmp_path, hub.url, "r1")
    await Session(tmp_path, made, shown(), lambda: NOW).call(Address(hub.url, ""))
    assert hub.dialled == ["r1"]


async def test_who_signs_in_as_another_leaves_this_console_its_session(hub: Hub, tmp_path: Path) -> None:
    made = await signed_in(tmp_path, hub.url, Tokens("r1", "a1", NOW + 900))
    here = Session(tmp_path, made, shown(), lambda: NOW)
    await here.access()
    await credentials.remember(tmp_path, Profile("https://other.example", "marta", "hers"))
    assert await here.access(refused="a1") == "a2"
    other = profile.load(tmp_path)
    assert other is not None
    assert (other.login, other.token) == ("marta", "hers")


async def test_tokens_stay_in_the_keyring_and_out_of_every_file(toy: Path, hub: Hub, tmp_path: Path) -> None:
    folder = tmp_path / "config"
    made = await signed_in(folder, hub.url, Tokens("r1"))
    stored = msg = (folder / "profile.json").read_text()
    here = Session(folder, msg_profile(msg), shown(), lambda: NOW)
    assert made.kept == "keyring"
    assert await here.access() == "a2"
    assert "r2" in toy.read_text()
    for text in (stored, (folder / "profile.json").read_text()):
        assert "r1" not in text
        assert "r2" not in text


def msg_profile(text: str) -> Profile:
    return Profile(**json.loads(text))


async def test_a_keyring_that_takes_no_more_costs_the_file_and_not_the_session(
    toy: Path, hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "config"
    await signed_in(folder, hub.url, Tokens("r1"))
    last = credentials.last(folder)
    assert last is not None
    monkeypatch.setattr(Toy, "set_password", lambda *_: None)
    here = Session(folder, last, shown(), lambda: NOW)
    assert await here.access() == "a2"
    left = credentials.last(folder)
    assert left is not None
    assert (left.kept, credentials.unpacked(left.token).refresh) == ("file", "r2")
    assert await here.access(refused="a2") == "a3"


async def test_the_keyring_is_asked_when_the_screen_stands_and_once_however_long_it_takes(
    toy: Path, hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "READ", 0.05)
    hub.good.add("a1")
    made = await signed_in(tmp_path / "config", hub.url, Tokens("r1", "a1", NOW + 900))
    stands, Toy.hangs, Toy.calls = asyncio.Event(), threading.Event(), 0
    here = Session(tmp_path / "config", Profile(made.url, made.login, "", "keyring"), stands, lambda: NOW)
    first = asyncio.create_task(here.call(Address(hub.url, "")))
    for _ in range(20):
        await asyncio.sleep(0)
    assert Toy.calls == 0
    stands.set()
    with pytest.raises(Unreachable) as away:
        await first
    assert away.value.code == "keyring"
    with pytest.raises(Unreachable):
        await here.call(Address(hub.url, ""))
    assert Toy.calls == 1, "a second question would only ask its owner twice"
    Toy.hangs.set()
    monkeypatch.setattr(credentials, "READ", 20.0)
    await here.call(Address(hub.url, ""))
    assert hub.dialled == ["a1"]


async def test_a_keyring_without_the_token_asks_to_sign_in_and_one_that_is_locked_to_wait(
    toy: Path, tmp_path: Path
) -> None:
    here = Session(tmp_path, Profile("https://desk.example", "luis", "", "keyring"), shown())
    Toy.locked = True
    with pytest.raises(Unreachable):
        await here.call(Address("https://desk.example", ""))
    Toy.locked = False
    with pytest.raises(NoToken):
        await here.call(Address("https://desk.example", ""))
