"""What waits to happen in a conversation stands at its end: when, what, by whom, and the key to change one's own."""

import pytest
from fake_desk import ANA, CARLA, HOUR, LUIS, ME, MINUTE, NOW, ZONE, FakeDesk, replace
from opened import Console, Open, painted

from agent_tui import i18n, moments
from agent_tui.link.model import ThreadChanged
from hub.protocol.views import Plan

CARLOS = 10470
LATER = Plan(1, 1, ANA, "message", ME, NOW + HOUR, "Buen día:\n**hoy** sale")


def plan(desk: FakeDesk, *plans: Plan) -> None:
    desk.threads[ANA].plans = list(plans)
    desk.tell(ThreadChanged(ANA))


async def end_of_thread(console: Console) -> str:
    await console.rest()
    return painted(console.home.conversation.thread).rstrip().split("\n\n")[-1]


async def test_it_says_when_what_and_who_and_the_key_for_ones_own(open_console: Open, desk: FakeDesk) -> None:
    plan(desk, Plan(2, 1, ANA, "reminder", LUIS, NOW + MINUTE, "llamar"), LATER)
    async with open_console() as console:
        console.home.show(ANA)
        first, second = (await end_of_thread(console)).split("\n")
        assert first.strip() == "◷ 14:33 · recordatorio · Luis: llamar"
        assert second.startswith("  ◷ 15:32 · se envía · Vos: Buen día: **hoy** sale")
        assert second.endswith("ww cambiar")


async def test_it_comes_and_goes_while_one_looks(open_console: Open, desk: FakeDesk) -> None:
    async with open_console() as console:
        console.home.show(ANA)
        assert "◷" not in await end_of_thread(console)
        plan(desk, LATER)
        assert "se envía" in await end_of_thread(console)
        plan(desk)
        assert "◷" not in await end_of_thread(console)


@pytest.mark.parametrize(("size", "drawing", "sign"), [((80, 24), "unicode", "◷"), ((160, 45), "ascii", "~")])
async def test_a_long_one_is_cut_and_many_are_counted(
    open_console: Open, desk: FakeDesk, size: tuple[int, int], drawing: str, sign: str
) -> None:
    long = replace(LATER, b="palabra " * 60)
    plan(desk, *(replace(long, id=n, due=NOW + n * HOUR) for n in range(1, 9)))
    async with open_console(size, drawing=drawing, language="en") as console:
        console.home.show(ANA)
        lines = (await end_of_thread(console)).split("\n")
        assert [line.strip()[0] for line in lines[:5]] == [sign] * 5
        assert all(line.endswith("ww change") for line in lines[:5])
        assert lines[5].strip() == "and 3 more"


async def test_it_is_no_message_that_one_can_choose(open_console: Open, desk: FakeDesk) -> None:
    plan(desk, LATER)
    async with open_console() as console:
        console.home.show(ANA)
        await console.rest()
        thread = console.home.conversation.thread
        thread.mark_at(len(thread._anchors) - 1)
        assert thread.said(thread.marked) == desk.threads[ANA].messages[-1].b


@pytest.mark.parametrize(
    ("after", "said"), [(HOUR, "15:32"), (24 * HOUR, "mañana 14:32"), (48 * HOUR, "22/11 14:32"), (-HOUR, "13:32")]
)
def test_a_time_ahead_says_its_day(after: int, said: str) -> None:
    i18n.use("es")
    assert moments.ahead(NOW + after, NOW, ZONE) == said


@pytest.mark.parametrize(
    ("language", "writing", "said"),
    [
        ("es", [LUIS], "Luis escribe…  también mira Carla"),
        ("en", [LUIS, CARLA], "Luis, Carla are typing…"),
    ],
)
async def test_the_head_says_which_colleagues_write_and_which_only_look(
    open_console: Open, desk: FakeDesk, language: str, writing: list[int], said: str
) -> None:
    async with open_console((160, 45), language=language) as console:
        console.home.show(ANA)
        await console.rest()
        thread = desk.threads[ANA]
        thread.company, thread.writing = [LUIS, CARLA], writing
        desk.tell(ThreadChanged(ANA))
        await console.rest()
        head = painted(console.home.conversation.header)
        assert said in head
        thread.company, thread.writing = [], []
        desk.tell(ThreadChanged(ANA))
        await console.rest()
        assert "Luis" not in painted(console.home.conversation.header)


async def test_where_it_is_stands_before_what_matters_less(open_console: Open, desk: FakeDesk) -> None:
    """The queue alone, where there is no room for the channel."""
    desk.threads[CARLOS].company, desk.threads[CARLOS].writing = [LUIS, CARLA], [LUIS]
    async with open_console((80, 24)) as console:
        console.home.show(CARLOS)
        await console.rest()
        head = painted(console.home.conversation.header)
        assert "también mira Carla  Soporte" in head
        assert "no agendado" not in head
