"""What is typed as a filter is understood in both languages, reads back as it was meant, and a mistake is named."""

import pytest
from filter_trees import trees
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.protocol.filter_fields import BY_NAME, FIELDS, Named, Names, fold
from hub.protocol.filter_text import LENGTH, NODES, WHYS, BadFilter, read, write
from hub.protocol.filter_tree import Age, All, Any, Count, Day, Flag, Node, Not, OneOf, Words

NAMES = Names(
    {
        "queue": [Named(1, "ventas", {"es": "Ventas", "en": "Sales"}), Named(2, "post", {"es": "Posventa ñandú"})],
        "agent": [Named(3, "ana", {"": "Ana López"}), Named(4, "luis", {"": "Yo"}), Named(5, "eva", {"": "Ana López"})],
        "channel": [Named(1, "wa", {"es": "WhatsApp"})],
        "tag": [Named(7, "", {"": "vip"}), Named(8, "", {"": 'muy "raro", sí'})],
    }
)
TREES = trees({"queue": [1, 2, 99], "agent": [3, 4, 5, 99, "me", "nobody"], "channel": [1], "tag": [7, 8]})


@settings(max_examples=500, deadline=None)
@given(tree=TREES, language=st.sampled_from(["en", "es"]), named=st.booleans())
def test_what_is_printed_reads_back_as_the_same_filter(tree: Node, language: str, named: bool) -> None:
    text = write(tree, NAMES, language) if named else write(tree, language=language)
    if len(text) <= LENGTH:
        assert read(text, NAMES) == tree, text


@settings(max_examples=500, deadline=None)
@given(text=st.text(max_size=60) | st.text(alphabet='-:()"\\,.<>=# yorent1', max_size=40))
def test_whatever_is_typed_is_read_or_refused_at_a_place_within_it(text: str) -> None:
    tree, fault = attempted(text)
    if fault is None:
        assert read(write(tree, NAMES, "es"), NAMES) == tree
        return
    assert fault.why in WHYS
    assert 0 <= fault.at <= len(text)
    assert fault.end > fault.at


def attempted(text: str) -> tuple[Node, BadFilter | None]:
    try:
        return read(text, NAMES), None
    except BadFilter as fault:
        return All(()), fault


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("", All(())),
        ("queue:ventas", OneOf("queue", (1,))),
        ("COLA:sales", OneOf("queue", (1,))),
        ('cola:"posventa nandu"', OneOf("queue", (2,))),
        ("cola:#41", OneOf("queue", (41,))),
        ("asesor:yo,nadie", OneOf("agent", ("me", "nobody"))),
        ("asesor:luis", OneOf("agent", (4,))),
        ('asesor:"yo"', OneOf("agent", (4,))),
        ('agent:"ana lopez"', OneOf("agent", (3, 5))),
        ("waiting:>10m", Age("waiting", 600_000)),
        ("espera:<2h", Age("waiting", 7_200_000, younger=True)),
        ("creada:hoy", Day("created", "=", "today")),
        ("fecha:>=31/12/2025", Day("created", ">=", "2025-12-31")),
        ("ended:2026-01-01..2026-01-31", All((Day("ended", ">=", "2026-01-01"), Day("ended", "<=", "2026-01-31")))),
        ("sinleer:sí", Count("unread", ">", 0)),
        ("unread:>3", Count("unread", ">", 3)),
        ("porresponder:no", Not(Flag("owed"))),
        ("estado:asignada,abierta", OneOf("state", ("assigned", "open"))),
        ("-tag:vip", Not(OneOf("tag", (7,)))),
        ("not not tag:vip", OneOf("tag", (7,))),
        ("--tag:vip", OneOf("tag", (7,))),
        ("tag:vip o unread:yes y owed:yes", Any((OneOf("tag", (7,)), All((Count("unread", ">", 0), Flag("owed")))))),
        ("(tag:vip or owed:yes) Ana", All((Any((OneOf("tag", (7,)), Flag("owed"))), Words("ana")))),
        ("José  \t PÉREZ", All((Words("jose"), Words("perez")))),
        ("+595-981", Words("595981")),
        ("0981", Words("981")),
        ('"no"', Words("no")),
    ],
)
def test_a_filter_is_understood_in_either_language(text: str, meant: Node) -> None:
    assert read(text, NAMES) == meant


@pytest.mark.parametrize(
    ("text", "why", "at", "instead"),
    [
        ("tag:vip quee:ventas", "unknown_field", 8, "queue"),
        ("adjunto:foto", "unknown_field", 0, ""),
        ("cola:vents", "unknown_value", 5, "Ventas"),
        ("state:opne", "unknown_value", 6, "open"),
        ("waiting:>soon", "bad_value", 9, ""),
        ("created:2026-02-30", "bad_value", 8, ""),
        ("tag:", "expected", 4, ""),
        ("tag:vip,", "expected", 8, ""),
        ("tag:vip or", "expected", 10, ""),
        ("and tag:vip", "expected", 0, ""),
        ("(tag:vip", "expected", 0, ""),
        ("tag:vip)", "unexpected", 7, ""),
        ("()", "expected", 1, ""),
        ("queue:>ventas", "unexpected", 6, ""),
        ('"open', "expected", 0, ""),
        ("x" * (LENGTH + 1), "too_long", LENGTH, ""),
        ("(" * 20, "too_deep", 13, ""),
        ("a " * (NODES + 1), "too_many", 2 * NODES, ""),
    ],
)
def test_a_mistake_is_named_with_its_place_and_what_was_probably_meant(
    text: str, why: str, at: int, instead: str
) -> None:
    with pytest.raises(BadFilter) as found:
        read(text, NAMES)
    assert (found.value.why, found.value.at, found.value.instead) == (why, at, instead)


def test_no_two_fields_share_a_name() -> None:
    names = [fold(name) for field in FIELDS.values() for name in {fold(name) for name in field.names}]
    assert sorted(names) == sorted(BY_NAME)
