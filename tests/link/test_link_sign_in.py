"""Signing in over HTTP, and remembering it."""

import asyncio
import json
import stat
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent_tui import profile
from agent_tui.link.address import BadAddress
from agent_tui.link.sign_in import NotSignedIn, sign_in


class Front:
    """Answers HTTP requests as it is told to."""

    def __init__(self) -> None:
        self.answer = (200, b'{"token": "t0ken", "expires_in": 900, "refresh": "n3xt"}')
        self.headers = ""
        self.requests: list[tuple[str, bytes]] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(
            int(line.split(":")[1]) for line in head.splitlines() if line.lower().startswith("content-length")
        )
        self.requests.append((head.splitlines()[0], await reader.readexactly(length)))
        status, body = self.answer
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n{self.headers}\r\n".encode() + body)
        await writer.drain()
        writer.close()


@pytest.fixture
async def front() -> AsyncIterator[tuple[Front, str]]:
    front = Front()
    server = await asyncio.start_server(front.serve, "127.0.0.1", 0)
    yield front, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


async def test_login_and_password_become_a_token(front: tuple[Front, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")  # nothing to do with one's own machine
    hub, url = front
    before = time.time()
    made = await sign_in(f"{url}/", "luis", "señal", "desk 3")
    assert (made.access, made.refresh) == ("t0ken", "n3xt")
    assert made.good(before + 800)
    assert not made.good(before + 1000)
    assert "t0ken" not in repr(made)
    ((line, body),) = hub.requests
    assert line == "POST /api/v1/sign-in HTTP/1.1"
    assert json.loads(body) == {"login": "luis", "password": "señal", "label": "desk 3"}


@pytest.mark.parametrize(
    ("answer", "code", "detail"),
    [
        ((401, b'{"code": "bad_credentials", "args": {}}'), "bad_credentials", {}),
        ((429, b'{"code": "rate_limited", "args": {"seconds": 9}}'), "rate_limited", {"seconds": 9}),
        ((200, b"<html>a router's own page</html>"), "no_hub", {"status": 200}),
        ((502, b"bad gateway"), "no_hub", {"status": 502}),
        ((401, b'{"code": "x\\u001b[2J"}'), "x�[2J", {}),
    ],
)
async def test_a_refusal_says_why(
    front: tuple[Front, str], answer: tuple[int, bytes], code: str, detail: dict[str, object]
) -> None:
    hub, url = front
    hub.answer = answer
    with pytest.raises(NotSignedIn) as refusal:
        await sign_in(url, "luis", "wrong")
    assert (refusal.value.code, refusal.value.detail) == (code, detail)


async def test_a_password_is_never_carried_on_to_another_place(front: tuple[Front, str]) -> None:
    hub, url = front
    hub.answer, hub.headers = (307, b""), f"Location: {url}/elsewhere\r\n"
    with pytest.raises(NotSignedIn, match="no_hub"):
        await sign_in(url, "luis", "secret")
    assert len(hub.requests) == 1


async def test_a_hub_that_is_away_is_told_as_such() -> None:
    with pytest.raises(NotSignedIn, match="unreachable"):
        await sign_in("http://127.0.0.1:1", "luis", "secret")


async def test_a_password_is_not_sent_readable_over_a_network() -> None:
    with pytest.raises(BadAddress, match="insecure"):
        await sign_in("http://desk.example", "luis", "secret")


def test_a_profile_is_private_and_comes_back_as_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    assert profile.load(folder) is None
    saved = profile.Profile("https://desk.example", "luis", "secret")
    profile.save(folder, profile.Profile("https://old.example", "x", "y"))
    profile.save(folder, saved)
    assert profile.load(folder) == saved
    (path,) = folder.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "secret" not in repr(saved)
    profile.forget(folder)
    profile.forget(folder)
    assert profile.load(folder) is None


def test_a_profile_that_cannot_be_read_is_told_and_replaced_by_the_next_sign_in(tmp_path: Path) -> None:
    (tmp_path / "profile.json").write_text("{")
    with pytest.raises(profile.Unreadable):
        profile.load(tmp_path)
    profile.save(tmp_path, profile.Profile("https://desk.example", "luis", "t"))
    assert profile.load(tmp_path) is not None
