"""What the sanitiser promises, for any text at all."""

import unicodedata

import msgspec
import pytest
from fake_hub import message, row
from hypothesis import example, given
from hypothesis import strategies as st

from agent_tui import text
from hub.protocol import views

anything = st.text(st.characters(exclude_categories=()), max_size=200)  # lone surrogates too
nasty = st.text(
    st.sampled_from("a\n\r\t\x00\x07\x1b\x7f\x85\x9b\u0301\u0489\u200b\u200d\u202e\u2066\u2028\ufe0f\ufeff\u3164 ~é👩")
    | st.characters(exclude_categories=()),
    max_size=200,
)
HARMLESS = {"\n"}


def _is_harmless(char: str) -> bool:
    return char in HARMLESS or not unicodedata.category(char).startswith(("C", "Zl", "Zp"))


@given(anything | nasty)
def test_no_character_that_acts_or_hides_is_left(given_text: str) -> None:
    assert all(map(_is_harmless, text.body(given_text)))
    assert "\n" not in text.line(given_text)


@given(anything | nasty)
@example(" \u0301")
def test_what_is_harmless_stays_as_it_is(given_text: str) -> None:
    assert text.body(text.body(given_text)) == text.body(given_text)
    assert text.line(text.line(given_text)) == text.line(given_text)
    assert text.body(text.line(given_text)) == text.line(given_text)


@given(anything | nasty)
def test_marks_never_pile_up_nor_reach_what_stands_before(given_text: str) -> None:
    for part in text.body(given_text).split("\n"):
        run = text.MARKS + 1  # at the beginning of a line even one mark would be too many
        for char in part:
            run = run + 1 if unicodedata.category(char).startswith("M") else 0
            assert run <= text.MARKS


@given(anything)
def test_the_result_can_always_be_written_as_utf_8(given_text: str) -> None:
    text.body(given_text).encode()


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b]52;c;aGFjaw==\x07", "�]52;c;aGFjaw==�"),
        ("\x9b31mred", "�31mred"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("a\tb", "a    b"),
        ("invoice\u202egpj.exe", "invoicegpj.exe"),
        ("pay\u200bpal\u2060", "paypal"),
        ("👨\u200d👩\u200d👧", "👨👩👧"),
        ("❤\ufe0f", "❤"),
        ("e" + "\u0301" * 60, "e" + "\u0301" * 4),
        ("\U000e0041tag", "tag"),
        ("\ud800", "�"),
        ("[bold]no markup[/]", "[bold]no markup[/]"),
        ("Ñandú — ¿qué tal?", "Ñandú — ¿qué tal?"),
        ("مرحبا", "مرحبا"),
    ],
)
def test_known_tricks_are_shown_as_what_they_are(hostile: str, shown: str) -> None:
    assert text.body(hostile) == shown


def test_a_name_is_one_line_and_an_empty_looking_one_is_empty() -> None:
    assert text.line("  Ana\n\x1b[2J  López ") == "Ana �[2J López"
    assert text.line("\u3164\u2800\u200b") == ""


@given(anything | nasty)
def test_own_words_lose_what_acts_and_keep_what_joins(given_text: str) -> None:
    kept = text.own(given_text)
    assert text.own(kept) == kept
    assert all(_is_harmless(char) or char in "\u200c\u200d" for char in kept)
    assert text.body(kept) == text.body(given_text)
    assert text.own("👨\u200d👩\u200d👧 ❤\ufe0f می\u200cخواهم") == "👨\u200d👩\u200d👧 ❤\ufe0f می\u200cخواهم"
    assert text.own("\x1b[2J\u202e") == "�[2J"


def _strings(value: object) -> list[str]:
    found = msgspec.to_builtins(value)
    if isinstance(found, str):
        return [found]
    if isinstance(found, dict):
        return [s for pair in found.items() for part in pair for s in _strings(part)]
    return [s for part in found for s in _strings(part)] if isinstance(found, list) else []


@given(nasty)
def test_every_string_of_every_view_is_made_harmless(hostile: str) -> None:
    seen: list[views.View] = [
        row(1, name=hostile, last=hostile, num=hostile, page=hostile, ref=hostile),
        message(1, b=hostile, err=hostile),
        views.Agent(1, 1, hostile, hostile, "agent", "online", 0),
        views.Queue(1, 1, hostile, {"es": hostile, hostile: "x"}),
        views.Channel(1, 1, hostile, hostile, {"es": hostile}, hostile, 1),
        views.Tag(1, 1, hostile, hostile),
        views.Shortcut(1, 1, hostile, hostile, True, 1),
        views.Me(1, 1, {hostile: hostile}, hostile, hostile),
    ]
    for view in seen:
        scrubbed = text.scrub(view)
        multiline = ("b", "body")
        for name in view.__struct_fields__:
            for string in _strings(getattr(scrubbed, name)):
                assert all(map(_is_harmless, string))
                assert name in multiline or "\n" not in string
