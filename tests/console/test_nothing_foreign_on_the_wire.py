"""No byte of other people's text reaches the terminal as an order, even where nothing before the screen cleaned it."""

import re

import pytest
from hostile_text import CLIPBOARD
from terminal import Terminal

PASTE = f"\x1b[200~x{CLIPBOARD}y\x1b[201~".encode()
ENTER, ESC, F1, F2, F3 = b"\r", b"\x1b", b"\x1bOP", b"\x1bOQ", b"\x1bOR"
KEYS = (
    *(ENTER, PASTE, b"/", ESC, b"\x0e", b"\x0e"),  # a conversation, a paste, its shortcuts, a note
    *(b"\x10", PASTE, ESC, F1, ESC, F3, ESC),  # commands, help, status
    *(b"\x1bOS", b"\x1bOS", ESC, b"2", b"3", b"1"),  # the sheet, the trays
    *(F2, ENTER, PASTE, b"\t", PASTE, ESC, b"s", b"d", b"n", ESC),  # shortcuts: list, form, questions
    *(b"e", b"n", b"q"),  # questions about a conversation
)
OWN = re.compile(
    rb"\x1b\[[0-9;]*m"  # colours
    rb"|\x1b\[[0-9;]*[HGABCDEF]|\x08"  # where to write
    rb"|\x1b\[[0-9]*[KXb]|\x1b\[2J"  # erasing, repeating
    rb"|\x1b\[\?(?:1000|1003|1004|1006|1015|1049|2004|2026|2048|25|7)[hl]"  # modes
    rb"|\x1b\[\?(?:2026|2048)\$p"  # questions about modes
    rb"|\x1b\[>[0-9]+u|\x1b\[<u"  # the Kitty keyboard protocol
    rb"|\x1b\]22;(?:default|pointer|text)\x07"  # the shape of the mouse pointer, which no text decides
    rb"|\x1b\[>1s"  # the terminal's own selection
    rb"|\x1b\[2[23];0t|\x1b\]2;(?:\xe2\x97\x8f \d+ \xc2\xb7 )?Bandeja\x07"  # the title, which no text decides
)


def drive(size: tuple[int, int]) -> bytes:
    """Everything that a console on the hostile desk writes while one walks through all its screens."""
    with Terminal("hostile_console.py", size=size) as terminal:
        terminal.until("Bandeja")
        terminal.read(quiet=1.5)
        for key in KEYS:
            terminal.write(key)
            terminal.read()
        return terminal.written


@pytest.mark.e2e
@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
def test_a_hostile_desk_writes_no_sequence_of_its_own(size: tuple[int, int]) -> None:
    written = drive(size)
    assert b"Traceback" not in written
    assert b"Bandeja" in written
    assert b"titulo" in written or size[0] == 80  # the attacks did reach the screen, as text
    rest = OWN.sub(b"", written)
    foreign = {byte for byte in rest if byte < 0x20 or byte == 0x7F} - {0x0A, 0x0D}
    assert not foreign, [rest[max(rest.find(byte) - 20, 0) :][:60] for byte in foreign]
    text = rest.decode("utf-8")
    assert not set(text) & set(map(chr, range(0x80, 0xA0)))
    assert not set(text) & set("\u202e\u2066\u200b\u2028")
    assert "[@click=app.exit]" in text or size[0] == 80  # markup is text
