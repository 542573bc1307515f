"""What is taken for a field of a form, what is refused and how that is said; and masks, which no text and no admin can
make slow."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.protocol import masks
from hub.protocol.forms import (
    Bad,
    Fault,
    Field,
    Option,
    Shown,
    defaults,
    digits,
    fault_of,
    is_shown,
    judge,
    read,
)

ES = {"es": "Campo"}
AB = [Option("a", {"es": "A"}), Option("b", {"es": "B"})]


def field(kind: Any, code: str = "f", **more: Any) -> Field:
    return Field(code, kind, ES, **more)


@pytest.mark.parametrize(
    ("asked", "typed", "kept"),
    [
        (field("text"), "  Ana  ", "Ana"),
        (field("text"), "   ", ""),
        (field("long"), "una\notra", "una\notra"),
        (field("number"), "0012", "12"),
        (field("number"), "-3,50", "-3.50"),
        (field("number"), "+7", "7"),
        (field("date"), "2026-02-28", "2026-02-28"),
        (field("date"), "28/2/2026", "2026-02-28"),
        (field("date"), "28.02.2026", "2026-02-28"),
        (field("choice", options=AB), "b", "b"),
        (field("many", options=AB), ["b", "a", "b"], ["a", "b"]),
        (field("many", options=AB), [], []),
        (field("many", options=AB), "", []),
        (field("yesno"), "yes", "yes"),
        (field("phone"), "595981123456", "595981123456"),
        (field("phone"), "+595 (981) 123-456", "+595 (981) 123-456"),
        (field("phone"), "0981 123 456", "0981 123 456"),
        (field("email"), "ana.lopez@example.com.py", "ana.lopez@example.com.py"),
        (field("document"), "3.456.789", "3.456.789"),
        (field("document", mask="#{5,8}-#"), "80012345-6", "80012345-6"),
    ],
)
def test_a_value_is_kept_in_one_form_however_it_is_typed(asked: Field, typed: Any, kept: Any) -> None:
    assert read(asked, typed) == kept
    assert read(asked, kept) == kept


@pytest.mark.parametrize(
    ("asked", "typed", "why"),
    [
        (field("text"), "x" * 201, "too_long"),
        (field("text"), "una\notra", "one_line"),
        (field("text"), "a\0b", "one_line"),
        (field("long"), "a\0b", "one_line"),
        (field("text"), ["a"], "a_text"),
        (field("text", mask="#{3}"), "12a", "mask"),
        (field("number"), "1.234.567", "number"),
        (field("number"), "１２", "number"),
        (field("number"), "--1", "number"),
        (field("date"), "31/02/2026", "date"),
        (field("date"), "1/1/26", "date"),
        (field("date"), "mañana", "date"),
        (field("choice", options=AB), "c", "option"),
        (field("many", options=AB), ["a", "c"], "option"),
        (field("many", options=AB), "a", "a_list"),
        (field("yesno"), "quizás", "yesno"),
        (field("phone"), "no tiene", "phone"),
        (field("phone"), "12", "phone"),
        (field("phone"), "1" * 21, "phone"),
        (field("email"), "ana", "email"),
        (field("email"), "ana@x", "email"),
        (field("email"), "a b@example.org", "email"),
        (field("email"), "a@b@example.org", "email"),
        (field("document"), "---", "document"),
        (field("document"), "=1+1", "document"),
    ],
)
def test_what_is_not_what_the_field_asks_for_is_refused_with_the_reason(asked: Field, typed: Any, why: str) -> None:
    with pytest.raises(Bad) as bad:
        read(asked, typed)
    assert bad.value.why == why


@given(st.sampled_from(["text", "long", "number", "date", "yesno", "phone", "email", "document"]), st.text(max_size=40))
def test_any_text_is_taken_or_refused_and_what_is_taken_stays_as_it_is(kind: Any, typed: str) -> None:
    try:
        kept = read(field(kind), typed)
    except Bad:
        return
    assert read(field(kind), kept) == kept


def test_the_digits_of_a_phone_number_are_what_it_is_found_by() -> None:
    assert digits("+595 981 123-456") == digits("595981123456") == "595981123456"
    assert digits(" 0981 123 456") == "0981123456"


FORM = [
    field("choice", "reason", options=AB, required=True),
    field("text", "order", required=True, shown_if=Shown("reason", ["b"])),
    field("text", "why", shown_if=Shown("order")),
    field("many", "tools", options=AB),
    field("text", "with_a", required=True, shown_if=Shown("tools", ["a"])),
]


def test_all_that_is_wrong_and_all_that_is_missing_is_named_by_field() -> None:
    found = judge(FORM, {"reason": "b", "tools": ["c"], "odd": "x"})
    assert found.values == {"reason": "b"}
    assert found.faults == [Fault("tools", "option"), Fault("odd", "unknown")]
    assert found.missing == ["order"]


def test_a_field_that_is_not_shown_is_neither_required_nor_kept() -> None:
    found = judge(FORM, {"reason": "a", "order": "0012", "why": "porque", "with_a": "x"})
    assert (found.values, found.faults, found.missing) == ({"reason": "a"}, [], [])
    shown = judge(FORM, {"reason": "b", "order": "0012", "why": "porque", "tools": ["a"], "with_a": "x"})
    assert {*shown.values} == {"reason", "order", "why", "tools", "with_a"}


def test_what_depends_on_a_hidden_field_is_hidden_too() -> None:
    assert not is_shown(FORM[2], {"reason": "a"})
    assert is_shown(FORM[2], {"order": "12"})


def test_defaults_are_those_that_are_not_empty() -> None:
    assert defaults([field("text", "a", default="x"), field("text", "b"), field("many", "c", default=["a"])]) == {
        "a": "x",
        "c": ["a"],
    }


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ([field("text"), field("text")], "fields[1].code"),
        ([Field("f", "text", {})], "fields[0].name"),
        ([field("choice")], "fields[0].options"),
        ([field("choice", options=[AB[0], AB[0]])], "fields[0].options"),
        ([field("choice", options=[Option("a", {})])], "fields[0].options"),
        ([field("text", options=AB)], "fields[0].options"),
        ([field("text", mask="#{")], "fields[0].mask"),
        ([field("date", mask="##")], "fields[0].mask"),
        ([field("number", default="x")], "fields[0].default"),
        ([field("text", mask="##", default="1")], "fields[0].default"),
        ([field("text", shown_if=Shown("f"))], "fields[0].shown_if.field"),
        ([field("text", "a", shown_if=Shown("b")), field("text", "b")], "fields[0].shown_if.field"),
        ([field("yesno", "a"), field("text", shown_if=Shown("a", ["sí"]))], "fields[1].shown_if.values"),
        ([field("many", "a", options=AB), field("text", shown_if=Shown("a", ["c"]))], "fields[1].shown_if.values"),
        ([field("number", "a"), field("text", shown_if=Shown("a", ["1,5"]))], "fields[1].shown_if.values"),
        ([field("long", f"f{n}", default="x" * 4000) for n in range(9)], "fields"),
    ],
)
def test_a_form_that_can_not_be_used_is_refused_at_its_field(fields: list[Field], at: str) -> None:
    found = fault_of(fields)
    assert found is not None
    assert found[0] == at


def test_a_form_with_every_kind_can_be_used() -> None:
    assert fault_of(FORM) is None
    assert fault_of([]) is None


# -- masks -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mask", "good", "bad"),
    [
        ("#{5,8}-#", ["12345-6", "12345678-9"], ["1234-5", "123456789-0", "12345-", "12345-67"]),
        ("@{3}###|@{4}###", ["ABC123", "ABCD123", "ñña001"], ["AB123", "ABCDE123"]),
        ("A-?#{2}", ["A-12", "A12"], ["A--12", "a12"]),
        ("[A-F0]{2}", ["A0", "FF"], ["G0", "a0", "A"]),
        ("\\#*", ["#a", "#1"], ["1a", "##"]),
        ("#{0,2}x", ["x", "1x", "12x"], ["123x"]),
    ],
)
def test_a_mask_fits_what_it_says(mask: str, good: list[str], bad: list[str]) -> None:
    assert masks.fits(mask, masks.example(mask))
    assert [text for text in good if not masks.fits(mask, text)] == []
    assert [text for text in bad if masks.fits(mask, text)] == []


@pytest.mark.parametrize(
    "mask", ["{2}", "#{2", "#{2,1}", "#{0}", "#{x}", "[", "[]", "a]", "a}", "?", "#{2}?", "\\", "[b-a]"]
)
def test_a_mask_that_can_not_be_read_says_why(mask: str) -> None:
    with pytest.raises(masks.BadMask) as bad:
        masks.read(mask)
    assert str(bad.value)


@pytest.mark.parametrize("mask", ["#{401}", "#{999}", "#{300}#{300}", "#{300}|#{300}", "x" * 201])
def test_a_mask_stands_for_a_bounded_text(mask: str) -> None:
    with pytest.raises(masks.BadMask):
        masks.read(mask)


def test_no_mask_takes_long_whatever_it_is_laid_over() -> None:
    began = time.perf_counter()
    for mask in ("#{0,200}#{0,199}", "*{0,100}" * 3 + "x", "*?" * 90 + "!"):
        for text in ("1" * 200, "1" * 199 + "!", "a1" * 100):
            masks.fits(mask, text)
    assert time.perf_counter() - began < 2


@given(st.text(alphabet="#@*[]{}?|\\,19ab-", max_size=24), st.text(max_size=12))
def test_any_mask_is_read_or_refused(mask: str, text: str) -> None:
    try:
        ways = masks.read(mask)
    except masks.BadMask:
        return
    assert sum(map(len, ways)) <= masks.MOST
    assert masks.fits(mask, masks.example(mask))
    masks.fits(mask, text)
