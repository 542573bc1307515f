"""The editor of a queue's form: fields are added, changed, moved and deleted, and saved as a new version."""

import fake_forms
import pytest
from fake_desk import SOPORTE, VENTAS, FakeDesk
from fake_forms import FIELDS
from opened import Console, Open, painted, screen_lines

from agent_tui.link import model
from agent_tui.screens.desk import DeskScreen
from agent_tui.screens.field_form import FieldForm
from agent_tui.screens.form_editor import FormEditor
from agent_tui.screens.topics_form import TopicsForm
from hub.protocol import commands
from hub.protocol.errors import Code
from hub.protocol.forms import Field, Option, Shown


@pytest.fixture
def managing(desk: FakeDesk) -> FakeDesk:
    assert desk.me is not None
    desk.me.grants["queue.manage"] = "entity"
    fake_forms.ask(desk)
    return desk


def editor(console: Console) -> FormEditor:
    screen = console.app.screen
    assert isinstance(screen, FormEditor)
    return screen


async def open_editor(console: Console, queue: str = "soporte") -> None:
    await console.press("ctrl+x", "g")
    await console.type(queue)
    await console.press("enter")


async def test_a_form_is_made_of_nothing(open_console: Open, managing: FakeDesk) -> None:
    async with open_console() as console:
        await open_editor(console, "ventas")
        assert "Todavía no hay" in painted(editor(console).list)
        await console.press("n", *"Producto", "tab", "tab", *"product", "tab", "enter", *"una de varias", "enter")
        field = console.app.screen
        assert isinstance(field, FieldForm)
        assert field.kind.chosen == ["choice"]
        await console.press("tab", "space", "tab")
        await console.type("tv = Televisor | TV set")
        await console.press("enter")
        await console.type("pc = Computadora")
        await console.press("f8")
        assert "Producto *" in painted(editor(console).list)
        await console.press("f8")
        options = [Option("tv", {"es": "Televisor", "en": "TV set"}), Option("pc", {"es": "Computadora"})]
        made = Field("product", "choice", {"es": "Producto"}, required=True, options=options)
        assert console.commands("form.save") == [commands.SaveForm(VENTAS, [made], None)]
        assert isinstance(console.app.screen, DeskScreen)


async def test_fields_are_changed_moved_and_deleted(open_console: Open, managing: FakeDesk) -> None:
    async with open_console() as console:
        await open_editor(console)
        assert "si reason es claim" in painted(editor(console).list)
        await console.press("down", "down", "K", "K", "down", "down", "down", "d", "enter")
        field = console.app.screen
        assert isinstance(field, FieldForm)
        assert field.code.value == "phone"
        await console.press("end", *" móvil", "f8", "f8")
        (saved,) = console.commands("form.save")
        assert isinstance(saved, commands.SaveForm)
        assert [one.code for one in saved.fields][:4] == ["name", "reason", "order", "phone"]
        assert saved.fields[3].name == {"es": "Teléfono móvil", "en": "Phone"}
        assert saved.fields[2] == FIELDS[1]
        assert saved.version == managing.forms[SOPORTE].version


async def test_what_can_not_be_used_is_said_and_nothing_is_lost(open_console: Open, managing: FakeDesk) -> None:
    async with open_console() as console:
        await open_editor(console)
        await console.press("K", "down", "K", "f8")
        assert console.commands("form.save") == []
        assert "no field before it is called reason" in painted(editor(console).notice)
        assert editor(console).list.marked.field.code == "order"
        await console.press("n", *"Otro", "f8")
        field = console.app.screen
        assert isinstance(field, FieldForm)
        assert "letras minúsculas" in painted(field.notice)
        await console.press("escape", "s", "escape")
        assert "¿Salir sin guardar?" in painted(editor(console).footer)
        await console.press("s")
        assert isinstance(console.app.screen, DeskScreen)


async def test_two_who_edit_a_form_are_told(open_console: Open, managing: FakeDesk) -> None:
    async with open_console() as console:
        await open_editor(console)
        managing.carry_out = False
        await console.press("d", "f8")
        sent = editor(console)._sent
        managing.tell(model.CommandRefused(sent, "form.save", Code.FORM_CHANGED, "version", {"version": 9}))
        await console.rest()
        assert "Otra persona cambió este formulario" in painted(editor(console).notice)


async def test_a_condition_a_mask_and_a_default_come_back_as_they_were(open_console: Open, managing: FakeDesk) -> None:
    odd = Field("x", "many", {"es": "X", "pt": "Xis"}, default=["a"], options=[Option("a", {"es": "A"})])
    last = Field("y", "text", {"es": "Y"}, mask="#?", default="1", shown_if=Shown("x"))
    fake_forms.ask(managing, [odd, last])
    async with open_console((80, 24)) as console:
        await open_editor(console)
        for field in (odd, last):
            await console.press("enter")
            form = console.app.screen
            assert isinstance(form, FieldForm)
            assert form.made() == field
            await console.press("f8", "down")


async def test_only_who_manages_queues_edits(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("ctrl+x", "g")
        assert isinstance(console.app.screen, DeskScreen)


async def test_topics_are_an_outline(open_console: Open, managing: FakeDesk) -> None:
    async with open_console() as console:
        await open_editor(console)
        await console.press("t")
        form = console.app.screen
        assert isinstance(form, TopicsForm)
        assert form.text.text == "claims = Reclamos\n  late = Demora\nsales = Ventas"
        form.text.text = "claims = Quejas | Complaints\n  late = Demora\n    very = Mucha\nnew"
        await console.press("f8")
        assert console.commands("topic.save") == [
            commands.SaveTopic(SOPORTE, "claims", {"es": "Quejas", "en": "Complaints"}),
            commands.SaveTopic(SOPORTE, "very", {"es": "Mucha"}, 2),
            commands.SaveTopic(SOPORTE, "new", {"es": "new"}),
            commands.SaveTopic(SOPORTE, "sales", {"es": "Ventas"}, active=False),
        ]
        assert isinstance(console.app.screen, FormEditor)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Mal = x", "Línea 1"),
        ("a = A\n    b = B", "La línea 2 está demasiado adentro"),
        ("a\n  b\n    c\n      d\n        e", "4 niveles"),
        ("a = A\na = B", "a está dos veces"),
    ],
)
async def test_a_line_that_can_not_be_used_is_named(
    open_console: Open, managing: FakeDesk, text: str, why: str
) -> None:
    async with open_console() as console:
        await open_editor(console)
        await console.press("t")
        form = console.app.screen
        assert isinstance(form, TopicsForm)
        form.text.text = text
        await console.press("f8")
        assert console.commands("topic.save") == []
        assert why in painted(form.notice)
        await console.press("escape")
        assert "¿Salir sin guardar?" in painted(form.footer)


async def test_what_matters_is_offered_first(open_console: Open, managing: FakeDesk) -> None:
    """Saving only what was changed; making the first field where there is none; the way out always."""
    async with open_console((80, 24)) as console:
        await open_editor(console)
        keys = painted(editor(console).footer)
        assert "guardar" not in keys
        assert keys.index("editar") < keys.index("nuevo") < keys.index("cerrar")
        await console.press("d")
        assert "F8 guardar" in painted(editor(console).footer)


async def test_queues_say_whether_they_have_a_form(open_console: Open, managing: FakeDesk) -> None:
    async with open_console() as console:
        await console.press("ctrl+x", "g")
        lines = screen_lines(console.app)
        assert "11 campos" in next(line for line in lines if "soporte" in line)
        assert "sin formulario" in next(line for line in lines if "  caja" in line)
