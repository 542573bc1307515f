"""The bytes that a terminal gets when something notifies: the bell, the desktop's, the title, and nothing else."""

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from hostile_text import ATTACKS
from terminal import Terminal
from test_nothing_foreign_on_the_wire import OWN

from agent_tui.notify.preferences import Chosen

pytestmark = pytest.mark.e2e
BLUR = b"\x1b[O"
WRITING = {"es": "^N nota", "en": "^N note"}  # in the footer
ASSIGNED = {
    "es": "Bandeja: Te toca +595 981 123 457",
    "en": "Bandeja: +595 981 123 457 is yours to serve",
}


@pytest.fixture
def agreed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The config folder of a person who has agreed, in a terminal without a tmux around it."""
    for name in ("TMUX", "VTE_VERSION", "KONSOLE_VERSION", "TERM_PROGRAM"):
        monkeypatch.delenv(name, raising=False)
    Chosen(tmp_path).choose("notify", "on")
    return tmp_path


@pytest.fixture
def always(agreed: Path) -> Path:
    """The same, of one who wants to hear of everything while they work, too."""
    Chosen(agreed).choose("notify_when", "always")
    return agreed


def until(terminal: Terminal, wanted: bytes, within: float = 30.0) -> None:
    """Read until these bytes were written."""
    deadline = time.monotonic() + within
    while wanted not in terminal.written:
        assert time.monotonic() < deadline, (wanted, terminal.written[-300:])
        terminal.read(quiet=0.05, first=0.5)


def happen(folder: Path) -> None:
    os.kill(int((folder / "pid").read_text()), signal.SIGUSR1)


def leave(terminal: Terminal) -> None:
    terminal.write(b"\x1b[21~")  # F10
    terminal.until("Bandeja?")
    terminal.read(quiet=0.5)
    terminal.write(b"y")
    until(terminal, b"\x1b[?1049l")


@pytest.mark.parametrize("language", ["es", "en"])
def test_who_looks_elsewhere_gets_a_bell_and_a_notification(agreed: Path, language: str) -> None:
    with Terminal("noticing_console.py", str(agreed), language, "assign") as terminal:
        terminal.until("Ana")
        terminal.write(b"\r")
        terminal.until(WRITING[language])
        terminal.read()
        terminal.written = b""
        terminal.write(BLUR)
        until(terminal, b"\x1b[?25l")  # nobody writes there any more
        happen(agreed)
        until(terminal, f"\x07\x1b]9;{ASSIGNED[language]}\x07".encode())


@pytest.mark.parametrize("plain", [(), ("plain",)], ids=["thrifty", "plain"])
def test_the_title_is_borrowed_and_the_same_bytes_come_from_both_drivers(always: Path, plain: tuple[str, ...]) -> None:
    with Terminal("noticing_console.py", str(always), "es", "assign", *plain) as terminal:
        until(terminal, "\x1b[22;0t\x1b]2;● 3 · Bandeja\x07".encode())
        terminal.until("Ana")
        assert b"\x1b]9;" not in terminal.written
        happen(always)
        until(terminal, f"\x07\x1b]9;{ASSIGNED['es']}\x07".encode())
        assert "\x1b]2;● 4 · Bandeja\x07".encode() in terminal.written
        leave(terminal)
        end = terminal.written
        assert end.count(b"\x1b[22;0t") == end.count(b"\x1b[23;0t") == 1
        assert end.rindex(b"\x1b[23;0t") > end.rindex(b"\x1b]2;")


def test_while_an_editor_has_the_terminal_its_own_title_is_back(agreed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "true")
    monkeypatch.delenv("VISUAL", raising=False)
    with Terminal("noticing_console.py", str(agreed), "es", "assign") as terminal:
        terminal.until("Ana")
        terminal.write(b"\r")
        terminal.until(WRITING["es"])
        terminal.read()
        terminal.written = b""
        terminal.write(b"\x18\x05")  # ^X ^E
        until(terminal, b"\x1b[22;0t")
        until(terminal, "\x1b]2;● 3 · Bandeja\x07".encode())
        left, entered = terminal.written.index(b"\x1b[?1049l"), terminal.written.index(b"\x1b[?1049h")
        assert terminal.written.index(b"\x1b[23;0t") < left < entered < terminal.written.index(b"\x1b[22;0t")


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_through_tmux_they_reach_the_terminal_outside(always: Path) -> None:
    Chosen(always).choose("notify_by", "osc777")
    try:
        with Terminal("within_tmux.py", str(always), "noticing_console.py", str(always), "en", "assign") as terminal:
            terminal.until("Ana")
            until(terminal, "● 3 · Bandeja\x07".encode())
            happen(always)
            until(terminal, b"\x1b]777;notify;Bandeja;+595 981 123 457 is yours to serve\x07")
            until(terminal, "● 4 · Bandeja\x07".encode())
            assert b"\x1bPtmux" not in terminal.written
    finally:
        subprocess.run(["tmux", "-S", str(always / "socket"), "kill-server"], check=False, capture_output=True)


def test_a_burst_is_one_notification_and_then_nothing_is_written(always: Path) -> None:
    with Terminal("noticing_console.py", str(always), "en", "many") as terminal:
        terminal.until("Ana")
        happen(always)
        until(terminal, b"\x1b]9;Bandeja: 3 conversations for you\x07")
        terminal.read(quiet=1.0)
        before = len(terminal.written)
        terminal.read(quiet=2.0, first=2.0)
        assert len(terminal.written) == before
        assert terminal.written.count(b"\x1b]9;") == 1


@pytest.mark.parametrize("plain", [(), ("plain",)], ids=["thrifty", "plain"])
@pytest.mark.parametrize("by", ["osc9", "osc777"])
def test_a_hostile_name_or_text_writes_no_sequence_of_its_own(always: Path, by: str, plain: tuple[str, ...]) -> None:
    Chosen(always).choose("notify_by", by)
    Chosen(always).choose("notify_says", "text")
    with Terminal("noticing_console.py", str(always), "es", "hostile", *plain) as terminal:
        terminal.until("Ana")
        happen(always)
        start = b"\x1b]9;Bandeja: " if by == "osc9" else b"\x1b]777;notify;Bandeja;"
        until(terminal, start)
        terminal.read()
    notification = re.compile(re.escape(start) + rb"[^\x00-\x1f\x7f]*\x07")
    (said,) = notification.findall(terminal.written)
    assert b"52" in said, "the attack did get there, as text"
    assert not any(attack.encode("utf-8", "replace") in said for attack in ATTACKS[:10])
    assert not set(said.decode()) & {*map(chr, range(0x80, 0xA0)), *"\u202e\u2066\u200b\u2028"}
    if not plain:
        rest = OWN.sub(b"", notification.sub(b"", terminal.written)).replace(b"\x07", b"", 1)
        assert not {byte for byte in rest if byte < 0x20 or byte == 0x7F} - {0x0A, 0x0D}
