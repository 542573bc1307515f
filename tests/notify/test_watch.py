"""What is noticed: what others did, once, as it happened; and one summary after the console was away."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from fake_desk import ANA, LUIS, ME, NOW, VENTAS, FakeDesk, replace
from hypothesis import given
from hypothesis import strategies as st

from agent_tui.link import model
from agent_tui.notify.watch import LONG, OWN, Notice, Watch
from hub.protocol import commands, views

WAITING, OPEN, LUISS = 10483, 10470, 10486


class Seen:
    """A watch on a desk, and what it has noticed since it was last asked: kind and conversation."""

    def __init__(self, desk: FakeDesk) -> None:
        self.desk, self.watch = desk, Watch(desk)
        self.notices: list[Notice] = []
        desk.subscribe(lambda change: self.notices.extend(self.watch.hear(change)))

    def take(self) -> list[tuple[str, int]]:
        found, self.notices = self.notices, []
        return [(one.kind, one.conversation) for one in found]

    @contextmanager
    def away(self, ms: int = 0) -> Iterator[None]:
        """The link is down meanwhile; what happens is in the snapshot that comes afterwards, and told as trays."""
        link = self.desk.link
        link.phase, link.stale = "waiting", True
        self.desk.tell(model.LinkChanged())
        yield
        self.desk.now += ms
        self.desk.tell(model.LinkChanged())
        link.phase = "online"
        self.desk.tell(model.LinkChanged())
        for name in model.TRAYS:
            self.desk.tell(model.TrayChanged(name))
        link.stale = False
        self.desk.tell(model.LinkChanged())


@pytest.fixture
def seen(desk: FakeDesk) -> Seen:
    desk.carry_out = False
    return Seen(desk)


def new(id: int, **fields: object) -> views.Row:
    return replace(
        views.Row(id, 1, "chat", "waiting", 1, VENTAS, "Nueva", NOW, NOW, last="hola", ld="in", un=1), **fields
    )


def test_what_others_do_is_noticed(desk: FakeDesk, seen: Seen) -> None:
    desk.change(WAITING, state="assigned", owner=ME)
    assert seen.take() == [("assigned", WAITING)]
    desk.receive(OPEN, "hola")
    assert seen.take() == [("wrote", OPEN)]
    desk.change(OPEN, state="assigned", owner=LUIS)
    assert seen.take() == [("away", OPEN)]
    row = desk.add(new(10999))
    desk.tell(model.RowMoved(None, row))
    assert seen.take() == [("waiting", 10999)]
    desk.change(LUISS, state="waiting", owner=None)
    assert seen.take() == [("waiting", LUISS)]
    desk.tell(model.RowMoved(desk.rows[ANA], None))
    assert seen.take() == [("away", ANA)]


def test_of_what_is_others_or_has_ended_or_changes_little_nothing_is_noticed(desk: FakeDesk, seen: Seen) -> None:
    desk.receive(LUISS, "hola")
    desk.change(LUISS, state="open")
    desk.change(ANA, tags=[1, 2])
    desk.message(OPEN, "note", "psst", by=LUIS)
    desk.change(OPEN, last="psst", ld="note", at=NOW + 1)
    desk.change(OPEN, un=0)
    desk.change(10471, state="closed")
    desk.tell(model.RowMoved(None, new(11000, q=3)))  # a queue that I am no member of
    assert seen.take() == []


def test_a_customer_who_comes_back_after_the_end_is_given_again(desk: FakeDesk, seen: Seen) -> None:
    desk.change(10400, state="assigned", owner=ME, un=1)
    assert seen.take() == [("assigned", 10400)]


@pytest.mark.parametrize("answered_first", [True, False])
@pytest.mark.parametrize(
    ("conversation", "name", "args", "fields"),
    [
        (WAITING, "conversation.take", commands.Take(WAITING), {"state": "assigned", "owner": ME}),
        (WAITING, "conversation.open", commands.Open(WAITING), {"state": "open", "owner": ME}),
        (OPEN, "conversation.assign", commands.Assign(OPEN, LUIS), {"state": "assigned", "owner": LUIS}),
        (OPEN, "conversation.requeue", commands.Requeue(OPEN), {"state": "waiting", "owner": None}),
        (10400, "conversation.reopen", commands.Reopen(10400), {"state": "open", "owner": ME}),
    ],
)
def test_ones_own_doing_is_not_noticed_but_the_same_by_others_afterwards_is(
    desk: FakeDesk,
    seen: Seen,
    conversation: int,
    name: str,
    args: commands.OnConversation,
    fields: dict[str, object],
    answered_first: bool,
) -> None:
    before = desk.rows[conversation]
    key = desk.submit(name, args)
    steps = [lambda: desk.tell(model.CommandDone(key, name, {})), lambda: desk.change(conversation, **fields)]
    for step in steps if answered_first else reversed(steps):
        step()
    assert seen.take() == []
    desk.change(conversation, state="assigned", owner=ME)
    desk.change(conversation, state="waiting", owner=None, q=before.q)
    assert ("away", conversation) in seen.take()


def test_a_command_that_was_refused_or_is_long_past_hides_nothing(desk: FakeDesk, seen: Seen) -> None:
    key = desk.submit("conversation.take", commands.Take(WAITING))
    desk.tell(model.CommandRefused(key, "conversation.take", "wrong_state", conversation=WAITING))
    desk.change(WAITING, state="assigned", owner=ME)
    key = desk.submit("conversation.hold", commands.Hold(OPEN))
    desk.tell(model.CommandDone(key, "conversation.hold", {}))
    desk.now += OWN
    desk.change(OPEN, state="assigned", owner=LUIS)
    desk.submit("conversation.read", commands.Read(ANA, 1))
    desk.change(ANA, owner=LUIS)
    assert seen.take() == [("assigned", WAITING), ("away", OPEN), ("away", ANA)]


def test_an_old_row_that_was_beyond_what_is_loaded_is_no_news(desk: FakeDesk, seen: Seen) -> None:
    desk.page = 1
    old = new(11001, at=NOW - 3_600_000, begun=NOW - 3_600_000)
    desk.tell(model.RowMoved(None, old))
    desk.tell(model.RowMoved(None, replace(old, state="assigned", owner=ME)))
    assert seen.take() == []
    desk.tell(model.RowMoved(None, replace(old, wait=NOW - 5)))
    assert seen.take() == [("waiting", 11001)]


# -- the link ----------------------------------------------------------------------------------------------------------


def test_what_happened_while_the_console_was_away_is_told_once_and_what_stayed_is_not(
    desk: FakeDesk, seen: Seen
) -> None:
    with seen.away(5000):
        desk.change(WAITING, state="assigned", owner=ME)
        desk.receive(OPEN, "hola")
        desk.receive(OPEN, "¿hola?")
        desk.change(10471, owner=LUIS)
        desk.add(new(10999))
    assert sorted(seen.take()) == [("assigned", WAITING), ("away", 10471), ("waiting", 10999), ("wrote", OPEN)]
    with seen.away():
        pass
    assert seen.take() == []


def test_the_first_snapshot_is_no_news(desk: FakeDesk) -> None:
    desk.link.phase, desk.link.stale = "connecting", True
    seen = Seen(desk)
    desk.receive(OPEN, "hola")
    desk.link.phase, desk.link.stale = "online", False
    desk.tell(model.LinkChanged())
    assert seen.take() == []


def test_a_link_that_is_down_for_long_is_told_and_so_is_its_return(desk: FakeDesk, seen: Seen) -> None:
    with seen.away(LONG - 1):
        pass
    assert seen.take() == []
    with seen.away(LONG):
        pass
    assert [(one.kind, one.back) for one in seen.notices] == [("link", False), ("link", True)]
    assert [seen.watch.holds(one) for one in seen.notices] == [False, True]


def test_a_session_that_has_ended_is_told_at_once(desk: FakeDesk, seen: Seen) -> None:
    desk.link.phase, desk.link.stale = "signed_out", True
    desk.tell(model.LinkChanged())
    desk.tell(model.LinkChanged())
    assert seen.take() == [("link", 0)]


# -- whatever happens --------------------------------------------------------------------------------------------------

fields = st.fixed_dictionaries(
    {
        "state": st.sampled_from(["waiting", "assigned", "open", "held", "snoozed", "closed"]),
        "owner": st.sampled_from([None, ME, LUIS]),
        "un": st.integers(0, 3),
        "q": st.sampled_from([1, 3]),
    }
)


@given(st.lists(st.tuples(st.sampled_from([WAITING, OPEN, LUISS]), fields), max_size=12))
def test_the_same_state_told_again_is_never_news(steps: list[tuple[int, dict[str, object]]]) -> None:
    desk = FakeDesk()
    seen = Seen(desk)
    for conversation, some in steps:
        desk.change(conversation, **some)
        seen.take()
        desk.tell(model.RowMoved(desk.rows[conversation], desk.rows[conversation]))
        desk.change(conversation, tags=[2])
        with seen.away():
            pass
        assert seen.take() == []
