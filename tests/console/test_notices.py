"""Being notified at the console: asked once in passing, remembered, chosen in a window, and never in anybody's way."""

import json
from pathlib import Path

import pytest
from fake_desk import ANA, ME, FakeDesk
from opened import Console, Open, painted
from textual import events

from agent_tui import i18n
from agent_tui.notify.preferences import Chosen
from agent_tui.screens.notices import NAMES, NoticesScreen
from agent_tui.terminal import calls
from agent_tui.widgets.asking import Asking

WAITING = 10483  # waits in a queue of mine


class Heard:
    """What the terminal was called to do, and what waits for its time."""

    def __init__(self, console: Console) -> None:
        self.orders: list[str] = []
        self.title = ""
        self.later: list[float] = []
        notifying = console.app.notifying
        notifying.call = self.orders.append  # type: ignore[method-assign]
        notifying.entitle = self._entitle  # type: ignore[method-assign]
        notifying.later = lambda seconds, then: self.later.append(seconds)  # type: ignore[method-assign]
        console.app.notifying.notifier.known = "osc9"
        self.console = console

    def _entitle(self, title: str) -> None:
        self.title = title

    async def time(self) -> None:
        """The time has come to tell what was gathered."""
        await self.console.rest()
        self.console.app.notifying.notifier.tell()
        await self.console.rest()


async def leave(console: Console) -> None:
    """The terminal says that the person looks elsewhere."""
    console.app.post_message(events.AppBlur())
    await console.rest()


def asking(console: Console) -> str:
    found = console.home.query(Asking)
    return painted(found.first()) if found else ""


async def test_it_is_asked_once_in_passing_and_no_letter_is_taken(
    open_console: Open, desk: FakeDesk, tmp_path: Path
) -> None:
    async with open_console((80, 24), notices=Chosen(tmp_path)) as console:
        heard = Heard(console)
        await console.press("enter")
        desk.change(WAITING, state="assigned", owner=ME)
        await heard.time()
        await console.type("sí y no")
        assert console.composer.text == "sí y no"
        assert heard.orders == []
        assert "¿Te aviso" in asking(console)
        assert "^X y sí" in asking(console)
        await console.press("ctrl+x", "y")
        assert asking(console) == ""
        assert json.loads((tmp_path / "notices.json").read_text()) == {"notify": "on"}
        desk.change(10485, state="assigned", owner=ME)
        await heard.time()
        assert heard.orders == [calls.BELL]
        assert console.composer.text == "sí y no"
    async with open_console(notices=Chosen(tmp_path)) as console:
        heard = Heard(console)
        desk.change(10487, state="assigned", owner=ME)
        await heard.time()
        assert (asking(console), heard.orders) == ("", [calls.BELL])


async def test_who_refuses_is_told_what_they_miss_and_the_key_that_asks_again(
    open_console: Open, desk: FakeDesk, tmp_path: Path
) -> None:
    async with open_console(notices=Chosen(tmp_path)) as console:
        heard = Heard(console)
        desk.change(WAITING, state="assigned", owner=ME)
        await heard.time()
        await console.press("ctrl+x", "n")
        assert "no te vas a enterar" in console.home.notice.words
        assert "^X a" in console.home.notice.words
        desk.change(10485, state="assigned", owner=ME)
        await heard.time()
        assert (asking(console), heard.orders) == ("", [])
        await console.press("ctrl+x", "a")
        screen = console.app.screen
        assert isinstance(screen, NoticesScreen)
        assert "nada te dice" in " ".join(painted(screen.window).split())
        await console.press("enter", "escape")
        desk.change(10487, state="assigned", owner=ME)
        await heard.time()
        assert heard.orders == [calls.BELL]


async def test_the_settings_decide_before_what_was_answered(open_console: Open, desk: FakeDesk, tmp_path: Path) -> None:
    Chosen(tmp_path).choose("notify", "on")
    async with open_console(notices=Chosen(tmp_path, {"notify": "off"})) as console:
        heard = Heard(console)
        desk.change(WAITING, state="assigned", owner=ME)
        await heard.time()
        assert heard.orders == []
        await console.press("ctrl+x", "y")
        assert "Hasta que salgas" in console.home.notice.words
        desk.change(10485, state="assigned", owner=ME)
        await heard.time()
        assert heard.orders == [calls.BELL], "what one says now holds until one leaves"


async def test_what_is_looked_at_is_not_told_and_all_else_is_once_the_person_is_gone(
    open_console: Open, desk: FakeDesk
) -> None:
    async with open_console(notices=Chosen(None, {"notify": "on"})) as console:
        heard = Heard(console)
        await console.press("enter")
        desk.receive(ANA, "¿Hola?")
        desk.receive(10470, "¿Y lo mío?")
        await heard.time()
        assert heard.orders == [], "the title says it to who is here"
        await leave(console)
        desk.receive(ANA, "¿Hola?")
        desk.receive(10470, "¿Y lo mío?")
        await heard.time()
        assert heard.orders == ["\x1b]9;Bandeja: Te escribieron 2 clientes\x07"]
        desk.receive(10470, "¡¡Hola!!")
        await heard.time()
        assert heard.orders[1:] == ["\x1b]9;Bandeja: Te escribió Carlos Benítez\x07"]


async def test_with_always_one_hears_of_the_others_while_one_works_but_not_of_what_is_in_view(
    open_console: Open, desk: FakeDesk
) -> None:
    chosen = Chosen(None, {"notify": "on", "notify_when": "always", "notify_by": "osc777", "notify_says": "text"})
    async with open_console(notices=chosen, language="en") as console:
        heard = Heard(console)
        await console.press("enter")
        desk.receive(ANA, "still there?")
        await heard.time()
        assert heard.orders == []
        desk.receive(10470, "and; mine?")
        await heard.time()
        assert heard.orders == ["\x1b]777;notify;Bandeja;Carlos Benítez: and, mine?\x07"]


async def test_the_title_counts_what_waits_for_the_person(open_console: Open, desk: FakeDesk) -> None:
    async with open_console(notices=Chosen(None, {"quiet_hours": "00:00-24:00"})) as console:
        heard = Heard(console)
        desk.change(WAITING, state="assigned", owner=ME)
        await console.rest()
        assert heard.title == "● 4 · Bandeja"
        for number in (WAITING, ANA, 10484, 10471):
            desk.change(number, state="open", un=0, owed=False)
        await console.rest()
        assert heard.title == "Bandeja"
        console.app.notifying.choose("notify_title", "off")
        assert heard.title == ""


@pytest.mark.parametrize("style", ["default", "vim", "emacs"])
async def test_everything_is_chosen_in_one_window(
    open_console: Open, desk: FakeDesk, tmp_path: Path, style: str
) -> None:
    keys = ("space", "a") if style == "vim" else ("ctrl+x", "a")
    async with open_console((80, 24), notices=Chosen(tmp_path), style=style, language="en") as console:
        heard = Heard(console)
        chosen = console.app.notifying.chosen
        await console.press(*keys, "down", "enter", "tab", "enter")
        assert chosen.values["notify_assigned"] == "off"
        await console.press("enter", *["down"] * 6, "enter", "down", "enter", "down", "enter", "down", "enter")
        assert chosen.now.ways["assigned"] == {"desktop"}
        assert (chosen.now.when, chosen.now.says, chosen.now.by, chosen.now.title) == ("always", "text", "osc9", False)
        await console.press("t")
        assert heard.orders == [calls.BELL, "\x1b]9;Bandeja: This is how you will be notified.\x07"]
        await console.press("escape")
        assert console.app.screen is console.home
    kept = json.loads((tmp_path / "notices.json").read_text())
    assert kept["notify_assigned"] == "desktop"
    assert Chosen(tmp_path).now == chosen.now


async def test_quiet_hours_are_written_and_what_can_not_be_read_is_said_with_the_remedy(
    open_console: Open, desk: FakeDesk, tmp_path: Path
) -> None:
    Chosen(tmp_path).choose("notify", "on")
    async with open_console(notices=Chosen(tmp_path), language="en") as console:
        heard = Heard(console)
        await console.press("ctrl+x", "a", "up", "enter")
        await console.type("25-7")
        await console.press("enter")
        screen = console.app.screen
        assert isinstance(screen, NoticesScreen)
        assert NAMES[screen.marked] == "quiet_hours"
        assert "'25-7' are no hours of the day: write 22:00-07:00" in screen.notice.words
        await console.press(*["backspace"] * 4)
        await console.type("14-15, 22-7")
        await console.press("enter")
        assert "now · 14:00-15:00, 22:00-07:00" in painted(screen.window)
        desk.change(WAITING, state="assigned", owner=ME)  # it is 14:32
        await heard.time()
        assert heard.orders == []
        await console.press("enter", "x", "escape", "escape")
        assert console.app.screen is console.home
    assert Chosen(tmp_path).values["quiet_hours"] == "14:00-15:00, 22:00-07:00"


async def test_a_click_turns_what_it_hits(open_console: Open) -> None:
    async with open_console(notices=Chosen()) as console:
        await console.press("ctrl+x", "a")
        screen = console.app.screen
        assert isinstance(screen, NoticesScreen)
        line = painted(screen.window).splitlines()[NAMES.index("notify_wrote") + 3]
        await console.pilot.click(screen.window, offset=(line.index("[ ]") + 1, NAMES.index("notify_wrote") + 3))
        assert console.app.notifying.chosen.now.ways["wrote"] == {"bell", "desktop"}
        await console.pilot.click(screen.window, offset=(line.index("[✓]") + 1, NAMES.index("notify_wrote") + 3))
        assert console.app.notifying.chosen.now.ways["wrote"] == {"bell"}


async def test_what_was_kept_and_can_not_be_used_is_said(open_console: Open, tmp_path: Path) -> None:
    i18n.use("en")
    (tmp_path / "notices.json").write_text('{"notify": "on", "quiet_hours": "25-7", "colour": "red"}')
    async with open_console(notices=Chosen(tmp_path), language="en") as console:
        assert "quiet_hours, colour can't be used" in console.home.notice.words
        assert console.app.notifying.chosen.now.answer == "on"


async def test_an_answer_given_where_nothing_can_be_said_is_confirmed_on_the_desk(open_console: Open) -> None:
    async with open_console(notices=Chosen(), language="en") as console:
        console.app.notifying.ask()
        await console.press("f1", "ctrl+x", "y", "escape")
        assert "You will be notified" in painted(console.home.notice)
        assert asking(console) == ""


async def test_a_choice_that_can_not_be_kept_holds_until_one_leaves(open_console: Open, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    async with open_console(notices=Chosen(tmp_path / "file"), language="en") as console:
        console.app.notifying.choose("notify_when", "always")
        assert "can't be kept" in console.home.notice.words
        assert console.app.notifying.chosen.now.when == "always"


@pytest.mark.parametrize("style", ["default", "vim", "emacs"])
async def test_the_keys_work_while_one_writes(open_console: Open, desk: FakeDesk, style: str) -> None:
    async with open_console(notices=Chosen(), style=style) as console:
        await console.press("enter", *("i" if style == "vim" else ""))
        await console.type("hola")
        await console.press("ctrl+x", "n")
        assert console.app.notifying.chosen.now.answer == "off"
        await console.press("ctrl+x", "a")
        assert isinstance(console.app.screen, NoticesScreen)
        await console.press("escape")
        assert console.composer.text == "hola"
