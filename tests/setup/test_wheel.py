"""The wheel carries all that is needed at run time, and what it installs starts."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from embedding import environment

ROOT = Path(__file__).resolve().parents[2]
# what is not Python and must travel: where it is in the tree, and where in the wheel
DATA = {
    "themes": "agent_tui/themes",
    "keymaps": "agent_tui/keymaps",
    "agent_tui": "agent_tui",
    "hub": "hub",
}
LEFT_OUT = {".pyc", ".po"}  # made again from what is there; for translators


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=100,
    )
    (built,) = folder.glob("bandeja-*.whl")
    return built


def tracked(folder: str) -> list[str]:
    listed = subprocess.run(["git", "ls-files", folder], cwd=ROOT, check=True, capture_output=True, text=True)
    return listed.stdout.splitlines()


def test_the_wheel_carries_every_file_of_the_packages_and_their_data(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    for source, target in DATA.items():
        files = [Path(name) for name in tracked(source) if Path(name).suffix not in LEFT_OUT]
        assert files
        assert {str(target / file.relative_to(source)) for file in files} <= held


@pytest.mark.parametrize(
    "name",
    [
        "agent_tui/themes/dark.toml",
        "agent_tui/keymaps/default.toml",
        "agent_tui/keymaps/vim.toml",
        "agent_tui/locale/es/LC_MESSAGES/bandeja.mo",
        "hub/locale/es/LC_MESSAGES/hub.mo",
        "hub/web/chat/index.html",
        "hub/web/reset/index.html",
        "hub/web/chat/widget.js",
        "hub/store/migrations/env.py",
        "hub/store/migrations/versions/0001_the_first_schema.py",
        "hub/demo/desk.toml",
    ],
)
def test_what_cannot_be_done_without_is_in_the_wheel(wheel: Path, name: str) -> None:
    assert name in zipfile.ZipFile(wheel).namelist()


def test_nothing_that_belongs_to_the_tree_alone_is_in_the_wheel(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"agent_tui", "hub"}


def test_what_the_wheel_installs_starts_away_from_the_tree(wheel: Path, tmp_path: Path) -> None:
    """Unpacked, which is what installing a pure wheel does, before the tree on the path of modules."""
    place = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(place)
    code = (
        "import agent_tui.data, agent_tui.theme, agent_tui.keymap, agent_tui.i18n, hub.i18n, hub\n"
        "from pathlib import Path\n"
        f"assert Path(hub.__file__).is_relative_to({str(place)!r}), hub.__file__\n"
        "assert agent_tui.theme.load('dark').name == 'dark'\n"
        "assert not agent_tui.keymap.load().faults\n"
        "agent_tui.i18n.use('es'); assert agent_tui.i18n._('Password') == 'Contraseña'\n"
        "import asyncio; from hub.config import Config; from hub.serving import serving\n"
        "from hub.demo.desk import make_desk\n"
        "async def main():\n"
        "    async with serving(Config(data=Path('desk'), port=0), make_desk) as served:\n"
        "        import urllib.request\n"
        "        url = f'http://127.0.0.1:{served.port}/chat/demo'\n"
        "        page = await asyncio.to_thread(lambda: urllib.request.urlopen(url).read().decode())\n"
        "        assert '<html' in page\n"
        "asyncio.run(main()); print('started')\n"
    )
    env = environment(PYTHONPATH=str(place), PYTHONSAFEPATH="1", BANDEJA_HUB_CONFIG=os.devnull)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "started" in done.stdout
