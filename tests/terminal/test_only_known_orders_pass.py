"""The wall: an order is known by being written alone; nothing in painted text becomes one."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_tui.terminal import calls
from agent_tui.terminal.abilities import Abilities
from agent_tui.terminal.glass import Glass
from agent_tui.terminal.orders import is_order
from agent_tui.terminal.page import Page

TEXTUALS = [
    *(f"\x1b[?{mode}{end}" for mode in (7, 25, 1000, 1003, 1004, 1006, 1015, 1049, 2004, 2048) for end in "hl"),
    *("\x1b[?1016h", "\x1b[?2026$p", "\x1b[?2048$p", "\x1b[>25u", "\x1b[<u", "\x07", "\x1b]22;text\x07"),
    "\x1b]52;c;aG9sYQ==\x07",
]
OUR_CALLS = [
    *("\x1b[22;0t", "\x1b[23;0t", calls.BELL, calls.title("● 3 · Bandeja"), calls.title("")),
    *(calls.desktop("B", "Ana; López", how, tmux=tmux) for how in ("osc9", "osc777") for tmux in (False, True)),
]
FOREIGN = [
    *("\x1b[22;1t", "\x1b[21t", "\x1bPtmux;\x1b\x1b]52;c;?\x07\x1b\\", "\x1bPtmux;\x1b\x1b]9;a\x07\x1b\x1b[6n\x1b\\"),
    *("\x1bPtmux;\x1b\x1b]9;a\x1b\x1b\\b\x07\x1b\\", "\x1b]9;a\x9cb\x07", "\x1b]777;precmd\x07"),
    *("\x1b]52;c;?\x07", "\x1b[6n", "\x1b[c", "\x1bc", "\x1b[?1047h", "\x1b]4;1;red\x07", "\x1b]8;;http://x\x1b\\"),
    *("\x1bP+q544e\x1b\\", "\x1b[2J", "\x1b[3J", "\x1b[20t", "\x1b]2;a\x1b[31mb\x07", "\x9b6n", "\x1b]1337;File=:\x07"),
    *("\x1b[?1000h\x1b[6n", "x\x07", "\x1b]0;a\nb\x07", "\x1b]52;p;aG9sYQ==\x07", "\x1b[4h", "\x1b[1;5r", "\x1b(0"),
]
OURS = re.compile(r"\x1b\[[\d;]*[mHGABCDEFKXJb]|[\r\x08]")


@pytest.mark.parametrize("order", [*TEXTUALS, *OUR_CALLS])
def test_what_textual_and_the_console_order_passes(order: str) -> None:
    assert is_order(order)


@pytest.mark.parametrize("order", FOREIGN)
def test_what_nobody_here_orders_does_not(order: str) -> None:
    assert not is_order(order)


def written(painted: str) -> str:
    page, glass = Page(60, 2), Glass(Abilities())
    page.take(f"\x1b[1;1H{painted}")
    return glass.clear(page) + glass.bring(page, [0, 1])


@pytest.mark.parametrize("foreign", [*FOREIGN, *TEXTUALS, *OUR_CALLS])
def test_an_order_within_painted_text_is_not_written(foreign: str) -> None:
    left = OURS.sub("", written(f"before{foreign}after"))
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]", left)
    assert "before" in left.replace(" ", "")


hostile = st.one_of(st.sampled_from("\x1b\x9b[]?;P\\\x07\x180123456789hlmcnt$ \u202e\u200b"), st.characters())


@given(st.text(hostile, max_size=60))
def test_no_text_at_all_writes_a_control_that_is_not_ours(text: str) -> None:
    left = OURS.sub("", written(text))
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b]", left)


@given(st.text(hostile, max_size=60), st.text(hostile, max_size=60))
def test_whatever_is_said_in_a_call_is_one_order(heading: str, words: str) -> None:
    for how in ("osc9", "osc777"):
        for tmux in (False, True):
            order = calls.desktop(heading, words, how, tmux=tmux)
            assert is_order(order)
            assert order.count("\x1b") == (4 if tmux else 1)
            assert how == "osc9" or order.count(";") == (4 if tmux else 3)
    assert is_order(calls.title(words))


@pytest.mark.parametrize(
    ("environ", "how", "titled"),
    [
        ({"TERM": "xterm-256color"}, "osc9", True),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7600"}, "osc777", True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, "osc9", True),
        ({"TERM": "xterm-ghostty"}, "osc777", True),
        ({"TERM": "rxvt-unicode-256color"}, "osc777", True),
        ({"TERM": "foot-extra"}, "osc777", True),
        ({"TERM": "tmux-256color", "TMUX": "/tmp/x", "TERM_PROGRAM": "tmux", "VTE_VERSION": "7600"}, "osc9", True),
        ({"TERM": "screen-256color"}, None, True),
        ({"TERM": "linux"}, None, False),
        ({"TERM": "vt220"}, None, False),
    ],
)
def test_a_terminal_is_asked_in_the_way_that_it_knows(environ: dict[str, str], how: str | None, titled: bool) -> None:
    assert (calls.known(environ), calls.bears_title(environ)) == (how, titled)
