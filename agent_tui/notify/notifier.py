"""From a change on the desk to a bell, a notification or a mark in the title: gathered, decided, and done by the front.

What happens within a second is told as one, and after a notification there is none for ten; what comes meanwhile is
gathered. Whatever has been dealt with by then is not told at all. What was given to the person is told again each
minute until they open it.
"""

import os
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from agent_tui import moments, names, rights
from agent_tui.link import model
from agent_tui.notify import words
from agent_tui.notify.decide import attentive, wanted
from agent_tui.notify.kinds import BELL, DESKTOP, KINDS
from agent_tui.notify.preferences import Chosen
from agent_tui.notify.watch import LONG, TRAYS, Notice, Watch
from agent_tui.terminal import calls
from hub.protocol.states import State

GATHER, REST, AGAIN = 1.0, 10.0, 60.0  # seconds
HEADING = "Bandeja"
_RANK = {kind: rank for rank, kind in enumerate(KINDS)}


class Front(Protocol):
    """What shows and sounds."""

    def call(self, order: str) -> None:
        """Have the terminal carry out an order."""

    def entitle(self, title: str) -> None:
        """Give the terminal a title; without one, its own."""

    def later(self, seconds: float, then: Callable[[], None]) -> None: ...

    def looks_at(self, conversation: int) -> bool:
        """Whether its newest line is in view."""

    def ask(self) -> None:
        """Ask whether to notify, in passing; once is enough."""


class Notifier:
    def __init__(
        self,
        desk: model.Desk,
        front: Front,
        chosen: Chosen,
        environ: Mapping[str, str] = os.environ,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.desk, self.front, self.chosen = desk, front, chosen
        self.watch = Watch(desk)
        self.known = calls.known(environ)  # what this terminal probably shows
        self._tmux = calls.in_tmux(environ)
        self._titled = calls.bears_title(environ)
        self._clock = clock
        self._focused: bool | None = None
        self._touched = clock()
        self._told = float("-inf")
        self._gathered: dict[tuple[str, int], Notice] = {}  # by kind and conversation, of each the newest
        self._checking = False

    # -- what is heard ---------------------------------------------------------------------------------------------

    def hear(self, change: model.Change) -> None:
        self.take(self.watch.hear(change))
        match change:
            case model.TrayChanged():
                self.mark()
            case model.LinkChanged():
                self._look_again()

    def focus(self, focused: bool) -> None:
        """The terminal reports whether it has the focus."""
        self._focused = focused

    def touched(self) -> None:
        """The person has pressed a key: they are here, also where the terminal did not tell that they came back."""
        self._touched = self._clock()
        if self._focused is not None:
            self._focused = True

    @property
    def there(self) -> bool:
        return attentive(self._focused, self._clock() - self._touched)

    @property
    def how(self) -> calls.How | None:
        """How the terminal is asked for a notification; None where it can show none."""
        by = self.chosen.now.by
        return "osc9" if by == "osc9" else "osc777" if by == "osc777" else self.known

    @property
    def minute(self) -> int:
        """Of the day, by the desk's clock."""
        now = moments.local(self.desk.now, names.zone(self.desk))
        return now.hour * 60 + now.minute

    def _look_again(self) -> None:
        """A link that hangs says nothing more: look again once it would be down for long."""
        if self.watch.worrying and not self._checking:
            self._checking = True
            self.front.later(LONG / 1000, self._check)

    def _check(self) -> None:
        self._checking = False
        self.take(self.watch.check())
        self._look_again()

    # -- what is told ----------------------------------------------------------------------------------------------

    def take(self, notices: Iterable[Notice]) -> None:
        """Have these told, soon."""
        for notice in notices:
            if not self._gathered:
                self.front.later(max(GATHER, self._told + REST - self._clock()), self.tell)
            self._gathered[notice.kind, notice.conversation] = notice

    def tell(self) -> None:
        """Tell what was gathered and still holds, of one conversation the most telling; or ask first."""
        there, chosen = self.there, self.chosen.now
        gathered, self._gathered = sorted(self._gathered.values(), key=lambda one: _RANK[one.kind]), {}
        if chosen.answer != "ask":
            self._remind([one for one in gathered if one.kind == "assigned"])
        ways: dict[Notice, frozenset[str]] = {}
        done: set[int] = set()
        for one in gathered:
            some = wanted([one.kind], chosen, there=there, minute=self.minute)
            if some and one.conversation not in done and self.watch.holds(one) and not self._seen(one, there):
                ways[one] = some
                done.add(one.conversation)
        if not ways:
            return
        if chosen.answer == "ask":
            self.front.ask()
            return
        self._told = self._clock()
        if any(BELL in some for some in ways.values()):
            self.front.call(calls.BELL)
        shown = [one for one, some in ways.items() if DESKTOP in some]
        if shown:
            self._show(words.sentence(self.desk, shown, text=chosen.says == "text"))

    def _remind(self, given: list[Notice]) -> None:
        """Tell of these again after a while, as far as nobody has opened them by then."""
        held = [one for one in given if self.watch.holds(one)]
        if held:
            self.front.later(AGAIN, lambda: self.take(one for one in held if self.watch.holds(one)))

    def try_out(self, said: str) -> None:
        """Ring and show once, whatever was chosen."""
        self.front.call(calls.BELL)
        self._show(said)

    def _show(self, said: str) -> None:
        if self.how is not None:
            self.front.call(calls.desktop(HEADING, said, self.how, tmux=self._tmux))

    def _seen(self, notice: Notice, there: bool) -> bool:
        return notice.kind == "wrote" and there and self.front.looks_at(notice.conversation)

    # -- the mark in the title -------------------------------------------------------------------------------------

    def mark(self) -> None:
        """Show in the title how many conversations wait for the person."""
        if self._titled:
            self.front.entitle(words.title(self.waiting) if self.chosen.now.title else "")

    @property
    def waiting(self) -> int:
        """Conversations of the person's own that they have not opened, read or answered yet."""
        rows = [row for name in TRAYS for row in self.desk.tray(name).rows]
        return sum(
            1 for row in rows if rights.mine(self.desk, row) and (row.state == State.ASSIGNED or row.un or row.owed)
        )
