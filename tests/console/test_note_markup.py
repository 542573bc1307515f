"""Notes with bold, italics, lists, code and addresses: as a thread draws them, and what nobody can hide in one."""

import re

import pytest
from fake_desk import ANA, LUIS, ME, NOW, FakeDesk
from hostile_text import ATTACKS
from hypothesis import given, settings
from hypothesis import strategies as st
from opened import Console, Open, painted
from rich.style import Style

from agent_tui import links, theme
from agent_tui.markup import DEEPEST, Look, Piece, in_a_line, pieces
from agent_tui.screens.desk_targets import Targets
from agent_tui.text import body
from agent_tui.widgets.cells import width, wrap
from agent_tui.widgets.note_lines import note_lines
from agent_tui.widgets.paint import Palette
from agent_tui.widgets.thread_layout import Keys, Layout

MARKED = """Dice **Ana** que *hoy* no, _mañana_ sí:
- revisar `pedido 18` con depósito, que a la tarde está cerrado
  1. y con caja
- ver [el manual](https://ejemplo.com/m_a_n)
Al margen https://x.example/_a_/b.
```
total  =  2*3
```"""


def said(text: str) -> list[str]:
    return ["".join((piece.lead, *(span.text for span in piece.spans))) for piece in pieces(text)]


def looks(text: str) -> dict[str, Look]:
    return {span.text: span.look for piece in pieces(text) for span in piece.spans if span.look != Look.PLAIN}


def styles(console: Console, text: str) -> list[Style]:
    """The styles in which the thread shows a text that is one span."""
    thread = console.home.conversation.thread
    strips = (thread.render_line(y) for y in range(thread.size.height))
    return [segment.style or Style.null() for strip in strips for segment in strip if segment.text == text]


def test_what_is_typed_is_drawn_line_by_line() -> None:
    assert said(MARKED) == [
        "Dice Ana que hoy no, mañana sí:",
        "• revisar pedido 18 con depósito, que a la tarde está cerrado",
        "  1. y con caja",
        "• ver el manual (https://ejemplo.com/m_a_n)",
        "Al margen https://x.example/_a_/b.",
        "total  =  2*3",
    ]
    assert looks(MARKED) == {
        "Ana": Look.BOLD,
        "hoy": Look.ITALIC,
        "mañana": Look.ITALIC,
        "pedido 18": Look.CODE,
        "el manual": Look.LINK,
        "https://ejemplo.com/m_a_n": Look.LINK,
        "https://x.example/_a_/b": Look.LINK,
        "total  =  2*3": Look.CODE,
    }


@pytest.mark.parametrize(
    "text",
    ["2*3*4 son 24", "snake_case_aquí y __", "# título", "> cita", "a | b", "<b>no</b>", "&amp; &lt;", r"\*no\*", "---",
     "[red]rojo[/red] [@click=app.exit]clic[/]", "[x](javascript:alert(1))", "[x](file:///etc/passwd)", "![x](a.png)",
     "**sin cerrar", "+595 981 123 456", "-5 grados", "12.500 Gs", "[a]: https://x.example 'título'"],
)  # fmt: skip
def test_what_is_no_markup_stays_as_typed(text: str) -> None:
    assert said(text) == [text]
    assert not set(looks(text).values()) - {Look.LINK}


def test_blank_lines_and_indents_stay_and_a_line_at_the_margin_stands_there() -> None:
    assert said("uno\n\n\n  dos **b**\n   tres") == ["uno", "", "", "  dos b", "   tres"]
    assert said("- uno\nal margen\n\n- dos\n  debajo\n-\n\nfin") == [
        "• uno", "al margen", "", "• dos", "  debajo", "• ", "", "fin",
    ]  # fmt: skip


def test_words_never_stand_for_an_address_that_is_not_shown() -> None:
    (line,) = said("[https://banco.example](https://mal.example/x)")
    assert line == "https://banco.example (https://mal.example/x)"
    assert links.found(["[a](https://a.example),[b](https://b.example)"]) == ["https://a.example", "https://b.example"]


def test_a_note_that_would_hide_something_or_nests_without_end_is_shown_as_typed() -> None:
    for text in (
        '[x](https://a.example "un título") *a*',
        "[x](https://a.example/?a&amp;b) *a*",
        "- " * (DEEPEST + 1) + "x",
    ):
        assert said(text) == [text]


@settings(max_examples=300)
@given(
    st.lists(st.sampled_from([*"*_`[]()- \n123.+ab日é", "**", "```", "https://a.b/c_d", "](", "- ", "1. ", "\n  - ",
                              "⏰", *ATTACKS]), max_size=24).map(lambda parts: body("".join(parts))),
    st.integers(4, 60),
)  # fmt: skip
def test_nothing_is_hidden_nothing_runs_over_and_no_line_breaks_in_one(text: str, cells: int) -> None:
    found = pieces(text)
    shown = "".join(said(text))
    letters = re.compile(r"[\W_]+")
    assert letters.sub("", shown) == letters.sub("", text)
    assert body(shown) == shown
    assert "\n" not in shown
    for ticks in (False, True):
        for line in note_lines(text, cells, ticks=ticks):
            assert sum(width(span.text) for span in line.spans) <= max(cells, 4)
    if found == tuple(Piece([(line, Look.PLAIN)]) for line in text.split("\n")):  # type: ignore[list-item]
        lines = ["".join(span.text for span in line.spans) for line in note_lines(text, cells, ticks=False)]
        assert lines == wrap(text, cells)


def test_a_wrapped_point_of_a_list_hangs_below_its_words_and_code_keeps_its_blanks() -> None:
    lines = ["".join(span.text for span in line.spans) for line in note_lines(MARKED, 30, ticks=False)]
    assert lines == [
        "Dice Ana que hoy no, mañana",
        "sí:",
        "• revisar pedido 18 con",
        "  depósito, que a la tarde",
        "  está cerrado",
        "  1. y con caja",
        "• ver el manual",
        "  (https://ejemplo.com/m_a_n)",
        "Al margen",
        "https://x.example/_a_/b.",
        "│ total  =  2*3",
    ]
    wide = note_lines("- " + "日本語" * 9, 20, ticks=False)
    assert [width("".join(span.text for span in line.spans)) for line in wide] == [20, 20, 20]


@pytest.mark.parametrize(("name", "ticks"), [("dark", False), ("ansi", True), ("mono", True)])
async def test_it_is_told_by_styles_in_every_theme(open_console: Open, desk: FakeDesk, name: str, ticks: bool) -> None:
    desk.message(ANA, "note", "Dice **Bruno** *jueves* `caja` https://x.example", NOW, by=LUIS)
    async with open_console(theme=name) as console:
        console.home.show(ANA)
        await console.rest()
        (bold,), (italic,), (address,) = (styles(console, one) for one in ("Bruno", "jueves", "https://x.example"))
        (plain,) = styles(console, "Dice ")
        assert (bold.bold, plain.bold) == (True, False)
        assert bool(italic.italic) != bool(plain.italic)
        assert (address.underline, plain.underline) == (True, False)
        (code,) = styles(console, "`caja`" if ticks else "caja")
        assert ticks or code.bgcolor != plain.bgcolor


async def test_only_notes_are_drawn_so(open_console: Open, desk: FakeDesk) -> None:
    desk.message(ANA, "in", "soy **Bruno**\n- [x](https://mal.example)", NOW)
    desk.message(ANA, "out", "hola **Ana**", NOW + 1, by=ME, st="sent")
    async with open_console() as console:
        console.home.show(ANA)
        await console.rest()
        thread = painted(console.home.conversation.thread)
        for line in ("soy **Bruno**", "- [x](https://mal.example)", "hola **Ana**"):
            assert line in thread
        assert not styles(console, "Bruno")


async def test_in_ascii_the_signs_of_lists_and_code_are_ascii(open_console: Open, desk: FakeDesk) -> None:
    desk.message(ANA, "note", "- uno\n  - dos\n```\ntres\n```", NOW, by=LUIS)
    async with open_console(drawing="ascii") as console:
        console.home.show(ANA)
        await console.rest()
        thread = painted(console.home.conversation.thread)
        for line in (": * uno", ":   - dos", ": | tres"):
            assert line in thread


async def test_quoting_and_copying_take_what_was_typed_and_an_address_is_opened_as_ever(
    open_console: Open, desk: FakeDesk
) -> None:
    desk.message(ANA, "note", "ver **ya** [esto](https://x.example/a_b_c)", NOW, by=LUIS)
    async with open_console() as console:
        console.home.show(ANA)
        await console.rest()
        thread = console.home.conversation.thread
        thread.mark_at(len(thread._anchors) - 1)
        assert thread.said(thread.marked) == "ver **ya** [esto](https://x.example/a_b_c)"
        assert [one for _anchor, _y, text in thread.in_view() for one in links.found([text])] == [
            "https://x.example/a_b_c"
        ]
        named = [target.id for target in Targets(console.home).all()]
        assert f"link {thread.marked} https://x.example/a_b_c" in named


def test_a_theme_put_on_while_a_thread_is_laid_out_paints_its_notes_anew(desk: FakeDesk) -> None:
    desk.threads[ANA].messages.clear()
    desk.message(ANA, "note", "Dice `caja`", NOW, by=LUIS)
    palette = Palette(theme.load("dark"))
    layout = Layout(desk, palette, 60, Keys("", "", ""))
    dark = layout.lay(desk.threads[ANA])
    assert layout.lay(desk.threads[ANA]) == dark
    palette.wear(theme.load("mono"))
    mono = layout.lay(desk.threads[ANA])
    assert any("`caja`" in line.strip.text for line in mono)
    assert not any("`caja`" in line.strip.text for line in dark)


async def test_the_help_says_what_can_be_typed(open_console: Open) -> None:
    async with open_console() as console:
        await console.press("f1", "/", *"nota")
        assert "**…**" in painted(console.app.screen.page)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("**Ojo** con `RUC 8` y _ya_", "Ojo con RUC 8 y ya"),
        ("2*3*4 = 24", "2*3*4 = 24"),
        ("**Ojo** con **es", "Ojo con **es"),  # as the hub shortens it
        ("ver [el manual](https://ejemplo.com/m)", "ver el manual (https://ejemplo.com/m)"),
        ("- a", "• a"),
        ("", ""),
    ],
)
def test_in_a_list_it_stands_without_its_marks(text: str, line: str) -> None:
    assert in_a_line(text) == line


async def test_a_row_of_a_tray_shows_a_note_without_its_marks_and_a_customer_s_line_as_it_is(
    open_console: Open, desk: FakeDesk
) -> None:
    desk.change(ANA, last="**Ojo** con esto", ld="note")
    async with open_console() as console:
        assert "Ojo con esto" in painted(console.home.list)
        assert "**Ojo**" not in painted(console.home.list)
        desk.receive(ANA, "**Ojo** yo también")
        await console.rest()
        assert "**Ojo** yo" in painted(console.home.list)
