"""What the agent drafts on another console stands in this one's composer, unless it was typed in here."""

from fake_desk import FakeDesk
from opened import Open

from agent_tui.link import model
from agent_tui.link.drafts import NOTED

CARLOS = 10470


async def test_an_untouched_composer_takes_the_newer_draft_up_and_lets_go_of_a_sent_one(
    open_console: Open, desk: FakeDesk
) -> None:
    async with open_console() as console:
        console.home.show(CARLOS)
        await console.rest()
        for was, text in (("", "Buenas"), ("Buenas", f"{NOTED}ojo"), (f"{NOTED}ojo", "")):
            desk.drafts[CARLOS] = text
            desk.tell(model.DraftChanged(CARLOS, was))
            await console.rest()
            assert console.composer.text == text.removeprefix(NOTED)
            assert console.composer.note == text.startswith(NOTED)


async def test_what_is_typed_here_stays_and_the_cursor_with_it(open_console: Open, desk: FakeDesk) -> None:
    async with open_console() as console:
        console.home.show(CARLOS)
        await console.rest()
        await console.type("mio")
        await console.press("left")
        desk.drafts[CARLOS] = "mio\nlo otro"
        desk.tell(model.DraftChanged(CARLOS, "mio"))
        await console.rest()
        await console.type("x")
        assert console.composer.text == "mixo\nlo otro"


async def test_a_letter_typed_while_the_draft_became_another_is_not_lost(open_console: Open, desk: FakeDesk) -> None:
    async with open_console() as console:
        console.home.show(CARLOS)
        await console.rest()
        await console.type("mio")
        desk.drafts[CARLOS] = "mi\nlo otro"
        desk.tell(model.DraftChanged(CARLOS, "mi"))  # told when the last letter was on its way
        await console.rest()
        assert console.composer.text == "mio\nmi\nlo otro"
        assert desk.drafts[CARLOS] == "mio\nmi\nlo otro"
