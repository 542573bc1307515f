"""Letters over everything in view that one can go to; typing them goes there.

A label is one letter, those of the home row first; where there are more places than letters it is two. No label begins
another one, so that none waits to see whether more is typed, and the same places in the same order get the same labels.
A place that moves while the labels are shown takes its label with it.
"""

from collections.abc import Callable, Sequence

import msgspec
from textual import events
from textual.app import ComposeResult
from textual.geometry import Offset
from textual.screen import ModalScreen

from agent_tui.actions import JUMP
from agent_tui.link.model import Change
from agent_tui.screens.keyed import Cockpit, KeyedScreen
from agent_tui.widgets.paint import Line
from agent_tui.widgets.painted import Painted

LETTERS = "asdfghjklqwertyuiopzxcvbnm"


class Target(msgspec.Struct, frozen=True):
    """`id` is what stays the same while it moves, `at` where on the screen its label goes."""

    id: str
    at: Offset
    go: Callable[[], object]


def labels(count: int) -> list[str]:
    """`count` labels, at most 676, none of which begins another."""
    letters = len(LETTERS)
    begin = 0 if count <= letters else -(-(count - letters) // (letters - 1))  # letters that begin two of them
    single, pairs = LETTERS[: letters - begin], LETTERS[letters - begin :]
    return [*single, *(first + second for first in pairs for second in LETTERS)][:count]


class _Label(Painted):
    DEFAULT_CSS = """
    _Label { position: absolute; width: 1; height: 1; }
    """

    def __init__(self, screen: "JumpScreen", letters: str) -> None:
        super().__init__(screen.desk, screen.palette)
        self.letters, self.left = letters, letters

    def stand(self, at: Offset | None, typed: str) -> None:
        """At a place of the screen, without the letters that are typed already; None: nowhere."""
        self.left = self.letters.removeprefix(typed)
        self.display = at is not None and self.letters.startswith(typed)
        self.styles.width = max(len(self.left), 1)
        if at is not None:
            self.styles.offset = (at.x + len(self.letters) - len(self.left), at.y)
        self.refresh()

    def paint(self, y: int) -> Line:
        return self.line().put(self.left, "chip", bold=True, ground="accent")


class JumpScreen(KeyedScreen, ModalScreen[None]):
    """`targets` says what can be gone to, and where it is now."""

    DEFAULT_CSS = """
    JumpScreen { background: transparent; &:ansi { background: transparent; } }
    """

    def __init__(self, cockpit: Cockpit, targets: Callable[[], Sequence[Target]]) -> None:
        super().__init__(cockpit)
        self.targets = targets
        found = targets()
        self.marks = {one.id: _Label(self, letters) for one, letters in zip(found, labels(len(found)), strict=False)}
        self.typed = ""
        self.handlers = {"jump.leave": self.leave}

    def compose(self) -> ComposeResult:
        yield from self.marks.values()
        yield self.footer

    def on_mount(self) -> None:
        self._place()

    def places(self) -> tuple[str, ...]:
        return (JUMP,)

    def offered(self) -> tuple[str, ...]:
        return ("jump.leave",)

    @property
    def caret(self) -> Offset | None:
        """Behind the first label: what it would go to is what is read."""
        shown = (mark.region for mark in self.marks.values() if mark.display)
        return next((Offset(region.right, region.y) for region in shown), None)

    def leave(self) -> None:
        self.dismiss()

    def _place(self) -> None:
        spots = {one.id: one.at for one in self.targets()}
        for name, mark in self.marks.items():
            mark.stand(spots.get(name), self.typed)

    def changed(self, change: Change) -> None:
        self.call_after_refresh(self._place)

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self._place)

    def on_key(self, event: events.Key) -> None:
        letter = (event.character or "").lower()
        typed = self.typed + letter
        if event.is_printable and any(mark.letters.startswith(typed) for mark in self.marks.values()):
            self.typed = typed
            self._take(event)
            self._typed()
        else:
            super().on_key(event)

    def _typed(self) -> None:
        name = next((name for name, mark in self.marks.items() if mark.letters == self.typed), None)
        if name is None:
            self._place()
            return
        self.dismiss()
        target = next((one for one in self.targets() if one.id == name), None)
        if target is not None:
            target.go()
