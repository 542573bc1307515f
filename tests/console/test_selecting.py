"""Choosing a message in the thread: to quote, copy, send again, take back, or make a shortcut of."""

from fake_desk import ANA, MINUTE, NOW, FakeDesk
from opened import Console, Open, painted

from agent_tui.link.model import Outgoing, ThreadChanged
from agent_tui.screens.shortcut_form import ShortcutForm
from agent_tui.transcript import quoted, transcript


async def choosing(console: Console, *keys: str) -> None:
    """Ana's conversation, opened, with its newest message chosen, and then keys."""
    await console.press("enter", "ctrl+f", *keys)


async def test_a_message_is_chosen_by_going_up_and_down(open_console: Open) -> None:
    async with open_console() as console:
        thread = console.home.conversation.thread
        await choosing(console)
        messages = console.desk.threads[ANA].messages
        assert console.home.contexts[0] == "mark"
        assert thread.marked_message is messages[-1]
        await console.press("k", "k")
        assert thread.marked_message is messages[-3]
        assert [line for line in painted(thread).split("\n") if line.startswith("▌")] != []
        await console.press("g")
        assert thread.marked_message is messages[0]
        await console.press("escape")
        assert thread.marked_message is None
        assert console.composer.has_focus
        assert "▌" not in painted(thread)


async def test_quoting_puts_the_message_before_what_is_written(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("enter")
        await console.type("sí")
        await console.press("ctrl+f", "enter")
        assert console.composer.text == "> ¿Me confirman si el pedido sale hoy?\nsí"
        assert console.composer.has_focus


async def test_copying_writes_to_the_terminal_s_clipboard(open_console: Open) -> None:
    async with open_console(language="en") as console:
        await choosing(console, "y")
        assert console.app.clipboard == "¿Me confirman si el pedido sale hoy?"
        assert "Copied 36 characters." in painted(console.home.notice)
        await console.press("Y")
        assert "Marta Giménez: Te confirmo en un ratito" in console.app.clipboard
        assert "depósito dice" not in console.app.clipboard, "a private note is no part of what is pasted somewhere"


async def test_what_failed_is_sent_again_or_taken_back_one_by_one(open_console: Open, desk: FakeDesk) -> None:
    failed = [
        Outgoing(f"k{n}", "message.send", ANA, f"línea {n}", NOW + n * MINUTE, "failed", "forbidden") for n in (1, 2)
    ]
    async with open_console() as console:
        await console.press("enter")
        desk.threads[ANA].outgoing += failed
        desk.tell(ThreadChanged(ANA))
        await console.rest()
        await console.press("ctrl+f", "f7")
        assert console.composer.text == "línea 2"
        await console.press("ctrl+f", "ctrl+r")
        assert [one.state for one in desk.threads[ANA].outgoing] == ["sending"]


async def test_a_shortcut_is_made_of_a_message(open_console: Open) -> None:
    async with open_console() as console:
        await choosing(console, "s")
        form = console.app.screen
        assert isinstance(form, ShortcutForm)
        assert form.body.text == "¿Me confirman si el pedido sale hoy?"
        await console.press("escape")
        assert console.app.screen is console.home, "what was only put in is not asked about"


async def test_a_message_that_arrives_takes_nobody_from_what_they_read(open_console: Open, desk: FakeDesk) -> None:
    async with open_console() as console:
        await choosing(console, "k")
        chosen = console.home.conversation.thread.marked_message
        desk.receive(ANA, "una más")
        await console.rest()
        assert console.home.conversation.thread.marked_message == chosen
        assert console.home.contexts[0] == "mark"


async def test_going_elsewhere_chooses_no_message_any_more(open_console: Open) -> None:
    async with open_console() as console:
        await choosing(console)
        console.home.to_trays()
        await console.rest()
        assert not console.home.selecting.on


def test_a_transcript_has_no_notes_and_a_quote_has_a_sign_on_every_line() -> None:
    desk = FakeDesk()
    desk.opened.add(ANA)
    text = transcript(desk, desk.threads[ANA])
    assert text.count("\n") == 6
    assert "Ana López: Buenas! pudieron averiguar?" in text
    assert "16 h" not in text
    assert quoted("a\n\nb") == "> a\n>\n> b\n"
