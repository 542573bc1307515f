"""The orders that may reach a terminal: everything that Textual 8.2 writes beside paint, and the app's own few calls.

An order is known by being written alone. Text that is painted arrives between cursor moves and styles, so that whatever
a customer hid in it can never be an order, well-formed or not.
"""

import re

SYNC_START, SYNC_END = "\x1b[?2026h", "\x1b[?2026l"
ENTER_SCREEN, LEAVE_SCREEN = "\x1b[?1049h", "\x1b[?1049l"
SHOW_CURSOR, HIDE_CURSOR = "\x1b[?25h", "\x1b[?25l"
KEEP_TITLE, BRING_TITLE = "\x1b[22;0t", "\x1b[23;0t"

_WORDS = r"[^\x00-\x1f\x7f-\x9f]*"
_ORDERS = re.compile(
    r"\x1b\[\?(?:7|25|1000|1003|1004|1006|1015|1016|1049|2004|2048)[hl]"  # wrapping, cursor, mouse, screen, paste
    r"|\x1b\[\?(?:2026|2048)\$p"  # does it know synchronised updates; does it report its size in band
    r"|\x1b\[>\d{1,2}u|\x1b\[<u"  # the Kitty keyboard protocol on and off
    r"|\x1b\[>[01]s"  # whether Shift keeps the mouse for the terminal's own selection
    r"|\x07"  # the bell
    r"|\x1b\]22;[a-z-]*(?:\x07|\x1b\\)"  # the pointer's shape
    r"|\x1b\]52;c;[A-Za-z0-9+/=]*(?:\x07|\x1b\\)"  # App.copy_to_clipboard; never a question for what is in it
    rf"|\x1b\](?:0|2|9|777;notify);{_WORDS}(?:\x07|\x1b\\)"  # titles, and notifications of the desktop
    rf"|\x1bPtmux;\x1b\x1b\](?:9|777;notify);{_WORDS}\x07\x1b\\"  # the latter, through tmux
    r"|\x1b\[2[23];0t"  # the title that was there, kept and brought back
)


def is_order(data: str) -> bool:
    """Whether this is one order, whole, and nothing else."""
    return _ORDERS.fullmatch(data) is not None
