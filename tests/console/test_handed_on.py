"""What one handed on, at the console: in Attended with one's own times, readable up to there, nothing to be done."""

import pytest
from fake_desk import LUIS, ME, MINUTE, VENTAS, FakeDesk, at, replace
from opened import Console, Open, painted, screen_lines

from agent_tui import rights
from agent_tui.link import model
from agent_tui.orders import Orders
from hub.protocol import views
from hub.protocol.commands import REGISTRY

NUMBER = 10490


@pytest.fixture
def desk(desk: FakeDesk) -> FakeDesk:
    """A conversation that was mine from 13:40 to 14:12 and is Luis's now."""
    row = views.Row(
        NUMBER, -77, "chat", "closed", 1, VENTAS, "Andrea Vera", at(14, 12), at(13, 40),
        last="es por una garantía", ld="note", owner=ME, ended=at(14, 12), out="transferred", moved=True,
        upto=9_999_999, resp=5 * MINUTE + 4000, tags=[2],
    )  # fmt: skip
    desk.add(row)
    desk.message(NUMBER, "in", "Hola, compré una licuadora y no anda", at(13, 38))
    desk.message(NUMBER, "note", "es por una garantía", at(14, 12), by=ME)

    return desk


def _seen(console: Console) -> str:
    return "\n".join(screen_lines(console.app))


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("es", ("transferida", "13:40–14:12", "La transferiste ahí", "Transferida: podés leerla hasta ahí")),
        ("en", ("handed on", "13:40–14:12", "You handed it on then", "Handed on: you may read it up to there")),
    ],
)
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (160, 45)])
async def test_it_is_in_attended_and_says_up_to_where_one_may_read(
    open_console: Open, desk: FakeDesk, size: tuple[int, int], language: str, words: tuple[str, ...]
) -> None:
    async with open_console(size, desk=desk, language=language) as console:
        await console.press("3")
        seen = _seen(console)
        assert "Andrea Vera" in seen
        assert words[1] in seen
        await console.press("enter")
        seen = _seen(console)
        assert all(one in seen for one in (words[0], *words[2:]))
        assert not console.home.conversation.writing.display


async def test_the_sheet_tells_of_ones_own_leg(open_console: Open, desk: FakeDesk) -> None:
    async with open_console((160, 45), desk=desk) as console:
        await console.press("3", "enter")
        seen = painted(console.home.sheet)
        assert "20/11/2026 13:40" in seen
        assert "20/11/2026 14:12" in seen
        assert "Duró" in seen
        assert "32:00" in seen
        assert "a los 5:04" in seen


async def test_nothing_is_offered_that_would_change_it_and_reading_it_tells_nobody(
    open_console: Open, desk: FakeDesk
) -> None:
    desk.rows[NUMBER] = replace(desk.rows[NUMBER], un=1)
    row = desk.rows[NUMBER]
    orders = Orders(desk, row, [])
    about = [spec for spec in REGISTRY.values() if "conversation" in spec.args.__struct_fields__]
    assert not [spec.name for spec in about if rights.may(desk, row, spec.name)]
    assert not [spec.name for spec in about if orders.may(spec)]
    assert not rights.may_note(desk, row)
    assert not rights.may_answer(desk, row)
    async with open_console(desk=desk) as console:
        before = len(desk.submitted)
        await console.press("3", "enter", "escape", "r", "e", "T", "a")
        assert [name for name, _ in desk.submitted[before:]] == []


async def test_what_was_transferred_here_is_not_said_to_be_lost(open_console: Open, desk: FakeDesk) -> None:
    async with open_console(desk=desk, language="en") as console:
        await console.press("2", "enter", "ctrl+t")
        await console.type("luis")
        await console.press("enter")
        desk.tell(model.CommandDone("k", "conversation.transfer", {"conversation": 10470, "queue": 2, "agent": LUIS}))
        desk.tell(model.ThreadGone(10470))
        await console.rest()
        assert "Transferred to Luis Duarte" in console.home.notice.words
        assert console.home.shown is None


async def test_it_fits_a_filter_as_what_it_was(open_console: Open, desk: FakeDesk) -> None:
    async with open_console(desk=desk) as console:
        await console.press("3", "/")
        await console.type("resultado:transferida")
        await console.press("enter")
        assert [row.id for row in console.home.list.tray.rows] == [NUMBER]
