"""From what happens to what the terminal is told: gathered, worded, bounded, harmless."""

import re
from collections.abc import Callable

import pytest
from fake_desk import ANA, LUIS, ME, FakeDesk
from hostile_text import ATTACKS
from hypothesis import given
from hypothesis import strategies as st

from agent_tui import i18n
from agent_tui.link import model
from agent_tui.notify import words
from agent_tui.notify.notifier import AGAIN, GATHER, REST, Notifier
from agent_tui.notify.preferences import Chosen
from agent_tui.notify.watch import LONG, Notice
from agent_tui.terminal import calls
from agent_tui.terminal.orders import is_order

WAITING = (10483, 10485, 10487)
FOOT = {"TERM": "foot"}


class Front:
    """A terminal that remembers, and whose time is moved by hand."""

    def __init__(self, desk: FakeDesk, environ: dict[str, str] | None = None, **given: str) -> None:
        self.now = 100.0
        self.orders: list[str] = []
        self.titles: list[str] = []
        self.asked = 0
        self.looked_at: int | None = None
        self._later: list[tuple[float, Callable[[], None]]] = []
        chosen = Chosen(None, {"notify": "on", **given})
        self.notifier = Notifier(desk, self, chosen, environ or FOOT, lambda: self.now)
        desk.subscribe(self.notifier.hear)

    def call(self, order: str) -> None:
        assert is_order(order)
        self.orders.append(order)

    def entitle(self, title: str) -> None:
        self.titles.append(title)

    def later(self, seconds: float, then: Callable[[], None]) -> None:
        self._later.append((self.now + seconds, then))

    def looks_at(self, conversation: int) -> bool:
        return conversation == self.looked_at

    def ask(self) -> None:
        self.asked += 1

    def passes(self, seconds: float) -> list[str]:
        """What is called for within so many seconds."""
        until, self.orders = self.now + seconds, []
        while due := [one for one in self._later if one[0] <= until]:
            first = min(due, key=lambda one: one[0])
            self._later.remove(first)
            self.now = first[0]
            first[1]()
        self.now = until
        return self.orders


@pytest.fixture
def away(desk: FakeDesk) -> Front:
    front = Front(desk)
    front.notifier.focus(False)
    return front


def shown(said: str) -> str:
    return f"\x1b]777;notify;Bandeja;{said}\x07"


def test_a_burst_is_told_as_one_and_the_next_waits_for_its_turn(desk: FakeDesk, away: Front) -> None:
    for number in WAITING:
        desk.change(number, state="assigned", owner=ME)
    desk.receive(10470, "hola")
    assert away.passes(GATHER) == [calls.BELL, shown("3 conversations for you, Carlos Benítez wrote")]
    for n in range(30):
        desk.receive(10470, f"line {n}")
        assert away.passes(0.1) == []
    assert away.passes(REST) == [shown("Carlos Benítez wrote")]
    for number in WAITING:
        desk.change(number, state="open")
    assert away.passes(1000) == []


def test_what_has_been_dealt_with_meanwhile_is_not_told(desk: FakeDesk, away: Front) -> None:
    desk.change(WAITING[0], state="waiting", owner=LUIS)
    desk.change(WAITING[0], state="waiting", owner=None)
    desk.change(WAITING[0], state="assigned", owner=LUIS)
    desk.receive(10470, "hola")
    desk.change(10470, un=0)
    desk.change(WAITING[1], state="assigned", owner=ME)
    desk.change(WAITING[1], state="waiting", owner=None)
    desk.change(ANA, owner=LUIS)
    desk.change(ANA, owner=ME, state="open")
    assert away.passes(1000) == [shown("Visitor 10485 is not with you any more")]


def test_of_one_conversation_the_most_telling_is_told(desk: FakeDesk, away: Front) -> None:
    desk.change(WAITING[0], state="assigned", owner=ME)
    desk.receive(WAITING[0], "hola")
    assert away.passes(5) == [calls.BELL, shown("+595 981 123 457 is yours to serve")]


def test_a_terminal_that_tells_nothing_of_its_focus_is_told_by_the_last_key(desk: FakeDesk) -> None:
    front = Front(desk)
    desk.receive(10470, "hola")
    assert front.passes(59) == []
    desk.receive(10470, "¿hola?")
    front.notifier.touched()
    assert front.passes(61) == []
    desk.receive(10470, "¿¿hola??")
    assert front.passes(5) == [shown("Carlos Benítez wrote")]
    front.notifier.focus(True)
    desk.receive(10470, "¡hola!")
    assert front.passes(500) == []


def test_who_was_not_asked_yet_is_asked_and_told_nothing(desk: FakeDesk) -> None:
    front = Front(desk, notify="ask")
    front.notifier.focus(False)
    desk.receive(10470, "hola")
    assert (front.passes(5), front.asked) == ([], 1)
    front.notifier.focus(True)
    desk.receive(10470, "¿hola?")
    assert (front.passes(50), front.asked) == ([], 1), "what would not be told asks nothing"


def test_a_link_that_hangs_is_told_without_any_further_change(desk: FakeDesk, away: Front) -> None:
    desk.link.phase, desk.link.stale = "connecting", True
    desk.tell(model.LinkChanged())
    desk.now += LONG
    assert away.passes(LONG / 1000 + GATHER) == [shown("There is no connection to the hub")]
    desk.link.phase, desk.link.stale = "online", False
    desk.tell(model.LinkChanged())
    assert away.passes(REST) == [shown("The connection is back")]


def test_the_title_is_given_only_where_terminals_have_one(desk: FakeDesk) -> None:
    front = Front(desk, {"TERM": "linux"}, notify_when="always")
    desk.receive(10470, "hola")
    assert (front.titles, front.passes(5)) == ([], [])
    front = Front(desk, {"TERM": "xterm-256color", "TMUX": "/tmp/x,1,0"}, notify_when="always")
    desk.receive(10470, "hola")
    assert front.titles[-1] == "● 4 · Bandeja"
    assert front.passes(5) == ["\x1bPtmux;\x1b\x1b]9;Bandeja: Carlos Benítez wrote\x07\x1b\\"]


def test_who_presses_a_key_is_back(desk: FakeDesk, away: Front) -> None:
    away.notifier.touched()
    desk.receive(10470, "hola")
    assert away.passes(500) == []


# -- hostile text ------------------------------------------------------------------------------------------------------

hostile = st.one_of(st.sampled_from(ATTACKS), st.text(st.characters(), max_size=300))
ACTING = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


@given(hostile, hostile, st.sampled_from(["assigned", "away", "wrote", "waiting"]), st.sampled_from(["osc9", "osc777"]))
def test_no_name_and_no_text_becomes_an_order(name: str, text: str, kind: str, how: calls.How) -> None:
    said = words.sentence(FakeDesk(), [Notice(kind, ANA, name, text)], text=True)
    for tmux in (False, True):
        for heading in ("Bandeja", name):
            order = calls.desktop(heading, said + text, how, tmux=tmux)
            assert is_order(order)
            assert len(order.encode()) < 2000
            inner = order.removeprefix("\x1bPtmux;\x1b").removesuffix("\x1b\\") if tmux else order
            assert not ACTING.search(inner[2:-1])
    assert is_order(calls.title(said + text))


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_a_notification_costs_a_thin_line_little(desk: FakeDesk, away: Front, language: str) -> None:
    i18n.use(language)
    for number in WAITING:
        desk.change(number, state="assigned", owner=ME)
    desk.receive(10470, "hola " * 100)
    desk.change(10471, owner=LUIS)
    assert sum(len(order.encode()) for order in away.passes(GATHER)) <= 160
    assert len(calls.title(away.titles[-1]).encode()) <= 24


def test_what_is_said_of_each(desk: FakeDesk) -> None:
    def said(kind: str, *, text: bool = False, **fields: object) -> str:
        return words.sentence(desk, [Notice(kind, ANA, "Ana López", "¿sale hoy?", 1, **fields)], text=text)

    assert said("assigned") == "Ana López is yours to serve"
    assert said("assigned", text=True) == "Ana López is yours to serve: ¿sale hoy?"
    assert said("wrote") == "Ana López wrote"
    assert said("wrote", text=True) == "Ana López: ¿sale hoy?"
    assert said("waiting") == "Ana López waits in Sales"
    assert said("away") == "Ana López is not with you any more"
    assert said("away", to=LUIS) == "Ana López is with Luis Duarte now"
    long = words.sentence(desk, [Notice("wrote", ANA, "x" * 500, "y" * 500)], text=True)
    assert long == "x" * 39 + "…: " + "y" * 79 + "…"
    assert words.title(0) == "Bandeja"
    assert words.title(1000) == "● 999+ · Bandeja"


def test_what_was_given_to_me_is_told_again_until_it_is_opened(desk: FakeDesk, away: Front) -> None:
    desk.change(WAITING[0], state="assigned", owner=ME)
    assert away.passes(GATHER)
    for _ in range(3):
        assert away.passes(AGAIN + GATHER), "it is still waiting to be opened"
    desk.change(WAITING[0], state="open")
    assert not away.passes(3 * AGAIN)


def test_one_who_was_here_and_left_it_unopened_is_told_when_away(desk: FakeDesk) -> None:
    front = Front(desk, notify_assigned="desktop")
    front.notifier.focus(True)
    desk.change(WAITING[0], state="assigned", owner=ME)
    assert not front.passes(GATHER)
    front.notifier.focus(False)
    assert front.passes(AGAIN + GATHER)


def test_what_went_to_somebody_else_is_not_told_again(desk: FakeDesk, away: Front) -> None:
    desk.change(WAITING[0], state="assigned", owner=ME)
    assert away.passes(GATHER)
    desk.change(WAITING[0], owner=LUIS)
    said = "".join(away.passes(3 * AGAIN))
    assert said.count("777") <= 1, "only that it went away"
