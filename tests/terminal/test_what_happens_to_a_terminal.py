"""Others write to a terminal, it is stopped, resized and left: the screen is right again afterwards."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from emulator import differences
from session import Session, settle

pytestmark = pytest.mark.e2e
WALL = "\x1b[3;1H\x1b[0mBroadcast message from root: the machine goes down at noon\x1b[6;1H\x1b[41m\x1b[K"


def spoil(console: Session) -> list[str]:
    """Another program writes over the screen; returns what it was before."""
    before = list(console.screen.display)
    console.others_write(WALL)
    assert list(console.screen.display) != before
    return before


def test_the_redraw_key_paints_everything_again() -> None:
    with Session() as console:
        before = spoil(console.until("Pendientes"))
        console.send("^l")
        assert list(console.screen.display) == before


@pytest.mark.parametrize("stop", [signal.SIGSTOP, signal.SIGTSTP])
def test_a_stopped_console_comes_back_whole_and_reads_each_key_once(stop: signal.Signals) -> None:
    with Session() as console:
        console.until("Pendientes").send("enter")
        console.until("nuevo").send("a")
        os.kill(console.pid, stop)
        console.settle(first=1.0)
        console.others_write(WALL)
        os.kill(console.pid, signal.SIGCONT)
        console.until("› a ")
        for letter in "bcdefgh":
            console.send(letter)
        console.until("› abcdefgh ")
        assert "Broadcast" not in console.text
        assert "Pendientes" in console.text
        assert b"Traceback" not in console.written


def test_what_is_painted_after_the_focus_came_back_is_written_whole() -> None:
    with Session() as console:
        console.until("Pendientes").send("home")
        before = spoil(console)
        console.send("\x1b[O")
        console.send("\x1b[I")
        console.send("down")
        console.send("up")
        assert console.screen.display[5][:50] == before[5][:50]


def test_a_screen_that_was_smaller_for_a_while_is_whole() -> None:
    with Session() as console:
        before = list(console.until("Pendientes").screen.display)
        console.resize(60, 20)
        console.settle()
        console.resize(120, 40)
        console.settle(first=1.5)
        assert list(console.screen.display) == before


def test_only_long_writes_are_synchronised() -> None:
    with Session(synchronises=True) as console:
        console.until("Pendientes").send("enter")
        console.until("nuevo")
        assert b"\x1b[?2026h" in console.written
        start = len(console.written)
        for letter in "hola":
            console.send(letter)
        assert b"\x1b[?2026h" not in console.written[start:]


def test_the_terminal_is_left_as_it_was_found() -> None:
    with Session() as console:
        console.until("Pendientes").send("q")
        console.until("Salir")
        console.settle(quiet=1.0, first=1.0)
        console.send("s")
        for _ in range(20):  # leaving takes its time on a busy machine
            if b"\x1b[?1049l" in console.written:
                break
            console.settle(quiet=0.5, first=1.0)
        end = bytes(console.written)
        assert end.rindex(b"\x1b[?1049l") > end.rindex(b"\x1b[?1049h")
        assert end.rindex(b"\x1b[?25h") > end.rfind(b"\x1b[?25l")
        assert end.count(b"\x1b[22;0t") == end.count(b"\x1b[23;0t") == 1
        assert end.rindex(b"\x1b[23;0t") > end.rindex(b"\x1b]2;")
        assert end[: end.rindex(b"\x1b[?1049l")].endswith((b"\x1b[m", b"\x1b[<u\x1b[m", b"\x1b[<u"))


def tmux(folder: Path, name: str, terminal: str) -> tuple[str, ...]:
    """The start of a command line that runs a console in a tmux of its own."""
    settings = folder / f"{name}.conf"
    settings.write_text(f"set -g default-terminal {terminal}\nset -g status off\nset -sg escape-time 0\n")
    return ("tmux", "-S", str(folder / name), "-f", str(settings), "new-session", "env", "COLORTERM=truecolor")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    for name in ("thrifty", "stock"):
        subprocess.run(["tmux", "-S", str(tmp_path / name), "kill-server"], check=False, capture_output=True)


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
@pytest.mark.parametrize("terminal", ["screen-256color", "tmux-256color"])
def test_in_tmux_it_looks_the_same_as_through_the_stock_driver(folder: Path, terminal: str) -> None:
    with (
        Session(within=tmux(folder, "thrifty", terminal)) as thrifty,
        Session(within=tmux(folder, "stock", terminal), plain=True) as stock,
    ):
        for console in (thrifty, stock):
            console.until("Pendientes")
        for key in ("down", "up", "enter", "esc", "3", "end", "home", "f1", "esc"):
            for console in (thrifty, stock):
                console.press(key)
            settle(thrifty, stock)
            deadline = time.monotonic() + 5
            while differences(thrifty.screen, stock.screen) and time.monotonic() < deadline:
                settle(thrifty, stock)
            found = differences(thrifty.screen, stock.screen)
            if not thrifty.screen.where[2]:
                x, y, _ = thrifty.screen.where
                found = [one for one in found if not one.startswith(f"({x}, {y}):")]
            assert found == [], key


SHELL = ("bash", "--norc", "-ic", """sh -c '"$@"; :' sh "$@"; echo in the shell; read -r; fg""", "bash")


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash, which can stop and go on with what it runs")
def test_the_key_that_stops_goes_back_to_the_shell_and_fg_comes_back() -> None:
    with Session(within=SHELL) as console:
        console.until("Pendientes")
        console.send("\x1a")
        console.until("in the shell")
        before, _words, _after = bytes(console.written).partition(b"in the shell")
        assert b"\x1b[?1049l" in before, "the shell has its own screen back"
        console.send("\r")
        console.until("Pendientes").send("enter")
        console.until("nuevo").send("abc")
        console.until("› abc")


def test_where_no_shell_would_bring_it_back_the_key_says_so() -> None:
    with Session() as console:
        console.until("Pendientes").send("\x1a")
        console.until("No hay").send("enter")
        console.until("nuevo")


def test_one_s_own_editor_needs_no_shell_to_come_back_from(tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nprintf 'from the editor' > \"$1\"\n")
    editor.chmod(0o700)
    with Session(EDITOR=str(editor)) as console:
        console.until("Pendientes").send("enter")
        console.until("nuevo").send("\x18\x05")
        console.until("› from the editor")
