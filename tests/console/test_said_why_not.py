"""A key that does nothing says so, and what the keyboard did is to be seen."""

import pytest
from fake_desk import ANA, FakeDesk
from opened import Open, painted
from textual import events

from agent_tui.link.model import LinkChanged
from agent_tui.screens.keyed import KeyedScreen


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (("u",), "There is nothing to undo."),
        (("x",), "There is nothing to take back"),
        (("ctrl+o",), "There is no place before this one yet."),
        (("space", "c"), "resume: that can't be done here now."),
    ],
)
async def test_a_key_that_does_nothing_here_says_so(open_console: Open, keys: tuple[str, ...], said: str) -> None:
    async with open_console((80, 24), style="vim", language="en") as console:
        await console.press("2", "enter", *keys)
        assert said in painted(console.home.notice)
        await console.press("j")
        assert not console.home.notice.display


async def test_a_hub_with_a_full_disk_is_told_of_once(open_console: Open) -> None:
    async with open_console((120, 30)) as console:
        console.desk.link.why = "disk_full"
        console.desk.tell(LinkChanged())
        await console.rest()
        assert "El disco del hub está lleno" in painted(console.home.notice)
        await console.press("j")
        console.desk.tell(LinkChanged())
        await console.rest()
        assert not console.home.notice.display


@pytest.mark.parametrize(("state", "said"), [("held", "en pausa"), ("snoozed", "pospuesta"), ("closed", "terminada")])
async def test_the_head_says_that_a_conversation_rests(
    open_console: Open, desk: FakeDesk, state: str, said: str
) -> None:
    async with open_console((80, 24)) as console:
        await console.press("enter")
        assert said not in painted(console.home.conversation.header)
        desk.change(ANA, state=state)
        await console.rest()
        assert said in painted(console.home.conversation.header)


async def test_a_question_that_was_answered_unread_says_so(open_console: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_console((80, 24), language="en") as console:
        monkeypatch.setattr(KeyedScreen, "reading_time", 1000.0)
        for key in ("e", "y"):
            console.app.post_message(events.Key(key, key))
        await console.rest()
        await console.rest()
        assert "Answered before it could be read" in painted(console.home.notice)
        assert not console.commands("conversation.end")


async def test_where_nothing_else_is_unread_the_key_to_go_there_says_so(open_console: Open, desk: FakeDesk) -> None:
    for number in list(desk.rows):
        desk.change(number, un=0)
    async with open_console((80, 24), language="en") as console:
        await console.press("u")
        assert "There are no unread lines in any other conversation." in painted(console.home.notice)


async def test_setting_aside_tells_until_when(open_console: Open) -> None:
    async with open_console((80, 24), language="en") as console:
        await console.press("2", "enter", "escape", "colon")
        await console.type("snooze 30m")
        await console.press("enter")
        assert "Set aside until 15:02" in painted(console.home.notice)
        assert len(console.commands("conversation.snooze")) == 1


async def test_keys_of_every_place_leave_and_stop(open_console: Open) -> None:
    for style in ("default", "vim"):
        async with open_console(style=style, language="en") as console:
            await console.press("enter", "ctrl+g", "escape")
            console.home.modes.read()
            await console.press("ctrl+c")
            assert "Leave Bandeja?" in painted(console.home.footer)
    async with open_console(style="vim", language="en") as console:
        await console.press("enter", "Z", "Z")
        assert "Leave Bandeja?" in painted(console.home.footer)
