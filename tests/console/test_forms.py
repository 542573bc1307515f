"""The form of a conversation at the console: filled in without the mouse, asked for at the end, and never lost."""

import fake_forms
import pytest
from fake_desk import ME, SOPORTE, FakeDesk
from fake_forms import CARLOS, FIELDS
from opened import Console, Open, painted, screen_lines

from agent_tui.link import model
from agent_tui.screens.desk import DeskScreen
from agent_tui.screens.form_screen import FormScreen
from agent_tui.screens.picker import Picker, PickerWindow
from agent_tui.terminal.caret import caret
from hub.protocol import commands, views
from hub.protocol.errors import Code
from hub.protocol.forms import Field

OPEN = ("2", "enter", "ctrl+x", "f")  # Carlos is the first in progress


@pytest.fixture
def asking(desk: FakeDesk) -> FakeDesk:
    fake_forms.ask(desk)
    return desk


def form(console: Console) -> FormScreen:
    screen = console.app.screen
    assert isinstance(screen, FormScreen)
    return screen


async def pick(console: Console, typed: str) -> None:
    """Choose in what is listed for the field that has the focus."""
    await console.press("enter")
    assert isinstance(console.app.screen, Picker)
    await console.type(typed)
    await console.press("enter")


async def go(console: Console, code: str) -> None:
    form(console).asked[code].go()
    await console.rest()


async def test_a_form_is_filled_in_and_saved_without_the_mouse(open_console: Open, asking: FakeDesk) -> None:
    async with open_console() as console:
        await console.press(*OPEN)
        screen = form(console)
        assert "Bot · Carlos Benítez" in painted(screen.head)
        assert "sin completar" in painted(screen.head)
        assert painted(screen.asked["reason"].name_line) == "Motivo *"
        assert not screen.asked["order"].display
        await pick(console, "rec")
        assert screen.asked["order"].display
        assert "sin guardar" in painted(screen.head)
        await console.press("tab", *"48213", "enter", *"Carlos")
        await console.press("f8")
        values = {"reason": "claim", "order": "48213", "name": "Carlos"}
        assert console.commands("form.fill") == [commands.Fill(CARLOS, 1, values)]
        assert "guardado 14:32" in painted(screen.head)
        assert "Guardado." in painted(screen.notice)
        await console.press("escape")
        assert isinstance(console.app.screen, DeskScreen)
        await console.press("f4")
        assert "Número de" in painted(console.home.sheet)
        assert "48213" in painted(console.home.sheet)


async def test_each_kind_of_field_is_filled_in_by_keys(open_console: Open, asking: FakeDesk) -> None:
    async with open_console((80, 24)) as console:
        await console.press(*OPEN, "right", "right", "right", "right")
        for code, typed in (
            ("document", "3.456.789"),
            ("phone", "+595 981 123 456"),
            ("mail", "c@example.org"),
            ("since", "20/11/2026"),
            ("amount", "150000"),
            ("notes", "uno"),
        ):
            await go(console, code)
            await console.type(typed)
        await console.press("enter", *"dos")
        await go(console, "solved")
        await console.press("right")
        await go(console, "means")
        await console.press("space", "tab", "space")
        await console.press("f8")
        (filled,) = console.commands("form.fill")
        assert isinstance(filled, commands.Fill)
        assert filled.values == {
            "reason": "claim",
            "document": "3.456.789",
            "phone": "+595 981 123 456",
            "mail": "c@example.org",
            "since": "20/11/2026",
            "amount": "150000",
            "solved": "yes",
            "means": ["mail", "phone"],
            "notes": "uno\ndos",
        }


async def test_a_mistake_is_said_at_its_field_and_nothing_is_sent(open_console: Open, asking: FakeDesk) -> None:
    async with open_console() as console:
        await console.press(*OPEN, "right", "tab", *"12", "tab")
        order = form(console).asked["order"]
        assert "tiene que ser como 0000" in painted(order.wrong)
        await console.press("f8")
        assert console.commands("form.fill") == []
        assert "Número de pedido: tiene que ser como 0000." in painted(form(console).notice)
        assert console.app.focused is order.input
        await console.press(*"34")
        assert not order.has_class("-faulty")


async def test_what_was_typed_stays_when_the_form_is_left(open_console: Open, asking: FakeDesk) -> None:
    async with open_console() as console:
        await console.press(*OPEN, "right", "tab", *"12", "escape", "ctrl+x", "f")
        assert form(console).asked["order"].value == "12"
        await console.press("escape")
        assert "El formulario no está guardado" in painted(console.home.notice)
        await console.press("f10")
        assert "1 formulario sin guardar." in painted(console.home.footer)
        await console.press("n", "ctrl+x", "f")
        assert "sin guardar" in painted(form(console).head)
        assert console.commands("form.fill") == []


async def test_a_form_that_changes_while_it_is_open_keeps_what_was_typed(open_console: Open, asking: FakeDesk) -> None:
    async with open_console() as console:
        await console.press(*OPEN, "right", "tab", *"4821")
        await go(console, "name")
        await console.type("Carlos")
        fake_forms.ask(asking, [FIELDS[0], FIELDS[1], Field("city", "text", {"es": "Ciudad"}, required=True)])
        await console.rest()
        screen = form(console)
        assert "El formulario de la cola cambió" in painted(screen.notice)
        assert [*screen.asked] == ["reason", "order", "city"]
        assert screen.asked["order"].value == "4821"
        assert "name: Carlos" in "\n".join(screen_lines(console.app))
        await console.press("f8")
        (filled,) = console.commands("form.fill")
        assert filled == commands.Fill(CARLOS, 2, {"reason": "claim", "order": "4821"})


async def test_a_refusal_stands_at_its_field_and_the_form_stays(open_console: Open, asking: FakeDesk) -> None:
    async with open_console() as console:
        await console.press(*OPEN, "right", "tab", *"4821")
        asking.carry_out = False
        await console.press("f8")
        (key,) = form(console)._sent
        detail: dict[str, object] = {"why": "mask"}
        asking.tell(model.CommandRefused(key, "form.fill", Code.BAD_VALUE, "values.order", detail))
        await console.rest()
        assert "Número de pedido: tiene que ser como 0000." in painted(form(console).notice)
        assert form(console).asked["order"].has_class("-faulty")
        assert form(console).asked["order"].value == "4821"


async def test_ending_asks_for_the_form_and_names_what_is_missing(open_console: Open, asking: FakeDesk) -> None:
    async with open_console() as console:
        await console.press("2", "enter", "f8")
        assert "Terminar la atención" in painted(form(console).head)
        await console.press("f9")
        assert "Antes de terminar falta: Motivo, un tema." in painted(form(console).notice)
        assert "Falta completarlo." in painted(form(console).asked["reason"].wrong)
        await pick(console, "cons")
        await console.press("f9")
        assert "Antes de terminar falta: un tema." in painted(form(console).notice)
        assert console.app.focused is form(console).topics
        await pick(console, "demora")
        await console.press("f9")
        assert "¿Terminar la atención de Carlos Benítez?" in painted(form(console).footer)
        await console.press("n")
        assert console.commands("conversation.end") == []
        await console.press("f9", "s")
        end = commands.End(CARLOS, version=1, values={"reason": "question"}, topics=[2])
        assert console.commands("conversation.end") == [end]
        assert isinstance(console.app.screen, DeskScreen)


async def test_with_everything_there_the_end_is_one_question(open_console: Open, asking: FakeDesk) -> None:
    asking.change(CARLOS, topics=[2])
    filled = views.Submission(2, 1, CARLOS, 2, SOPORTE, 1, asking.now, {"reason": "question"}, ME, ME)
    asking.threads[CARLOS].forms = [filled]
    async with open_console() as console:
        await console.press("2", "enter", "f8")
        assert isinstance(console.app.screen, DeskScreen)
        assert "¿Terminar la atención de Carlos Benítez?" in painted(console.home.footer)
        await console.press("s")
        end = commands.End(CARLOS, version=1, values={"reason": "question"})
        assert console.commands("conversation.end") == [end]


async def test_a_queue_that_asks_for_nothing_ends_as_before(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("2", "enter", "ctrl+x", "f")
        assert isinstance(console.app.screen, DeskScreen)
        await console.press("f8")
        assert "¿Terminar la atención" in painted(console.home.footer)


async def test_a_refused_end_on_the_desk_names_the_fields(open_console: Open, asking: FakeDesk) -> None:
    async with open_console() as console:
        await console.press("2", "enter")
        detail: dict[str, object] = {"missing": "reason,order", "topics": 1}
        refused = model.CommandRefused("k", "conversation.end", Code.FORM_INCOMPLETE, "values.reason", detail)
        asking.tell(refused)
        await console.rest()
        assert "falta: Motivo, Número de pedido, un tema." in painted(console.home.notice)


async def test_earlier_forms_are_read_below_with_the_names_that_they_had(open_console: Open, asking: FakeDesk) -> None:
    fake_forms.before(asking)
    async with open_console((160, 45)) as console:
        await console.press(*OPEN)
        told = painted(form(console).earlier)
        assert "Ventas · Luis Duarte" in told
        assert "Zona: norte" in told


async def test_what_a_conversation_lost_while_it_was_filled_in_is_kept(open_console: Open, asking: FakeDesk) -> None:
    async with open_console() as console:
        await console.press(*OPEN, "right")
        asking.change(CARLOS, owner=2)
        await console.rest()
        await console.press("f8")
        assert console.commands("form.fill") == []
        assert "Lo que escribiste se guarda." in painted(form(console).notice)


async def test_nothing_of_a_conversation_that_is_gone_stays(open_console: Open, asking: FakeDesk) -> None:
    async with open_console() as console:
        await console.press(*OPEN, "right", "escape")
        assert len(console.home.filling.typing) == 1
        asking.tell(model.ThreadGone(CARLOS))
        await console.rest()
        assert len(console.home.filling.typing) == 0


async def test_one_goes_from_the_form_to_a_transfer(
    open_console: Open, asking: FakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_console() as console:
        await console.press(*OPEN, "right")
        assert "^T transferir" in painted(form(console).footer)
        done: list[str] = []
        monkeypatch.setattr(form(console), "_transfer", lambda: done.append("transfer"))
        await console.press("ctrl+t")
        assert isinstance(console.app.screen, DeskScreen)
        assert done == ["transfer"]
        assert len(console.home.filling.typing) == 1


async def test_hostile_values_and_names_are_data(open_console: Open, desk: FakeDesk) -> None:
    evil = "\x1b]52;c;aGk=\x07[bold]x"
    fake_forms.ask(desk, [Field("a", "text", {"es": evil}), Field("b", "long", {"es": "B"}, default=evil)])
    async with open_console() as console:
        await console.press(*OPEN)
        lines = "\n".join(screen_lines(console.app))
        assert "\x1b" not in lines
        assert "[bold]x" in lines


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (160, 45)])
@pytest.mark.parametrize("language", ["es", "en"])
async def test_the_form_stands_beside_the_conversation_where_there_is_room(
    open_console: Open, asking: FakeDesk, size: tuple[int, int], language: str
) -> None:
    async with open_console(size, language=language) as console:
        await console.press(*OPEN)
        lines = screen_lines(console.app)
        assert any("Carlos 14:01" in line for line in lines) == (size[0] > 80)
        for _ in range(14):
            at, focused = caret(console.app), console.app.focused
            assert at is not None
            assert focused is not None
            assert focused.region.contains_point(at)
            assert 0 <= at.y < size[1] - 1
            await console.press("tab")


async def test_what_can_be_chosen_stands_below_each_other_none_of_it_too(open_console: Open, asking: FakeDesk) -> None:
    async with open_console() as console:
        await console.press(*OPEN)
        await pick(console, "rec")
        await console.press("enter")
        lines = painted(console.app.screen.query_one(PickerWindow)).split("\n")
        starts = [line.index(word) for word in ("Reclamo", "Consulta", "Ninguno") for line in lines if word in line]
        assert len(starts) == 3
        assert len(set(starts)) == 1
