"""What a terminal sends is taken for the keys that were pressed."""

import os
from threading import Event, Thread

import pytest
from textual import events
from textual.message import Message

from agent_tui.terminal.keyboard import KeyParser, read_keys

UNDERSTOOD = {
    "\x1bu": ["escape", "u"],
    "\x1b n": ["escape", "space", "n"],
    "\x1b:tag": ["escape", "colon", "t", "a", "g"],
    "\x1b1": ["escape", "1"],
    "\x1bG": ["escape", "G"],
    "\x1b]u": ["escape", "right_square_bracket", "u"],
    "\x1bñ": ["escape", "ñ"],
    "\x1b\r": ["escape", "enter"],
    "\x1b\x0e": ["escape", "ctrl+n"],
    "\x1b\x1bu": ["escape", "escape", "u"],
    "hola\x1bu": ["h", "o", "l", "a", "escape", "u"],
    "\x1b[A": ["up"],
    "\x1bOP": ["f1"],
    "\x1b\x1b[A": ["escape", "up"],
    "\x1b[13;2u": ["shift+enter"],
    "\x1bb": ["ctrl+left"],
}


def keys(*reads: str) -> list[str]:
    parser = KeyParser()
    heard: list[Message] = [message for read in reads for message in parser.feed(read)]
    return [message.key for message in heard if isinstance(message, events.Key)]


@pytest.mark.parametrize("sent", UNDERSTOOD, ids=ascii)
def test_escape_and_a_key_in_one_packet_are_escape_and_that_key(sent: str) -> None:
    assert keys(sent) == UNDERSTOOD[sent]


def test_escape_and_a_key_that_a_hand_has_typed_are_never_a_move_by_words() -> None:
    assert keys("\x1b", "f") == ["escape", "f"]
    assert keys("\x1b", "[A") == ["up"]


def test_what_follows_an_escape_is_typed_as_what_it_is() -> None:
    parser = KeyParser()
    typed = [message for message in parser.feed("\x1b:é") if isinstance(message, events.Key)]
    assert [key.character for key in typed] == ["\x1b", ":", "é"]


def test_a_byte_that_is_no_utf_8_does_not_end_the_keyboard() -> None:
    out, into = os.pipe()
    heard: list[str] = []
    done = Event()

    def hear(message: Message) -> None:
        if isinstance(message, events.Key):
            heard.append(message.key)
            if message.key == "z":
                done.set()

    reader = Thread(target=read_keys, args=(out, done, hear), daemon=True)
    reader.start()
    os.write(into, b"a\xe1\x1b")
    os.write(into, b"z")
    assert done.wait(20)
    reader.join(20)
    os.close(into)
    os.close(out)
    assert (heard[0], heard[-2:]) == ("a", ["escape", "z"])


def test_escape_alone_is_heard_without_another_key() -> None:
    out, into = os.pipe()
    ended, heard = Event(), Event()
    reader = Thread(target=read_keys, args=(out, ended, lambda message: heard.set()), daemon=True)
    reader.start()
    os.write(into, b"\x1b")
    assert heard.wait(20)
    ended.set()
    reader.join(20)
    os.close(into)
    os.close(out)
