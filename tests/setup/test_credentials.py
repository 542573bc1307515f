"""Where the token of a sign-in is kept: never in the way of the first screen, never lost to a keyring that fails."""

import json
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from embedding import environment
from toy_keyring import Toy

from agent_tui import credentials, i18n, profile, vault
from agent_tui.profile import Profile

MADE = Profile("https://desk.example", "luis", "t0ken")
FIRST_SCREEN = """
import asyncio, sys, time
import msgspec
from pathlib import Path
from agent_tui import cli, console, credentials, moments
from agent_tui.link.disk import open_disk
from agent_tui.link.kept import KeptTray
from agent_tui.link.place import claim
from hub.protocol import views
from agent_tui.link.address import Address
from agent_tui.profile import Profile
from agent_tui.session import Session
from agent_tui.settings import read_settings

TODAY = int(time.time() * 1000)

async def main(data):
    shown, seen = asyncio.Event(), []
    kept = Profile("http://127.0.0.1:1", "luis", "", "keyring")
    call = Session(Path(data), kept, shown).call
    settings = read_settings({"data": data})
    ana = views.Row(id=1, rev=1, kind="chat", state="waiting", ch=1, q=1, name="Ana Lopez", at=TODAY, begun=0)
    tray = msgspec.json.encode(KeptTray(1, False, [ana]))
    disk = await open_disk(claim(settings.desks, kept.url, kept.login))
    disk.write([("INSERT INTO kept VALUES ('tray:pending', ?)", (tray,))])
    disk.write([("INSERT INTO meta VALUES ('seen', ?)", (str(TODAY),))])
    await disk.close()
    async with console.desk_at(settings, kept.url, kept.login, Address(kept.url, ""), dial=call) as desk:
        from agent_tui.app import BandejaApp
        def opened():
            painted = "".join(s.text for strip in app.screen._compositor.render_strips() for s in strip)
            marked = moments.short(TODAY, TODAY, "UTC") in painted and "copia" in painted
            seen.append(("keyring" in sys.modules, "Ana Lopez" in painted, marked, desk.link.phase))
            desk.start()
            shown.set()
        app = BandejaApp(desk, theme="dark", language="es", opened=opened)
        async with app.run_test() as pilot:
            while desk.link.phase != "waiting":
                await asyncio.sleep(0.01)
        print(seen, "keyring" in sys.modules, desk.link.error)

asyncio.run(main(sys.argv[1]))
"""


@pytest.fixture(autouse=True)
def english() -> None:
    i18n.use("en")


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file of a keyring that is there."""
    file = tmp_path / "keyring.json"
    monkeypatch.setenv("TOY_KEYRING", str(file))
    before = keyring.get_keyring()
    keyring.set_keyring(Toy())
    Toy.locked, Toy.hangs, Toy.calls = False, None, 0
    yield file
    keyring.set_keyring(before)


async def test_with_a_keyring_the_token_is_in_it_and_in_no_file(toy: Path, tmp_path: Path) -> None:
    folder = tmp_path / "config"
    made = await credentials.remember(folder, MADE)
    assert (made.kept, made.token) == ("keyring", "t0ken")
    assert "t0ken" not in (folder / "profile.json").read_text()
    again = credentials.last(folder)
    assert again is not None
    assert (again.token, again.kept, again.signed_in) == ("", "keyring", True)
    assert await credentials.token_of(again) == "t0ken"
    assert credentials.place_of(again, folder) == "The token is in the system's keyring."


async def test_without_a_keyring_the_token_is_in_a_private_file_and_that_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    made = await credentials.remember(folder, MADE)
    file = folder / "profile.json"
    assert (made.kept, credentials.last(folder)) == ("file", made)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert f"the token is in {file}, which only you can read" in credentials.place_of(made, folder)


@pytest.mark.parametrize("mood", ["locked", "hangs"])
async def test_a_keyring_that_fails_or_hangs_costs_a_file_and_not_the_sign_in(
    toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mood: str
) -> None:
    monkeypatch.setattr(credentials, "WRITE", 0.05)
    gate = threading.Event()
    Toy.locked, Toy.hangs = mood == "locked", gate if mood == "hangs" else None
    made = await credentials.remember(tmp_path, MADE)
    assert made.kept == "file"
    assert await credentials.token_of(made) == "t0ken"
    gate.set()


async def test_a_token_of_an_older_console_is_moved_into_the_keyring_once_there_is_one(
    toy: Path, tmp_path: Path
) -> None:
    (tmp_path / "profile.json").write_text('{"url":"https://desk.example","login":"luis","token":"t0ken"}')
    old = credentials.last(tmp_path)
    assert old is not None
    await credentials.move(tmp_path, old)
    assert "t0ken" not in (tmp_path / "profile.json").read_text()
    moved = credentials.last(tmp_path)
    assert moved is not None
    assert await credentials.token_of(moved) == "t0ken"
    calls = Toy.calls
    await credentials.move(tmp_path, moved)
    assert Toy.calls == calls


async def test_where_there_is_no_keyring_an_older_console_asks_for_one_only_once(tmp_path: Path) -> None:
    (tmp_path / "profile.json").write_text('{"url":"https://desk.example","login":"luis","token":"t0ken"}')
    old = credentials.last(tmp_path)
    assert old is not None
    await credentials.move(tmp_path, old)
    assert credentials.last(tmp_path) == Profile("https://desk.example", "luis", "t0ken", "file")


async def test_who_signs_in_elsewhere_leaves_no_token_behind(toy: Path, tmp_path: Path) -> None:
    await credentials.remember(tmp_path, MADE)
    await credentials.remember(tmp_path, Profile("https://other.example", "luis", "another"))
    assert list(json.loads(toy.read_text()).values()) == ["another"]


async def test_a_keyring_that_forgets_is_none(toy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Toy, "set_password", lambda *_: None)
    with pytest.raises(vault.NoKeyring):
        await vault.within(20, vault.write("u", "l", "t"))


def test_the_first_screen_is_the_last_known_desk_and_the_keyring_is_not_on_the_way_to_it(tmp_path: Path) -> None:
    (tmp_path / "keyring.json").write_text('{"bandeja|luis http://127.0.0.1:1": "t0ken"}')
    done = subprocess.run(
        [sys.executable, "-c", FIRST_SCREEN, str(tmp_path / "data")],
        env=environment(
            HOME=str(tmp_path),
            PYTHONPATH=str(Path(__file__).parent),
            PYTHON_KEYRING_BACKEND="toy_keyring.Toy",
            TOY_KEYRING=str(tmp_path / "keyring.json"),
        ),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.stdout == "[(False, True, True, 'starting')] True unreachable\n", done.stderr


def test_a_profile_that_was_signed_out_keeps_where_and_as_whom(tmp_path: Path) -> None:
    profile.save(tmp_path, Profile("https://desk.example", "luis"))
    left = profile.load(tmp_path)
    assert left is not None
    assert (left.url, left.login, left.signed_in) == ("https://desk.example", "luis", False)
