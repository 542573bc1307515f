"""Macros played: each step after what the one before has caused, up to the first that is refused."""

import asyncio
import stat
from pathlib import Path

import pytest
from fake_desk import ME, FakeDesk
from opened import Console, Open, painted, screen_lines

from agent_tui.keymap import parse
from agent_tui.link import model
from agent_tui.registers import Registers, Unreadable
from agent_tui.screens import playing
from agent_tui.screens.picker import Picker
from agent_tui.screens.register import RegisterScreen
from hub.protocol import commands


class SlowDesk(FakeDesk):
    """A hub far away: commands are answered, and what they change is heard of, when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[tuple[str, str, commands.Args]] = []

    def settle(self, key: str, name: str, args: commands.Args) -> None:
        if name == "conversation.read":
            super().settle(key, name, args)
        else:
            self.waiting.append((key, name, args))

    def answer(self) -> None:
        super().settle(*self.waiting.pop(0))

    def refuse(self, code: str) -> None:
        key, name, args = self.waiting.pop(0)
        self.tell(model.CommandRefused(key, name, code, conversation=getattr(args, "conversation", 0)))


@pytest.fixture
def slow() -> SlowDesk:
    return SlowDesk()


def give(console: Console, **macros: list[str]) -> None:
    """Macros as a keymap file would bring them."""
    lines = [f"{name} = {steps}" for name, steps in macros.items()]
    keymap = parse("mine.toml", "\n".join(["[macros]", *lines]))
    assert not keymap.faults
    console.app.keymap.macros.update(keymap.macros)


async def turns(console: Console) -> None:
    """Until what plays has come to its end, or waits for somebody."""
    tape = console.app.cockpit.tape
    await console.rest()
    await console.app.macros._once_round()
    async with asyncio.timeout(20):
        while tape.playing and not tape.stirred._waiters:  # the latter: it is parked
            await console.app.macros._once_round()
    await console.rest()


async def ended(console: Console) -> None:
    await asyncio.wait_for(console.app.workers.wait_for_complete(), 20)
    await console.rest()


async def play(console: Console, name: str = "macro.m") -> None:
    console.home.perform(name)
    await turns(console)


def names(desk: FakeDesk) -> list[str]:
    return [name for name, _args in desk.submitted if name != "conversation.read"]


async def test_steps_are_done_in_order_and_arguments_are_as_on_the_line(open_console: Open) -> None:
    async with open_console() as console:
        give(console, m=["conversation.open", "conversation.tag factura", "note llamar", "back", "tray.last"])
        console.home.list.choose(10482)
        await play(console)
        await ended(console)
        assert names(console.desk) == ["conversation.open", "conversation.tag", "message.note"]
        assert console.desk.rows[10482].tags == [1, 2]
        assert console.home.list.chosen == console.desk.tray("pending").rows[-1].id
        assert not console.home.notice.words
        assert not console.app.cockpit.tape.playing


async def test_a_step_waits_for_the_answer_of_the_one_before_and_for_what_it_changed(
    open_console: Open, slow: SlowDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(playing, "FOLLOWED", 60.0)
    async with open_console(desk=slow, language="en") as console:
        give(console, m=["conversation.open", "conversation.tag factura", "conversation.tag mayorista"])
        await play(console)
        assert names(slow) == ["conversation.open"]
        assert "plays m 1/3" in painted(console.home.footer)
        slow.answer()
        await turns(console)
        assert names(slow) == ["conversation.open", "conversation.tag"]
        key, name, args = slow.waiting.pop()
        slow.tell(model.CommandDone(key, name, {}))
        await turns(console)
        assert len(slow.waiting) == 0, "the hub has answered, but what it changed is not heard of yet"
        FakeDesk.settle(slow, key, name, args)
        await turns(console)
        slow.answer()
        await ended(console)
        assert slow.rows[10482].tags == [1, 2, 3], "the later step built on what the earlier one had changed"


async def test_it_stops_at_the_first_step_that_is_refused_and_says_which_and_why(
    open_console: Open, slow: SlowDesk
) -> None:
    async with open_console(desk=slow, language="en") as console:
        give(console, m=["tray.down", "conversation.take", "tray.down", "conversation.take"])
        await play(console)
        slow.refuse("wrong_state")
        await ended(console)
        assert "macro m stopped at step 2 of 4, conversation.take:" in console.home.notice.words
        assert names(slow) == ["conversation.take"]


async def test_what_a_message_leaves_open_is_filled_in_or_stops_it(open_console: Open) -> None:
    async with open_console(language="en") as console:
        give(console, m=["conversation.open", "message.send Hola {{contact.first_name}}"], n=["send A las {{hora}}"])
        await play(console)
        await ended(console)
        assert [one.body for one in console.commands("message.send")] == ["Hola Ana"]
        await play(console, "macro.n")
        await ended(console)
        assert "step 1 of 1, send A las {{hora}}: {{hora}} is not known" in console.home.notice.words
        assert len(console.commands("message.send")) == 1


async def test_a_step_that_does_not_apply_or_says_nothing_that_exists_stops_it(open_console: Open) -> None:
    async with open_console(language="en") as console:
        give(console, m=["conversation.resume", "quit"], n=["conversation.tag vpi"])
        await play(console)
        await ended(console)
        assert "step 1 of 2, conversation.resume: that can't be done here now." in console.home.notice.words
        await play(console, "macro.n")
        await ended(console)
        assert "tags: there is no “vpi”" in console.home.notice.words
        assert names(console.desk) == []


@pytest.mark.parametrize(("key", "done"), [("y", ["conversation.end", "conversation.take"]), ("n", [])])
async def test_what_asks_still_asks_and_the_macro_waits_for_the_answer(
    open_console: Open, key: str, done: list[str]
) -> None:
    async with open_console(language="en") as console:
        give(console, m=["conversation.end", "tray.first", "conversation.take"])
        await play(console)
        assert "End the conversation with Ana" in painted(console.home.footer)
        assert names(console.desk) == []
        await console.press(key)
        await ended(console)
        assert names(console.desk) == done
        assert ("step 1 of 3, conversation.end: you said no" in console.home.notice.words) == (not done)


async def test_it_waits_for_a_choice_in_a_list_and_stops_where_none_is_made(open_console: Open) -> None:
    async with open_console(language="en") as console:
        give(console, m=["status", "tray.attended"])
        await play(console)
        assert isinstance(console.app.screen, Picker)
        await console.press("escape")
        await ended(console)
        assert "step 1 of 2, status: nothing was chosen" in console.home.notice.words
        assert console.home.list.name_of_tray == "pending"
        await play(console)
        await console.type("lun")
        await console.press("enter")
        await ended(console)
        assert console.desk.agents[ME].status == "lunch"
        assert console.home.list.name_of_tray == "attended"


@pytest.mark.parametrize(("key", "why"), [("escape", "you stopped it"), ("down", "you went on yourself")])
async def test_while_it_waits_escape_or_going_on_oneself_stops_it(
    open_console: Open, slow: SlowDesk, key: str, why: str
) -> None:
    async with open_console(desk=slow, language="en") as console:
        give(console, m=["conversation.take", "conversation.tag vip"])
        await console.press("down")
        await play(console)
        assert console.app.cockpit.tape.playing
        await console.press(key)
        await ended(console)
        assert why in console.home.notice.words
        slow.answer()
        await turns(console)
        assert names(slow) == ["conversation.take"]


async def test_what_is_done_is_recorded_into_a_letter_and_played_as_often_as_asked(
    open_console: Open, tmp_path: Path
) -> None:
    async with open_console(language="en", registers=Registers(tmp_path / "data" / "macros.json")) as console:
        await console.press("Q")
        assert isinstance(console.app.screen, RegisterScreen)
        await console.press("a")
        assert "recording a" in painted(console.home.footer)
        await console.press("down", ":")
        await console.type("tag mayorista")
        await console.press("enter", "f1", "escape", "ctrl+p")
        await console.type("load")
        await console.press("enter", "Q")
        assert "Recorded 3 steps: @ a plays them." in console.home.notice.words
        assert "recording" not in painted(console.home.footer)
        kept = tmp_path / "data" / "macros.json"
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert Registers(kept).all() == {"a": ["tray.down", "conversation.tag mayorista", "load"]}
        await console.press("@", "2", "a")
        await ended(console)
        rows = console.desk.tray("pending").rows
        assert [one.conversation for one in console.commands("conversation.tag")] == [row.id for row in rows[1:4]]


async def test_a_status_that_was_chosen_is_recorded_with_the_choice(open_console: Open) -> None:
    async with open_console(language="en") as console:
        await console.press("Q", "a", "f3")
        await console.type("lun")
        await console.press("enter", "f3")
        await console.type("onl")
        await console.press("enter", "Q", "@", "a")
        await ended(console)
        assert console.app.macros.registers.all() == {"a": ["status lunch", "status online"]}
        assert [one.status for one in console.commands("agent.status")] == ["lunch", "online"] * 2


async def test_what_is_written_or_asked_is_not_recorded(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("enter", "ctrl+x", "q", "z")
        await console.type("hola")
        await console.press("enter", "f9", "escape", "Q")
        assert console.app.macros.registers.all() == {"z": ["conversation.hold", "back"]}


async def test_a_letter_under_which_nothing_was_recorded_says_so(open_console: Open) -> None:
    async with open_console(language="en") as console:
        await console.press("Q", "a", "down", "Q", "@", "z")
        assert "there is no macro z" in console.home.notice.words


async def test_one_that_plays_itself_or_is_not_there_says_so(open_console: Open) -> None:
    async with open_console(language="en") as console:
        console.app.macros.registers.keep("a", ["tray.down", "macro.play b"])
        console.app.macros.registers.keep("b", ["macro.play a"])
        await console.press("@", "a")
        await ended(console)
        assert "a plays itself" in console.home.notice.words
        await console.press("ctrl+x", ":")
        await console.type("play c")
        await console.press("enter")
        await ended(console)
        assert "there is no macro c" in console.home.notice.words


async def test_a_macro_may_play_others(open_console: Open) -> None:
    async with open_console() as console:
        give(console, m=["macro.n", "macro.play 2a"], n=["tray.down"])
        console.app.macros.registers.keep("a", ["tray.down"])
        await play(console)
        await ended(console)
        assert console.home.list.chosen == console.desk.tray("pending").rows[3].id


async def test_help_and_palette_show_them_with_their_keys(open_console: Open) -> None:
    async with open_console(language="en") as console:
        give(console, thanks=["tray.down", "conversation.take"])
        console.app.keymap.keys["tray"]["x"] = "macro.thanks"
        console.app.macros.registers.keep("a", ["tray.up"])
        await console.press("f1")
        page = console.app.focused
        text = "\n".join(strip.text.rstrip() for strip in page._lines)
        assert "x                 thanks: tray.down, conversation.take" in text
        assert "@ a               tray.up" in text
        await console.press("escape", "ctrl+p")
        await console.type("thanks")
        await console.press("enter")
        await ended(console)
        assert names(console.desk) == ["conversation.take"]


@pytest.mark.parametrize(("size", "drawing"), [((80, 24), "ascii"), ((120, 40), "unicode")])
async def test_the_footer_says_what_each_letter_holds(open_console: Open, size: tuple[int, int], drawing: str) -> None:
    async with open_console(size, drawing=drawing, theme="mono") as console:
        console.app.macros.registers.keep("a", ["tray.up", "tray.up"])
        await console.press("@")
        assert "2 pasos" in screen_lines(console.app)[-1]
        await console.press("escape")
        assert console.app.screen is console.home


def test_a_file_that_can_not_be_read_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "macros.json"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(Unreadable):
        Registers(path).keep("a", ["tray.up"])
    assert path.read_text(encoding="utf-8") == "{"
