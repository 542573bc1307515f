"""Opening the console from a shell: what it imports, what it refuses, what it remembers."""

import subprocess
import sys
from pathlib import Path

import pytest
from embedding import environment

from agent_tui.notify.preferences import DEFAULTS
from agent_tui.settings import PREFIX, Settings, read_settings
from hub.protocol.settings import BadSetting, declared


def bandeja(*arguments: str, home: Path, **env: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "agent_tui", *arguments],
        input="secret word\n",
        env=environment(HOME=str(home), XDG_CONFIG_HOME=str(home / "config"), XDG_DATA_HOME=str(home / "data"), **env),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_the_way_to_the_first_screen_imports_neither_the_hubs_half_nor_what_it_needs() -> None:
    ours = "agent_tui.start, agent_tui.console, agent_tui.app, agent_tui.session, agent_tui.link.account"
    code = f"import sys, {ours}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    modules = set(done.stdout.split())
    assert not modules & {"aiohttp", "sqlalchemy", "sqlmodel", "alembic", "asyncpg", "argon2", "structlog", "keyring"}
    assert not modules & {"cyclopts", "websockets", "http.client", "email", "agent_tui.embedded", "markdown_it"}, (
        "not before the screen is there"
    )
    assert not [name for name in modules if name.startswith("hub.") and not name.startswith("hub.protocol")]


def test_help_does_not_wait_for_the_screen() -> None:
    code = "import sys, agent_tui.cli; print('textual' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "False\n"


@pytest.mark.parametrize("arguments", [(), ("demo",), ("login", "http://127.0.0.1:1")])
def test_without_a_terminal_it_is_refused_with_a_sentence(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = bandeja(*arguments, home=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Bandeja needs a terminal: run it in one, without redirecting its input or output.\n"
    assert not (tmp_path / "data").exists(), "nothing was started"


@pytest.mark.parametrize("term", ["dumb", ""])
def test_a_terminal_that_shows_no_screens_is_refused_with_a_sentence(tmp_path: Path, term: str) -> None:
    code = (
        "import os, pty, sys\n"
        "pid, end = pty.fork()\n"
        "if pid == 0: os.execv(sys.executable, [sys.executable, '-m', 'agent_tui', 'demo'])\n"
        "said = b''\n"
        "try:\n"
        "    while piece := os.read(end, 1024): said += piece\n"
        "except OSError: pass\n"
        "print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), said.decode())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(HOME=str(tmp_path), TERM=term),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.startswith("1 ")
    assert f"(TERM={term}) can't show a screen" in done.stdout


def test_signing_in_without_a_screen_remembers_where_and_as_whom(tmp_path: Path) -> None:
    done = bandeja("login", "http://192.0.2.1", "--user", "ana", "--password-stdin", home=tmp_path)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    done = bandeja("login", "--password-stdin", home=tmp_path)
    assert "bandeja login URL --user LOGIN --password-stdin" in done.stderr
    done = bandeja("login", "http://127.0.0.1:1", "--user", "ana", "--password-stdin", home=tmp_path)
    assert done.returncode == 1
    assert not (tmp_path / "config").exists(), "a failed sign-in is not remembered"


def test_a_setting_has_one_name_here_too(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("theme = 'light'\nlanguage = 'en'\n")
    environ = {"BANDEJA_THEME": "ansi", "BANDEJA_CONFIG": str(file)}
    settings = read_settings({"data": str(tmp_path)}, environ=environ)
    assert (settings.theme, settings.language, settings.data) == ("ansi", "en", tmp_path)
    notices = {f"BANDEJA_{name.upper()}" for name in DEFAULTS}
    assert {one.variable for one in declared(Settings, PREFIX).values()} == notices | {
        "BANDEJA_DATA",
        "BANDEJA_LANGUAGE",
        "BANDEJA_THEME",
        "BANDEJA_KEYS",
        "BANDEJA_BLINK",
        "BANDEJA_GLYPHS",
        "BANDEJA_KEYMAP",
        "BANDEJA_PLAIN_DRIVER",
    }


def test_a_fault_in_the_file_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("\nlanguage = 'xx'\n")
    with pytest.raises(BadSetting, match=r"config\.toml, line 2: language must be es or en, not 'xx'"):
        read_settings({}, file=str(file), environ={})


def test_quiet_hours_and_ways_are_read_everywhere_and_a_fault_names_its_remedy(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("quiet_hours = '22:00-07:00, 13-14'\nnotify_wrote = 'off'\n")
    settings = read_settings({"notify_link": "bell"}, file=str(file), environ={"BANDEJA_NOTIFY": "on"})
    named = {"notify": "on", "notify_wrote": "off", "notify_link": "bell", "quiet_hours": "22:00-07:00, 13-14"}
    assert settings.notices == named
    file.write_text("\nquiet_hours = '25-7'\n")
    words = r"config\.toml, line 2: quiet_hours must be hours of the day like 22:00-07:00, several .* not '25-7'"
    with pytest.raises(BadSetting, match=words):
        read_settings({}, file=str(file), environ={})
    with pytest.raises(BadSetting, match=r"--notify-wrote must be bell, desktop, both .*, or off, not 'loud'"):
        read_settings({"notify_wrote": "loud"}, environ={})
    with pytest.raises(BadSetting, match=r"BANDEJA_NOTIFY must be ask \| on \| off, not 'maybe'"):
        read_settings({}, environ={"BANDEJA_NOTIFY": "maybe"})


def test_the_version_is_printed(tmp_path: Path) -> None:
    assert bandeja("version", home=tmp_path).stdout == "0.1.0\n"
