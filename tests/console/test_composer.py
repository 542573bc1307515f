"""Writing: what Enter sends, what it never sends, shortcuts, notes, drafts."""

from fake_desk import LUIS, NOW, FakeDesk
from opened import Console, Open, painted
from textual import events

from agent_tui.link import model
from agent_tui.widgets.burst import GAP
from hub.protocol import commands


async def burst(console: Console, *keys: str) -> None:
    """Keys that were read at once, as a paste arrives in a terminal that does not mark pastes."""
    read_at = 0.0
    for n, key in enumerate(keys):
        event = events.Key(key, key if len(key) == 1 else {"enter": "\r", "space": " ", "tab": "\t"}.get(key))
        read_at = read_at or event.time
        event.time = read_at + n * 0.0005
        event.set_sender(console.app)
        console.app.post_message(event)
    await console.rest()


async def test_enter_sends_what_was_typed_and_clears_it(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("enter")
        await console.type("Sale hoy")
        await console.press("enter")
        assert console.answers() == [(10482, "Sale hoy")]
        assert console.composer.text == ""
        assert console.desk.draft(10482) == ""


async def test_shift_enter_and_ctrl_j_start_a_line(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("enter", "a", "shift+enter", "b", "ctrl+j", "c", "shift+\r", "d", "enter")
        assert console.answers() == [(10482, "a\nb\nc\nd")]


async def test_the_composer_grows_with_its_lines(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("enter", "a")
        assert console.composer.size.height == 1
        await console.press(*["ctrl+j"] * 3)
        assert console.composer.size.height == 4
        await console.press(*["ctrl+j"] * 9)
        assert console.composer.size.height == 8


async def test_a_paste_that_comes_as_keys_is_never_sent_in_pieces(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("enter")
        console.composer.burst.gap = GAP
        await burst(console, *"uno", "enter", *"dos", "enter", "enter", "tab", *"tres", "enter")
        assert not console.commands("message.send")
        assert console.composer.text == "uno\ndos\n\n    tres\n"
        await console.press("enter")
        assert console.answers() == [(10482, "uno\ndos\n\n    tres")]


async def test_a_paste_that_begins_with_a_line_break_is_not_sent_either(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("enter")
        await console.type("antes")
        console.composer.burst.gap = GAP
        await burst(console, "enter", *"dos", "enter", *"tres")
        assert not console.commands("message.send")
        assert console.composer.text == "antes\ndos\ntres"


async def test_a_bracketed_paste_goes_in_whole_and_harmless(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("enter")
        console.app.post_message(events.Paste("uno\r\ndos\x1b]52;c;aGk=\x07\ttres"))
        await console.rest()
        assert not console.commands("message.send")
        assert console.composer.text.startswith("uno\ndos")
        assert "\x1b" not in console.composer.text


async def test_a_slash_lists_shortcuts_by_code_then_part_of_code_then_content(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("enter")
        await console.type("Hola /env")
        listed = [line.split()[0].strip("▌") for line in painted(console.home.conversation.suggestions).split("\n")]
        assert listed == ["/envio-demora", "/envio-hoy", "/envio-zonas", "/reenvio"]
        await console.press("backspace", "backspace", "backspace")
        await console.type("costo")
        assert "/reenvio" in painted(console.home.conversation.suggestions)  # by its content


async def test_a_slash_within_a_word_lists_nothing(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("enter")
        await console.type("el 20/env")
        assert not console.home.conversation.suggestions.display


async def test_tab_or_enter_inserts_the_marked_shortcut_filled_in(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("enter")
        await console.type("/sal")
        await console.press("tab")
        assert console.composer.text == "Buenas tardes Ana, soy Marta de Ventas. ¿En qué le ayudo?"
        await console.press(*["backspace"] * len(console.composer.text))
        await console.type("/env")
        await console.press("down", "enter")
        assert console.composer.text == "Su pedido sale hoy por la tarde y llega mañana, Ana."
        assert not console.commands("message.send")


async def test_escape_closes_the_list_and_stays(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("enter")
        await console.type("/env")
        await console.press("escape")
        assert not console.home.conversation.suggestions.display
        assert console.composer.has_focus
        await console.type("i")
        assert not console.home.conversation.suggestions.display


async def test_an_unknown_placeholder_is_marked_named_and_not_sent_at_the_first_enter(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("enter")
        await console.type("/envio-d")
        await console.press("tab", "enter")
        assert not console.commands("message.send")
        assert "{{fecha}} no existe" in painted(console.home.notice)
        styles = [span.style for span in console.composer.get_line(0).spans]
        assert any(style.bold for style in styles)  # type: ignore[union-attr]
        await console.press("enter")
        body = "Lamentamos la demora; el nuevo día de entrega es {{fecha}}."
        assert console.answers() == [(10482, body)]


async def test_a_placeholder_with_nothing_to_stand_for_it_is_named_as_empty(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("down", "enter")  # somebody who is known by number only
        await console.type("Hola {{contact.name}}")
        await console.press("enter")
        assert not console.commands("message.send")
        assert "{{contact.name}} está vacío" in painted(console.home.notice)


async def test_a_note_looks_unlike_a_reply_and_goes_out_as_a_note(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("enter", "ctrl+n")
        assert "Nota privada" in painted(console.home.conversation.rule)
        assert "┊" in painted(console.home.conversation.prompt)
        assert console.composer.has_class("-note")
        await console.type("ojo")
        await console.press("enter")
        assert console.commands("message.note") == [commands.Note(conversation=10482, body="ojo")]
        assert not console.commands("message.send")
        assert console.composer.note  # the next line is a note too, until one leaves note mode


async def test_a_draft_of_a_note_never_comes_back_as_an_answer(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("enter", "ctrl+n")
        await console.type("no le creas")
        await console.press("ctrl+down", "ctrl+up")
        console.home.show(10470)
        console.home.show(10482)
        await console.rest()
        assert console.composer.text == "no le creas"
        assert console.composer.note


async def test_drafts_stay_with_their_conversation(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("enter")
        await console.type("a medias")
        console.home.show(10470)
        await console.rest()
        assert console.composer.text == ""
        console.home.show(10482)
        await console.rest()
        assert console.composer.text == "a medias"


async def test_after_the_reply_window_free_text_is_refused_before_sending(open_console: Open, desk: FakeDesk) -> None:
    desk.change(10482, until=NOW - 1)
    async with open_console() as console:
        await console.press("enter")
        await console.type("tarde")
        await console.press("enter")
        assert not console.commands("message.send")
        assert console.composer.text == "tarde"
        assert "Se acabó el plazo" in painted(console.home.notice)
        await console.press("ctrl+n", "enter")
        assert console.commands("message.note") == [commands.Note(conversation=10482, body="tarde")]


async def test_what_comes_back_from_the_hub_is_a_draft_again_with_the_reason(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("enter")
        console.desk.carry_out = False
        await console.type("Ya sale")
        await console.press("enter")
        await console.type("y otra")
        console.desk.threads[10482].outgoing.clear()
        console.desk.change(10482, owner=LUIS)
        console.desk.save_draft(10482, console.desk.draft(10482) + "\nYa sale")
        console.desk.tell(model.CommandRefused("key-1", "message.send", "not_owner", None, {"owner": LUIS}, 10482,
                                               "Ya sale"))  # fmt: skip
        await console.rest()
        assert console.composer.text == "y otra\nYa sale"
        notice = painted(console.home.notice)
        assert "Ana López #10482" in notice
        assert "Luis Duarte" in notice


async def test_that_one_types_is_told_and_that_it_is_a_note(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("enter", "a")
        assert console.desk.typed[-1] == (10482, True, False)
        await console.press("ctrl+n", "b")
        assert console.desk.typed[-1] == (10482, True, True)


async def test_the_mouse_sends_with_the_button(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("enter")
        await console.type("con el ratón")
        await console.pilot.click(console.home.conversation.button)
        await console.rest()
        assert console.answers() == [(10482, "con el ratón")]


async def test_emacs_hands_move_the_cursor_as_they_know_it(open_console: Open) -> None:
    async with open_console(style="emacs") as console:
        await console.press("enter")
        await console.type("ac")
        await console.press("ctrl+b")
        await console.type("b")
        await console.press("ctrl+a")
        await console.type("x")
        await console.press("ctrl+f", "ctrl+j")
        await console.type("y")
        await console.press("ctrl+p")
        await console.type("z")
        await console.press("ctrl+n", "ctrl+e")
        await console.type("!")
        assert console.composer.text == "xza\nybc!"
