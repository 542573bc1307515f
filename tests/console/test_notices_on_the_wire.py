"""The bytes that a terminal gets when something notifies: the bell, the desktop's, the title, and nothing else."""

import os
import re
import signal
import time
from pathlib import Path

import pytest
from hostile_text import ATTACKS
from terminal import Terminal
from test_nothing_foreign_on_the_wire import OWN

from agent_tui.notify.preferences import Chosen

pytestmark = pytest.mark.e2e
BLUR = b"\x1b[O"
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


def until(terminal: Terminal, wanted: bytes, within: float = 30.0) -> None:
    """Read until these bytes were written."""
    deadline = time.monotonic() + within
    while wanted not in terminal.written:
        assert time.monotonic() < deadline, (wanted, terminal.written[-300:])
        terminal.read(quiet=0.05, first=0.5)


def happen(terminal: Terminal) -> None:
    os.kill(terminal.pid, signal.SIGUSR1)


def leave(terminal: Terminal) -> None:
    terminal.write(b"\x1b[21~")  # F10
    terminal.until("Bandeja?")
    terminal.read(quiet=0.5)
    terminal.write(b"y")
    until(terminal, b"\x1b[?1049l")


@pytest.mark.parametrize("plain", [(), ("plain",)], ids=["thrifty", "plain"])
@pytest.mark.parametrize("language", ["es", "en"])
def test_a_bell_a_notification_and_a_title_that_is_brought_back(
    agreed: Path, language: str, plain: tuple[str, ...]
) -> None:
    with Terminal("noticing_console.py", str(agreed), language, "assign", *plain) as terminal:
        until(terminal, "\x1b[22;0t\x1b]2;● 3 · Bandeja\x07".encode())
        terminal.until("Ana")
        terminal.write(BLUR)
        terminal.read()
        assert b"\x1b]9;" not in terminal.written
        happen(terminal)
        until(terminal, f"\x07\x1b]9;{ASSIGNED[language]}\x07".encode())
        assert "\x1b]2;● 4 · Bandeja\x07".encode() in terminal.written
        leave(terminal)
        end = terminal.written
        assert end.count(b"\x1b[22;0t") == end.count(b"\x1b[23;0t") == 1
        assert end.rindex(b"\x1b[23;0t") > end.rindex(b"\x1b]2;")


def test_within_tmux_the_notification_is_handed_on_to_the_terminal_outside(
    agreed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMUX", "/tmp/nowhere,1,0")
    Chosen(agreed).choose("notify_by", "osc777")
    with Terminal("noticing_console.py", str(agreed), "en", "write") as terminal:
        terminal.until("Ana")
        terminal.write(BLUR)
        terminal.read()
        happen(terminal)
        until(terminal, "\x1bPtmux;\x1b\x1b]777;notify;Bandeja;Carlos Benítez wrote\x07\x1b\\".encode())


def test_a_burst_is_one_notification_and_then_nothing_is_written(agreed: Path) -> None:
    with Terminal("noticing_console.py", str(agreed), "en", "many") as terminal:
        terminal.until("Ana")
        terminal.write(BLUR)
        terminal.read(quiet=1.0)
        happen(terminal)
        until(terminal, b"\x1b]9;Bandeja: 3 conversations for you\x07")
        terminal.read(quiet=1.0)
        before = len(terminal.written)
        terminal.read(quiet=2.0, first=2.0)
        assert len(terminal.written) == before
        assert terminal.written.count(b"\x1b]9;") == 1


@pytest.mark.parametrize("plain", [(), ("plain",)], ids=["thrifty", "plain"])
@pytest.mark.parametrize("by", ["osc9", "osc777"])
def test_a_hostile_name_or_text_writes_no_sequence_of_its_own(agreed: Path, by: str, plain: tuple[str, ...]) -> None:
    Chosen(agreed).choose("notify_by", by)
    Chosen(agreed).choose("notify_says", "text")
    with Terminal("noticing_console.py", str(agreed), "es", "hostile", *plain) as terminal:
        terminal.until("Ana")
        terminal.write(BLUR)
        terminal.read()
        happen(terminal)
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
