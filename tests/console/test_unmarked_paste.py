"""In a real terminal without bracketed paste: several lines go in as one text, and only a pressed Enter sends."""

import pytest
from terminal import Terminal


@pytest.mark.e2e
def test_lines_that_arrive_as_keys_are_one_message() -> None:
    with Terminal("counting_console.py") as terminal:
        terminal.until("Ana")
        terminal.read(quiet=1.0)
        terminal.write(b"\r")  # opens the first conversation
        terminal.until("línea")  # the footer of who writes: the composer has the keyboard
        terminal.read(quiet=0.5)
        terminal.write(b"uno\rdos\r\r\ttres\rcuatro\r")
        terminal.until("cuatro")
        terminal.read(quiet=0.5)
        terminal.write(b"\r")
        terminal.until("SENT-1-uno|dos|tres|cuatro")
        terminal.write(b"\rcinco\rseis")  # begins with a line break
        terminal.until("seis")
        terminal.read(quiet=0.5)
        terminal.write(b"\x1b[13;2usiete\n")  # Shift+Enter of the Kitty protocol, Ctrl+J
        terminal.read(quiet=0.5)
        terminal.write(b"ocho")
        terminal.until("ocho")
        terminal.read(quiet=0.5)
        terminal.write(b"\r")
        terminal.until("SENT-2-cinco|seis|siete|ocho")
