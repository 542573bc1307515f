"""Macros written in a keymap file: their faults are told with all else, by line, and the rest works."""

import asyncio
from pathlib import Path

import pytest
from opened import Open

from agent_tui import i18n
from agent_tui.keymap import load, parse
from agent_tui.own_keys import OwnKeys

SOURCE = """[tray]
macro.thanks = ["x"]
macro.gone = ["X"]
macro.faulty = ["Z"]

[macros]
thanks = ["conversation.open", "conversation.tag vip", "message.send Gracias por escribir", "macro.on"]
on = ["tray.next", "snooze 30m", "status lunch", "macro.play 3a"]
faulty = [
    "conversation.fly",
    "conversation.hold now",
    "conversation.snooze soon",
    "agent.status happy",
    "message.send",
    "suggest.next",
    "conversation.tag",
    "macro.play 1",
    "macro.nowhere",
    "conversation.pipe",
]
round = ["macro.about"]
about = ["tray.next", "macro.round"]
play = ["tray.next"]
none = []
text = "tray.next"
with_faulty = ["macro.faulty"]
"""


@pytest.fixture(autouse=True)
def english() -> None:
    i18n.use("en")


def test_every_fault_is_told_by_line_and_the_rest_works() -> None:
    keymap = parse("mine.toml", SOURCE)
    assert keymap.faults == [
        "mine.toml:23: a macro can't be called 'play'",
        "mine.toml:24: the steps of the macro none are not a list of texts",
        "mine.toml:25: the steps of the macro text are not a list of texts",
        "mine.toml:9: macro faulty, step 1, 'conversation.fly': there is no action conversation.fly",
        "mine.toml:9: macro faulty, step 2, 'conversation.hold now': “now” is too much",
        "mine.toml:9: macro faulty, step 3, 'conversation.snooze soon': "
        "until: “soon” is no time: 30m, 2h, 1d and 15:30 are",
        "mine.toml:9: macro faulty, step 4, 'agent.status happy': status: there is no “happy”",
        "mine.toml:9: macro faulty, step 5, 'message.send': message.send can't be a step of a macro",
        "mine.toml:9: macro faulty, step 6, 'suggest.next': suggest.next can't be a step of a macro",
        "mine.toml:9: macro faulty, step 7, 'conversation.tag': tags: say which",
        "mine.toml:9: macro faulty, step 8, 'macro.play 1': macro.play takes a letter, and how often before it: 3a",
        "mine.toml:9: macro faulty, step 9, 'macro.nowhere': there is no macro nowhere",
        "mine.toml:9: macro faulty, step 10, 'conversation.pipe': conversation.pipe: say which",
        "mine.toml:21: macro round, it plays itself",
        "mine.toml:22: macro about, it plays itself",
        "mine.toml:26: macro with_faulty, step 1, 'macro.faulty': there is no macro faulty",
        "mine.toml:3: there is no action macro.gone",
        "mine.toml:4: there is no action macro.faulty",
    ]
    assert keymap.macros.keys() == {"thanks", "on"}
    assert keymap.keys["tray"] == {"x": "macro.thanks"}


def test_macros_that_are_no_table_are_one_fault() -> None:
    assert parse("mine.toml", 'macros = ["a"]\n').faults == ["mine.toml:1: macros are a table"]


def test_they_lie_over_the_styles_like_keys(tmp_path: Path) -> None:
    own = tmp_path / "keymap.toml"
    own.write_text('style = "vim"\n[macros]\nm = ["tray.down"]\n[tray]\nmacro.m = ["leader m"]\n', encoding="utf-8")
    keymap = load(own)
    assert not keymap.faults
    assert keymap.find(("tray",), "space m") == "macro.m"
    assert keymap.macros == {"m": ("tray.down",)}


async def test_a_macro_works_as_soon_as_it_is_written_and_is_gone_with_its_line(
    open_console: Open, tmp_path: Path
) -> None:
    own = tmp_path / "keymap.toml"
    own.write_text('[macros]\nm = ["tray.down"]\n[tray]\nmacro.m = ["ctrl+y"]\n', encoding="utf-8")
    async with open_console(keys=OwnKeys(own), language="en") as console:
        rows = console.desk.tray("pending").rows

        async def press_it() -> int | None:
            await console.press("ctrl+y")
            await asyncio.wait_for(console.app.workers.wait_for_complete(), 20)
            return console.home.list.chosen

        assert await press_it() == rows[1].id
        own.write_text('[macros]\nm = ["tray.down", "tray.down"]\n[tray]\nmacro.m = ["ctrl+y"]\n', encoding="utf-8")
        console.app.follow_keys()
        assert await press_it() == rows[3].id
        own.write_text("[tray]\n", encoding="utf-8")
        console.app.follow_keys()
        assert await press_it() == rows[3].id
