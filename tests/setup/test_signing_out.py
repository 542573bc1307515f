"""`bandeja login` and `bandeja logout`: what they keep, what they take away, and what they say."""

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from embedding import environment

from agent_tui import console, i18n
from agent_tui.link.carried import Carried
from agent_tui.link.disk import open_disk
from agent_tui.link.place import claim
from agent_tui.profile import Profile
from agent_tui.settings import Settings, read_settings

LINE = ("key-1234", "message.send", b"{}", 7, "half a price", 1, "queued", "", b"{}")


class Front(ThreadingHTTPServer):
    """Answers as a hub does to who signs in and out."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.ended: list[str] = []
        self.known = True
        self.factor = ""  # the code that signing in takes

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Answers(BaseHTTPRequestHandler):
    server: Front

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.endswith("sign-in") and json.loads(body).get("code", "") != self.server.factor:
            self._say(401, {"code": "second_factor"})
        elif self.path.endswith("sign-in"):
            self._say(200, {"token": "t0ken"})
        elif self.server.known:
            self.server.ended.append(self.headers["Authorization"])
            self._say(200, {"session": 1})
        else:
            self._say(401, {"code": "signed_out"})

    def _say(self, status: int, answer: object) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def front() -> Iterator[Front]:
    front = Front()
    serving = threading.Thread(target=front.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    yield front
    front.shutdown()
    serving.join()
    front.server_close()


def bandeja(home: Path, *arguments: str, ring: bool = False) -> "subprocess.CompletedProcess[str]":
    backend = "toy_keyring.Toy" if ring else "keyring.backends.fail.Keyring"
    return subprocess.run(
        [sys.executable, "-m", "agent_tui", *arguments],
        input="secret\n",
        env=environment(
            HOME=str(home),
            XDG_CONFIG_HOME=str(home / "config"),
            XDG_DATA_HOME=str(home / "data"),
            PYTHONPATH=str(Path(__file__).parent),
            PYTHON_KEYRING_BACKEND=backend,
            TOY_KEYRING=str(home / "keyring.json"),
        ),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def desks(home: Path) -> Path:
    return home / "data" / "bandeja" / "desks"


async def fill(home: Path, url: str) -> None:
    """A copy of the desk with something that was not sent."""
    disk = await open_disk(claim(desks(home), url, "luis"))
    disk.write([*Carried([LINE], {8: "a draft"}).statements(), ("INSERT INTO kept VALUES ('me', ?)", (b"Ana",))])
    await disk.close()


@pytest.mark.parametrize("ring", [False, True])
def test_login_says_where_the_token_is_and_logout_ends_it_everywhere(tmp_path: Path, front: Front, ring: bool) -> None:
    said = bandeja(tmp_path, "login", front.url, "--user", "luis", "--password-stdin", ring=ring)
    kept = tmp_path / "config" / "bandeja" / "profile.json"
    where = "The token is in the system's keyring." if ring else f"the token is in {kept}, which only you can read."
    assert (said.returncode, said.stderr) == (0, "")
    assert where in said.stdout
    assert ("t0ken" in kept.read_text()) != ring
    asyncio.run(fill(tmp_path, front.url))
    assert list(desks(tmp_path).glob("*.db"))

    said = bandeja(tmp_path, "logout", ring=ring)
    assert (said.returncode, said.stderr, front.ended) == (0, "", ["Bearer t0ken"])
    assert f"Signed out from {front.url}: the token and the copy of the desk are deleted." in said.stdout
    assert said.stdout.endswith("This was not sent, and is forgotten now:\n\nhalf a price\n\na draft\n")
    assert list(desks(tmp_path).glob("*.db*")) == []
    assert "t0ken" not in kept.read_text()
    if ring:
        assert (tmp_path / "keyring.json").read_text() == "{}"
    assert bandeja(tmp_path, "logout", ring=ring).stdout == "Nobody is signed in here.\n"


def test_logout_without_a_hub_deletes_all_the_same_and_says_that_the_session_lives_on(
    tmp_path: Path, front: Front
) -> None:
    bandeja(tmp_path, "login", front.url, "--user", "luis", "--password-stdin")
    asyncio.run(fill(tmp_path, front.url))
    front.shutdown()
    front.server_close()
    said = bandeja(tmp_path, "logout")
    assert said.returncode == 1
    assert said.stderr.startswith("The hub can't be reached")
    assert said.stderr.endswith("The session lives on there.\n")
    assert "are deleted" in said.stdout
    assert list(desks(tmp_path).glob("*.db*")) == []
    assert bandeja(tmp_path, "logout").stdout == "Nobody is signed in here.\n"


def test_logout_of_a_session_that_had_ended_is_done(tmp_path: Path, front: Front) -> None:
    bandeja(tmp_path, "login", front.url, "--user", "luis", "--password-stdin")
    front.known = False
    assert bandeja(tmp_path, "logout").returncode == 0


def test_logout_leaves_an_open_console_its_file_and_says_so(tmp_path: Path, front: Front) -> None:
    bandeja(tmp_path, "login", front.url, "--user", "luis", "--password-stdin")
    asyncio.run(fill(tmp_path, front.url))
    held = claim(desks(tmp_path), front.url, "luis")
    said = bandeja(tmp_path, "logout")
    assert "A console is still open there" in said.stdout
    assert held.path.exists()
    held.release()


@pytest.mark.parametrize("login", ["luis", "marta", ""])
async def test_what_was_typed_before_the_session_ended_goes_on_with_the_same_person_or_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], login: str
) -> None:
    i18n.use("en")
    was, carried = Profile("https://desk.example", "luis", "old"), Carried([LINE], {8: "a draft"})
    made = Profile("https://desk.example", login, "new") if login else None
    listed: list[str] = []
    went_on: list[Carried | None] = []

    async def on_screen(settings: Settings, *, url: str, login: str, unsent: list[str]) -> Profile | None:
        assert (url, login) == ("https://desk.example", "luis")
        listed.extend(unsent)
        return made

    async def serve(settings: Settings, profile: Profile, *, fresh: bool, carried: Carried | None) -> int:
        assert (profile, fresh) == (made, True)
        went_on.append(carried)
        return 0

    monkeypatch.setattr(console, "on_screen", on_screen)
    monkeypatch.setattr(console, "_serve", serve)
    settings = read_settings({"data": str(tmp_path)}, environ={})
    assert await console._sign_in_again(settings, was, carried) == 0
    assert listed == ["half a price", "a draft"]
    assert went_on == {"luis": [carried], "marta": [None], "": []}[login]
    printed = capsys.readouterr().out
    assert printed == (
        "" if login == "luis" else "This was not sent, and is forgotten now:\n\nhalf a price\n\na draft\n"
    )


def test_a_second_factor_is_asked_for_without_a_screen_too(tmp_path: Path, front: Front) -> None:
    front.factor = "123456"
    ask = ("login", front.url, "--user", "luis", "--password-stdin")
    said = bandeja(tmp_path, *ask)
    assert (said.returncode, said.stderr) == (
        1,
        "Type the code of your second factor, too, or a recovery code. It goes with --code.\n",
    )
    assert bandeja(tmp_path, *ask, "--code", "123456").returncode == 0
