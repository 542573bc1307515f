"""The yardsticks: a bare Textual app around one of its own widgets. `bare.py list ROWS` or `bare.py text`"""

import sys

from textual.app import App, ComposeResult
from textual.widgets import OptionList, TextArea


class BareList(App[None]):
    def compose(self) -> ComposeResult:
        yield OptionList(*(f"Cliente-{number:06}" for number in range(int(sys.argv[2]), 0, -1)))


class BareText(App[None]):
    def compose(self) -> ComposeResult:
        yield TextArea()


if __name__ == "__main__":
    (BareList if sys.argv[1] == "list" else BareText)().run()
