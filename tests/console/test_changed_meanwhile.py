"""What has changed by the time that the hub is asked: each refusal stands in words, with what one can do, and nothing
that was typed is lost."""

import fake_forms
import pytest
from fake_desk import LUIS, ME, SOPORTE, VENTAS, FakeDesk
from fake_forms import CARLOS
from opened import Console, Open, painted, screen_lines

from agent_tui.link import model
from agent_tui.screens.form_screen import FormScreen
from hub.protocol import commands, handing, views
from hub.protocol.errors import Code
from hub.protocol.forms import Field

WORDS = {
    "es": [
        (Code.QUEUE_INACTIVE, {}, "esa cola ya no recibe nada: elegí otra."),
        (Code.QUEUE_EMPTY, {}, "nadie atiende esa cola: elegí otra, o pedí que le sumen miembros."),
        (Code.NOT_MEMBER, {}, "no atiende esa cola: elegí otro asesor, u otra cola."),
        (Code.AGENT_AWAY, {}, "no está en línea: elegí otro asesor, o solamente la cola."),
        (Code.AGENT_FULL, {"load": 5}, "tiene 5 atenciones, el máximo: elegí otro asesor, o la cola."),
        (Code.NOT_FOUND, {"what": "queue", "id": 9}, "ya no está, o no podés verlo."),
    ],
    "en": [
        (Code.QUEUE_INACTIVE, {}, "that queue takes nothing any more: choose another."),
        (Code.QUEUE_EMPTY, {}, "nobody works in that queue: choose another, or ask for members."),
        (Code.AGENT_AWAY, {}, "they are offline: choose another agent, or only the queue."),
    ],
}
CASES = [(language, *case) for language, cases in WORDS.items() for case in cases]


def _seen(console: Console) -> str:
    return " ".join(" ".join(screen_lines(console.app)).split())


@pytest.mark.parametrize(("language", "code", "detail", "words"), CASES)
async def test_a_transfer_that_can_not_be_any_more_says_why_and_the_conversation_stays(
    open_console: Open, desk: FakeDesk, language: str, code: Code, detail: dict[str, object], words: str
) -> None:
    desk.carry_out = False
    async with open_console(desk=desk, language=language) as console:
        await console.press("2", "enter")
        await console.type("un momento")
        await console.press("ctrl+t")
        await console.type("luis")
        await console.press("enter")
        assert desk.submitted[-1] == ("conversation.transfer", handing.Transfer(CARLOS, SOPORTE, LUIS))
        desk.tell(model.CommandRefused("k", "conversation.transfer", code, "agent", detail, CARLOS))
        await console.rest()
        assert words in " ".join(painted(console.home.notice).split())
        assert (console.home.shown, desk.rows[CARLOS].owner) == (CARLOS, ME)
        assert console.home.conversation.composer.text == "un momento"


async def test_a_form_that_changed_as_it_was_saved_says_so_and_keeps_what_was_typed(
    open_console: Open, desk: FakeDesk
) -> None:
    fake_forms.ask(desk, [Field("order", "text", {"es": "Pedido"})])
    async with open_console() as console:
        await console.press("2", "enter", "ctrl+x", "f", *"4821")
        desk.carry_out = False
        await console.press("f8")
        screen = console.app.screen
        assert isinstance(screen, FormScreen)
        (key,) = screen._sent
        desk.tell(model.CommandRefused(key, "form.fill", Code.FORM_CHANGED, "version", {"version": 2}, CARLOS))
        fake_forms.ask(desk, [Field("order", "text", {"es": "Pedido"}), Field("city", "text", {"es": "Ciudad"})])
        await console.rest()
        assert "cambió" in " ".join(painted(screen.notice).split())
        assert [*screen.asked] == ["order", "city"]
        assert screen.asked["order"].value == "4821"
        desk.carry_out = True
        await console.press("f8")
        assert console.commands("form.fill")[-1] == commands.Fill(CARLOS, 2, {"order": "4821"})


async def test_who_gets_a_conversation_sees_the_form_of_where_it_came_to(open_console: Open, desk: FakeDesk) -> None:
    """And below it what the one before had saved, by the names that it had then."""
    fake_forms.ask(desk, [Field("device", "text", {"es": "Equipo"}, required=True)])
    fake_forms.ask(desk, [Field("reason", "text", {"es": "Motivo"}, required=True)], queue=VENTAS)
    desk.change(CARLOS, q=VENTAS, owner=LUIS, moved=False)
    saved = views.Submission(
        1, 1, CARLOS, 1, VENTAS, desk.forms[VENTAS].version, desk.now, {"reason": "factura"}, LUIS, LUIS
    )
    desk.threads[CARLOS].forms = [saved]
    desk.change(CARLOS, q=SOPORTE, owner=ME, moved=True)
    async with open_console((120, 40), desk=desk) as console:
        await console.press("2", "enter", "ctrl+x", "f")
        screen = console.app.screen
        assert isinstance(screen, FormScreen)
        assert [*screen.asked] == ["device"]
        assert screen.asked["device"].value == ""
        seen = _seen(console)
        assert "Motivo: factura" in seen
        assert "Ventas · Luis Duarte" in seen
